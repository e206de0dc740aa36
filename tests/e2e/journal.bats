# SPDX-License-Identifier: MIT
# Jobs: what is recorded, told and gone on with; limits and protection.
bats_require_minimum_version 1.5.0
load helper
load terminal

setup() {
  fresh_home
}

teardown() {
  close_terminal
  stop_sandbox
}

# The newest job's id.
newest() {
  "$SIGNET" jobs --json | head -n 1 | jq -r .job
}

# ledger METHOD: the bodies or paths of the writes that took effect.
ledger() {
  control GET "/requests?effect=true&method=$1&limit=20000" | jq -r '.[].path'
}

# rename ID...: renames the signatures, one after the other.
rename_script() {
  script rename.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
for i, id in ipairs(arg) do
  sms.signs:update(id, { sign_name = "Renamed " .. i })
end
END
}

# start_holder COUNT [OPTION...]: a job that holds the account: it creates one
# signature, and the others once the file `go` is there.
start_holder() {
  local count=$1
  shift
  start "$SIGNET" --deadline 120 "$@" -e "for i = 1, $count do
      sms.signs:create { sign_name = 'New ' .. i }
      while not io.open('go') do require('signet').sleep(0.05) end
    end"
  for _ in {1..1000}; do
    [[ $(writes) == 0 ]] || return 0
    pause 0.05
  done
  fail "the job sent nothing"
}

@test "a run stands in the journal: jobs and show tell it" {
  start_sandbox --seed 5,20
  rename_script
  signet run rename.lua 100000001 100000002
  assert_success
  signet jobs
  assert_success
  assert_line --index 0 --regexp '^JOB +WHEN +TYPE +NAME +STATE +WRITES +ENTRIES +ACCOUNT'
  assert_line --index 1 --regexp '^[0-9T]+-[0-9a-f]{4} +20.* run +rename.lua +done +2 +2 done +configs 127\.0\.0\.1:[0-9]+ key$'
  signet jobs --json
  jq -e '.event == "job" and .state == "done" and .done == 2 and
    .writes == 2 and
    .arguments == ["100000001", "100000002"]' <<<"$output"
  id=$(newest)
  signet show "$id"
  assert_success
  assert_line --regexp '^name +rename.lua$'
  assert_line --regexp '^ +1 +done +update signature 100000001 +sign_name: .* → Renamed 1$'
  signet show --json "${id:0:18}"
  assert_success
  assert_equal "${#lines[@]}" 2
  jq -se --arg id "$id" 'all(.event == "write" and .job == $id and
    .state == "done" and .verb == "update") and
    .[1].after.sign_name == "Renamed 2" and .[0].before.status == 2' \
    <<<"$output"
}

