# SPDX-License-Identifier: MIT
# The REPL: on a real terminal, and in a pipe.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper
load terminal

setup() {
  fresh_home
}

teardown() {
  close_terminal
  stop_sandbox
}

# enter: a terminal with the REPL on it.
enter() {
  open_terminal
  type_line "$SIGNET repl"
  wait_for '^signet>'
}

# paste TEXT: as a terminal gives what is pasted, to a program that asked for
# marks around it (tmux does so with -p). paste_plain gives it without them.
paste() {
  tmux -S "$tmux_socket" set-buffer -- "$1"
  tmux -S "$tmux_socket" paste-buffer -p
}

paste_plain() {
  tmux -S "$tmux_socket" set-buffer -- "$1"
  tmux -S "$tmux_socket" paste-buffer
}

# The terminal throws away what is typed at the same moment.
press_ctrl_c() {
  press C-c
  pause 0.3
}

history_file() {
  cat "$XDG_STATE_HOME/signet/history"
}

@test "expressions, statements, several lines, editing" {
  enter
  run screen
  assert_line --regexp '^signet [0-9.]+  https://smsapi.engagelab.com \(configs\), profile \[default\]$'
  type_line '1 + 1'
  wait_for '^2$'
  type_line 'x = { 5, "six" }'
  type_line 'x'
  wait_for '^\{ 5, "six" \}$'
  type_line 'function double(n)'
  wait_for '^     ->'
  type_line '  return n * 2'
  type_line 'end'
  type_line 'double(21)'
  wait_for '^42$'
  type_line '3 *'
  type_line '5'
  wait_for '^15$'
  type_text '12'
  press Left
  type_line '0 + '
  wait_for '^12$'
  press Up Up Enter
  wait_for '^     -> $|^     ->$|^5$'
}

@test "an error is shown, and the REPL goes on" {
  enter
  type_line 'sms.signs:list()'
  wait_for '^error: no API key'
  type_line 'error("boom")'
  wait_for '^error: repl:1: boom$'
  type_line 'x x'
  wait_for '^error: repl:1: syntax error near'
  type_line '"still here"'
  wait_for '^"still here"$'
}

@test "records and lists are laid out" {
  start_sandbox --seed 30,5
  enter
  type_line 'sms.signs:list()'
  wait_for '^20 of 30 records$'
  run screen
  assert_line --regexp '^sign_id +sign_name +status +templates +updated'
  assert_line --regexp '^100000009  星海物流 +(approved|pending|rejected) '
  type_line 'sms.signs:get("100000001")'
  wait_for '^updated_time '
  run screen
  assert_line --regexp '^sign_id +"100000001"$'
  assert_line --regexp '^status +[123] (pending|approved|rejected)$'
  assert_line --regexp '^created_time +[0-9]+ 20[0-9-]+ [0-9:]+ UTC$'
  type_line 'signet.each({ 1, 2 }, function(n) if n == 2 then error("x") end end)'
  wait_for '^1 done, 1 failed  \(\.failures, '
  type_line 'clear = sms.signs:list { sign_name = "none such" } return clear'
  wait_for '^\(no records\)$'
}

@test "Tab completes globals, modules, methods and fields" {
  start_sandbox --seed 5,5
  enter
  type_text 'sms.sig'
  press Tab
  type_text ':li'
  press Tab
  type_line '()[1].sign_id'
  wait_for '^"100000001"$'
  type_line 's = sms.signs:list()'
  wait_for 's = sms\.signs:list\(\)$'
  wait_for '^signet>$'
  type_text 's[1].rela'
  press Tab Enter
  wait_for '^signet> s\[1\]\.related_template_count$'
  type_text 'signet.st'
  press Tab Tab
  wait_for 'status +step|status'
  press_ctrl_c
  type_text 'string.for'
  press Tab
  type_line '("%05d", 7)'
  wait_for '^"00007"$'
  type_text 's[1].sign_'
  press Tab
  wait_for '^sign_id +sign_name$'
}

@test "completion calls nothing that the person wrote" {
  enter
  type_line 'called = 0; t = setmetatable({}, { __index = function() called = called + 1 end })'
  wait_for '^signet>$'
  type_text 't.a.b'
  press Tab
  press_ctrl_c
  type_text 't.'
  press Tab
  press_ctrl_c
  type_line '"called " .. called'
  wait_for '^"called 0"$'
}

