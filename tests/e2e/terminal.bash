# SPDX-License-Identifier: MIT
# A real terminal for tests: a tmux server of the test's own.

# open_terminal [COLUMNS [LINES]]: a shell on it.
open_terminal() {
  command -v tmux >/dev/null || skip "tmux is not installed"
  unset TMUX
  tmux_socket=$BATS_TEST_TMPDIR/tmux
  TERM=xterm-256color tmux -u -f /dev/null -S "$tmux_socket" new-session -d \
    -x "${1:-100}" -y "${2:-40}" "PS1='$ ' bash --norc --noprofile" 3>&-
  wait_for '^\$'
}

# A signet that still runs on it is left as a person would, not killed.
close_terminal() {
  [[ -n ${tmux_socket:-} ]] || return 0
  for _ in {1..20}; do
    [[ $(on_terminal) == signet ]] || break
    press C-c || break
    pause 0.2
    press C-d || break
    pause 0.1
  done
  tmux -S "$tmux_socket" kill-server 2>/dev/null || true
}

# The program that has the terminal.
on_terminal() {
  tmux -S "$tmux_socket" display-message -p '#{pane_current_command}' \
    2>/dev/null || true
}

# type_text TEXT: as if typed; type_line presses Enter, too.
type_text() {
  tmux -S "$tmux_socket" send-keys -l -- "$*"
}

type_line() {
  type_text "$@"
  press Enter
}

# press KEY...: by tmux's names (Tab, C-c, Up).
press() {
  tmux -S "$tmux_socket" send-keys "$@"
}

# clear_screen: what was asked before is not taken for what is asked next.
clear_screen() {
  type_line clear
  for _ in {1..200}; do
    if [[ $(screen | grep -c .) -le 1 ]]; then
      return 0
    fi
    pause 0.05
  done
  fail "the screen is not clear: $(screen)"
}

# shellcheck disable=SC2120 # -e is given by some tests only
# screen [-e]: what is to be seen, -e with colors.
screen() {
  tmux -S "$tmux_socket" capture-pane -p "$@" | sed 's/ *$//'
}

# wait_for PATTERN: until a line matches, ten seconds at most.
wait_for() {
  for _ in {1..200}; do
    if screen | grep -qE -- "$1"; then
      return 0
    fi
    pause 0.05
  done
  fail "no line matches $1:
$(screen)"
}