@test "show tells what changed of a template, not what was sent with it" {
  start_sandbox --seed 5,20
  script change.lua <<'END'
local sms = require("signet").connect()
local list = {}
for _, template in ipairs(sms.templates:list { status = "approved" }) do
  if template.sign_id then list[#list + 1] = template end
end
sms.templates:update(list[1].template_id, { template_content = "Changed" })
sms.templates:update(list[2].template_id, { add_signature = false })
END
  signet run change.lua
  assert_success
  signet show "$(newest)"
  assert_line --regexp '^ +1 +done +update template [0-9]+  template_content: [^→]+ → Changed$'
  assert_line --regexp '^ +2 +done +update template [0-9]+  sign_id: [0-9]+ → $'
}

@test "the summary names the job, and null where nothing was written" {
  start_sandbox --seed 5,5
  signet -e 'sms.signs:list()' --json
  signet --json -e 'sms.signs:list()'
  assert_success
  assert_equal "$(summary job)" null
  refute [ -e state/signet/journal* ]
  signet --json -e 'sms.signs:create { sign_name = "Fresh name" }'
  assert_success
  assert_equal "$(summary job)" "\"$(newest)\""
}

@test "the journal is private, and holds no secret" {
  export ENGAGELAB_SMS_KEY=key
  start_sandbox --seed 5,5
  signet -e 'sms.signs:create { sign_name = "Fresh name" }'
  assert_success
  run stat -c %a "$XDG_STATE_HOME"/signet "$XDG_STATE_HOME"/signet/journal-*.db
  assert_output $'700\n600'
  run "$SOURCE/tests/canary/scan" "$XDG_STATE_HOME"
  assert_success
}

@test "a script that failed is resumed: what was done is not sent again" {
  start_sandbox --seed 5,20
  script job.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  print("deciding")
  return { "100000001", "100000002", "100000003" }
end)
for i, id in ipairs(ids) do
  sms.signs:update(id, { sign_name = "Renamed " .. i })
  if i == 2 and not io.open("right") then error("something is wrong") end
end
local id = sms.signs:create { sign_name = "New one" }
print("made " .. id)
END
  control POST /review '{"status":"approved"}'
  signet run job.lua
  assert_failure 1
  id=$(newest)
  [[ $stderr == *"to go on once the cause is gone: signet resume $id"* ]]
  assert_equal "$(ledger PUT | wc -l)" 2
  signet resume
  assert_failure 1
  assert_equal "$(ledger PUT | wc -l)" 2
  touch right
  signet resume "${id:0:17}"
  assert_success
  assert_output --regexp '^made [0-9]+$'
  [[ $stderr == *"resuming job $id: job.lua"* ]]
  [[ $stderr == *"2 writes done before, not sent again"* ]]
  assert_equal "$(ledger PUT | wc -l)" 3
  assert_equal "$(ledger POST | wc -l)" 1
  signet resume "$id"
  assert_success
  [[ $stderr == *"there is nothing to resume"* ]]
  signet resume
  assert_failure 2
  assert_one_sentence 'no job of this account waits to be resumed'
  assert_equal "$(writes)" 4
}

