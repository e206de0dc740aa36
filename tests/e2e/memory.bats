# SPDX-License-Identifier: MIT
# Memory that runs out: at each allocation that the executable itself asks for,
# once and from then on. It never crashes, it says why it ends, and a status of
# 0 means that everything is there. FAILING is the library that lets it fail.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

# asks WORD...: how many allocations a run asks for; its output in `whole`.
asks() {
  FAILING_MALLOC_COUNT=asked LD_PRELOAD=$FAILING "$SIGNET" "$@" >whole \
    2>/dev/null </dev/null
  whole_status=$?
  asked=$(<asked)
}

# without_memory STRIDE WORD...: every STRIDE-th allocation of this command
# fails, once and from it on. Leaves in $ended how many runs ended with a
# mistake, and in $reached at how many places one failed.
without_memory() {
  local stride=$1 at on status
  shift
  ended=0 reached=0
  asks "$@" || true
  for on in '' 1; do
    for ((at = 1; at <= asked; at += stride)); do
      status=0
      FAILING_MALLOC_AT=$at ${on:+env FAILING_MALLOC_ON=1} \
        env LD_PRELOAD="$FAILING" "$SIGNET" "$@" >out 2>err </dev/null ||
        status=$?
      reached=$((reached + 1))
      ((status == whole_status)) || ended=$((ended + 1))
      check_end "$at${on:+ and on} of $asked: $*" "$status"
    done
  done
}

# check_end PLACE STATUS: how a run ended, its output in out and err.
check_end() {
  (($2 < 128)) || fail "allocation $1: status $2: $(<err)"
  if (($2 == 0)); then
    cmp -s out whole || fail "allocation $1: status 0 without the whole output"
  elif ! grep -qE '^(error|fail)' out err; then
    fail "allocation $1: status $2 and no word why: $(<err)"
  fi
}

@test "jobs, show: the whole list, or an error" {
  start_sandbox --seed 5,5
  for i in 1 2 3; do
    signet -e "sms.signs:create { sign_name = 'New $i' } sms.signs:list()"
    assert_success
  done
  id=$("$SIGNET" jobs --json | head -n 1 | jq -r .job)
  for command in jobs "jobs --json" "show $id" "show --json $id"; do
    # shellcheck disable=SC2086 # words
    without_memory 1 $command
    assert_equal "$whole_status" 0
    [[ $reached -ge 40 && $ended -ge $((reached * 9 / 10)) ]] ||
      fail "$command: $ended of $reached"
  done
  assert_equal "$(writes)" 3
}

@test "doctor, undo, resume: nothing is sent that nobody was asked about" {
  start_sandbox --seed 5,5
  signet -e "sms.signs:create { sign_name = 'New' }"
  assert_success
  id=$("$SIGNET" jobs --json | head -n 1 | jq -r .job)
  for command in "3 doctor -q" "3 resume $id" "7 undo $id"; do
    # shellcheck disable=SC2086 # the stride and words
    without_memory $command
    [[ $reached -ge 12 && $ended -ge 8 ]] || fail "$command: $ended of $reached"
  done
  assert_equal "$(writes)" 1
}

@test "-e, plan, repl, --trace: Lua's memory, too" {
  start_sandbox --seed 5,5
  script read.lua <<'END'
local sms = require("signet").connect()
print(#sms.signs:list(), sms.signs:get("100000001").sign_name)
END
  script write.lua <<'END'
local sms = require("signet").connect()
sms.signs:create { sign_name = "New" }
END
  printf '%s\n' 'x = 1' >lines
  for command in "-e {1,2}" "run -q read.lua" "plan write.lua" \
    "plan -q -o plan.json write.lua" "repl" \
    "run -q --trace trace.har read.lua"; do
    # shellcheck disable=SC2086 # words
    without_memory 127 $command
    assert_equal "$whole_status" 0
    [[ $reached -ge 25 && $ended -ge $((reached * 2 / 5)) ]] || fail "$command: $ended of $reached"
  done
  assert_no_writes
}
