# SPDX-License-Identifier: MIT
# A job that is resumed goes on with what it began with.
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

newest() {
  "$SIGNET" jobs --json | head -n 1 | jq -r .job
}

ledger() {
  control GET "/requests?effect=true&method=$1&limit=20000" | jq -r '.[].path'
}

names() {
  "$SIGNET" -q -e 'for _, s in ipairs(sms.signs:list()) do print(s.sign_id, s.sign_name) end'
}

# update_script: renames ten signatures, and needs a module and a file.
update_script() {
  mkdir -p job
  cat >job/naming.lua <<'END_OF_MODULE'
return function(text, i) return text .. " " .. i end
END_OF_MODULE
  printf Named >job/text.txt
  cat >job/update.lua <<'END_OF_SCRIPT'
local signet = require "signet"
local naming = require "naming"
local text = signet.file("text.txt")
local sms = signet.connect()
for i = 1, 10 do
  sms.signs:update(tostring(100000000 + i), { sign_name = naming(text, i) })
end
END_OF_SCRIPT
}

# A job of ten renames that --max-changes stopped after four, in job/.
stopped_job() {
  start_sandbox --seed 12,0
  control POST /review '{"status":"approved"}' >/dev/null
  update_script
  cd job || return
  signet run --max-changes 4 update.lua
  assert_failure 4
  job=$(newest)
  assert_equal "$(ledger PUT | wc -l)" 4
}

@test "the limits of a job hold for all its runs, unless others are given" {
  stopped_job
  signet resume "$job"
  assert_failure 4
  assert_equal "$(ledger PUT | wc -l)" 4
  signet resume --max-changes 6 "$job"
  assert_failure 4
  assert_equal "$(ledger PUT | wc -l)" 6
  signet resume --max-changes 100% "$job"
  assert_success
  assert_equal "$(ledger PUT | wc -l)" 10
  run names
  assert_line --partial 'Named 10'
}

@test "a file or a module that changed is refused by name; --new-input takes it" {
  stopped_job
  printf Other >text.txt
  signet resume --max-changes 100% "$job"
  assert_failure 4
  [[ $stderr == *"text.txt has changed since job $job read it"*"--new-input"* ]]
  [[ $stderr != *"would not send again"* ]]
  printf Named >text.txt
  echo '-- changed' >>naming.lua
  signet resume --max-changes 100% "$job"
  assert_failure
  [[ $stderr == *"naming.lua has changed since job $job read it"* ]]
  assert_equal "$(ledger PUT | wc -l)" 4
  signet resume --max-changes 100% --new-input "$job"
  assert_success
  assert_equal "$(ledger PUT | wc -l)" 10
}

@test "a script that changed is refused; --new-input takes it, for later runs too" {
  stopped_job
  sed -i 's/10 do/11 do/' update.lua
  signet resume --max-changes 100% "$job"
  assert_failure 4
  assert_one_sentence "$PWD/update.lua has changed since job $job ran it, and a job goes on with what it began with: put it back, or give --new-input to take it as it is now"
  signet resume --max-changes 6 --new-input "$job"
  assert_failure 4
  assert_equal "$(ledger PUT | wc -l)" 6
  signet resume --max-changes 100% "$job"
  assert_success
  assert_equal "$(ledger PUT | wc -l)" 11
}

@test "a script with a mistake: mended, it goes on where it was" {
  start_sandbox --seed 3,0
  script job.lua <<'END_OF_SCRIPT'
local sms = require("signet").connect()
sms.signs:update("100000001", { sign_name = "First" })
local which
sms.signs:update(which.id, { sign_name = "Second" })
END_OF_SCRIPT
  signet run job.lua
  assert_failure 1
  job=$(newest)
  [[ $stderr == *"to go on once the cause is gone: signet resume $job"* ]]
  signet show "$job"
  assert_line "to go on once the cause is gone: signet resume $job"
  sed -i 's/local which/local which = { id = "100000002" }/' job.lua
  signet resume "$job"
  assert_failure 4
  signet resume --new-input "$job"
  assert_success
  assert_equal "$(ledger PUT | wc -l)" 2
}

