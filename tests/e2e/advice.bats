# SPDX-License-Identifier: MIT
# Every command that a message proposes works when it is typed, and one fact is
# told once.
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

ledger() {
  control GET "/requests?effect=true&method=$1&limit=20000" | jq -r '.[].path'
}

# advised: the command behind the last line of standard error that proposes one.
advised() {
  grep -oE "signet (resume|undo|show|jobs) .*" <<<"$stderr" | tail -n 1
}

@test "after a limit: the command that lifts it, with the options that it needs" {
  start_sandbox --seed 3,20
  script wipe.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for i, t in ipairs(sms.templates:list()) do ids[i] = t.template_id end
  return ids
end)
for i = 1, 5 do sms.templates:delete(ids[i]) end
LUA
  signet run --state-dir "$PWD/it's here" --yes --max-deletes 2 wipe.lua
  assert_failure 4
  [[ $stderr == *"to go on without that limit: "* ]]
  typed "$(advised)"
  assert_success
  assert_equal "$(ledger DELETE | wc -l)" 5
}

@test "after a question that nobody could answer: --yes" {
  start_sandbox --seed 3,20
  signet -e 'sms.signs:create { sign_name = "One" } sms.templates:delete(sms.templates:list()[1].template_id)'
  assert_failure 4
  [[ $stderr == *"to go on without being asked: "* ]]
  typed "$(advised)"
  assert_success
  assert_equal "$(ledger DELETE | wc -l)" 1
}

@test "what was refused for every entry is told once, with a count" {
  start_sandbox --seed 3,40
  signet --yes --max-deletes 2 -e 'require("signet").each(sms.templates:list(), function(t) sms.templates:delete(t.template_id) end)'
  assert_failure 4
  assert_equal "$(grep -c 'this run may delete 2 entries' <<<"$stderr")" 1
  [[ $stderr == *"37 more for the same reason"* ]]
}

@test "where resuming would only repeat refusals, it is not proposed" {
  start_sandbox --seed 3,0
  signet -e 'sms.signs:create { sign_name = "One" } sms.signs:create { sign_name = "One" }'
  assert_failure 1
  signet -e 'require("signet").each({ "Two", "Two" }, function(name) sms.signs:create { sign_name = name } end)'
  assert_failure 1
  [[ $stderr == *"another run tries it anew"* ]]
  [[ $stderr != *"signet resume"* ]]
}

@test "show proposes what goes on, and what takes the rest back" {
  start_sandbox --seed 3,0
  signet -e 'sms.signs:create { sign_name = "One" } error("stop")'
  assert_failure 1
  typed "$(advised)"
  assert_failure 1
  [[ $stderr == *"1 write done before, not sent again"* ]]
  job=$("$SIGNET" jobs --json | jq -r .job)
  signet show "$job"
  assert_line "to go on: signet resume $job"
}
