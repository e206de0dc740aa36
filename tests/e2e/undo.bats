# SPDX-License-Identifier: MIT
# Undo and resume know of each other, whatever ended a job.
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

newest() {
  "$SIGNET" jobs --json | head -n 1 | jq -r .job
}

state_of() {
  "$SIGNET" jobs --json | jq -r --arg id "$1" 'select(.job == $id) | .state'
}

names() {
  "$SIGNET" -q -e 'for _, s in ipairs(sms.signs:list()) do print(s.sign_id, s.sign_name) end'
}

# Signatures that reviewers approve at once.
start_approving() {
  start_sandbox "$@"
  control PUT /reviewer '[{"after_ms":0}]' >/dev/null
  control POST /review '{"status":"approved"}' >/dev/null
}

rename_all() {
  script rename_all.lua <<'END_OF_SCRIPT'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for i, s in ipairs(sms.signs:list()) do ids[i] = s.sign_id end
  return ids
end)
for i, id in ipairs(ids) do
  sms.signs:update(id, { sign_name = "Renamed " .. i })
end
END_OF_SCRIPT
}

# kill_after N COMMAND…: kills it as soon as N writes have come.
kill_after() {
  local number=$1
  start "${@:2}"
  for _ in {1..400}; do
    [[ $(writes) -ge $number ]] && break
    pause 0.01
  done
  kill -9 "$pid"
  finish
}

@test "undo right after a crash takes everything back that took effect" {
  start_approving --seed 12,0 --latency 30
  names >before
  rename_all
  kill_after 5 "$SIGNET" run rename_all.lua
  job=$(newest)
  assert_equal "$(state_of "$job")" crashed
  signet undo --yes "$job"
  assert_success
  names | diff before -
  assert_equal "$(state_of "$job")" undone
  before=$(writes)
  signet resume "$job"
  assert_failure 4
  assert_one_sentence "job $job is undone: a job that is taken back can't be resumed"
  signet resume
  assert_success
  assert_equal "$(writes)" "$before"
}

@test "an undo that was cut short: undone again, or resumed, it does the rest" {
  start_approving --seed 8,0 --latency 80
  names >before
  rename_all
  signet run rename_all.lua
  assert_success
  job=$(newest)
  count=$(writes)
  kill_after $((count + 3)) "$SIGNET" undo --yes --concurrency 1 "$job"
  assert_equal "$(state_of "$job")" "partly undone"
  signet resume "$job"
  assert_failure 4
  assert_one_sentence "job $job is partly undone"
  signet undo --yes "$job"
  assert_success
  [[ $stderr == *"took a part of job $job back: this is what is left"* ]]
  names | diff before -
  assert_equal "$(state_of "$job")" undone
  # Each was taken back once, whatever was sent.
  run control GET '/requests?effect=true&method=PUT&limit=20000'
  assert_equal "$(jq length <<<"$output")" 16
}

@test "what was made again by an undo that was cut short is not made twice" {
  start_approving --seed 6,6 --latency 30
  script remove.lua <<'END_OF_SCRIPT'
local sms = require("signet").connect()
for _, t in ipairs(sms.templates:list()) do sms.templates:delete(t.template_id) end
for _, s in ipairs(sms.signs:list()) do
  sms.signs:update(s.sign_id, { sign_name = "Old " .. s.sign_id })
  sms.signs:delete(s.sign_id)
end
END_OF_SCRIPT
  signet run --yes --max-deletes 100% --poll-interval 0.02 remove.lua
  assert_success
  job=$(newest)
  count=$(writes)
  kill_after $((count + 4)) "$SIGNET" undo --yes --concurrency 1 \
    --poll-interval 0.02 "$job"
  signet undo --yes --poll-interval 0.02 "$job"
  assert_success
  run --separate-stderr "$SIGNET" -q -e 'return #sms.signs:list() .. " " .. #sms.templates:list()'
  assert_output '"6 6"'
  assert_equal "$(state_of "$job")" undone
}

@test "a signature that others' templates use by now is left alone" {
  start_approving --seed 3,4
  signet --poll-interval 0.02 -e 'local id = sms.signs:create { sign_name = "Fresh" } sms.signs:wait(id, { status = "approved" }) sms.signs:update("100000001", { sign_name = "Other" }) return id'
  assert_success
  job=$(newest) id=$(jq -r . <<<"$output")
  signet --no-journal -e "for _, t in ipairs(sms.templates:list()) do if t.sign_id then sms.templates:update(t.template_id, { sign_id = '$id' }) return t.template_id end end"
  assert_success
  template=$(jq -r . <<<"$output")
  signet undo --yes --json "$job"
  assert_failure 1
  assert_line --partial "signature $id"
  assert_line --partial "templates that the job did not write use it by now: $template"
  assert_equal "$(summary "done")" 1
  assert_equal "$(summary failed)" 1
  names | grep -q Fresh
  assert_equal "$(state_of "$job")" "partly undone"
}

@test "two processes that wait for the lock: one undoes, one resumes" {
  start_approving --seed 6,0 --latency 60
  rename_all
  signet run rename_all.lua
  job=$(newest) before=$(writes)
  start "$SIGNET" undo --yes --concurrency 1 "$job"
  for _ in {1..200}; do
    [[ $(writes) -gt $before ]] && break
    pause 0.01
  done
  signet undo --yes --wait-lock 30 "$job"
  assert_failure 4
  assert_equal "$(grep -c "another job works on this account" <<<"$stderr")" 1
  assert_equal "$(wc -l <<<"$stderr")" 2
  [[ $stderr == *"job $job was undone already, by job "* ]]
  finish
  assert_equal "$status" 0
  assert_equal "$(writes)" $((before + 6))
  script half.lua <<'END_OF_SCRIPT'
local sms = require("signet").connect()
for i = 1, 6 do
  sms.signs:create { sign_name = "Made " .. i }
  if i == 2 and not io.open("right") then error("stop") end
end
END_OF_SCRIPT
  signet run half.lua
  job=$(newest) before=$(writes)
  touch right
  start "$SIGNET" resume "$job"
  for _ in {1..200}; do
    [[ $(writes) -gt $before ]] && break
    pause 0.01
  done
  signet resume --wait-lock 30 "$job"
  assert_success
  [[ $stderr == *"job $job is done: there is nothing to resume"* ]]
  finish
  assert_equal "$status" 0
  assert_equal "$(writes)" $((before + 4))
}