@test "deleted entries, and templates that wait for review, are recalled" {
  start_sandbox --seed 5,20
  script job.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for _, t in ipairs(sms.templates:list { status = "approved" }) do
    if not t.sign_id or t.sign_id == "" then ids[#ids + 1] = t.template_id end
  end
  return ids
end)
assert(#ids >= 2, #ids)
sms.templates:update(ids[1], { template_name = "Renamed" })
sms.templates:delete(ids[2])
sms:request("POST", "/v1/sign-configs", { sign_name = "By hand" })
assert(io.open("right"))
END
  signet run --yes job.lua
  assert_failure 1
  assert_equal "$(writes)" 3
  touch right
  # Tables have another order in each process.
  for _ in 1 2 3; do
    signet resume
    assert_equal "$(writes)" 3
  done
}

@test "an interrupted run, and -e, are resumed" {
  start_sandbox --seed 5,5 --latency 300
  start "$SIGNET" -e 'for i = 1, 3 do sms.signs:create { sign_name = "New " .. i } end return "over"'
  pause 0.5
  kill -INT "$pid"
  finish
  assert_equal "$status" 130
  run "$SIGNET" jobs --json
  assert_equal "$(jq -r .state <<<"$output")" interrupted
  signet resume
  assert_success
  assert_output '"over"'
  assert_equal "$(ledger POST | wc -l)" 3
}

@test "a word means the one job whose id begins so, in every command" {
  start_sandbox --seed 5,5
  signet -e 'sms.signs:create { sign_name = "One" } error("stop")'
  one=$(newest)
  before=$(writes)
  # One job in the folder is not what every word means.
  for command in show resume "undo --yes"; do
    for word in rename-typo 1999 "${one}0" "${one:1}"; do
      # shellcheck disable=SC2086 # its option
      signet $command "$word"
      assert_failure 2
      assert_one_sentence "there is no job $word: no job's id begins so; signet jobs lists them"
    done
    # shellcheck disable=SC2086 # its option
    signet $command ''
    assert_failure 2
    assert_one_sentence 'an empty word names no job'
  done
  signet -e 'sms.signs:create { sign_name = "Two" }'
  for command in show resume "undo --yes"; do
    # shellcheck disable=SC2086 # its option
    signet $command 20
    assert_failure 2
    assert_one_sentence 'the ids of 2 jobs begin with 20, '
    [[ $stderr == *"$one"* ]]
  done
  assert_equal "$(writes)" $((before + 1))
  # What begins one of several ids is enough.
  two=$(newest)
  length=1
  while [[ ${one:0:length} == "${two:0:length}" ]]; do
    length=$((length + 1))
  done
  signet show "${one:0:length}"
  assert_line --regexp "^job +$one$"
  signet undo --yes "${two:0:length}"
  assert_success
  run "$SIGNET" jobs --json
  assert_equal "$(head -n 1 <<<"$output" | jq -r .parent)" "$two"
}

@test "where no job is found, the command that lists them finds the journals" {
  start_sandbox --seed 5,5
  signet --state-dir "$PWD/it's here" -e 'sms.signs:create { sign_name = "One" }'
  assert_success
  signet show --state-dir "$PWD/it's here" 1999
  assert_failure 2
  advice=${stderr##*; }
  typed "${advice% lists them}"
  assert_success
  assert_equal "${#lines[@]}" 2
}

@test "a job of another account is not resumed with these settings" {
  start_sandbox --seed 5,5
  signet -e 'sms.signs:create { sign_name = "One" } error("stop")'
  assert_failure 1
  id=$(newest)
  export ENGAGELAB_SMS_KEY=other
  signet resume
  assert_failure 2
  signet resume "$id"
  assert_failure 3
  assert_one_sentence "job $id works on configs $URL key key"
  assert_equal "$(writes)" 1
}

@test "--no-journal: nothing is kept, limits hold all the same" {
  start_sandbox --seed 5,30
  signet --no-journal --json -e 'sms.signs:create { sign_name = "One" }'
  assert_success
  assert_equal "$(summary job)" null
  refute [ -e "$XDG_STATE_HOME/signet" ]
  signet --no-journal --yes -e 'for _, t in ipairs(sms.templates:list()) do sms.templates:delete(t.template_id) end'
  assert_failure 4
  assert_equal "$(ledger DELETE | wc -l)" 9
}

@test "a journal that can't be written: nothing is sent" {
  start_sandbox --seed 5,5
  touch file
  signet --state-dir file/state -e 'sms.signs:create { sign_name = "One" }'
  assert_failure 3
  signet --state-dir file/state --json -e 'sms.signs:create { sign_name = "One" }'
  assert_failure 3
  assert_json_lines
  grep -q '"kind":"configuration"' <<<"$output"
  assert_no_writes
}

@test "what the service refused is not sent again by any resume" {
  start_sandbox --seed 12,5
  control POST /review '{"status":"approved"}'
  script job.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  return { "100000001", "100000002", "100000003" }
end)
local result = signet.each(ids, function(id)
  sms.signs:update(id, { sign_name = "Renamed " .. id })
end)
print(result.done, result.failed)
END
  curl -sS "$URL/v1/sign-configs/100000002" -X PUT \
    -u "$ENGAGELAB_SMS_KEY:$ENGAGELAB_SMS_SECRET" -d '{"sign_name":"By another"}' >/dev/null
  signet run job.lua
  assert_failure 1
  assert_output $'2\t1'
  assert_equal "$(ledger PUT | wc -l)" 3
  before=$(writes)
  for _ in 1 2; do
    signet resume
    assert_failure 1
    assert_output $'2\t1'
    [[ $stderr == *"2 writes done before, not sent again"* ]]
    [[ $stderr == *"1 write refused before, not sent again: another run"* ]]
    [[ $stderr == *"pending"*"so write "*" of the earlier run"* ]]
    [[ $stderr == *"all runs of this job: 2 writes done"* ]]
    assert_equal "$(writes)" "$before"
  done
  control POST /review '{"status":"approved"}'
  signet run job.lua
  assert_success
}

@test "a job that is locked out says so once" {
  start_sandbox --seed 5,5
  start_holder 12
  script job.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
local names = {}
for i = 1, 30 do names[i] = "Other " .. i end
signet.each(names, function(name) sms.signs:create { sign_name = name } end)
END
  signet run job.lua
  assert_failure 4
  assert_equal "$(grep -c 'another job works on' <<<"$stderr")" 1
  signet --json run job.lua
  assert_failure 4
  assert_json_lines
  assert_equal "$(grep -c 'another job works on' <<<"$output")" 1
  grep -q '"kind":"locked"' <<<"$output"
  touch go
  finish
  assert_equal "$(ledger POST | wc -l)" 12
}

@test "spellings of one base URL are one account, with one lock" {
  start_sandbox --seed 5,5
  local port=${URL##*:}
  start_holder 8 --base-url "http://LOCALHOST:$port/"
  signet --base-url "http://localhost:$port" -e 'sms.signs:create { sign_name = "Another" }'
  assert_failure 4
  [[ $stderr == *"another job works on configs http://localhost:$port key key"* ]]
  touch go
  finish
  assert_equal "$status" 0
  run compgen -G "$XDG_STATE_HOME/signet/journal-*.db"
  assert_equal "${#lines[@]}" 1
}

@test "one job at a time: refused, waited for, shown as one line" {
  start_sandbox --seed 5,5
  start_holder 12
  signet -e 'sms.signs:create { sign_name = "Another" }'
  assert_failure 4
  [[ $stderr == *"another job works on configs $URL key key"*"(job "*", process $pid on $HOSTNAME since "*"): --wait-lock SECONDS"* ]] || fail "$stderr"
  signet jobs
  assert_success
  assert_line --regexp "^job [0-9T]+-[0-9a-f]{4} is process $pid on $HOSTNAME since "
  assert_line --regexp '^[0-9T]+-[0-9a-f]{4} +20.* run +-e +running +[0-9]+ '
  signet resume 2026
  assert_failure 4
  (sleep 0.5; touch go) 3>&- &
  signet --wait-lock 20 -e 'sms.signs:create { sign_name = "Another" }'
  assert_success
  finish
  assert_equal "$status" 0
  assert_equal "$(ledger POST | wc -l)" 13
}

@test "a script may read from a second account, and not write to both" {
  start_plain_sandbox --seed 5,5
  script two.lua <<END
local signet = require "signet"
local other = signet.connect { base_url = "$URL/", key = "key", secret = "secret" }
local second = signet.connect { base_url = "${URL/127.0.0.1/localhost}" }
assert(#other.signs:list() == 5)
second.signs:create { sign_name = "First" }
print(pcall(other.signs.create, other.signs, { sign_name = "Second" }))
END
  signet run two.lua
  assert_success # what a script catches is its own
  assert_output --regexp '^false.*a journal belongs to one account.*--no-journal'
  assert_equal "$(writes)" 1
}

# --- limits -------------------------------------------------------------------

@test "deletes of more than 30 % are refused before they are sent" {
  start_sandbox --seed 5,40
  script wipe.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.templates:list { status = tonumber(arg[1]) }, function(t)
  sms.templates:delete(t.template_id)
end)
END
  signet run --yes wipe.lua
  assert_failure 4
  [[ $stderr == *"this run may delete at most 30 % of the account's 40 templates: --max-deletes N or N% allows others"* ]]
  assert_equal "$(ledger DELETE | wc -l)" 12
  # The same job may go on with the option.
  signet resume --yes --max-deletes 20
  assert_failure 4
  assert_equal "$(ledger DELETE | wc -l)" 20
  signet resume --yes --max-deletes 100%
  assert_success
  assert_equal "$(ledger DELETE | wc -l)" 40
}

@test "a few entries may all be deleted, and 0 deletes mean none" {
  start_sandbox --seed 3,9
  signet --yes --max-deletes 0 -e 'sms.templates:delete(sms.templates:list()[1].template_id)'
  assert_failure 4
  assert_no_writes
  signet --yes -e 'for _, t in ipairs(sms.templates:list()) do sms.templates:delete(t.template_id) end'
  assert_success
  assert_equal "$(ledger DELETE | wc -l)" 9
}

@test "what was not listed is counted with one list call" {
  start_sandbox --seed 3,20
  ids=$("$SIGNET" -q -e 'for i, t in ipairs(sms.templates:list()) do io.write(t.template_id, " ") end')
  control DELETE /requests
  # shellcheck disable=SC2086 # ids
  signet --yes -e 'require("signet").each({ ... }, function(id) sms.templates:delete(id) end)' $ids
  assert_failure 4
  assert_equal "$(ledger DELETE | wc -l)" 6
  run control GET '/requests?method=GET&path=/v1/template-configs'
  assert_equal "$(jq length <<<"$output")" 2 # and the audit
}

@test "--max-changes: a number, a percentage, values that are neither" {
  start_sandbox --seed 10,10
  rename='for _, s in ipairs(sms.signs:list { status = "approved" }) do sms.signs:update(s.sign_id, { sign_name = "Re " .. s.sign_id }) end'
  signet --max-changes 2 -e "$rename"
  assert_failure 4
  [[ $stderr == *"this run may change at most 2 entries: --max-changes N or N%"* ]]
  assert_equal "$(ledger PUT | wc -l)" 2
  signet --max-changes 10% -e "$rename"
  assert_failure 4
  assert_equal "$(ledger PUT | wc -l)" 3
  for wrong in -1 x 101% 1.5 ''; do
    signet --max-changes "$wrong" -e 1
    assert_failure 2
    assert_one_sentence '--max-changes: '
  done
}

@test "without a terminal nothing is deleted, unless --yes" {
  start_sandbox --seed 3,5
  delete='sms.templates:delete(sms.templates:list()[1].template_id)'
  signet -e "$delete"
  assert_failure 4
  [[ $stderr == *"deletes have to be confirmed, and there is no terminal to ask on: --yes confirms them"* ]]
  assert_no_writes
  signet --yes -e "$delete"
  assert_success
  assert_equal "$(ledger DELETE | wc -l)" 1
}

@test "on a terminal a run asks before its first delete, once" {
  start_sandbox --seed 3,20
  script wipe.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
for i = 1, 2 do sms.templates:delete(sms.templates:list()[1].template_id) end
print("gone")
END
  open_terminal
  type_line "'$SIGNET' run wipe.lua"
  wait_for "This run deletes entries of configs $URL key key. Go on\? \[y/N\]"
  type_line n
  wait_for 'the deletes were not confirmed'
  assert_no_writes
  clear_screen
  type_line "'$SIGNET' run wipe.lua"
  wait_for 'Go on'
  type_line y
  wait_for '^gone$'
  assert_equal "$(ledger DELETE | wc -l)" 2
  assert_equal "$(screen | grep -c 'Go on')" 1
}

# --- protection ---------------------------------------------------------------

@test "entries that the profile protects are never changed" {
  start_sandbox --seed 5,5
  control POST /review '{"status":"approved"}'
  cat >"$XDG_CONFIG_HOME/signet/config" <<'END'
[default]
protect_id = 100000002, 100000003
protect_name = Bank*, *login*
END
  for options in "" --no-journal; do
    # shellcheck disable=SC2086 # none or one
    signet --json --yes $options -e 'require("signet").each({ "100000001", "100000002" },
      function(id) sms.signs:delete(id) end)'
    assert_failure 1
    grep -q '"entry":"100000002","error":{"kind":"refused".*protect_id = 100000002.*"outcome":"not_sent"' <<<"$output"
  done
  assert_equal "$(ledger DELETE)" /v1/sign-configs/100000001
  signet -e 'sms.signs:update("100000004", { sign_name = "Bank of signet" })'
  assert_success
  control POST /review '{"status":"approved"}'
  signet -e 'sms.signs:update("100000004", { sign_name = "Free" })'
  assert_failure 4
  [[ $stderr == *"it is protected by protect_name = Bank* of the profile"* ]]
  signet --no-journal -e 'sms.signs:update("100000004", { sign_name = "Free" })'
  assert_failure 4
  printf 'sms.signs:delete("100000004")\n' >lines
  run --separate-stderr "$SIGNET" repl --write --yes <lines
  assert_failure 4
  [[ $stderr == *"it is protected by"* ]]
  signet --yes -e 'sms:request("DELETE", "/v1/sign-configs/%31%30%30%30%30%30%30%30%34")'
  assert_failure 4
  assert_equal "$(writes)" 2
}

@test "a protection that could not work is a mistake in the file" {
  for line in 'protect_id = 1001,' 'protect_id = abc' 'protect_name = Bank,,x'; do
    printf '[default]\n%s\n' "$line" >"$XDG_CONFIG_HOME/signet/config"
    signet -e 1
    assert_failure 3
    assert_one_sentence 'signet/config:2: protect_'
  done
}

@test "a script can't drop the protection of the profile" {
  start_sandbox --seed 5,5
  cat >"$XDG_CONFIG_HOME/signet/config" <<E2
[acme]
base_url = $URL
key = key
secret = $SECRET
protect_id = 100000001
[other]
base_url = $URL
key = key
secret = $SECRET
protect_name = Nobody*
E2
  chmod 600 "$XDG_CONFIG_HOME/signet/config"
  signet --profile acme --yes -e \
    'require("signet").connect { profile = "other" }.signs:delete("100000001")'
  assert_failure 4
  [[ $stderr == *"it is protected by protect_id = 100000001 of the profile"* ]]
  signet --profile acme --yes -e 'local signet = require "signet"
    signet.announce { deletes = signet.connect().signs:list() }'
  assert_failure 4
  [[ $stderr == *"100000001 "*": it is protected by protect_id = 100000001 of the profile"* ]]
  assert_no_writes
}

@test "what is announced is confirmed before the first write, by counts" {
  start_sandbox --seed 3,20
  script wipe.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
local templates = sms.templates:list()
signet.announce { deletes = { templates[1], templates[2] }, updates = 1 }
sms.signs:create { sign_name = "Made" }
for i = 1, 2 do sms.templates:delete(templates[i].template_id) end
print("gone")
END
  open_terminal
  type_line "'$SIGNET' run wipe.lua"
  wait_for "Delete 2 templates of configs $URL key key\? \[y/N\]"
  type_line n
  wait_for 'the deletes were not confirmed'
  assert_no_writes
  clear_screen
  type_line "'$SIGNET' run wipe.lua"
  wait_for 'Delete 2'
  type_line y
  wait_for '^gone$'
  assert_equal "$(ledger DELETE | wc -l)" 2
  assert_equal "$(screen | grep -c 'y/N')" 1
}

# --- the audit ----------------------------------------------------------------

@test "what the service contradicts at the end is unknown" {
  start_plain_sandbox --seed 5,5
  script job.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
sms.signs:update("100000001", { sign_name = "Mine" })
local id = sms.signs:create { sign_name = "Gone at once" }
local curl = "curl -sS -u key:secret -X %s $SIGNET_BASE_URL/v1/sign-configs/%s %s >/dev/null"
os.execute("curl -sS $SIGNET_BASE_URL/__sandbox/review -d '{}' >/dev/null")
os.execute(curl:format("PUT", "100000001", [[-d '{"sign_name":"Theirs"}']]))
os.execute(curl:format("DELETE", id, ""))
END
  signet run --settle 0.05 --settle-create 0 job.lua
  assert_failure 5
  [[ $stderr == *'unknown: signature 100000001: it was written, but the service shows sign_name "Theirs", and not "Mine" (update, write 1)'* ]]
  [[ $stderr == *"it was written, but the service does not show it (create, write 2)"* ]]
  [[ $stderr == *"2 unknown in "* ]]
  signet jobs --json
  jq -e '.state == "failed" and .done == 0 and .unknown == 2' <<<"$output"
}

# Before the first create there is one, too: it tells what is there already.
@test "the audit is one list call for each kind that was written" {
  start_sandbox --seed 5,5
  signet -e 'sms.signs:create { sign_name = "One" } sms.signs:create { sign_name = "Two" }'
  assert_success
  run control GET '/requests?method=GET'
  assert_equal "$(jq length <<<"$output")" 2
}

# --- elsewhere ----------------------------------------------------------------

@test "the REPL keeps a journal of what it writes, unless it is told not to" {
  start_sandbox --seed 5,5
  printf 'sms.signs:create { sign_name = "One" }\n' >lines
  run --separate-stderr "$SIGNET" repl --write --no-journal <lines
  assert_success
  refute [ -e "$XDG_STATE_HOME"/signet/journal-* ]
  printf 'sms.signs:create { sign_name = "Two" }\n' >lines
  run --separate-stderr "$SIGNET" repl --write <lines
  assert_success
  [[ $stderr == "1 write done, as job $(newest); to take it back: signet undo $(newest)" ]]
}

@test "the stock interpreter keeps one where connect asks for it" {
  modules=$(dirname "$(realpath "$SIGNET")")/lua
  if nm -D "$modules/signet.so" | grep -q __asan_init; then
    skip "it can't load a module that needs a sanitizer's runtime"
  fi
  start_sandbox --seed 5,5
  export LUA_CPATH="$modules/?.so;;"
  script plain.lua <<'END'
local sms = require("signet").connect { journal = arg[1] == "yes" }
sms.signs:create { sign_name = "From " .. arg[1] }
sms:close()
END
  run lua5.4 plain.lua no
  assert_success
  refute [ -e "$XDG_STATE_HOME/signet" ]
  run lua5.4 plain.lua yes
  assert_success
  signet jobs --json
  jq -e '.name == "plain.lua" and .arguments == ["yes"] and .state == "done"' \
    <<<"$output"
  signet show "$(newest)"
  assert_line --regexp '1 +done +create signature [0-9]+ +From yes$'
  signet resume "$(newest)"
  assert_success
  # Left open: the interpreter's end closes it.
  sed -i '/close/d' plain.lua
  sed -i 's/From /Left /' plain.lua
  run lua5.4 plain.lua yes
  assert_success
  signet jobs --json
  assert_equal "$(jq -rs 'map(.state) | unique | join(" ")' <<<"$output")" "done"
  run lua5.4 -e 'require("signet").connect { journal = 1 }'
  assert_failure 1
  assert_output --partial 'signet.connect: journal must be true or false'
}

@test "its limits are those of a run, and options of connect" {
  modules=$(dirname "$(realpath "$SIGNET")")/lua
  if nm -D "$modules/signet.so" | grep -q __asan_init; then
    skip "it can't load a module that needs a sanitizer's runtime"
  fi
  start_sandbox --seed 12,0
  export LUA_CPATH="$modules/?.so;;"
  script delete.lua <<'END'
local sms <close> = require("signet").connect { journal = true, max_deletes = arg[1] }
for _, sign in ipairs(sms.signs:list()) do
  local worked, problem = pcall(sms.signs.delete, sms.signs, sign.sign_id)
  if not worked and problem.kind == "refused" then
    print(problem)
    break
  end
end
END
  run lua5.4 delete.lua
  assert_output 'this run may delete at most 30 % of the account'\''s 12 signatures: max_deletes = N or "N%" allows others'
  assert_equal "$(writes)" 3
  run lua5.4 delete.lua 2
  assert_output --partial 'this run may delete at most 2 entries: max_deletes ='
  run lua5.4 delete.lua 100%
  refute_output --partial 'this run may'
  signet -e '#sms.signs:list() < 7'
  assert_output true
}

@test "clean: a job that was killed goes on with what it saved" {
  start_sandbox --seed 100,400 --latency 20
  start "$SIGNET" run --yes --max-deletes 100% --concurrency 1 clean \
    --backup deleted.json
  for _ in {1..200}; do
    [[ $(writes) -gt 3 ]] && break
    pause 0.02
  done
  kill -9 "$pid"
  finish
  cp deleted.json first.json
  # What is rejected from now on is not in the backup, and stays.
  control PUT /reviewer '[{"after_ms":0,"status":"rejected"}]' >/dev/null
  signet -e 'sms.signs:create { sign_name = "Rejected since" }'
  assert_success
  signet resume --yes --max-deletes 100%
  assert_success
  cmp deleted.json first.json
  signet -e 'print(#sms.signs:list { sign_name = "Rejected since" })'
  assert_output 1
  signet -e 'for _, template in ipairs(sms.templates:list()) do
    print(template.template_id) end'
  jq -r '.templates[].template_id' first.json >saved
  [[ $(wc -l <saved) -gt 10 ]]
  refute grep -qFxf saved <<<"$output"
}