@test "Ctrl-C stops the call and not the REPL" {
  start_sandbox --seed 5,5
  enter
  type_line 'while true do end'
  pause 0.5
  press_ctrl_c
  wait_for 'interrupted$'
  type_line 'sms.signs:wait("100000001", { status = "rejected" })'
  pause 0.5
  press_ctrl_c
  pause 0.3
  type_line '"alive"'
  wait_for '^"alive"$'
}

@test "Ctrl-C after Enter, before the line runs, does not end the REPL" {
  open_terminal
  # What it says about signals takes so long that there is time to press keys.
  type_line "strace -o calls -e trace=rt_sigaction" \
    "-e inject=rt_sigaction:delay_exit=150000:when=40+ $SIGNET repl"
  wait_for '^signet>'
  for _ in {1..3}; do
    type_line 'x = 1'
    pause 0.08
    press_ctrl_c
  done
  type_line '"alive"'
  wait_for '^"alive"$'
}

@test "Ctrl-C at the prompt drops the line, Ctrl-D leaves" {
  enter
  type_text 'never = 1'
  press_ctrl_c
  type_line 'function half('
  wait_for '^     ->'
  press_ctrl_c
  type_line '"never is " .. tostring(never)'
  wait_for '^"never is nil"$'
  wait_for '^signet>$'
  press C-d
  wait_for '^\$$'
  type_line 'echo status $?'
  wait_for '^status 0$'
}

@test "exit and quit leave, and os.exit gives its status" {
  enter
  type_line 'exit'
  wait_for '^\$$'
  type_line "clear; $SIGNET repl"
  wait_for '^signet>$'
  type_line 'os.exit(3)'
  wait_for '^\$$'
  type_line 'echo status $?'
  wait_for '^status 3$'
}

@test "the history is kept, for its owner alone, and without secrets" {
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=canary-4711
  enter
  type_line 'remember = "me"'
  type_line 'c = { secret = "hush" }'
  type_line 'c = { ["Secret"] = "hush" }'
  type_line 'c = require("signet").connect { key = "k", secret = "hush" }'
  type_line 'password="hush"'
  type_line 'x = "canary-4711"'
  type_line 'key_count = 3'
  type_line '"end"'
  wait_for '^"end"$'
  press C-d
  wait_for '^\$$'
  run history_file
  assert_output $'remember = "me"\nkey_count = 3\n"end"'
  run stat -c %a "$XDG_STATE_HOME/signet/history" "$XDG_STATE_HOME/signet"
  assert_output $'600\n700'
  type_line "clear; $SIGNET repl"
  wait_for '^signet>'
  press Up Up Up
  wait_for '^signet> remember = "me"$'
}

@test "a history that is a link is not followed" {
  mkdir -p "$XDG_STATE_HOME/signet"
  echo untouched >target
  ln -s "$PWD/target" "$XDG_STATE_HOME/signet/history"
  enter
  type_line '"done"'
  wait_for '^"done"$'
  press C-d
  wait_for '^\$$'
  run cat target
  assert_output untouched
}

@test "in a pipe: chunks, no prompt, the status of the first that failed" {
  run --separate-stderr "$SIGNET" repl <<'E2'
1 + 1
for i = 1, 2 do
  print("line", i)
end
return "a", nil
E2
  assert_success
  assert_output $'2\nline\t1\nline\t2\n"a"\nnil'
  assert_equal "$stderr" ""
  run --separate-stderr "$SIGNET" repl <<<$'error("boom")\n"goes on"\nfunction f('
  assert_failure 1
  assert_output '"goes on"'
  [[ $stderr == *"stdin:1: boom"* && $stderr == *"<eof>"* ]]
  [[ ! -e $XDG_STATE_HOME/signet/history ]]
  run --separate-stderr "$SIGNET" repl <<<$'1\nos.exit(7)\n2'
  assert_failure 7
  assert_output 1
}

@test "in a pipe: a chunk that is too long fails, and is not run by halves" {
  {
    printf 'x = "%070000d"\n' 1
    echo 'print("goes on")'
  } >lines
  signet repl <lines
  assert_failure 1
  assert_one_sentence 'this chunk is too long'
  assert_output 'goes on'
  {
    echo 'return {'
    seq -f '"%060.0f",' 2000
    echo '}'
  } >lines
  signet repl <lines
  assert_failure 1
  [[ ${stderr_lines[0]} == 'error: this chunk is too long' ]] || fail "$stderr"
}

