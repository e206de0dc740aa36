# SPDX-License-Identifier: MIT
# Progress: a bar on a terminal, a line every few seconds elsewhere.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper
load terminal

setup() {
  fresh_home
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s)
  sms.signs:get(s.sign_id)
  if s.sign_id:sub(-1) == "7" then return signet.skip("ends with 7") end
  if s.sign_id:sub(-1) == "9" then error("ends with 9") end
end, { concurrency = 2, label = "Looking" })
print("all looked at")
E2
}

teardown() {
  close_terminal
  stop_sandbox
}

@test "on a terminal: a bar with label, counts, rate and time, gone at the end" {
  start_sandbox --seed 60,0 --latency 100
  open_terminal
  type_line "$SIGNET run job.lua"
  wait_for 'Looking █*░* +[0-9]+/60 +[0-9]+% .*/s, .* s left'
  wait_for '[0-9]+ failed .*/s'
  wait_for 'in [0-9.]+ s'
  run screen
  refute_output --partial '░'
  assert_line 'failed: 100000019 锦绣文化传媒: job.lua:6: ends with 9'
  assert_line 'all looked at'
  assert_line '6 skipped: ends with 7'
  assert_line --regexp '^48 done, 6 failed, 6 skipped in [0-9.]+ s$'
}

@test "Ctrl-C on a terminal: a line says so, no bar stays behind, 130" {
  start_sandbox --seed 100,0 --latency 100
  open_terminal
  type_line "$SIGNET run job.lua; echo status \$?"
  wait_for 'Looking .*/100 '
  press C-c
  wait_for '^status 130$'
  run screen
  assert_line --partial 'interrupted: finishing what is in flight, starting nothing new'
  assert_line --regexp '^interrupted: [0-9]+ done.* in [0-9.]+ s$'
  refute_output --partial '░'
}

@test "on a narrow terminal the bar keeps to one line" {
  start_sandbox --seed 60,0 --latency 100
  open_terminal 34 20
  type_line "clear; $SIGNET run job.lua 2>&1 >/dev/null | cat >/dev/null;" \
    "$SIGNET run job.lua 2>/dev/tty"
  wait_for '[0-9]+/60 +[0-9]+%'
  pause 0.5
  run screen
  assert_equal "$(grep -c '/60' <<<"$output")" 1
}

@test "on a terminal that becomes narrow nothing wraps" {
  script wait.lua <<'E2'
local items = {}
for i = 1, 80 do items[i] = i end
require "signet".each(items, function() require "signet".sleep(0.1) end,
  { label = "Looking", concurrency = 1 })
E2
  start_sandbox
  open_terminal 60 20
  type_line "clear; $SIGNET run wait.lua"
  wait_for '[0-9]+/80 +[0-9]+%'
  tmux -S "$tmux_socket" resize-window -x 6 -y 20
  tmux -S "$tmux_socket" send-keys -R
  wait_for '^[0-9]+%$'
  run screen
  refute_output --partial '/80'
}

@test "in a pipe: no bar, no escape sequence" {
  start_sandbox --seed 30,0 --latency 30
  signet run job.lua
  assert_failure 1
  assert_output 'all looked at'
  [[ $stderr != *$'\e'* && $stderr != *$'\r'* && $stderr != *░* ]]
  assert_equal "${stderr_lines[-1]%% in *}" '24 done, 3 failed, 3 skipped'
}

@test "not on a terminal: one line every few seconds" {
  start_sandbox --seed 90,0 --latency 100
  signet run job.lua
  assert_failure 1
  run grep -cE '^Looking: [0-9]+ done.* of 90 \([0-9]+%\), .*/s, .* left$' \
    <<<"$stderr"
  # A slow machine needs longer, and has more of them.
  ((output >= 1 && output <= 4))
}

@test "items from an iterator: counts, but no share of an unknown whole" {
  start_sandbox --seed 3,0 --latency 100
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
local number = 0
signet.each(function()
  number = number + 1
  return number <= 80 and number or nil
end, function() sms.signs:get("100000001") end,
  { concurrency = 2, label = "Asking" })
E2
  signet run job.lua
  assert_success
  [[ $stderr == *"Asking: "*" done, "*"/s"* ]]
  [[ $stderr != *%* ]]
}

@test "-v names every skipped entry, -q says nothing but failures" {
  start_sandbox --seed 20,0
  signet -v run job.lua
  [[ $stderr == *"skipped: 100000017 "*": ends with 7"* ]]
  signet -q run job.lua
  assert_failure 1
  assert_equal "${#stderr_lines[@]}" 2
  [[ ${stderr_lines[0]} == "failed: 100000009 "* ]]
}

@test "colors: on a terminal, not where NO_COLOR is set, always if told so" {
  signet -e '"text"'
  assert_output '"text"'
  signet --color always -e '"text"'
  assert_output $'\e[32m"text"\e[0m'
  signet --color always -e 'nil + 1'
  [[ ${stderr_lines[0]} == $'\e[31merror:\e[0m '* ]]
  open_terminal
  type_line "$SIGNET -e '\"text\"'"
  wait_for '^"text"$'
  run screen -e
  assert_line --regexp $'^\e\\[32m"text"'
  type_line "clear; NO_COLOR=1 $SIGNET -e '\"plain\"'"
  wait_for '^"plain"$'
  run screen -e
  assert_line '"plain"'
}

@test "what a script prints can't steer the terminal" {
  open_terminal
  type_line "clear; $SIGNET -e 'print(\"a\\27]0;title\\7b\\27[2Jc\\226\\128\\174d\\27[31mred\\27[0m\")'"
  wait_for '^a.*red$'
  run screen
  assert_line 'a\x1B]0;title\x07b\x1B[2Jc\u{202E}dred'
  # A file gets the bytes as they are.
  signet -e 'print("\27[2J")'
  assert_output $'\e[2J'
}

@test "an entry's name can't steer the terminal, nor begin a line of its own" {
  start_sandbox
  control PUT /state '{"version": 1, "signs": [
    {"sign_id": "10", "sign_name": "ab\u001b[8m\u202e\ndone: all"},
    {"sign_id": "11", "sign_name": "cd\u001b[8m\n9 done"}]}' >/dev/null
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(sign)
  if sign.sign_id == "11" then return signet.skip(sign.sign_name) end
  error(sign.sign_name, 0)
end, { describe = function(sign) return sign.sign_name end })
E2
  signet run -v job.lua
  assert_failure 1
  assert_equal "${stderr_lines[1]}" \
    'failed: ab\x1B[8m\u{202E}\ndone: all: ab\x1B[8m\u{202E}'
  assert_equal "${stderr_lines[2]}" \
    'skipped: cd\x1B[8m\n9 done: cd\x1B[8m\n9 done'
}

@test "no bar where CI is set, nor on a terminal without room for one" {
  start_sandbox --seed 6,0
  script slow.lua <<'E2'
local signet = require "signet"
signet.each({ 1, 2, 3 }, function() signet.sleep(0.15) end, { label = "Looking", concurrency = 1 })
E2
  TERM=xterm command script -qec "stty cols 80; '$SIGNET' run slow.lua" /dev/null >out </dev/null
  grep -q Looking out
  CI=true TERM=xterm command script -qec "stty cols 80; '$SIGNET' run slow.lua" /dev/null >out </dev/null
  refute grep -q Looking out
  TERM=xterm command script -qec "stty cols 5; '$SIGNET' run slow.lua" /dev/null >out </dev/null
  refute grep -q Looking out
  grep -q '^3 done in ' out
}
