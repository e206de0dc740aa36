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
  grep -oE "signet (apply|resume|undo|show|jobs) .*" <<<"$stderr" | tail -n 1
}

# elsewhere: the account is reached by --profile alone, and the journal stands
# where --state-dir says. HERE are those options.
elsewhere() {
  printf '[other]\nbase_url = %s\nkey = %s\nsecret = %s\n%s\n%s\n' "$URL" \
    "$ENGAGELAB_SMS_KEY" "$SECRET" "settle = 0.05" "poll_interval = 0.05" \
    >"$XDG_CONFIG_HOME/signet/config"
  chmod 600 "$XDG_CONFIG_HOME/signet/config"
  unset ENGAGELAB_SMS_KEY ENGAGELAB_SMS_SECRET SIGNET_BASE_URL
  HERE=(--profile other --state-dir "$PWD/it's here")
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
  assert_equal "$(grep -c 'this run may delete at most 2 entries' <<<"$stderr")" 1
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
  assert_line "to go on once the cause is gone: signet resume $job"
}

@test "show does not propose to resume what is only refused" {
  start_sandbox --seed 3,0
  signet -e 'sms.signs:create { sign_name = "One" } sms.signs:create { sign_name = "One" }'
  assert_failure 1
  [[ $stderr != *"signet resume"* ]] || fail "$stderr"
  signet -e 'local id = sms.signs:create { sign_name = "Two" }
    require("signet").each({ "x", "y" }, function(name) sms.signs:create { sign_name = name } end)'
  assert_failure 1
  [[ $stderr == *"another run tries it anew"* ]] || fail "$stderr"
  job=$("$SIGNET" jobs --json | jq -r 'select(.event == "job").job' | tail -n 1)
  signet show "$job"
  assert_line "resuming would not send again what was refused: another run tries it anew"
  refute_output --partial "signet resume"
}

@test "a saved plan: the command that carries it out" {
  start_sandbox --seed 3,0
  elsewhere
  signet plan "${HERE[@]}" -o "the plan's.json" rename --suffix ' 2'
  assert_success
  [[ $stderr == *"to carry it out: signet apply "* ]]
  typed "$(advised)"
  assert_success
  assert_equal "$(ledger PUT | wc -l)" 3
  typed "signet apply --profile other --state-dir '$PWD/it'\\''s here' 'the plan'\\''s.json'"
  assert_failure 4
  assert_one_sentence 'the plan was applied already'
}

@test "a plan that waits: the job that goes on with it; once undone, a new plan" {
  start_sandbox --seed 3,0
  elsewhere
  script rounds.lua <<'LUA'
local signet = require "signet"
local sms = signet.connect()
local id = sms.signs:create { sign_name = "First" }
sms.signs:wait(id, { status = "approved" })
sms.signs:update(id, { sign_name = "Second" })
LUA
  signet plan "${HERE[@]}" -o plan.json rounds.lua
  signet apply "${HERE[@]}" --park plan.json
  assert_failure 75
  signet apply "${HERE[@]}" plan.json
  assert_failure 4
  control PUT /reviewer '[{"after_ms":20}]' >/dev/null
  control POST /review '{"status":"approved"}' >/dev/null
  typed "$(advised)"
  assert_success
  signet jobs "${HERE[@]}" --json
  job=$(head -n 1 <<<"$output" | jq -r .job)
  signet undo "${HERE[@]}" --yes "$job"
  assert_success
  signet apply "${HERE[@]}" plan.json
  assert_failure 4
  assert_one_sentence 'is undone: make a new plan'
}

@test "a REPL that wrote: the command that takes it back" {
  start_sandbox --seed 3,0
  elsewhere
  run --separate-stderr "$SIGNET" repl "${HERE[@]}" --write \
    <<<'sms.signs:create { sign_name = "One" }'
  assert_success
  [[ $stderr == *"to take it back: signet undo "* ]] || fail "$stderr"
  advice=$(advised)
  typed "${advice/undo/undo --yes}"
  assert_success
  assert_equal "$(ledger DELETE | wc -l)" 1
}

@test "a resume that was interrupted, and a word that is no job" {
  start_sandbox --seed 3,0
  elsewhere
  printf 'settle_create = 60\n' >>"$XDG_CONFIG_HOME/signet/config"
  control POST /faults '{"method": "PUT", "status": 502}' >/dev/null
  script update.lua <<'LUA'
local sms = require("signet").connect()
sms.signs:update(sms.signs:list()[1].sign_id, { sign_name = "New" })
LUA
  signet run "${HERE[@]}" --attempts 1 --deadline 0.4 update.lua
  assert_failure 5
  advice=$(advised)
  typed "${advice/resume/resume --deadline 0.4}"
  assert_failure 5
  [[ $stderr == *"the outcome of 1 write is not known yet"* ]] || fail "$stderr"
  control DELETE /faults >/dev/null
  advice=$(advised)
  typed "${advice/resume/resume --settle-create 0 --timeout 0.2}"
  assert_success
  signet show "${HERE[@]}" nonsense
  assert_failure 2
  [[ $stderr == *" lists them"* ]] || fail "$stderr"
  advice=$(advised)
  typed "${advice%% lists them*}"
  assert_success
}

@test "a run has no plan to go on with: the command that goes on with the run" {
  start_sandbox --seed 3,0
  elsewhere
  signet "${HERE[@]}" -e 'sms.signs:create { sign_name = "One" } error("stop")'
  assert_failure 1
  signet jobs "${HERE[@]}" --json
  job=$(jq -r .job <<<"$output")
  signet plan "${HERE[@]}" --from "$job"
  assert_failure 2
  typed "$(advised)"
  assert_failure 1
  [[ $stderr == *"resuming job $job"* ]] || fail "$stderr"
}

@test "credentials that are refused half-way are told once" {
  start_sandbox --seed 40,0
  control POST /faults '{"method": "PUT", "nth": 3, "every": 1, "status": 401,
    "body": {"code": 2001, "message": "authentication failed"}}' >/dev/null
  signet run rename --suffix ' 2'
  assert_failure 3
  assert_equal "$(grep -c 'authentication failed' <<<"$stderr")" 1
  assert_regex "$stderr" '[0-9]+ more for the same reason'
  refute_output --partial 'authentication failed'
  control DELETE /faults >/dev/null
  typed "$(advised)"
  assert_success
}

@test "what the service says to every entry is printed once, with the entries" {
  start_sandbox --seed 12,0
  control POST /faults '{"method": "PUT", "status": 400,
    "body": {"code": 400, "message": "there are pending or running plans using current sign, can not update"}}' >/dev/null
  script all.lua <<'LUA'
local signet = require "signet"
local outcome = require "jobs.outcome"
local sms = signet.connect()
local total = outcome.new(function(sign) return sign.sign_id end)
total:each(sms.signs:list { status = "approved" }, function(sign)
  sms.signs:update(sign.sign_id, { sign_name = sign.sign_name .. " 2" })
end, "Renaming")
total:print()
LUA
  LUA_PATH="$SOURCE/scripts/?.lua;;" signet run all.lua
  assert_failure 1
  assert_equal "$(grep -c 'pending or running plans' <<<"$output")" 1
  assert_regex "$output" '[0-9]+ more for the same reason:'
  assert_equal "$(grep -c '^  *1000000' <<<"$output")" \
    "$(control GET /requests?method=PUT | jq length)"
}
