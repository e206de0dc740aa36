# SPDX-License-Identifier: MIT
# Plans of thousands of steps: what a step takes of memory, and of requests.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

# An account of COUNT signatures, and a plan that renames each twice, with the
# reviews in between.
plan_of() {
  stop_sandbox
  lua5.4 "$SOURCE/tests/bench/signs.lua" "$1" >"signs.$1"
  start_sandbox --state "signs.$1"
  control PUT /reviewer '[{"after_ms":0}]' >/dev/null
  script twice.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
local signs = sms.signs:list()
signet.each(signs, function(sign)
  sms.signs:update(sign.sign_id, { sign_name = "First " .. sign.sign_id })
end)
signet.each(signs, function(sign)
  sms.signs:wait(sign.sign_id, { status = "approved" })
  sms.signs:update(sign.sign_id, { sign_name = "Second " .. sign.sign_id })
end)
END
  "$SIGNET" plan -q -o "plan.$1" twice.lua >/dev/null
}

# peak WORD...: runs signet; how much memory it had at most, in KiB.
peak() {
  python3 - "$SIGNET" "$@" <<'END'
import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(ended.returncode)
END
}

# The text of the plan and its steps are held, three lists at most, and what an
# audit compares: not the text several times over.
@test "apply and show: memory a step" {
  plan_of 100
  few=$(peak apply -q --yes --poll-interval 0.01 plan.100)
  plan_of 3000
  many=$(peak apply -q --yes --poll-interval 0.01 plan.3000)
  echo "apply: $(((many - few) * 1024 / 5800)) bytes a step"
  (((many - few) * 1024 < 1700 * 5800))
  id=$("$SIGNET" jobs --json | jq -r .job | head -n 1)
  few=$(peak jobs)
  many=$(peak show "$id")
  echo "show: $(((many - few) * 1024 / 5800)) bytes a step"
  (((many - few) * 1024 < 400 * 5800))
}

# Whatever is too old to be believed is looked at by lists that many share.
@test "apply: requests a step" {
  plan_of 1000
  before=$(control GET /stats | jq .methods.GET)
  "$SIGNET" apply -q --yes --fresh 0.02 --poll-interval 0.01 plan.1000
  reads=$(($(control GET /stats | jq .methods.GET) - before))
  assert_equal "$(writes)" 2000
  ((reads < 400)) || fail "$reads reads for 2000 steps"
}
