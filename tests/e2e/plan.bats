#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# signet plan and run --dry-run: what a script would change, and that nothing
# but GETs leaves the machine.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

# The steps of a plan as requests, sorted: standard input is --json's output.
planned_requests() {
  python3 -c '
import json, sys
methods = {"create": "POST", "update": "PUT", "delete": "DELETE"}
for line in sys.stdin:
    step = json.loads(line)
    if step["event"] != "step":
        continue
    path = "/v1/%s-configs" % step["kind"]
    if step["verb"] != "create":
        path += "/" + step["id"]
    print(methods[step["verb"]], path,
          json.dumps(step["after"], sort_keys=True, ensure_ascii=False))' | sort
}

# What the sandbox received and carried out, in the same form.
received_requests() {
  control GET '/requests?limit=20000' | python3 -c '
import json, sys
for request in json.load(sys.stdin):
    if request["method"] == "GET":
        continue
    assert request["effect"], request
    body = json.loads(request["body"]) if request["body"] else None
    print(request["method"], request["path"],
          json.dumps(body, sort_keys=True, ensure_ascii=False))' | sort
}

# plan_equals_run JOB ARGUMENT...
plan_equals_run() {
  signet plan --json "$@"
  assert_success
  planned_requests <<<"$output" >planned
  [[ -s planned ]] || fail "the plan is empty"
  assert_no_writes
  signet run --yes --max-deletes 100% "$@"
  assert_success
  received_requests >received
  diff planned received
}

