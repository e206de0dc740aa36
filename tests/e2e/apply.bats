#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# signet apply and signet undo: exactly the plan, and back.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

approve() {
  control POST /review '{"status":"approved"}' >/dev/null
}

# What the account holds, without ids, times and remarks.
account() {
  control GET /state | python3 -c '
import json, sys
state = json.load(sys.stdin)
names = {sign["sign_id"]: sign["sign_name"] for sign in state["signs"]}
lines = [("sign", sign["sign_name"], sign["status"])
         for sign in state["signs"]]
for template in state["templates"]:
    lines.append(("template", template["template_name"],
                  template["template_type"], template["template_content"],
                  template["country_codes"], template["sign_position"],
                  names.get(template.get("sign_id"), ""),
                  template["status"]))
print("\n".join(sorted(map(repr, lines))))'
}

newest_job() {
  "$SIGNET" jobs --json | python3 -c '
import json, sys
print(json.loads(sys.stdin.readline())["job"])'
}

# A script that moves every template of the first signature to a new one.
script_of_rounds() {
  script rounds.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
local old = sms.signs:list { status = "approved" }[1]
local id = sms.signs:create { sign_name = "Brand New" }
sms.signs:wait(id, { status = "approved" })
signet.each(sms.templates:list { sign_id = old.sign_id }, function(template)
  if template.status == signet.status.pending then
    return signet.skip "pending"
  end
  sms.templates:update(template.template_id, { sign_id = id })
  sms.templates:wait(template.template_id, { status = "approved" })
end)
sms.signs:update(old.sign_id, { sign_name = "Old One" })
LUA
}

@test "a plan that was applied leaves what the run would have left" {
  start_sandbox --seed 30,100
  signet run rename --prefix 'New '
  assert_success
  account >direct
  stop_sandbox
  start_sandbox --seed 30,100
  signet plan -o plan.json rename --prefix 'New '
  assert_success
  signet apply plan.json
  assert_success
  account >applied
  diff direct applied
}

@test "rounds: parked, resumed, nothing sent twice" {
  start_sandbox --seed 8,40
  script_of_rounds
  signet plan -o plan.json rounds.lua
  assert_success
  signet apply --park --json plan.json
  assert_failure 75
  assert_equal "$(summary "done")" 1
  [[ $(summary waiting) -gt 1 ]]
  signet resume --park
  assert_failure 75
  assert_equal "$(writes)" 1
  approve
  signet resume --park
  assert_failure 75
  approve
  signet resume --json
  assert_success
  run python3 -c '
import json
print(len(json.load(open("plan.json"))["steps"]))'
  assert_equal "$(writes)" "$output"
  assert_equal "$(control GET '/requests?limit=20000' |
    grep -cE '"method":"(PUT|POST|DELETE)".*"effect":false')" 0
  account >after
  grep -q "'Brand New'" after
  signet jobs
  assert_line --partial 'apply  plan.json  done'
}

@test "without --park it waits for the reviews itself" {
  start_sandbox --seed 8,40
  control PUT /reviewer '[{"after_ms":50}]' >/dev/null
  script_of_rounds
  signet plan -o plan.json rounds.lua
  signet apply --poll-interval 0.05 plan.json
  assert_success
  assert_line --regexp '^signature 9000000000000000001 is [0-9]+$'
}

@test "who waits for reviews is told so, once" {
  start_sandbox --seed 6,0
  signet run rename --status approved --suffix ' 2'
  assert_success
  start "$SIGNET" undo --yes "$(newest_job)"
  for _ in {1..100}; do
    grep -q 'waiting for reviews' err && break
    pause 0.05
  done
  kill -INT "$pid"
  finish
  assert_equal "$(grep -c 'waiting for reviews that are under way' err)" 1
}

@test "a plan may rest on a review that is under way" {
  start_sandbox --seed 6,0
  script wait.lua <<'LUA'
local sms = require("signet").connect()
local sign = sms.signs:list { status = "pending" }[1]
sms.signs:wait(sign.sign_id, { status = "approved" })
sms.signs:update(sign.sign_id, { sign_name = "Waited For" })
LUA
  signet plan -o plan.json wait.lua
  assert_success
  assert_line --partial 'after its review, which is under way'
  signet apply --park plan.json
  assert_failure 75
  assert_no_writes
  approve
  signet apply plan.json
  assert_success
  account | grep -q "'Waited For'"
}

