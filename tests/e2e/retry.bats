# SPDX-License-Identifier: MIT
# Requests that are sent again, services that go away and come back, deadlines.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper
load terminal

setup() {
  fresh_home
}

teardown() {
  if [[ -n ${pid:-} ]]; then
    kill -KILL "$pid" 2>/dev/null || true
  fi
  close_terminal
  stop_sandbox
}

# fault FIELDS: the next request of its kind meets it.
fault() {
  control POST /faults "{\"nth\":1,$1}" >/dev/null
}

# The attempts that the journal holds of the newest job's writes.
attempts() {
  local id
  id=$("$SIGNET" jobs --json | jq -r .job | head -n 1)
  "$SIGNET" show "$id" --json | jq -r 'select(.event == "write").attempts'
}

effects() {
  control GET "/requests?effect=true&method=$1&limit=1000" | jq length
}

@test "a read is sent again" {
  start_sandbox --seed 5,5
  fault '"method":"GET","status":502'
  signet -v -e 'return sms.signs:get("100000001").sign_id'
  assert_success
  assert_output '"100000001"'
  [[ ${stderr_lines[0]} == 'GET /v1/sign-configs/100000001: 502 in '*', attempt 1, '* ]]
  [[ ${stderr_lines[1]} == 'GET /v1/sign-configs/100000001: 200 in '*', attempt 2, '* ]]
  run control GET /stats
  assert_equal "$(jq .methods.GET <<<"$output")" 2
}

@test "a write that a 5xx left open is read back, and sent again" {
  start_sandbox --seed 5,5
  fault '"method":"PUT","status":502'
  signet --settle 0.05 --json -e 'sms.signs:update("100000001", { sign_name = "Once More" })'
  assert_success
  assert_equal "$(effects PUT)" 1
  assert_equal "$(control GET /stats | jq .methods.PUT)" 2
  run attempts
  assert_output 2
}

@test "a write whose reply got lost is read back, and not sent again" {
  start_sandbox --seed 5,5
  fault '"method":"DELETE","status":502,"effect":true'
  signet --settle 0.05 --yes --max-deletes 100% --json \
    -e 'sms.templates:delete(sms.templates:list()[1].template_id)'
  assert_success
  assert_equal "$(effects DELETE)" 1
  assert_equal "$(control GET /stats | jq .methods.DELETE)" 1
  run attempts
  assert_output 1
}

@test "a create of a template is not sent again within a run, one of a signature is" {
  start_sandbox --seed 5,5
  fault '"method":"POST","path":"/v1/*","status":502'
  signet --settle 0.05 --settle-create 0 --json -e 'sms.templates:create {
    template_name = "New", template_type = "utility", template_content = "Text",
    country_codes = "CN" }'
  assert_failure 5
  [[ $output == *"it can be decided at "* ]] || fail "$output"
  assert_equal "$(control GET /stats | jq .methods.POST)" 1
  control DELETE /faults >/dev/null
  fault '"method":"POST","path":"/v1/*","status":502'
  signet --settle 0.05 --json -e 'sms.signs:create { sign_name = "New Name" }'
  assert_success
  assert_equal "$(control GET /stats | jq .methods.POST)" 3
  assert_equal "$(effects POST)" 1
}

@test "a write that fails each time stays unknown after its attempts" {
  start_sandbox --seed 5,5
  control POST /faults '{"method":"PUT","status":500}' >/dev/null
  signet --settle 0.02 --backoff-max 0.1 --json \
    -e 'sms.signs:update("100000001", { sign_name = "Once More" })'
  assert_failure 5
  assert_equal "$(control GET /stats | jq .methods.PUT)" 3
  assert_equal "$(effects PUT)" 0
  run attempts
  assert_output 3
}

@test "--attempts 1 sends nothing again" {
  start_sandbox --seed 5,5
  fault '"method":"GET","status":502'
  signet --attempts 1 -e 'return sms.signs:get("100000001").sign_id'
  assert_failure 1
  refute_output --partial attempt
  assert_equal "$(control GET /stats | jq .methods.GET)" 1
}

