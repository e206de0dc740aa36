# SPDX-License-Identifier: MIT
# What a REPL may write: nothing, until somebody lets it.
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
  type_line "$SIGNET repl $*"
  wait_for '^signet(:write)?>'
}

@test "it begins read-only, whatever asks for a write" {
  start_sandbox --seed 5,5
  cat >lines <<'E2'
sms.signs:create { sign_name = "By hand" }
sms.signs:update("100000001", { sign_name = "By hand" })
sms.templates:update("100000006", { template_name = "By hand" })
sms.signs:delete("100000001")
sms:request("DELETE", "/v1/sign-configs/100000001")
require("signet").connect():request("POST", "/v1/sign-configs", "{}")
signet.step("kept", function() return 1 end)
pcall(sms.signs.delete, sms.signs, "100000001")
#sms.signs:list()
E2
  run --separate-stderr "$SIGNET" repl <lines
  assert_failure 4
  assert_line 5
  assert_equal "$(grep -c 'error: this REPL is read-only, so nothing was sent: ":write" lets it write' <<<"$stderr")" 6
  assert_no_writes
  refute [ -e "$XDG_STATE_HOME"/signet/journal-* ]
}

@test ":write opens it as a job, :read closes that, and undo takes it back" {
  start_sandbox --seed 5,5
  enter
  run screen
  assert_line --regexp '^Read-only until :write\. Try '
  type_line 'sms.signs:update("100000001", { sign_name = "By hand" })'
  wait_for '^error: this REPL is read-only, so nothing was sent: ":write" lets it write'
  type_line ':write'
  wait_for '^signet:write>$'
  type_line 'id = sms.signs:create { sign_name = "By hand" }'
  type_line ':read'
  wait_for '^1 write done, as job [0-9T]+-[0-9a-f]{4}; to take it back: signet undo [0-9T]+-[0-9a-f]{4}$'
  wait_for '^this REPL is read-only now$'
  type_line 'sms.signs:delete(id)'
  wait_for '^signet>$'
  type_line ':read'
  wait_for '^this REPL is read-only already$'
  type_line ':quit'
  wait_for '^\$$'
  assert_equal "$(writes)" 1
  job=$("$SIGNET" jobs --json | jq -r .job)
  signet undo --yes "$job"
  assert_success
  assert_equal "$("$SIGNET" -e '#sms.signs:list { sign_name = "By hand" }')" 0
}

@test "while it writes another job is refused, and after :read it is not" {
  start_sandbox --seed 2,0
  mkfifo lines
  "$SIGNET" repl --write <lines >out 2>err 3>&- &
  pid=$!
  exec 5>lines
  echo 'sms.signs:create { sign_name = "First" } print("written")' >&5
  for _ in {1..200}; do
    grep -q written out && break
    pause 0.05
  done
  signet -e 'sms.signs:create { sign_name = "Second" }'
  assert_failure 4
  printf ':read\nprint("closed")\n' >&5
  for _ in {1..200}; do
    grep -q closed out && break
    pause 0.05
  done
  signet -e 'sms.signs:create { sign_name = "Second" }'
  assert_success
  exec 5>&-
  finish
  assert_equal "$status" 0
}

@test "a journal that another job held is tried again with the next write" {
  start_sandbox --seed 2,0
  mkfifo lines
  printf 'local sms = require("signet").connect()\nsms.signs:create { sign_name = "Holds it" }\nprint("held")\nrequire("signet").sleep(600)\n' >holder.lua
  start "$SIGNET" run holder.lua
  holder=$pid
  for _ in {1..200}; do
    grep -q held out && break
    pause 0.05
  done
  "$SIGNET" repl --write <lines >out2 2>err2 3>&- &
  pid=$!
  exec 5>lines
  echo 'pcall(error) sms.signs:create { sign_name = "Too early" }' >&5
  for _ in {1..200}; do
    grep -q '^error' err2 && break
    pause 0.05
  done
  kill -INT "$holder"
  wait "$holder" || true
  echo 'sms.signs:create { sign_name = "In time" }' >&5
  exec 5>&-
  finish
  assert_equal "$status" 4
  assert_equal "$("$SIGNET" -e '#sms.signs:list { sign_name = "In time" }')" 1
  grep -q '^1 write done, as job ' err2
}

@test "deletes are asked about at each prompt, and limits hold" {
  start_sandbox --seed 12,0
  enter --write
  type_line 'local list = sms.signs:list()'
  type_line 'for i = 1, 2 do sms.signs:delete(list[i].sign_id) end'
  wait_for 'deletes entries of .* Go on\? \[y/N\]$'
  type_line n
  wait_for '^error: the deletes were not confirmed$'
  type_line 'for i = 1, 2 do sms.signs:delete(list[i].sign_id) end'
  wait_for '\[y/N\]$'
  type_line y
  wait_for '^signet:write>$'
  type_line '"still " .. #sms.signs:list()'
  wait_for '^"still 10"$'
  type_line 'sms.signs:delete(list[3].sign_id)'
  wait_for '\[y/N\]$'
  type_line y
  wait_for '^signet:write>$'
  type_line 'sms.signs:delete(list[4].sign_id)'
  wait_for "^error: this run may delete at most 30 % of the account's 12 signatures"
  type_line '"still " .. #sms.signs:list()'
  wait_for '^"still 9"$'
}

@test "without a terminal deletes need --yes, and limits hold" {
  start_sandbox --seed 12,0
  echo 'for _, s in ipairs(sms.signs:list()) do sms.signs:delete(s.sign_id) end' >lines
  run --separate-stderr "$SIGNET" repl --write <lines
  assert_failure 4
  [[ $stderr == *"--yes confirms them"* ]]
  assert_no_writes
  run --separate-stderr "$SIGNET" repl --write --yes <lines
  assert_failure 4
  [[ $stderr == *"this run may delete at most 30 % of the account's 12 signatures"* ]]
  assert_equal "$(writes)" 3
  run --separate-stderr "$SIGNET" repl --write --yes --max-deletes 2 <lines
  assert_failure 4
  assert_equal "$(writes)" 5
  run --separate-stderr "$SIGNET" repl --write --max-changes 0 <<<'sms.signs:create { sign_name = "One" }'
  assert_failure 4
  [[ $stderr == *"--max-changes N or N% allows others"* ]]
}

@test "what cannot be a command is said, and labels are Lua's" {
  run --separate-stderr "$SIGNET" repl <<<$':wrong\n::top:: print("on")\n:help'
  assert_failure 1
  [[ $stderr == "error: there is no such command: :write, :read, :help and :quit are" ]]
  assert_line on
  assert_line --partial ':write  let this REPL write'
  # A chunk may go on with a colon.
  run --separate-stderr "$SIGNET" repl <<<$'local t = { m = function() return 7 end } t.r = (\nt\n:m())\nt.r\n:quit\nprint("not run")'
  assert_success
  assert_output 7
}

@test "no place for a journal: reading goes on, :write says what is missing" {
  run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" repl <<<$':write\n1 + 1'
  assert_failure 3
  assert_output 2
  assert_one_sentence 'there is no place for a journal: set HOME, or give'
  run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" repl --write <<<'1 + 1'
  assert_failure 3
  run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" repl --write --no-journal <<<'1 + 1'
  assert_success
}
