# SPDX-License-Identifier: MIT
# A real terminal for tests: a tmux server of the test's own. One client in
# tmux's control mode stays with it: it gives commands without a program for
# each, and hears when something new is on the screen.

# open_terminal [COLUMNS [LINES]]: a shell on it.
open_terminal() {
  command -v tmux >/dev/null || skip "tmux is not installed"
  unset TMUX
  tmux_socket=$BATS_TEST_TMPDIR/tmux
  TERM=xterm-256color tmux -u -f /dev/null -S "$tmux_socket" new-session -d \
    -x "${1:-100}" -y "${2:-40}" "PS1='$ ' bash --norc --noprofile" \; \
    set -g window-size manual 3>&-
  coproc CLIENT {
    exec tmux -u -S "$tmux_socket" -C attach 2>/dev/null 3>&-
  }
  # A subshell has no co-process, but these.
  exec {from_tmux}<&"${CLIENT[0]}" {to_tmux}>&"${CLIENT[1]}"
  take_answer # to being there
  wait_for '^\$'
}

# take_answer: the lines of tmux's next answer, in $answer.
take_answer() {
  local line inside=
  answer=()
  while IFS= read -r -t 60 -u "$from_tmux" line; do
    case $line in
    '%begin '*) inside=1 ;;
    '%end '*) return 0 ;;
    '%error '*) return 1 ;;
    *) [[ -z $inside ]] || answer+=("$line") ;;
    esac
  done
  return 1
}

# tmux_does WORD...: a command of tmux, its answer in $answer.
tmux_does() {
  local word line=
  for word; do
    line+=" '${word//\'/\'\"\'\"\'}'"
  done
  printf '%s\n' "$line" >&"$to_tmux" && take_answer
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

# type_text TEXT: as if typed.
type_text() {
  tmux_does send-keys -l -- "$*"
}

# type_line TEXT: as a person does, who waits for a prompt, sees what is typed,
# and then presses Enter. What comes at once is a paste.
type_line() {
  local before last
  await_last '(\$|>|\?|\])$'
  before=$last
  type_text "$@"
  [[ -z $* ]] || await_last "" "$before"
  press Enter
  pause 0.05
}

# await_last PATTERN [OTHER]: until the last line that isn't empty matches, and
# is not this one; two seconds at most. The line is in $last.
await_last() {
  local line until=$((SECONDS + 2))
  while ((SECONDS < until)); do
    look
    last=
    while IFS= read -r line; do
      last=${line:-$last}
    done <<<"$seen"
    if [[ $last =~ $1 && (-z ${2-} || $last != "$2") ]]; then
      return 0
    fi
    await_output
  done
}

# press KEY...: by tmux's names (Tab, C-c, Up).
press() {
  tmux_does send-keys "$@"
}

# look [-e]: what is to be seen, in $seen, -e with colors.
look() {
  local line
  tmux_does capture-pane -p "$@" || fail "tmux doesn't answer"
  seen=
  for line in "${answer[@]}"; do
    seen+=${line%"${line##*[! ]}"}$'\n'
  done
}

# shellcheck disable=SC2120 # -e is given by some tests only
# screen [-e]: the same on standard output.
screen() {
  look "$@"
  printf '%s' "$seen"
}

# await_output: until the terminal is written to, a second at most.
await_output() {
  local line
  while IFS= read -r -t 1 -u "$from_tmux" line; do
    [[ $line != '%output '* ]] || break
  done
}

# wait_for PATTERN: until a line matches, a minute at most.
wait_for() {
  local line until=$((SECONDS + 60))
  while ((SECONDS < until)); do
    look
    while IFS= read -r line; do
      [[ ! $line =~ $1 ]] || { pause 0.05; return 0; }
    done <<<"$seen"
    await_output
  done
  fail "no line matches $1:
$seen"
}

# clear_screen: what was asked before is not taken for what is asked next.
clear_screen() {
  local until=$((SECONDS + 60))
  type_line clear
  while ((SECONDS < until)); do
    look
    [[ ${seen//$'\n'/} == "${seen%%$'\n'*}" ]] && return 0
    await_output
  done
  fail "the screen is not clear: $seen"
}