@test "an option that no attempt can have" {
  for wrong in '--attempts 0' '--attempts 1.5' '--backoff -1' \
    '--retry-percent 101' '--outage soon' '--deadline 0'; do
    # shellcheck disable=SC2086 # an option and its value
    signet $wrong -e 'return 1'
    assert_failure 2
    assert_one_sentence "${wrong% *}: \"${wrong#* }\" must be"
  done
}

# `scripts/dev outage` makes it 30 seconds.
@test "a service that goes away: everything finishes by itself" {
  local port outage=${SIGNET_TEST_OUTAGE:-1.5} first longest
  # The usual patience, in proportion: 1 s and 20 s where it lasts 30.
  first=$(jq -n "$outage / 30")
  longest=$(jq -n "$outage * 2 / 3")
  port=$(free_port)
  start_sandbox --seed 100,300 --port "$port" --state state.json
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for _, t in ipairs(sms.templates:list { status = "approved" }) do
    if (t.sign_id or "") == "" then ids[#ids + 1] = t.template_id end
  end
  return ids
end)
signet.each(ids, function(id)
  sms.templates:update(id, { template_name = "New " .. id })
end)
print(#ids, sms:requests())
E2
  start "$SIGNET" --json --rate 100 --concurrency 4 --settle 0.2 \
    --breaker-pause "$first" --backoff-max "$longest" run job.lua
  for _ in {1..100}; do
    [[ $(writes) -ge 10 ]] && break
    pause 0.02
  done
  stop_sandbox
  sleep "$outage"
  kill -0 "$pid" || fail "it did not wait: $(cat out err)"
  start_sandbox --port "$port" --state state.json
  finish
  output=$(<out)
  assert_equal "$status" 0
  assert_equal "$(summary failed)" 0
  assert_equal "$(summary unknown)" 0
  local count requests
  read -r count requests < <(jq -r 'select(.event == "print").text' <<<"$output")
  assert_equal "$(summary 'done')" "$count"
  # Each update reads its template first, and those that were on their way when
  # the service went are read back twice.
  ((requests <= 1 + 2 * count * 11 / 10 + 3 + 2 * 4)) ||
    fail "$requests for $count"
  local changed
  changed=$("$SIGNET" -e 'local n = 0
    for _, t in ipairs(sms.templates:list()) do
      if t.template_name == "New " .. t.template_id then n = n + 1 end
    end
    return n')
  assert_equal "$changed" "$count"
}

@test "a countdown shows how long nothing is sent" {
  local port
  port=$(free_port)
  start_sandbox --seed 100,0 --port "$port" --state state.json
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s) sms.signs:get(s.sign_id) end,
  { label = "Looking" })
E2
  open_terminal 160
  type_line "$SIGNET --rate 20 --breaker-pause 3 run job.lua"
  wait_for 'Looking .*/100 '
  stop_sandbox
  wait_for '^Looking: the service seems to be down: .*; going on in 3 s$'
  wait_for '; going on in [12] s$'
  start_sandbox --port "$port" --state state.json
  wait_for '^100 done in '
  run screen
  refute_output --partial 'going on'
}

@test "elsewhere it is a line, or an object" {
  start_sandbox --seed 10,0
  fault '"method":"GET","status":429,"headers":{"Retry-After":"1"}'
  signet -e '#sms.signs:list()'
  assert_success
  assert_line 10
  assert_equal "$stderr" 'the service asks for a pause (HTTP 429); going on in 1 s'
  fault '"method":"GET","status":429,"headers":{"Retry-After":"1"}'
  signet --json -e '#sms.signs:list()'
  assert_success
  assert_line '{"event":"paused","reason":"the service asks for a pause (HTTP 429)","wait_ms":1000}'
  fault '"method":"GET","status":429,"headers":{"Retry-After":"1"}'
  signet -q -e '#sms.signs:list()'
  assert_success
  assert_equal "$stderr" ''
}