@test "-q greets nobody; Tab indents, and leaves a whole name alone" {
  open_terminal
  type_line "$SIGNET repl -q"
  wait_for '^signet>'
  refute [ -n "$(screen | grep 'Tab completes')" ]
  type_line 'if true then'
  wait_for '^     ->'
  press Tab
  type_line 'x = string.format'
  wait_for '^     ->   x = string\.format$'
  type_line 'end'
  type_text 'string.format'
  press Tab Tab
  type_line '("%d", 4)'
  wait_for '^"4"$'
  type_line 'quit'
  wait_for '^\$$'
}

@test "Ctrl-C while a chunk in a pipe runs: the status tells" {
  # The shell keeps the pipe open, as somebody would who types.
  mkfifo lines
  exec 4<>lines
  env --default-signal=INT "$SIGNET" repl <lines >out 2>err 3>&- 4>&- &
  pid=$!
  echo 'io.open("on", "w"):close() signet.sleep(60)' >&4
  for _ in {1..200}; do
    [[ -e on ]] && break
    pause 0.05
  done
  kill -INT "$pid"
  echo 'print("alive")' >&4
  exec 4>&-
  finish
  assert_equal "$status" 130
  grep -qx alive out
  grep -qx interrupted err
}

# --- locals and pastes --------------------------------------------------------

@test "a local lasts, and Tab knows it" {
  start_sandbox --seed 5,5
  enter
  type_line 'local which = { status = "approved" }'
  type_line 'local function twice(n) return 2 * n end'
  type_line '#sms.signs:list(which) <= 5 and twice(21)'
  wait_for '^42$'
  type_line 'local fixed <const> = 5'
  type_line 'fixed = 6'
  wait_for "^error: repl:1: attempt to assign to const variable 'fixed'$"
  type_text 'whi'
  press Tab
  type_text 'ch.sta'
  press Tab Enter
  wait_for '^"approved"$'
  type_line 'sms.templates:list(wich)'
  wait_for '^error: .*the filter is nil; list\(\) gives all entries$'
}

@test "what was to be closed is closed when the REPL ends" {
  run --separate-stderr "$SIGNET" repl <<'E2'
local c <close> = setmetatable({}, { __close = function() print "closed" end })
print "open"
E2
  assert_success
  assert_output $'open\nclosed'
}

@test "pasted lines are one chunk that Enter runs, and an error ends all of it" {
  start_sandbox --seed 5,5
  enter
  paste $'local which = nope.which\nprint("templates: " .. #sms.templates:list(which))\n'
  wait_for '^     -> print\("templates: '
  wait_for '^2 lines pasted: Enter runs them, Ctrl-C drops them$'
  run screen
  refute_line --partial 'error'
  press Enter
  wait_for "^error: repl:1: attempt to index a nil value \\(global 'nope'\\)$"
  type_line '"then"'
  wait_for '^"then"$'
  run screen
  refute_line --regexp '^templates: '
  paste $'if true then\n\tprint("tab'
  wait_for '^     ->  print\("tab$'
  type_line '", 7) end'
  wait_for '^tab +7$'
  paste 'one = 1'
  wait_for '^signet> one = 1$'
  press Home
  type_line 'z = 2 '
  type_line 'z + one'
  wait_for '^3$'
  paste $'dropped = 1\ndropped = 2\n'
  wait_for '^2 lines pasted'
  press_ctrl_c
  type_line 'tostring(dropped) .. "!"'
  wait_for '^"nil!"$'
}

@test "a pasted transcript runs line by line, unless one of them is wrong" {
  enter
  paste $'1 + 1\nlocal q = 5\nfor i = 1, 2 do\n  q = q + i\nend\nq\n'
  wait_for 'lines pasted'
  press Enter
  wait_for '^8$'
  run screen
  assert_line 2
  paste $'print("early")\nq q q\n'
  wait_for '^2 lines pasted'
  press Enter
  wait_for "^error: repl:2: syntax error near 'q'$"
  run screen
  refute_line early
}

@test "lines that come at once are one chunk, marked or not" {
  start_sandbox --seed 5,5
  enter
  paste_plain $'local which = nope.which\nprint("templates: " .. #sms.templates:list(which))\n'
  wait_for "^error: repl:1: attempt to index a nil value \\(global 'nope'\\)$"
  type_line '"then"'
  wait_for '^"then"$'
  run screen
  refute_line --regexp '^templates: '
}