@test "a review that ends otherwise stops what rests on it" {
  start_sandbox --seed 8,40
  control PUT /reviewer '[{"after_ms":0,"status":"rejected"}]' >/dev/null
  script_of_rounds
  signet plan -o plan.json rounds.lua
  signet apply --poll-interval 0.05 --json plan.json
  assert_failure 1
  assert_line --partial 'the review of step 1: it is rejected'
  assert_equal "$(summary "done")" 1
  assert_equal "$(summary failed)" 1
  assert_equal "$(writes)" 1
  signet resume --poll-interval 0.05
  assert_failure 1
  assert_equal "$(writes)" 1
  # Somebody submits it again, and talks to the reviewers. What changes nothing
  # goes to another review only when it is asked for.
  control PUT /reviewer '[{"after_ms":0}]' >/dev/null
  script again.lua <<'LUA'
local sms = require("signet").connect()
local sign = sms.signs:find { sign_name = "Brand New" }
sms.signs:update(sign.sign_id, { sign_name = "Brand New" })
LUA
  signet run -q --no-journal again.lua
  assert_success
  assert_equal "$(writes)" 1
  signet run -q --no-journal --resubmit again.lua
  assert_success
  assert_equal "$(writes)" 2
  signet resume --poll-interval 0.05
  assert_success
  run jq '.steps | length + 1' plan.json
  assert_equal "$(writes)" "$output"
}

