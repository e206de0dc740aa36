# SPDX-License-Identifier: MIT
# What people are told: jobs, show, doctor; questions; scripts that can't be
# read; output that nobody takes.
# shellcheck disable=SC2154 # what `run` and the helpers set
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

newest() {
  "$SIGNET" jobs --json | head -n 1 | jq -r .job
}

# change_journal STATEMENT: alters what jobs wrote, as nobody should.
change_journal() {
  python3 - "$XDG_STATE_HOME"/signet/journal-*.db "$1" <<'END'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as journal:
    journal.execute(sys.argv[2])
END
}

# A job with a write of every kind, which ends with a mistake.
mixed_job() {
  script mixed.lua <<'END'
local sms = require("signet").connect()
sms:request("POST", "/v1/sign-configs", { sign_name = "By hand" })
sms.signs:delete("100000002")
local id = sms.signs:create { sign_name = "New one" }
pcall(sms.signs.update, sms.signs, id, { sign_name = "Too early" })
error("stop")
END
  control POST /review '{"status":"approved"}'
  signet run --yes mixed.lua
  assert_failure 1
}

# --- jobs, show ---------------------------------------------------------------

@test "show: every kind of write, what was refused, how to go on" {
  start_sandbox --seed 5,0
  mixed_job
  id=$(newest)
  signet show "$id"
  assert_success
  assert_line --regexp '^state +failed$'
  assert_line --regexp '^entries +3 done, 0 failed, 0 skipped, 0 unknown, 0 waiting$'
  assert_line '     1  done     request  POST  /v1/sign-configs'
  assert_line --regexp '^     2  done     delete signature 100000002  [^ ]'
  assert_line --regexp '^     3  done     create signature [0-9]+  New one$'
  assert_line --regexp '^     4  failed   update signature [0-9]+  sign_name: New one → Too early  \(updating signature .*can not update pending.*\)$'
  assert_line --index $((${#lines[@]} - 1)) "to go on: signet resume $id"
  signet --color always show "$id"
  assert_line --regexp $'^     1  \e\\[32mdone   \e\\[0m  request'
  assert_line --regexp $'^     4  \e\\[31mfailed \e\\[0m  update'
  signet show --json "$id"
  jq -se '.[3].error.kind == "validation" or .[3].error.message != ""' \
    <<<"$output"
  refute_output --partial 'to go on'
}

@test "show: an undo names the job that it takes back; that one is undone" {
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New one" }'
  assert_success
  id=$(newest)
  signet undo --yes "$id"
  assert_success
  signet show "$(newest)"
  assert_success
  assert_line --regexp '^type +undo$'
  assert_line --regexp "^undoes +$id\$"
  refute_output --partial 'to go on'
  signet jobs --json
  assert_equal "$(head -n 1 <<<"$output" | jq -r .parent)" "$id"
  signet show "$id"
  refute_output --partial 'to go on'
}

@test "show: a write that was sent and not answered" {
  start_sandbox --seed 2,0
  control POST /review '{"status":"approved"}'
  control POST /faults '{"method":"PUT","path":"/v1/*","delay_ms":30000}'
  start "$SIGNET" -e 'sms.signs:update("100000001", { sign_name = "Gone" })'
  for _ in {1..200}; do
    [[ $(writes) -gt 0 ]] && break
    pause 0.05
  done
  kill -9 "$pid"
  finish
  signet --color always show "$(newest)"
  assert_success
  assert_line --regexp '^state +crashed$'
  assert_line --regexp $'^     1  \e\\[33mintent \e\\[0m  update signature 100000001 '
  assert_line --regexp '^when +20[^ ]+ [0-9:]+$'
  assert_line --regexp '^to go on: signet resume '
}

@test "jobs, show: while a job is running" {
  start_sandbox --seed 2,0 --latency 300
  start "$SIGNET" -e 'for i = 1, 100 do sms.signs:create { sign_name = "New " .. i } end'
  for _ in {1..200}; do
    [[ $(writes) -gt 0 ]] && break
    pause 0.05
  done
  signet jobs --json
  assert_success
  jq -e --arg pid "$pid" '.event == "job" and (.job | test("^[0-9T]+-")) and
    .state == "running" and .type == "run" and .process == ($pid | tonumber) and
    .writes >= 0 and .failed == 0 and .waits_for == "" and
    (.journal | endswith(".db"))' <<<"$output"
  # A terminal of 80 columns gets lines that fit.
  TERM=xterm NO_COLOR=1 command script -qec "stty cols 80; '$SIGNET' jobs" /dev/null >out </dev/null
  grep -qE 'running +[0-9]+ ' out
  [[ $(head -n 2 out | tr -d '\r' | wc -L) -le 80 ]]
  # It and the others are shown by their ids, and what can't be done says why.
  id=$(newest)
  signet show "$id"
  assert_success
  assert_line --regexp '^state +running$'
  assert_line --regexp "^process +$pid on $HOSTNAME since 2"
  assert_line --regexp '^     1  (done|intent) '
  refute_output --partial 'to go on'
  signet show 1999
  assert_failure 2
  assert_one_sentence "there is no job 1999"
  signet resume
  assert_failure 4
  assert_one_sentence "no job of this account waits to be resumed: job $id is running (process $pid on "
  signet resume -q "$id"
  assert_failure 4
  assert_one_sentence "another job works on"
  # Who is not known is one line.
  rm "$XDG_STATE_HOME"/signet/*-holder
  signet jobs
  assert_line --regexp '^a job is running and holds .*/journal-[0-9a-f]+\.db$'
  assert_line --regexp "^$id .* running "
  signet show "$id"
  assert_success
  assert_line --regexp '^state +running$'
  signet resume
  assert_failure 4
  assert_one_sentence "job $id is running"
  kill -INT "$pid"
  finish
}

@test "jobs: of the same moment by their ids, and accounts as they are" {
  start_sandbox --seed 2,0
  for i in 1 2 3; do
    signet -e "sms.signs:create { sign_name = 'New $i' }"
    assert_success
  done
  change_journal 'UPDATE jobs SET started_ms = 1790000000000'
  ids=$("$SIGNET" jobs --json | jq -r .job)
  assert_equal "$ids" "$(sort -r <<<"$ids")"
  change_journal 'UPDATE jobs SET account = "some" || char(27) || "thing"'
  change_journal 'UPDATE jobs SET started_ms = 9000000000000000000 WHERE number = 1'
  signet jobs
  assert_success
  assert_equal "$(grep -cF 'some\x1Bthing' <<<"$output")" 3
  change_journal 'UPDATE jobs SET account = "configs example.org key 123456789"'
  signet jobs
  assert_line --regexp ' configs example\.org 123456…$'
  signet --color always jobs
  [[ ${lines[0]} == $'\e[1mJOB '* ]]
}

@test "jobs: a long list, and what is no journal" {
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New" }'
  assert_success
  change_journal 'WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1
    FROM n WHERE i < 100) INSERT INTO jobs SELECT i, "2026-" || i, type, state,
    name, arguments, account, parent, i, ended_ms, done, failed, skipped,
    unknown, waiting FROM jobs, n WHERE number = 1'
  signet jobs
  assert_success
  assert_equal "${#lines[@]}" 101
  echo 'no journal' >"$XDG_STATE_HOME/signet/journal-0.db"
  for command in jobs "show 2026" "resume 2026" "undo 2026"; do
    # shellcheck disable=SC2086 # words
    signet $command
    assert_failure 1
    assert_one_sentence journal-0.db
  done
}

@test "a journal whose writes can't be read" {
  start_sandbox --seed 2,0
  mixed_job
  id=$(newest)
  change_journal "UPDATE batches SET content = x'0102'"
  for command in "show $id" "show --json $id" "resume $id" "undo $id"; do
    # shellcheck disable=SC2086 # words
    signet $command
    assert_failure 1
    [[ $stderr == *"error: "*"journal"* ]] || fail "$command: $stderr"
  done
  assert_equal "$(writes)" 4
}

@test "undo --json: the plan, what can't be undone, the reason" {
  start_sandbox --seed 2,0
  mixed_job
  id=$(newest)
  signet undo --json "$id"
  assert_failure 4
  assert_json_lines
  jq -se 'any(.event == "log" and (.text | startswith("1 write of the job"))) and
    any(.mark == "new id" and .old == "100000002") and
    any(.event == "error" and .error.kind == "refused")' <<<"$output"
}

@test "resume: a job that is over, -q, a script that was not recorded" {
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New one" }'
  assert_success
  id=$(newest)
  signet resume --json "$id"
  assert_success
  assert_equal "$(summary job)" "\"$id\""
  assert_equal "$(summary "done")" 1
  signet resume ''
  assert_failure 2
  assert_one_sentence "an empty word names no job: give an id, or how it begins"
  signet resume "$id"
  assert_success
  [[ $stderr == *"job $id is done: there is nothing to resume"* ]]
  change_journal "UPDATE jobs SET state = 'failed'"
  signet resume -q
  assert_success
  assert_equal "$stderr" ''
  change_journal "UPDATE jobs SET state = 'failed'"
  change_journal "DELETE FROM scripts"
  signet resume "$id"
  assert_success
  [[ $stderr == *"its script was not recorded: what is open is settled, and nothing is run"* ]]
  signet jobs --json
  assert_equal "$(jq -r .state <<<"$output")" 'done'
  assert_equal "$(writes)" 1
}

@test "resume: open writes that can't be settled stay open" {
  start_sandbox --seed 2,0
  control POST /review '{"status":"approved"}'
  control POST /faults '{"method":"PUT","path":"/v1/*","delay_ms":30000}'
  start "$SIGNET" -e 'sms.signs:update("100000001", { sign_name = "Gone" })'
  for _ in {1..200}; do
    [[ $(writes) -gt 0 ]] && break
    pause 0.05
  done
  kill -9 "$pid"
  finish
  id=$(newest)
  control POST /faults '{"method":"GET","path":"/v1/*","status":500,"count":100}'
  signet resume --attempts 1 "$id"
  assert_failure 5
  [[ $stderr == *"1 open write settled: 0 took effect, 0 did not, 0 changed by somebody else, 1 still unknown"* ]] ||
    fail "$stderr"
  [[ $stderr == *"0 writes done before, not sent again"* ]] || fail "$stderr"
  signet show "$id"
  assert_line --regexp '^     1  unknown  update signature 100000001 '
  assert_line "to go on: signet resume $id"
  control DELETE /faults
  signet resume "$id"
  assert_success
  signet show "$id"
  assert_line --regexp '^     [12]  done     update signature 100000001 '
  run control GET /state
  assert_equal "$(jq '[.signs[] | select(.sign_name == "Gone")] | length' \
    <<<"$output")" 1
}

@test "what could not be checked at the end is said" {
  start_sandbox --seed 2,0
  control POST /faults '{"method":"GET","path":"/v1/sign-configs","status":500,"count":100}'
  signet --attempts 1 -e 'sms.signs:create { sign_name = "New one" }'
  assert_success
  [[ $stderr == *"warning: what was written could not be checked at the end: listing signatures"* ]] ||
    fail "$stderr"
  # An account that the script has closed is opened again for it.
  control DELETE /faults
  signet -e 'sms.signs:create { sign_name = "Newer one" } sms:close()'
  assert_success
  refute [ -n "$(grep warning <<<"$stderr")" ]
  run control GET '/requests?method=GET&path=/v1/sign-configs'
  assert_equal "$(jq '[.[] | select(.status == 200)] | length' <<<"$output")" 2
}

@test "no place for a state directory" {
  start_sandbox --seed 2,0
  for command in jobs "show 2026" "resume" "undo 2026"; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" $command
    assert_failure 3
    assert_one_sentence 'there is no state directory: set HOME, or give --state-dir'
  done
  run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" -e 1
  assert_failure 3
  assert_one_sentence 'there is no place for a journal: set HOME, or give'
  run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" --no-journal -e 1
  assert_success
  run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" doctor
  assert_failure 3
  assert_line --regexp '^fail state directory \(none\) can.t be written to: name another'
  run --separate-stderr env -u HOME -u XDG_STATE_HOME "$SIGNET" repl <<<'1 + 1'
  assert_success
  assert_output 2
}

# --- doctor -------------------------------------------------------------------

@test "doctor -q: nothing but what is wrong" {
  start_sandbox --seed 2,0
  signet -q doctor
  assert_success
  assert_output ''
  SIGNET_BASE_URL=http://127.0.0.1:1 signet doctor -q
  assert_failure 3
  assert_equal "${#lines[@]}" 1
  assert_output --regexp '^fail http://127.0.0.1:1: '
  signet doctor --color always
  [[ ${lines[0]} == $'\e[32mok  \e[0m signet '* ]]
}

@test "doctor: a server that is not the service, or has a bad day" {
  start_sandbox --seed 2,0
  SIGNET_BASE_URL=$URL/nowhere signet doctor
  assert_failure 3
  assert_line --regexp "^fail $URL/nowhere: .*; check that the base URL is the service's and fits --api\$"
  control POST /faults '{"method":"GET","path":"/v1/sign-configs","status":501,"body":"<p>no"}'
  signet --attempts 1 doctor
  assert_failure 3
  assert_line --regexp "^fail $URL: .*; check that the base URL is the service's"
}

@test "doctor: an executable without its jobs; settings that are broken" {
  start_sandbox --seed 2,0
  mkdir -p alone/bin
  cp "$SIGNET" alone/bin/signet
  run alone/bin/signet doctor
  assert_failure 3
  assert_line --regexp '^fail the shipped jobs are missing: share/signet/scripts must lie beside bin/signet'
  run alone/bin/signet run rename
  assert_failure 2
  assert_output --partial 'not installed'
  printf '[default]\nrate = fast\n' >"$XDG_CONFIG_HOME/signet/config"
  signet doctor
  assert_failure 3
  assert_output --regexp '^ok .*
.*
fail .*config:2: rate'
  rm "$XDG_CONFIG_HOME/signet/config"
  signet doctor --trace "$PWD"
  assert_failure 3
  assert_line --regexp '^fail .*'
}

# --- output that nobody takes -------------------------------------------------

@test "standard output that is full: every command says so" {
  [[ -e /dev/full ]] || skip "no /dev/full"
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New" }'
  assert_success
  id=$(newest)
  script write.lua <<'END'
require("signet").connect().signs:create { sign_name = "Other" }
END
  for command in jobs "jobs --json" "show $id" "show --json $id" doctor help \
    "help run" --version "completion bash" "plan write.lua" \
    "--json plan write.lua" "-e sms.signs:list()" "--json -e 1" \
    "--json -e x=1" \
    "undo --yes $id"; do
    status=0
    # shellcheck disable=SC2086 # words
    "$SIGNET" $command >/dev/full 2>err </dev/null || status=$?
    assert_equal "$command: $status" "$command: 1"
    grep -qE '^error: (the (list|story) could not be written|standard output: No space left on device)' err ||
      fail "$command: $(<err)"
  done
}

# --- scripts ------------------------------------------------------------------

@test "a script on standard input may be long, and has an end" {
  {
    seq -f 'x = "%050.0f"' 6000
    echo 'print("whole")'
  } >long.lua
  [[ $(stat -c %s long.lua) -gt 300000 ]]
  signet run - <long.lua
  assert_success
  assert_output whole
  signet run long.lua
  assert_success
  assert_output whole
  truncate -s 65M huge.lua
  signet run huge.lua
  assert_failure 1
  assert_one_sentence "huge.lua can't be read: it is too long for a script"
  signet run - <huge.lua
  assert_failure 1
  assert_one_sentence "standard input can't be read: it is too long for a script"
  signet run - <.
  assert_failure 1
  assert_one_sentence "standard input can't be read: Is a directory"
  signet --json run huge.lua
  assert_failure 1
  assert_json_lines
}

@test "a script that is none: NUL bytes, bytecode, only a first line" {
  printf 'print(1)\0print(2)\n' >nul.lua
  signet run nul.lua
  assert_failure 1
  assert_one_sentence 'a script is text, and this one holds a NUL byte'
  lua5.4 -e 'io.stdout:write(string.dump(function() print(1) end))' >byte.lua
  signet run byte.lua
  assert_failure 1
  [[ ${stderr_lines[0]} == *"attempt to load a binary chunk"* ]] ||
    fail "$stderr"
  printf '#!/usr/bin/signet run' >first.lua
  signet run first.lua
  assert_success
  assert_output ''
  printf '#!/usr/bin/signet run\nerror("here")\n' >second.lua
  signet run second.lua
  assert_failure 1
  [[ ${stderr_lines[0]} == *"second.lua:2: here" ]]
  : >empty.lua
  signet run empty.lua
  assert_success
}

@test "a plan that can't be read" {
  start_sandbox --seed 2,0
  signet apply .
  assert_failure 1
  assert_one_sentence ". can't be read: Is a directory"
  # Longer than what is read at once.
  {
    printf '{"x":"'
    head -c 300000 /dev/zero | tr '\0' x
    printf '"}'
  } >plan.json
  signet apply plan.json
  assert_failure 4
  assert_one_sentence 'this is no plan'
}

@test "a plan that can't take the place of a folder leaves nothing" {
  start_sandbox --seed 2,0
  mkdir folder
  signet plan -o folder rename --suffix X
  assert_failure 3
  assert_one_sentence "--output: a plan can't be saved as folder: Is a directory"
  run ls -A
  refute_output --partial folder.
}

@test "a plan shows empty texts, and with -v what a delete loses" {
  start_sandbox --seed 4,8
  script change.lua <<'END'
local sms = require("signet").connect()
local templates = sms.templates:list { status = "approved" }
sms.templates:delete(templates[1].template_id)
sms:request("GET", "/v1/sign-configs")
sms.templates:update(templates[2].template_id, { template_content = "New" })
END
  signet plan change.lua
  assert_success
  refute_output --partial '- template_content'
  signet plan -v change.lua
  assert_success
  assert_line --regexp '^      - template_content: .'
  assert_line --regexp '^      - country_codes: .'
  refute_output --partial 'created_time'
  refute_output --partial 'audit_remark: $'
  signet --color always plan change.lua
  assert_line --regexp $' \e\\[31mdelete\e\\[0m template '
}

@test "a folder whose name Lua's paths can't quote" {
  mkdir 'a;b' plain
  echo 'return "beside"' | tee 'a;b/near.lua' >plain/near.lua
  echo 'print(pcall(require, "near"))' | tee 'a;b/main.lua' >plain/main.lua
  signet run plain/main.lua
  assert_success
  assert_output --regexp '^true.beside'
  signet run 'a;b/main.lua'
  assert_success
  assert_output --regexp "^false.module 'near' not found"
  signet run ''
  assert_failure 2
  assert_one_sentence 'there is no script "": no file of that name'
  signet show ''
  assert_failure 2
  assert_one_sentence 'an empty word names no job'
}

@test "names are what they are in any locale" {
  start_sandbox --seed 6,0
  signet -e 'sms.signs:list()'
  assert_success
  [[ $output == *星海物流* || $output == *[一-龥]* ]]
  whole=$output
  for locale in C POSIX xx_XX.UTF-8 ''; do
    LC_ALL=$locale LANG='' signet -e 'sms.signs:list()'
    assert_success
    assert_equal "$output" "$whole"
  done
}

# --- entries ------------------------------------------------------------------

@test "entries that fail and are skipped, with many reasons" {
  script reasons.lua <<'END'
local signet = require "signet"
local items = {}
for i = 1, 60 do items[i] = i end
signet.each(items, function(i) return signet.skip("reason " .. i) end)
END
  signet run reasons.lua
  assert_success
  assert_equal "$(grep -c '^1 skipped: reason ' <<<"$stderr")" 24
  grep -qx '36 skipped: for other reasons, which -v shows' <<<"$stderr"
  signet run -v reasons.lua
  assert_equal "$(grep -c '^skipped: [0-9]*: reason ' <<<"$stderr")" 60
}

@test "an item without a name is told by its place" {
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$SECRET
  signet -e 'local named = setmetatable({}, { __tostring = function() return "me" end })
    require("signet").each({ {}, { sign_id = "7", sign_name = "Acme" }, print, "x", named },
      function() error("no", 0) end, { concurrency = 1 })'
  assert_failure 1
  assert_equal "$(sed -n 's/^failed: \(.*\): no$/\1/p' <<<"$stderr" | paste -sd ,)" \
    'item 1,7 Acme,item 3,x,me'
}

@test "an error that a script has changed keeps the service's words" {
  start_sandbox --seed 2,0
  script other.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
signet.each({ "1" }, function(id)
  local _, err = pcall(sms.signs.get, sms.signs, id)
  err.message = "my own words"
  error(err)
end)
END
  signet run other.lua
  assert_failure 1
  [[ ${stderr_lines[0]} == *"my own words (the service said: "*")" ]] ||
    fail "$stderr"
  signet --json run other.lua
  assert_failure 1
  assert_json_lines
  jq -se '.[0].event == "failed" and .[0].entry == "1" and
    .[0].error.message == "my own words"' <<<"$output"
}

# --- questions and lines on a terminal ----------------------------------------

@test "undo on a terminal: asks once, and takes no for an answer" {
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New one" }'
  assert_success
  id=$(newest)
  open_terminal
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'This takes the job back, as shown\. Go on\? \[y/N\]'
  type_line nope
  wait_for '^error: the undo was not confirmed$'
  wait_for '^status 4$'
  assert_equal "$(writes)" 1
  clear_screen
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  press C-d
  wait_for 'the undo was not confirmed$'
  wait_for '^status 4$'
  clear_screen
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  type_line yes
  wait_for '^1 done in '
  wait_for '^status 0$'
  assert_equal "$(screen | grep -c 'Go on')" 1
  assert_equal "$(writes)" 2
}

@test "undo: what can't be taken back at all is said, and nothing asked" {
  start_sandbox --seed 2,0
  signet -e 'for i = 1, 2 do
    sms:request("POST", "/v1/sign-configs", { sign_name = "Raw " .. i }) end'
  assert_success
  id=$(newest)
  signet undo "$id"
  assert_success
  assert_output 'Nothing would be changed.'
  [[ $stderr == *"warning: 2 writes of the job can't be taken back: raw requests, or"* ]] ||
    fail "$stderr"
  assert_equal "$(writes)" 2
}

@test "Ctrl-C answers undo's question with no, too" {
  start_sandbox --seed 2,0
  signet -e 'sms.signs:create { sign_name = "New one" }'
  assert_success
  id=$(newest)
  open_terminal
  type_line "$SIGNET undo $id"
  wait_for 'Go on\? \[y/N\]'
  press C-c
  wait_for '^\$$'
  assert_equal "$(writes)" 1
  clear_screen
  type_line "$SIGNET undo $id; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  type_line Y
  wait_for '^status 0$'
  assert_equal "$(writes)" 2
}

@test "Ctrl-C answers a question with no" {
  start_sandbox --seed 2,5
  open_terminal
  type_line "$SIGNET -e 'sms.signs:delete(\"100000001\")'; echo status \$?"
  wait_for 'Go on\? \[y/N\]'
  press C-c
  wait_for '^status 130$'
  assert_no_writes
}

@test "a line that is not ended makes room for messages" {
  script half.lua <<'END'
local signet = require "signet"
io.write("half a line")
signet.log("warning", "first")
io.write("a question? ")
signet.log("error", "second")
io.write("whole\n")
END
  open_terminal
  type_line "$SIGNET run half.lua"
  wait_for '^whole$'
  run screen
  assert_line 'half a line'
  assert_line 'warning: first'
  assert_line 'a question?'
  assert_line 'error: second'
}

@test "--json beside a terminal: keys change the pace, events tell it" {
  start_sandbox --seed 60,0 --latency 200
  script slow.lua <<'END'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(sign)
  return sms.signs:get(sign.sign_id)
end, { label = "Looking", concurrency = 2 })
END
  open_terminal
  type_line "$SIGNET --json run slow.lua >events; echo status \$?"
  wait_for 'Looking .*/60 '
  press -- -
  for _ in {1..100}; do
    grep -q '"event":"pace"' events && break
    pause 0.05
  done
  press -- +
  press C-c
  wait_for '^status 130$'
  output=$(<events)
  assert_json_lines
  jq -se '[.[] | select(.event == "pace").pace][0] | . != null and . != "normal"' events
}