@test "a job runs in its own folder, from wherever it is resumed" {
  stopped_job
  mkdir ../other
  printf Wrong >../other/text.txt
  cd ../other
  signet resume --max-changes 100% "$job"
  assert_success
  run names
  assert_line --partial 'Named 10'
  refute_line --partial Wrong
}

@test "a file that is gone is no loss: the job has kept it" {
  stopped_job
  rm text.txt
  signet resume --max-changes 100% "$job"
  assert_success
  run names
  assert_line --partial 'Named 10'
}

@test "a folder that is gone is said" {
  stopped_job
  cd ..
  mv job moved
  signet resume --max-changes 100% "$job"
  assert_failure 4
  assert_one_sentence "the job ran in the folder $PWD/job, which can't be entered: No such file or directory; with --new-input"
  cd moved
  signet resume --max-changes 100% --new-input "$job"
  assert_failure 1 # the module is looked for where the script was
  [[ $stderr == *"module 'naming' not found"* ]]
}

@test "the profile, the confirmation and a relative state directory are the job's" {
  start_sandbox --seed 3,20
  local url=$URL
  printf '[work]\nbase_url = %s\nkey = key\nsecret = %s\n' "$url" "$SECRET" \
    >"$XDG_CONFIG_HOME/signet/config"
  chmod 600 "$XDG_CONFIG_HOME/signet/config"
  unset SIGNET_BASE_URL ENGAGELAB_SMS_KEY ENGAGELAB_SMS_SECRET
  mkdir here
  cd here
  script wipe.lua <<'END_OF_SCRIPT'
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for i, t in ipairs(sms.templates:list()) do ids[i] = t.template_id end
  return ids
end)
for i = 1, 4 do
  sms.templates:delete(ids[i])
  if i == 2 and not io.open("right") then error("stop") end
end
END_OF_SCRIPT
  signet run --profile work --state-dir states --yes wipe.lua
  assert_failure 1
  touch right
  cd "$OLDPWD" || return
  signet resume --state-dir here/states
  assert_failure 3 # no account is named
  job=$("$SIGNET" jobs --state-dir here/states --json | jq -r .job)
  signet resume --state-dir here/states "$job"
  assert_success
  assert_equal "$(ledger DELETE | wc -l)" 4
}

@test "rename: a map that was edited is not carried out under the old job" {
  start_sandbox --seed 8,0 --latency 80
  control POST /review '{"status":"approved"}' >/dev/null
  names | awk -F'\t' 'BEGIN { print "sign_id,sign_name" } { print $1 ",First " NR }' >map.csv
  start "$SIGNET" run --concurrency 1 rename --map map.csv
  for _ in {1..400}; do
    [[ $(writes) -ge 2 ]] && break
    pause 0.01
  done
  kill -9 "$pid"
  finish
  job=$(newest)
  sed -i s/First/Wrong/ map.csv
  signet resume "$job"
  assert_failure 4
  [[ $stderr == *"map.csv has changed since job $job read it"* ]]
  sed -i s/Wrong/First/ map.csv
  signet resume "$job"
  assert_success
  run names
  refute_line --partial Wrong
  assert_equal "$(grep -c First <<<"$output")" 8
}

# --- other writes than the first run's ----------------------------------------

# other_writes SCRIPT [WORD…]: a run that --max-changes stops after four, and its
# resume, which must stop before it sends anything.
other_writes() {
  signet run --max-changes 4 "$@"
  assert_failure 4
  job=$(newest)
  local before
  before=$(writes)
  signet resume --max-changes 100 "$job"
  assert_failure 4
  [[ $stderr == *"this run asks for other writes than the first one: "* ]]
  [[ $stderr == *"signet.step keeps what a script decides"* ]]
  assert_equal "$(grep -c 'asks for other writes' <<<"$stderr")" 1
  [[ $stderr == *"to take back what was written: signet undo $job"* ]]
  assert_equal "$(writes)" "$before"
}