@test "--outage ends what a service holds back without saying for how long" {
  start_sandbox --seed 50,0
  cat >get.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
local result = signet.each(sms.signs:list(), function(sign)
  sms.signs:get(sign.sign_id)
end)
print(result.done, result.failed)
END
  for code in 429 503; do
    control DELETE /faults >/dev/null
    control POST /faults '{"method":"GET","path":"/v1/sign-configs/*",
      "status":'$code'}' >/dev/null
    run --separate-stderr timeout 60 "$SIGNET" run -q --outage 0.5 \
      --concurrency 4 get.lua
    assert_failure 1
    assert_output $'0\t50'
  done
}

@test "a pause that the service asks for is no outage, however long it is" {
  start_sandbox --seed 5,0
  for code in 429 503; do
    control DELETE /faults >/dev/null
    control POST /faults '{"method":"GET","path":"/v1/sign-configs/*",
      "status":'$code',"headers":{"Retry-After":"0.5"},"count":2}' >/dev/null
    signet --outage 0.5 -e 'print(sms.signs:get("100000001").sign_id)'
    assert_success
    assert_output 100000001
  done
  # Hours are waited for, and shown; a deadline ends that.
  control POST /faults '{"method":"GET","path":"/v1/sign-configs/*",
    "status":429,"headers":{"Retry-After":"7200"}}' >/dev/null
  before=$(control GET /stats | jq .methods.GET)
  signet --outage 0.1 --deadline 1.5 -e 'sms.signs:get("100000001")'
  assert_failure
  [[ $stderr == *"the service asks for a pause (HTTP 429); going on in 2 h, \
at "* && $stderr == *"the deadline has passed"* ]] || fail "$stderr"
  after=$(control GET /stats | jq .methods.GET)
  assert_equal "$((after - before))" 1
}

@test "--outage ends what waits for the answer whether the service is there" {
  start_sandbox --seed 50,0
  cat >get.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
sms.signs:list()
local result = signet.each({ "100000001", "100000002" }, function(id)
  sms.signs:get(id)
end)
print(result.done, result.failed)
END
  # It is never answered, or held by the pause that the service asks for.
  for headers in '{}' '{"Retry-After": "1"}'; do
    control DELETE /faults >/dev/null
    control POST /faults \
      '{"method":"GET","path":"/v1/sign-configs/1","delay_ms":60000}' >/dev/null
    control POST /faults '{"method":"GET","path":"/v1/sign-configs/1*",
      "status":503,"headers":'"$headers"'}' >/dev/null
    run --separate-stderr timeout 30 "$SIGNET" run -q --no-journal --outage 3 \
      --backoff 0.01 get.lua
    assert_failure 1
    assert_output $'0\t2'
  done
}

@test "what waits for its turn isn't held up by the service" {
  start_sandbox --seed 20,0
  control POST /faults '{"method":"GET","path":"/v1/sign-configs/*","nth":15,
    "count":1,"status":429,"headers":{"Retry-After":"1"}}' >/dev/null
  signet --rate 10 --outage 1.2 -e 'local ids = {}
    for i, sign in ipairs(sms.signs:list()) do ids[i] = sign.sign_id end
    local result = signet.each(ids, function(id) sms.signs:get(id) end)
    return result.done'
  assert_success
  assert_output 20
}

@test "one entry that always fails is not the service" {
  start_sandbox --seed 5,0
  control POST /faults '{"path":"/v1/sign-configs/100000001","status":500}' \
    >/dev/null
  signet -v -e 'sms.signs:list() sms.signs:get("100000001")'
  assert_failure 1
  [[ $stderr == *"(attempt 3)"* && $stderr != *"seems to be down"* ]] ||
    fail "$stderr"
}

@test "a deadline does not wait out the pause that a service asks for" {
  start_sandbox --seed 5,0
  fault '"method":"PUT","status":500'
  control POST /faults '{"method":"GET","path":"/v1/sign-configs/100000001",
    "nth":2,"status":429,"headers":{"Retry-After":"600"}}' >/dev/null
  run --separate-stderr timeout 60 "$SIGNET" --deadline 2 --settle 0.1 -e \
    'sms.signs:update("100000001", { sign_name = "Left Open" })'
  assert_failure 5
  [[ $stderr == *"the deadline has passed"* ]] || fail "$stderr"
  run "$SIGNET" jobs --json
  [[ $output == *'"unknown":1'* ]] || fail "$output"
}

