# SPDX-License-Identifier: MIT
# What people are asked and told on a terminal.
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

newest() {
  "$SIGNET" jobs --json | head -n 1 | jq -r .job
}

@test "undo on a terminal: asks once, and takes no for an answer" {
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New one" }'
  assert_success
  id=$(newest)
  open_terminal
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'This takes the job back, as shown\. Go on\? \[y/N\]'
  type_line nope
  wait_for '^error: the undo was not confirmed$'
  wait_for '^status 4$'
  assert_equal "$(writes)" 1
  clear_screen
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  press C-d
  wait_for 'the undo was not confirmed$'
  wait_for '^status 4$'
  clear_screen
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  type_line yes
  wait_for '^1 done in '
  wait_for '^status 0$'
  assert_equal "$(screen | grep -c 'Go on')" 1
  assert_equal "$(writes)" 2
}

@test "Ctrl-C answers undo's question with no, too" {
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New one" }'
  assert_success
  id=$(newest)
  open_terminal
  type_line "$SIGNET undo $id"
  wait_for 'Go on\? \[y/N\]'
  press C-c
  wait_for '^\$$'
  assert_equal "$(writes)" 1
  clear_screen
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  type_line Y
  wait_for '^status 0$'
  assert_equal "$(writes)" 2
}

@test "Ctrl-C answers a question with no" {
  start_sandbox --seed 2,5
  open_terminal
  type_line "$SIGNET -e 'sms.signs:delete(\"100000001\")'; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  press C-c
  wait_for '^status 130$'
  assert_no_writes
}

@test "a line that is not ended makes room for messages" {
  script half.lua <<'END'
local signet = require "signet"
io.write("half a line")
signet.log("warning", "first")
io.write("a question? ")
signet.log("error", "second")
io.write("whole\n")
END
  open_terminal
  type_line "$SIGNET run half.lua"
  wait_for '^whole$'
  run screen
  assert_line 'half a line'
  assert_line 'warning: first'
  assert_line 'a question?'
  assert_line 'error: second'
}

@test "--json beside a terminal: keys change the pace, events tell it" {
  start_sandbox --seed 60,0 --latency 200
  script slow.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(sign)
  return sms.signs:get(sign.sign_id)
end, { label = "Looking", concurrency = 2 })
END
  open_terminal
  type_line "$SIGNET --json run slow.lua >events; echo status \$?"
  wait_for 'Looking .*/60 '
  press -- -
  for _ in {1..100}; do
    grep -q '"event":"pace"' events && break
    pause 0.05
  done
  press -- +
  press C-c
  wait_for '^status 130$'
  output=$(<events)
  assert_json_lines
  jq -se '[.[] | select(.event == "pace").pace][0] | . != null and . != "normal"' events
}