@test "names by the clock or by chance: the resume stops, and names what is left" {
  start_sandbox --seed 12,0
  script create.lua <<'END_OF_SCRIPT'
local sms = require("signet").connect()
local file = io.open("/dev/urandom", "rb")
local bytes = file:read(4)
for i = 1, 10 do
  sms.signs:create { sign_name = ("Run %d %d"):format(string.unpack("I4", bytes), i) }
end
END_OF_SCRIPT
  other_writes create.lua
  [[ $stderr == *"4 writes of the journal were not asked for again: create signature "*" and more"* ]]
  # The same with many at a time.
  script each.lua <<'END_OF_SCRIPT'
local signet = require "signet"
local sms = signet.connect()
local bytes = io.open("/dev/urandom", "rb"):read(4)
local names = {}
for i = 1, 40 do names[i] = ("Each %d %d"):format(string.unpack("I4", bytes), i) end
signet.each(names, function(name) sms.signs:create { sign_name = name } end)
END_OF_SCRIPT
  other_writes each.lua
}

@test "another order, and content that depends on it: stopped" {
  start_sandbox --seed 12,0
  control POST /review '{"status":"approved"}' >/dev/null
  script order.lua <<'END_OF_SCRIPT'
local sms = require("signet").connect()
local first, last, step = 1, 10, 1
if io.open("other") then first, last, step = 10, 1, -1 end
local n = 0
for i = first, last, step do
  n = n + 1
  sms.signs:update(tostring(100000000 + i), { sign_name = "Number " .. n })
end
END_OF_SCRIPT
  touch other
  rm other
  signet run --max-changes 4 order.lua
  assert_failure 4
  touch other
  before=$(writes)
  signet resume --max-changes 100
  assert_failure 4
  [[ $stderr == *"4 writes of the journal were not asked for again: update signature 10000000"* ]]
  assert_equal "$(writes)" "$before"
  rm other
  signet resume --max-changes 100
  assert_success
}

@test "a rule that changes what it made: stopped at the first entry" {
  start_sandbox --seed 12,0
  control POST /review '{"status":"approved"}' >/dev/null
  script append.lua <<'END_OF_SCRIPT'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s)
  sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " x" })
end, { concurrency = 1 })
END_OF_SCRIPT
  other_writes append.lua
  [[ $stderr == *"write 1 of the journal (update signature 100000001) was of other content"* ]]
}

@test "a script that looks what is there goes on with the rest" {
  start_sandbox --seed 2,0
  script missing.lua <<'END_OF_SCRIPT'
local signet = require "signet"
local sms = signet.connect()
local there = {}
for _, s in ipairs(sms.signs:list()) do there[s.sign_name] = true end
signet.each({ "A1", "A2", "A3", "A4", "A5", "A6", "A7" }, function(name)
  if not there[name] then sms.signs:create { sign_name = name } end
end)
END_OF_SCRIPT
  signet run --max-changes 4 missing.lua
  assert_failure 4
  signet resume --max-changes 100
  assert_success
  assert_equal "$(ledger POST | wc -l)" 7
  assert_equal "$(names | grep -c 'A[1-7]$')" 7
}

@test "a script that looks what is there, and makes other names: stopped" {
  start_sandbox --seed 2,0
  script random.lua <<'END_OF_SCRIPT'
local sms = require("signet").connect()
local missing = 6 - #sms.signs:list()
local bytes = io.open("/dev/urandom", "rb"):read(4)
for i = 1, missing do
  sms.signs:create { sign_name = ("Any %d %d"):format(string.unpack("I4", bytes), i) }
end
END_OF_SCRIPT
  control POST /faults '{"method":"POST","nth":3,"every":1,"status":502}' >/dev/null
  signet run --attempts 1 --settle 0.02 --settle-create 0 random.lua
  assert_failure 5
  control DELETE /faults >/dev/null
  before=$(writes)
  signet resume --settle 0.02 --settle-create 0 --timeout 0.2
  assert_failure 4
  [[ $stderr == *"this run asks for other writes than the first one: 1 write of the journal was not asked for again: create of a signature"* ]] || fail "$stderr"
  assert_equal "$(writes)" "$before"
}
