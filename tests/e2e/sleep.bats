# SPDX-License-Identifier: MIT
# A machine that sleeps while a job runs. The sandbox stays awake.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
  export SIGNET_TEST_SLEPT=$PWD/slept
  start_sandbox --seed 3,0
}

teardown() {
  stop_sandbox
}

# start_job OPTION... SCRIPT: on the machine that will sleep.
start_job() {
  LD_PRELOAD=$MOVED start "$SIGNET" run --yes --json "$@"
}

# Three hours go by: the file is so many bytes long.
machine_sleeps() {
  head -c 10800 /dev/zero >slept
}

await_requests() {
  local tries
  for ((tries = 0; tries < 1000; tries++)); do
    [[ $(control GET /stats) =~ \"$1\":([0-9]+) ]] &&
      ((BASH_REMATCH[1] >= $2)) && return 0
    pause 0.05
  done
  fail "no $2 requests of $1"
}

@test "a wait looks again at once, and it is told once" {
  script wait.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
sms.signs:update("100000001", { sign_name = "New Name" })
sms.signs:update("100000002", { sign_name = "Other Name" })
signet.each({ "100000001", "100000002" }, function(id)
  sms.signs:wait(id, { status = "approved", timeout = 86400 })
end)
LUA
  start_job --poll-interval 3600 wait.lua
  await_requests PUT 2
  await_requests GET 3 # the third is the wait's first look
  pause 0.5
  control POST /review '{"kind":"sign","id":"100000001","status":"approved"}'
  control POST /review '{"kind":"sign","id":"100000002","status":"approved"}'
  machine_sleeps
  finish
  assert_equal "$status" 0
  assert_equal "$(grep -c 'the machine slept for 3 h: ' out err | grep -v :0)" \
    out:1
}

@test "a write in flight is read back, not waited for" {
  control POST /faults '{"method":"PUT","delay_ms":60000}' >/dev/null
  script write.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
sms.signs:update("100000001", { sign_name = "New Name" })
LUA
  start_job --timeout 3600 --low-speed-time 3600 --settle 0.1 \
    --settle-create 0 write.lua
  await_requests PUT 1
  control DELETE /faults
  machine_sleeps
  finish
  assert_equal "$status" 0
  run control GET '/requests?effect=true'
  assert_equal "$(jq '[.[] | select(.method == "PUT")] | length' <<<"$output")" 1
  assert_equal "$(control GET /state | jq -r '.signs[0].sign_name')" 'New Name'
}

# The kernel's timer can't be moved; that it counts sleep is its clock's affair.
@test "a deadline counts the time asleep" {
  command -v strace >/dev/null || skip "strace is not installed"
  run strace -f -o calls -e trace=setitimer,timer_create,timerfd_create \
    "$SIGNET" run --deadline 0.3 /dev/stdin <<<'require("signet").sleep(60)'
  assert_failure
  run grep -c 'timer_create(CLOCK_BOOTTIME, .*SIGALRM' calls
  assert_output 1
  run grep -E 'setitimer|CLOCK_MONOTONIC|CLOCK_REALTIME' calls
  assert_output ""
}