@test "an interrupt does not wait for a service that is away" {
  start_sandbox --seed 5,5
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
sms.signs:list()
sms.signs:update("100000001", { sign_name = "Nobody Answers" })
E2
  control POST /faults '{"method":"PUT","status":502}' >/dev/null
  start timeout --foreground -s KILL 60 "$SIGNET" --settle 0.5 --breaker-pause 3600 --backoff-max 3600 \
    --backoff 0.01 run job.lua
  for _ in {1..100}; do
    [[ $(writes) != 0 ]] && break
    pause 0.02
  done
  stop_sandbox
  for _ in {1..200}; do
    grep -q 'seems to be down' err && break
    pause 0.02
  done
  local began=$SECONDS
  kill -INT "$pid"
  finish
  assert_equal "$status" 5
  ((SECONDS - began < 15))
}

@test "--deadline ends a run as an interrupt does, and says so" {
  start_sandbox --seed 100,0 --latency 50
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for i, s in ipairs(sms.signs:list { status = "approved" }) do ids[i] = s.sign_id end
  return ids
end)
signet.each(ids, function(id)
  sms.signs:update(id, { sign_name = "New " .. id })
end, { concurrency = 1 })
E2
  signet --deadline 1s --json run job.lua
  assert_failure 130
  assert_json_lines
  assert_equal "$(summary unknown)" 0
  # One may have been taken up and not been sent yet.
  (($(summary 'done') > 0 && $(summary skipped) <= 1))
  run jq -r 'select(.event == "error").error | .kind + ": " + .message' <<<"$output"
  assert_output 'timeout: the run did not come to its end within 1.0 s (deadline)'
  signet jobs --json
  assert_equal "$(jq -r .state <<<"$output" | head -n 1)" interrupted
  signet resume --json
  assert_success
  control GET '/requests?method=PUT&effect=true&limit=1000' >effects
  run jq 'map(.path) | length == (unique | length)' effects
  assert_output true
}

@test "what is still in flight long after the deadline is given up" {
  start_sandbox --seed 5,0
  control POST /faults '{"method":"PUT","delay_ms":60000}' >/dev/null
  run --separate-stderr timeout 30 "$SIGNET" --deadline 1 -e \
    'sms.signs:update("100000001", { sign_name = "Takes Long" })'
  assert_failure 5
  assert_equal "${stderr_lines[1]}" \
    'the deadline passed 5 s ago: giving up what is in flight'
  run "$SIGNET" jobs --json
  [[ $output == *'"unknown":1'* ]] || fail "$output"
  # A read leaves nothing open.
  control DELETE /faults >/dev/null
  control POST /faults '{"method":"GET","delay_ms":60000}' >/dev/null
  run --separate-stderr timeout 30 "$SIGNET" --deadline 1 -e \
    'return sms.signs:get("100000001")'
  assert_failure 130
}

@test "a deadline reaches a script that only computes, and one in the profile" {
  signet --deadline 0.2 -e 'while true do end'
  assert_failure 130
  assert_equal "${stderr_lines[0]}" 'the deadline has passed: finishing what is in flight within 5 s, starting nothing new'
  assert_equal "${stderr_lines[1]}" 'error: the run did not come to its end within 0.2 s (deadline)'
  printf '[default]\ndeadline = 100ms\n' >"$XDG_CONFIG_HOME/signet/config"
  signet -q -e 'while true do end'
  assert_failure 130
  assert_one_sentence 'within 0.1 s (deadline)'
}

@test "which time limit ran out is said" {
  start_sandbox --seed 5,5
  control POST /faults '{"method":"GET","path":"/v1/*","delay_ms":3000}' >/dev/null
  signet --attempts 1 --timeout 0.2 -e 'sms.signs:get("1")'
  assert_failure 1
  assert_one_sentence 'longer than 0.2 s in all (timeout)'
  signet --attempts 1 --low-speed-time 1 -e 'sms.signs:get("1")'
  assert_failure 1
  assert_one_sentence '(low_speed, low_speed_time)'
}
