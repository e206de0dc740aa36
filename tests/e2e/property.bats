#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Random scripts: run directly, and run as plan and apply, they end in the same
# state; a run and its undo end where it began. SIGNET_TEST_SEEDS is how many of
# each are tried.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
  seeds=${SIGNET_TEST_SEEDS:-8}
  script=$SOURCE/tests/e2e/random_job.lua
}

teardown() {
  stop_sandbox
}

# An account of its own for each try, whose reviewer approves at once.
fresh_account() {
  stop_sandbox
  rm -rf "$XDG_STATE_HOME"
  : >url
  start_sandbox --seed 10,25
  # A template whose signature is rejected could not be made again.
  control GET /state | python3 -c '
import json, sys
state = json.load(sys.stdin)
for entry in state["signs"] + state["templates"]:
    entry["status"] = 2
json.dump(state, open("state.json", "w"))'
  control PUT /state "$(<state.json)" >/dev/null
  control PUT /reviewer '[{"after_ms":0}]' >/dev/null
}

# What the account holds, without ids, times and remarks; $1: "status" with
# those too.
account() {
  control GET /state | python3 -c '
import json, sys
state = json.load(sys.stdin)
names = {sign["sign_id"]: sign["sign_name"] for sign in state["signs"]}
def status(entry):
    return entry["status"] if sys.argv[1:] == ["status"] else 0
lines = [("sign", sign["sign_name"], status(sign))
         for sign in state["signs"]]
for template in state["templates"]:
    lines.append(("template", template["template_name"],
                  template["template_type"], template["template_content"],
                  template["country_codes"], template["sign_position"],
                  names.get(template.get("sign_id"), "gone"
                            if template.get("sign_id") else ""),
                  status(template)))
print("\n".join(sorted(map(repr, lines))))' "$@"
}

options=(-q --poll-interval 0.01 --yes --max-deletes 100%)

@test "run directly, or as plan and apply: the same state" {
  for seed in $(seq "$seeds"); do
    fresh_account
    "$SIGNET" run "${options[@]}" "$script" "$seed" 30 2>err || true
    account status >direct
    fresh_account
    account status >begin
    "$SIGNET" plan -q -o plan.json "$script" "$seed" 30 2>err || true
    assert_no_writes
    account status | diff begin -
    "$SIGNET" apply "${options[@]}" plan.json >out 2>err ||
      fail "seed $seed: $(cat err)"
    account status >applied
    diff direct applied || fail "seed $seed"
    ! diff -q begin applied || fail "seed $seed changed nothing"
    # The service refused nothing of the plan, and saw each step once.
    effects=$(control GET '/requests?limit=20000' |
      grep -cE '"method":"(PUT|POST|DELETE)".*"effect":true')
    assert_equal "$effects" "$(grep -c '^ {"step":' plan.json)"
    assert_equal "$(writes)" "$effects"
  done
}

@test "a run and its undo: the state where it began" {
  for seed in $(seq 101 $((100 + seeds))); do
    fresh_account
    account >begin
    "$SIGNET" run "${options[@]}" "$script" "$seed" 20 reversible 2>err || true
    account | diff -q begin - >/dev/null && fail "seed $seed changed nothing"
    job=$("$SIGNET" jobs --json | python3 -c '
import json, sys
print(json.loads(sys.stdin.readline())["job"])')
    "$SIGNET" undo "${options[@]}" "$job" >out 2>err ||
      fail "seed $seed: $(cat err)"
    account | diff begin - || fail "seed $seed"
  done
}