@test "drift stops the plan, or that step and what needs it, and is shown" {
  start_sandbox --seed 4,0
  script chain.lua <<'LUA'
local sms = require("signet").connect()
local signs = sms.signs:list { status = "approved" }
local name = signs[1].sign_name
sms.signs:update(signs[1].sign_id, { sign_name = "Step One" })
sms.signs:update(signs[2].sign_id, { sign_name = name })
sms.signs:create { sign_name = "Step Three" }
LUA
  signet plan -o plan.json chain.lua
  first=$(python3 -c '
import json
print(json.load(open("plan.json"))["steps"][0]["id"])')
  signet -q --no-journal -e "sms.signs:update('$first', { sign_name = 'Drifted' })"
  signet apply --check plan.json
  assert_failure 4
  signet apply --json plan.json
  assert_failure 4
  assert_line --partial 'drift: sign_name is Drifted, and the plan expects'
  [[ $stderr == *"1 of the plan's 3 steps can't be carried out"* ]]
  assert_equal "$(summary "done")" 0
  assert_equal "$(writes)" 1
  signet apply --skip-drifted --json plan.json
  assert_failure 1
  assert_equal "$(summary "done")" 1
  assert_equal "$(summary failed)" 1
  assert_equal "$(summary skipped)" 1
  assert_line --partial 'drift: sign_name is Drifted, and the plan expects'
  assert_line --partial 'needs step 1, which was not done'
  assert_equal "$(writes)" 2
  account >after
  grep -q "'Step Three'" after
  grep -q "'Drifted'" after
}

@test "a deleted entry is drift too, and so is a decided review" {
  start_sandbox --seed 12,0
  script two.lua <<'LUA'
local sms = require("signet").connect()
for _, sign in ipairs(sms.signs:list()) do
  if sign.status ~= 2 then sms.signs:delete(sign.sign_id) end
end
LUA
  signet plan -o plan.json two.lua
  approve
  id=$(python3 -c '
import json
steps = json.load(open("plan.json"))["steps"]
print([s["id"] for s in steps if s["before"]["status"] == 3][0])')
  signet -q --no-journal --yes -e "sms.signs:delete('$id')"
  signet apply --yes --json plan.json
  assert_failure 4
  assert_line --partial 'drift: the entry is gone'
  assert_line --partial 'drift: status is 2, and the plan expects 1'
}

# refused SENTENCE: the plan is, and nothing is sent.
refused() {
  signet apply plan.json
  assert_failure 4
  assert_one_sentence "$1"
  assert_no_writes
}

@test "apply --check only looks" {
  start_sandbox --seed 6,0
  signet plan -o plan.json rename --suffix ' 2'
  assert_success
  signet apply --check plan.json
  assert_success
  [[ $stderr == *'can be carried out as they stand; nothing was sent'* ]]
  assert_no_writes
  signet jobs
  refute_output --partial apply
  signet apply plan.json
  assert_success
}

@test "protected entries and signatures that can't be used are told first" {
  start_sandbox --seed 8,40
  script_of_rounds
  signet plan -o rounds.json rounds.lua
  script use.lua <<'LUA'
local sms = require("signet").connect()
local signs = sms.signs:list { status = "approved" }
for index, template in ipairs(sms.templates:list { status = "approved" }) do
  if index <= 2 then
    sms.templates:update(template.template_id,
      { sign_id = signs[index].sign_id, sign_position = 1 })
  end
end
LUA
  signet plan -o plan.json use.lua
  assert_success
  sign=$(jq -r '.steps[1].after.sign_id' plan.json)
  template=$(jq -r '.steps[0].id' plan.json)
  mkdir -p "$XDG_CONFIG_HOME/signet"
  printf '[default]\nprotect_id = %s\n' "$template" \
    >"$XDG_CONFIG_HOME/signet/config"
  chmod 600 "$XDG_CONFIG_HOME/signet/config"
  signet -q --no-journal -e "sms.signs:update('$sign', { sign_name = 'Odd' })"
  before=$(writes)
  signet apply --json plan.json
  assert_failure 4
  assert_line --partial "it is protected by protect_id = $template"
  assert_line --partial "the signature $sign that it is to show is pending"
  assert_equal "$(writes)" "$before"
}

# A chain of renames on a service that frees a name only by approval.
script_of_chain() {
  control PUT /options '{"free_name_on_submit":false}' >/dev/null
  script chain.lua <<'LUA'
local sms = require("signet").connect()
local signs = sms.signs:list { status = "approved" }
local name = signs[1].sign_name
sms.signs:update(signs[1].sign_id, { sign_name = "Free" })
sms.signs:update(signs[2].sign_id, { sign_name = name })
LUA
}

@test "a chain waits where names are freed by approval, and so does its undo" {
  start_sandbox --seed 4,0
  control PUT /reviewer '[{"after_ms":100}]' >/dev/null
  account >before
  script_of_chain
  signet plan -o plan.json chain.lua
  assert_success
  signet apply --poll-interval 0.05 plan.json
  assert_success
  account | grep -q "'Free'"
  signet undo --yes --park "$(newest_job)"
  assert_failure 75
  approve
  signet resume --poll-interval 0.05
  assert_success
  approve
  diff <(sed "s/, [0-9])\$/)/" before) <(account | sed "s/, [0-9])\$/)/")
}

@test "what a message plan holds is parked, and resumed when it is free" {
  start_sandbox --seed 4,0
  signet plan -o plan.json rename --status approved --suffix ' 2'
  id=$(jq -r '.steps[0].id' plan.json)
  control POST /lock "{\"kind\":\"sign\",\"id\":\"$id\"}" >/dev/null
  signet apply --json plan.json
  assert_failure 75
  assert_equal "$(summary waiting)" 1
  signet resume
  assert_failure 75
  control POST /unlock "{\"kind\":\"sign\",\"id\":\"$id\"}" >/dev/null
  signet resume
  assert_success
  run jq '.steps | length' plan.json
  assert_equal "$(control GET '/requests?limit=20000' |
    grep -cE '"method":"PUT".*"effect":true')" "$output"
}

@test "what is left of a plan is planned anew" {
  start_sandbox --seed 8,40
  script_of_rounds
  signet plan -o plan.json rounds.lua
  signet apply --park plan.json
  assert_failure 75
  job=$(newest_job)
  id=$(jq -r '.steps[-1].id' plan.json)
  signet -q --no-journal -e "sms.signs:update('$id', { sign_name = 'Between' })"
  approve
  signet plan --from "$job" -o rest.json
  assert_success
  run jq -r '.steps | length' plan.json
  total=$output
  run jq -r '.steps | length' rest.json
  assert_equal "$output" $((total - 1))
  run jq -r '.steps[-1].before.sign_name' rest.json
  assert_output Between
  control PUT /reviewer '[{"after_ms":50}]' >/dev/null
  signet apply --poll-interval 0.05 rest.json
  assert_success
  account | grep -q "'Old One'"
  signet plan --from "$job" rounds.lua
  assert_failure 2
  signet run --yes rename --suffix ' 3'
  signet plan --from "$(newest_job)"
  assert_failure 2
}

@test "plans that are refused, with the reason" {
  start_sandbox --seed 4,0
  signet plan -o good.json rename --suffix ' 2'
  assert_success
  sed 's/ 2"/ 3"/' good.json >plan.json
  refused 'was changed after it was saved'
  sed 's/"version":1/"version":0/' good.json >plan.json
  refused 'is of the older format version 0'
  sed 's/"version":1/"version":2/' good.json >plan.json
  refused 'is of the newer format version 2'
  sed 's/signet-plan/other/' good.json >plan.json
  refused 'this is no plan: it lacks'
  head -c 300 good.json >plan.json
  refused 'this is no plan: '
  echo '[]' >plan.json
  refused 'this is no plan: it must be a JSON object'
  signet apply nothing.json
  assert_failure 1
  assert_one_sentence "nothing.json can't be read: No such file"
  cp good.json plan.json
  ENGAGELAB_SMS_KEY=other refused 'the plan is for configs'
  signet apply plan.json
  assert_success
  signet apply plan.json
  assert_failure 4
  assert_one_sentence 'the plan was applied already, by job'
}

@test "a plan that was begun is resumed, not applied again" {
  start_sandbox --seed 8,40
  script_of_rounds
  signet plan -o plan.json rounds.lua
  signet apply --park plan.json
  assert_failure 75
  signet apply --park plan.json
  assert_failure 4
  [[ $stderr == *"which is parked: resume that job"*"to go on: signet resume "* ]] || fail "$stderr"
}

@test "of two that wait for the lock one carries the plan out" {
  start_sandbox --seed 30,0 --latency 20
  signet plan -o plan.json rename --suffix ' 2'
  assert_success
  start "$SIGNET" apply --wait-lock 60 --concurrency 2 plan.json
  signet apply --wait-lock 60 --concurrency 2 plan.json
  first=$status
  finish
  assert_equal "$((first + status))" 4
  run jq '.steps | length' plan.json
  assert_equal "$(writes)" "$output"
}

@test "an apply that was refused for lack of --yes doesn't count" {
  start_sandbox --seed 4,0
  script delete.lua <<'LUA'
local sms = require("signet").connect()
sms.signs:create { sign_name = "Brand New" }
sms.signs:delete(sms.signs:list()[1].sign_id)
LUA
  signet plan -o plan.json delete.lua
  signet apply plan.json
  assert_failure 4
  assert_no_writes
  signet apply --yes plan.json
  assert_success
}

@test "limits are checked before the first write of a plan" {
  start_sandbox --seed 20,0
  script delete.lua <<'LUA'
local sms = require("signet").connect()
sms.signs:create { sign_name = "Brand New" }
for index, sign in ipairs(sms.signs:list()) do
  if index > 10 then sms.signs:delete(sign.sign_id) end
end
LUA
  signet plan -o plan.json delete.lua
  assert_success
  signet apply --yes plan.json
  assert_failure 4
  assert_one_sentence 'the plan deletes 11 of 20 signatures'
  assert_no_writes
  signet apply --yes --max-changes 5 --max-deletes 100% plan.json
  assert_failure 4
  assert_one_sentence 'the plan changes 12 entries, more than 5'
  signet apply --max-deletes 100% plan.json
  assert_failure 4
  [[ $stderr == *'--yes allows it'* ]]
}

@test "kill -9 in the middle of a plan, then resume" {
  start_sandbox --seed 60,0 --latency 20
  signet plan -o plan.json rename --suffix ' 2'
  assert_success
  total=$(grep -c '"step":' plan.json)
  start "$SIGNET" apply --concurrency 2 plan.json
  for _ in {1..100}; do
    [[ $(writes) -gt 5 ]] && break
    pause 0.02
  done
  kill -9 "$pid"
  finish
  [[ $(writes) -lt $total ]] || fail "it was done already"
  # Effects come at once here, so what is open can be decided soon.
  signet resume --timeout 2 --settle-create 0
  assert_success
  run control GET '/requests?limit=20000'
  # Each signature was renamed once, whatever was sent.
  assert_equal "$(grep -cE '"method":"PUT".*"effect":true' <<<"$output")" \
    "$total"
  signet resume
  assert_failure 2
}

# Runs the script, then undoes it with reviewers that approve at once.
run_and_undo() {
  control PUT /reviewer '[{"after_ms":0}]' >/dev/null
  account >before
  signet run --yes --max-deletes 100% --poll-interval 0.02 "$@"
  assert_success
  job=$(newest_job)
  signet undo --yes --max-deletes 100% --poll-interval 0.02 "$job"
}

@test "undo of the three jobs" {
  start_sandbox --seed 12,60
  control PUT /reviewer '[{"after_ms":0}]' >/dev/null
  signet -q --no-journal -e 'return 1'
  approve
  run_and_undo rename --prefix 'New '
  assert_success
  diff <(sed "s/, [0-9])\$/)/" before) <(account | sed "s/, [0-9])\$/)/")
  run_and_undo clean --only templates
  assert_success
  [[ $output == *'[new id, was '* ]]
  diff <(sed "s/, [0-9])\$/)/" before) <(account | sed "s/, [0-9])\$/)/")
}

@test "undo shows first what each step can be" {
  start_sandbox --seed 5,0
  script mixed.lua <<'LUA'
local sms = require("signet").connect()
local signs = sms.signs:list { status = "approved" }
sms.signs:create { sign_name = "Brand New" }
sms.signs:update(signs[1].sign_id, { sign_name = "Another" })
sms.signs:delete(signs[2].sign_id)
sms:request("PUT", "/v1/sign-configs/" .. signs[3].sign_id,
  { sign_name = "Raw" })
LUA
  signet run --yes mixed.lua
  assert_success
  before=$(writes)
  signet undo "$(newest_job)"
  assert_failure 4
  assert_line --partial '[reversible]'
  assert_line --partial '[needs review]'
  assert_line --partial '[new id, was '
  [[ $stderr == *"1 write of the job can't be taken back"* ]]
  [[ $stderr == *'without a terminal to confirm it nothing is undone'* ]]
  assert_equal "$(writes)" "$before"
}

@test "undo leaves alone what somebody else changed since" {
  start_sandbox --seed 5,0
  control PUT /reviewer '[{"after_ms":0}]' >/dev/null
  approve
  signet run rename --suffix ' 2'
  assert_success
  job=$(newest_job)
  read -r id < <("$SIGNET" -q -e 'print(sms.signs:list()[1].sign_id)')
  signet -q --no-journal -e "sms.signs:update('$id', { sign_name = 'Mine' })"
  signet undo --yes --json "$job"
  assert_failure 1
  assert_equal "$(summary failed)" 1
  assert_equal "$(summary "done")" 4
  assert_line --partial 'conflict: sign_name is Mine, and the undo expects'
  account | grep -q "'Mine'"
  # What is left can be taken back as soon as nothing stands against it.
  signet undo --yes --json "$job"
  assert_failure 1
  assert_equal "$(summary failed)" 1
  assert_equal "$(summary "done")" 0
  run "$SIGNET" jobs --json
  assert_line --partial "\"job\":\"$job\",\"type\":\"run\",\"name\":\"rename\",\"state\":\"partly undone\""
  signet -q --no-journal -e "sms.signs:update('$id', { sign_name = 'Northwind Trading 2' })"
  signet undo --yes "$job"
  assert_success
  account | grep -q "'Northwind Trading'"
  signet undo --yes "$job"
  assert_failure 4
  assert_one_sentence "job $job was undone already, by job "
}

@test "undo of an undo" {
  start_sandbox --seed 5,0
  run_and_undo rename --suffix ' 2'
  assert_success
  signet undo --yes "$(newest_job)"
  assert_success
  account | grep -q " 2'"
}

@test "undo of a job that is unknown, or of another account" {
  start_sandbox --seed 5,0
  signet undo 2099
  assert_failure 2
  run_and_undo rename --suffix ' 2'
  ENGAGELAB_SMS_KEY=other signet undo --yes "$job"
  assert_failure 3
  assert_one_sentence 'works on configs'
}

@test "the 2023 dialect: applied and undone at once" {
  start_sandbox --seed 5,0
  script signs.lua <<'LUA'
local sms = require("signet").connect()
local id = sms.signs:create { sign_name = "Brand New" }
sms.signs:update(id, { sign_name = "Newer" })
sms.signs:update(sms.signs:list()[1].sign_id, { sign_name = "Older" })
LUA
  account >before
  signet --api signs plan -o plan.json signs.lua
  signet --api signs apply plan.json
  assert_success
  account | grep -q "'Newer'"
  signet --api signs undo --yes "$(newest_job)"
  assert_success
  account | diff before -
}