# The id of the signature that templates use most, and of another that is
# approved.
two_signs() {
  "$SIGNET" -q -e 'local uses, signs = {}, {}
    for _, t in ipairs(sms.templates:list()) do
      if t.sign_id then uses[t.sign_id] = (uses[t.sign_id] or 0) + 1 end
    end
    for _, s in ipairs(sms.signs:list { status = "approved" }) do
      signs[#signs + 1] = s.sign_id
    end
    table.sort(signs, function(a, b)
      return (uses[a] or 0) > (uses[b] or 0)
    end)
    print(signs[1], signs[2])'
}

@test "the plan of rename is what the job then does" {
  start_sandbox --seed 40,200
  plan_equals_run rename --prefix 'New '
}

@test "the plan of migrate is what the job then does" {
  start_sandbox --seed 40,200
  read -r from to < <(two_signs)
  plan_equals_run migrate --from "$from" --to "$to"
}

@test "the plan of clean is what the job then does" {
  start_sandbox --seed 40,200
  plan_equals_run clean --only templates
}

@test "a script's later reads and rules see its earlier writes" {
  start_sandbox --seed 5,10
  script look.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
local before = #sms.signs:list()
local id = sms.signs:create { sign_name = "Brand New" }
assert(tostring(id):match "^%d+$" and #id == 19, id)
assert(#sms.signs:list() == before + 1)
assert(sms.signs:get(id).status == signet.status.pending)
assert(sms.signs:find { sign_name = "Brand New" }.sign_id == id)
local function kind(...)
  local good, problem = pcall(...)
  return not good and problem.kind
end
local new = { sign_name = "Brand New" }
assert(kind(sms.signs.create, sms.signs, new) == "conflict")
assert(kind(sms.signs.update, sms.signs, id, { sign_name = "Other" })
  == "pending")
local template = { template_name = "T", template_type = "utility",
  template_content = "Hello {name}", country_codes = "CN", sign_id = id,
  sign_position = 1 }
assert(kind(sms.templates.create, sms.templates, template) == "not_approved")
assert(kind(sms.request, sms, "GET", "/v1/sign-configs", new) == "validation")
assert(sms:request("GET", "/v1/sign-configs"))
local now = os.time()
assert(sms.signs:wait(id, { status = "approved", timeout = 86400 }).sign_name
  == "Brand New")
assert(os.time() - now < 5)
local tid = sms.templates:create(template)
assert(tid ~= id)
sms.templates:delete(tid)
assert(kind(sms.templates.get, sms.templates, tid) == "not_found")
LUA
  signet plan --json look.lua
  planned_requests <<<"$output" >planned
  assert_equal "$(wc -l <planned)" 3
  assert_no_writes
}

@test "reads are live until the first write" {
  start_sandbox --seed 5,0
  script live.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
local function gets()
  return sms:request("GET", "/__sandbox/stats").methods.GET
end
local id = sms.signs:list()[1].sign_id
local first = gets()
sms.signs:get(id)
assert(gets() == first + 1)
sms.signs:delete(id)
local second = gets()
assert(second == first + 3, "both lists are read once")
sms.signs:list()
assert(gets() == second)
LUA
  signet plan live.lua
  assert_success
}

@test "rounds: what waits for a review comes in a later one" {
  start_sandbox --seed 5,0
  script rounds.lua <<'LUA'
local sms = require("signet").connect()
local id = sms.signs:create { sign_name = "Brand New" }
sms.signs:wait(id, { status = "approved" })
local tid = sms.templates:create { template_name = "T",
  template_type = "utility", template_content = "Hello {name}",
  country_codes = "CN", sign_id = id, sign_position = 1 }
sms.signs:delete(sms.signs:list()[1].sign_id)
LUA
  signet plan --json rounds.lua
  assert_success
  run python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
steps = [line for line in lines if line["event"] == "step"]
assert [step["round"] for step in steps] == [1, 2, 2], steps
assert steps[1]["reviews"] == [1] and steps[1]["id"] != steps[0]["id"]
assert steps[1]["after"]["sign_id"] == steps[0]["id"]
assert steps[2]["after_round"] == 1, "the script waited before it deleted"
plan = lines[-2]
assert plan["event"] == "plan" and plan["reviews"] == 2, plan
assert [r["reviews"] for r in plan["rounds"]] == [1, 1], plan' <<<"$output"
  assert_success
}

@test "the name that a step takes over is freed before" {
  start_sandbox --seed 3,0
  script swap.lua <<'LUA'
local sms = require("signet").connect()
local signs = sms.signs:list { status = "approved" }
local name = signs[1].sign_name
sms.signs:update(signs[1].sign_id, { sign_name = "Something Else" })
sms.signs:update(signs[2].sign_id, { sign_name = name })
LUA
  signet plan --json swap.lua
  assert_success
  assert_line --regexp '"step":2,.*"needs":\[1\]'
}

@test "a template that can't send counts once, of a deleted signature too" {
  start_sandbox --seed 8,60
  read -r used _ < <(two_signs)
  script twice.lua <<LUA
local sms = require("signet").connect()
sms.signs:update("$used", { sign_name = "Once" })
sms.signs:wait("$used", { status = "approved" })
sms.signs:update("$used", { sign_name = "Twice" })
sms.signs:wait("$used", { status = "approved" })
sms.signs:delete("$used")
LUA
  signet plan --json twice.lua
  assert_success
  count=$(jq -s '[.[] | select(.event == "step").outage | length] | unique
    | if length == 1 then .[0] else error("not the same") end' <<<"$output")
  signet plan twice.lua
  assert_line --partial "templates that can't send meanwhile: $count"
  assert_line --partial "can't send from then on)"
}

@test "the templates of a renamed signature can't send meanwhile" {
  start_sandbox --seed 10,60
  read -r from _ < <(two_signs)
  script rename.lua <<LUA
local sms = require("signet").connect()
sms.signs:update("$from", { sign_name = "Another Name" })
LUA
  signet plan --json ./rename.lua
  assert_success
  "$SIGNET" -q -e "for _, t in ipairs(sms.templates:list {
      sign_id = '$from', status = 'approved' }) do print(t.template_id) end" |
    sort >wanted
  python3 -c '
import json, sys
step = json.loads(sys.stdin.readline())
print("\n".join(step["outage"]))' <<<"$output" | sort >outage
  [[ -s wanted ]]
  diff wanted outage
  signet plan ./rename.lua
  assert_output --partial "$(wc -l <wanted) template"
  assert_output --partial '→ Another Name'
}

@test "simulated reviews: a share rejected, or none decided" {
  start_sandbox --seed 0,0
  script ten.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
local names = {}
for i = 1, 10 do names[i] = "Name " .. i end
local result = signet.each(names, function(name)
  local id = sms.signs:create { sign_name = name }
  sms.signs:wait(id, { status = "approved" })
end)
print(result.done, result.failed)
LUA
  signet plan --review reject=30% ten.lua
  assert_failure 1
  assert_line --index 0 $'7\t3'
  signet plan --review never ten.lua
  assert_failure 1
  assert_line --index 0 $'0\t10'
  signet plan --review approve ten.lua
  assert_success
  assert_line --index 0 $'10\t0'
  assert_output --partial '10 reviews in 1 round'
  for wrong in sometimes reject reject=101% reject=-1% reject=5; do
    signet plan --review "$wrong" ten.lua
    assert_failure 2
    assert_one_sentence 'must be approve, never, or a share'
  done
}

@test "a saved plan is whole, readable by its owner only, and has a digest" {
  start_sandbox --seed 5,0
  signet run --dry-run -o plan.json rename --suffix ' 2'
  assert_success
  assert_equal "$(stat -c %a plan.json)" 600
  run python3 -c '
import json
plan = json.load(open("plan.json"))
assert plan["format"] == "signet-plan" and plan["version"] == 1
assert len(plan["digest"]) == 32 and plan["script"] == "rename"
assert plan["arguments"] == ["--suffix", " 2"]
assert "ecret" not in open("plan.json").read()
assert plan["steps"] and plan["steps"][0]["before"]["sign_name"]'
  assert_success
  assert_no_writes
}

@test "a plan that can't be saved is an error" {
  start_sandbox --seed 5,0
  signet plan -o no/such/folder/plan.json rename --suffix ' 2'
  assert_failure 3
  assert_one_sentence "--output: a plan can't be saved as no/such/folder/plan.json: No such file or directory"
  # It is told before the work: nothing was asked.
  assert_equal "$(control GET /stats | jq -c .requests)" 0
}

@test "a script that fails has no plan" {
  start_sandbox --seed 5,0
  script broken.lua <<'LUA'
local sms = require("signet").connect()
sms.signs:create { sign_name = "Brand New" }
error "no more"
LUA
  signet plan -o plan.json broken.lua
  assert_failure 1
  refute_output --partial 'Brand New'
  [[ ! -e plan.json ]]
}

@test "a script that changes nothing" {
  start_sandbox --seed 5,0
  signet run --dry-run -e 'print(#sms.signs:list())'
  assert_failure 2
  signet --dry-run -e 'return #sms.signs:list()'
  assert_success
  assert_line --index 1 'Nothing would be changed.'
}

@test "-o and --review are of plans" {
  signet run -o plan.json x.lua
  assert_failure 2
  assert_one_sentence '--output needs --dry-run, or signet plan'
  signet run --review never x.lua
  assert_failure 2
  assert_one_sentence '--review needs --dry-run, or signet plan'
}

@test "what the service sent can't steer a terminal" {
  start_sandbox --seed 0,0
  control POST /signs '{"sign_id":"7","sign_name":"Odd\u001b[31m \u202e Name"}' \
    >/dev/null || skip "the sandbox takes no such name"
  signet plan --color never rename --suffix ' 2'
  refute_output --partial $'\e'
}

@test "the 2023 dialect" {
  start_sandbox --seed 5,0
  script signs.lua <<'LUA'
local sms = require("signet").connect()
local id = sms.signs:create { sign_name = "Brand New" }
assert(math.type(id) == "integer")
sms.signs:update(id, { sign_name = "Newer" })
assert(sms.signs:get(id).sign_name == "Newer")
LUA
  signet --api signs plan --json signs.lua
  assert_success
  assert_line --regexp '"event":"plan".*"steps":2,.*"reviews":0'
  assert_no_writes
}
