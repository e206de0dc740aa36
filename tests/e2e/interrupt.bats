# SPDX-License-Identifier: MIT
# SIGINT and SIGTERM: what is in flight finishes, nothing new starts.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list { status = "approved" }, function(s)
  sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " x" })
end, { concurrency = 4, label = "Renaming" })
E2
}

teardown() {
  if [[ -n ${pid:-} ]]; then
    kill -KILL "$pid" 2>/dev/null || true
  fi
  stop_sandbox
}

# begin [OPTION...]: the job, in the background, up to its first write.
begin() {
  start "$SIGNET" "$@" run job.lua
  for _ in {1..100}; do
    [[ $(writes) != 0 ]] && return
    pause 0.02
  done
  fail "the job sent nothing"
}

@test "the first signal: in flight finishes, summary, 130" {
  for signal in INT TERM; do
    start_sandbox --seed 100,0 --latency 200
    begin
    kill -$signal "$pid"
    await_file err
    # What is in flight by then may still arrive, and nothing more.
    local sent
    sent=$(writes)
    finish
    assert_equal "$status" 130
    (($(writes) <= sent + 4)) || fail "$sent writes, then $(writes)"
    run cat err
    assert_line --index 0 --partial 'interrupted: finishing what is in flight'
    assert_line --regexp '^interrupted: [0-9]+ done.* in '
    refute_output --partial unknown
    # What the summary calls done is what the service did.
    local count
    count=$(grep -oE '[0-9]+ done' err | grep -oE '[0-9]+')
    control GET '/requests?method=PUT&effect=true' >effects
    run grep -c '"effect":true' effects
    assert_output "$count"
    ((count >= 1 && count <= sent + 4))
    stop_sandbox
  done
}

@test "the second signal gives up what is in flight, whose outcome is unknown" {
  start_sandbox --seed 100,0
  control POST /faults '{"method":"PUT","path":"/v1/*","delay_ms":8000}'
  begin
  kill -INT "$pid"
  pause 0.3
  kill -0 "$pid" || fail "the first signal ended it"
  local began=$SECONDS
  kill -INT "$pid"
  finish
  ((SECONDS - began < 5))
  assert_equal "$status" 5
  run cat err
  assert_line --partial 'interrupted again: giving up what is in flight'
  assert_line --regexp '[1-4] unknown'
}

@test "-q says nothing, and the status is the same" {
  start_sandbox --seed 100,0 --latency 200
  begin -q
  kill -INT "$pid"
  finish
  assert_equal "$status" 130
  run cat err
  assert_output ""
}

@test "a script that computes, sleeps or waits ends, too" {
  start_sandbox --seed 5,0
  for chunk in 'while true do end' 'require("signet").sleep(60)' \
    'sms.signs:wait("100000001", { status = "rejected" })' \
    'while true do pcall(function() while true do end end) end'; do
    start "$SIGNET" -e "$chunk"
    pause 0.4
    kill -INT "$pid"
    finish
    assert_equal "$status" 130
  done
}

# Nothing answers but the first list, so nobody can tell what came of the
# creates.
create_while_away() {
  start_sandbox
  control POST /faults '{"path":"/v1/*","nth":2,"every":1,"close":"before"}' >/dev/null
  script create.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
local names = {}
for i = 1, 40 do
  names[i] = "New " .. i
end
signet.each(names, function(name)
  sms.signs:create { sign_name = name }
end)
E2
  start "$SIGNET" run "$@" create.lua
}

requests() {
  control GET /stats | jq '[.methods[]] | add // 0'
}

# In $output: what was sent is unknown, and the rest, which waited for the
# service to come back, was not begun.
assert_sent_is_unknown() {
  local sent
  sent=$(control GET /stats | jq '.methods.POST // 0')
  ((sent >= 1 && sent < 40)) || fail "$sent creates were sent"
  assert_line --regexp \
    "^interrupted: 0 done, $((40 - sent)) skipped, $sent unknown in "
}

@test "a signal ends the search for what was created" {
  create_while_away
  for _ in {1..200}; do
    (($(control GET /stats | jq '.methods.GET // 0') >= 3)) && break
    pause 0.02
  done
  pause 0.2 # between two lists, or one is in flight
  local before
  before=$(requests)
  kill -INT "$pid"
  finish
  assert_equal "$status" 5
  run cat err
  assert_sent_is_unknown
  (($(requests) <= before + 1))
}

@test "a deadline ends it too" {
  create_while_away -v --deadline 3
  finish
  assert_equal "$status" 5
  run cat err
  assert_sent_is_unknown
  # Left alone, it would have given up after so many lists.
  assert_line --partial 'unknown: '
  refute_output --partial 'could not be read back'
}

@test "what was created is found out when the service is back" {
  create_while_away -v
  sleep 3
  control DELETE /faults >/dev/null
  finish
  assert_equal "$status" 0
  run cat err
  assert_line --regexp '^40 done in '
  assert_equal "$(control GET /requests?effect=true\&limit=100 | jq length)" 40
}
