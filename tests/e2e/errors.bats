# SPDX-License-Identifier: MIT
# Bad input: one sentence that says what and where, the right exit status, and
# no write.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
  if [[ -s nginx.pid ]]; then
    kill "$(<nginx.pid)"
  fi
}

# A script that would write if it could get that far.
write_script() {
  script write.lua <<'E2'
local sms = require("signet").connect()
local list = sms.signs:list()
sms.signs:update(list[1].sign_id, { sign_name = "Changed" })
E2
}

@test "wrong credentials" {
  start_sandbox --seed 3,3
  write_script
  ENGAGELAB_SMS_SECRET=wrong signet run write.lua
  assert_failure 3
  assert_one_sentence 'listing signatures: the service says "authentication failed" (HTTP 401'
  assert_no_writes
}

@test "missing credentials" {
  start_sandbox --seed 3,3
  write_script
  unset ENGAGELAB_SMS_SECRET
  signet run write.lua
  assert_failure 3
  assert_one_sentence 'no API secret: set ENGAGELAB_SMS_KEY and ENGAGELAB_SMS_SECRET'
  assert_no_writes
}

@test "a filter by a field that no entry has, and a dot for a colon" {
  start_sandbox --seed 3,3
  signet -e 'print(#sms.signs:list { stauts = "rejected" })'
  assert_success
  assert_output 0
  [[ $stderr == 'warning: nothing matched the filter: no signature here has the field "stauts"' ]]
  signet -e 'print(#sms.signs:list { status = 99 })'
  assert_output 0
  [[ -z $stderr ]]
  signet -e 'print(#sms.templates:list { sign_id = "1" })'
  assert_output 0
  [[ -z $stderr ]]
  signet -e 'print(#sms.signs.list())'
  assert_failure 1
  [[ $stderr == *'a colon calls this, as in sms.signs:list()'* ]]
}

@test "a host that can't be reached, and a name that doesn't exist" {
  start_sandbox
  local dead=$URL
  stop_sandbox
  write_script
  SIGNET_BASE_URL=$dead signet run write.lua
  assert_failure 1
  assert_one_sentence "no connection to $dead: Failed to connect to 127.0.0.1"
  SIGNET_BASE_URL=https://nothing.invalid signet run write.lua
  assert_failure 1
  assert_one_sentence ': no connection to https://nothing.invalid: Could not resolve host: nothing.invalid'
  assert_one_sentence '; nothing was sent'
}

@test "a certificate that doesn't match, and one that nobody vouches for" {
  command -v nginx >/dev/null || skip "nginx is not installed"
  command -v openssl >/dev/null || skip "openssl is not installed"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem \
    -days 2 -subj /CN=elsewhere.example \
    -addext subjectAltName=DNS:elsewhere.example 2>/dev/null
  local port
  port=$(free_port)
  cat >nginx.conf <<E2
daemon on; pid $PWD/nginx.pid; error_log $PWD/nginx.err;
events {}
http {
  access_log $PWD/access.log;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate $PWD/cert.pem; ssl_certificate_key $PWD/key.pem;
    location / { return 200 '[]'; }
  }
}
E2
  "$(command -v nginx)" -p "$PWD" -c "$PWD/nginx.conf" 3>&- 2>nginx.out ||
    fail "$(<nginx.out)"
  for _ in {1..40}; do [[ -s nginx.pid ]] && break; pause 0.05; done
  write_script
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$SECRET
  export SSLKEYLOGFILE=$PWD/keys
  signet --base-url "https://127.0.0.1:$port" run write.lua
  assert_failure 1
  assert_one_sentence 'self-signed certificate'
  [[ ! -e keys ]] # the keys of a connection are written nowhere
  # Trusted now, but made out to another name.
  signet --base-url "https://127.0.0.1:$port" --ca-file cert.pem run write.lua
  assert_failure 1
  assert_one_sentence "no alternative certificate subject name matches"
  run cat access.log
  assert_output ""
}

@test "a reply that isn't JSON" {
  start_sandbox --seed 3,3
  control POST /faults '{"method":"GET","path":"/v1/sign-configs","status":200,"body":"all is well"}'
  write_script
  signet run write.lua
  assert_failure 1
  assert_one_sentence "listing signatures: HTTP 200, but the reply isn't JSON: no JSON begins like this: all is well"
  assert_no_writes
}

@test "an HTML error page, without its control characters" {
  start_sandbox --seed 3,3
  control POST /faults '{"method":"GET","path":"/v1/sign-configs","status":502,"body":"<html>\u001b[2J\u202eBad gateway</html>"}'
  write_script
  signet run write.lua
  assert_failure 1
  assert_one_sentence "listing signatures: HTTP 502 with a reply that isn't the service's: <html>"
  [[ $stderr != *$'\e'* && $stderr != *$'\u202e'* ]]
  assert_no_writes
}

@test "a script with a syntax error" {
  start_sandbox --seed 3,3
  write_script
  script broken.lua <<<$'local sms = require("signet").connect()\nsms.signs:update("1", {}\nprint(1'
  signet run broken.lua
  assert_failure 1
  assert_one_sentence "broken.lua:3: ')' expected"
  assert_no_writes
}

@test "an unknown option" {
  start_sandbox --seed 3,3
  write_script
  signet run --fast write.lua
  assert_failure 2
  assert_one_sentence 'unknown option --fast'
  assert_no_writes
}

@test "an id with a slash, and other ids that are none" {
  start_sandbox --seed 3,3
  for id in 1/2 ../1 '' 12a 12345678901234567890 $'1\n'; do
    script id.lua <<'E2'
local sms = require("signet").connect()
sms.signs:delete(arg[1])
E2
    signet run id.lua "$id"
    assert_failure 1
    assert_equal "${stderr_lines[0]%%: *}" error
    [[ ${stderr_lines[0]} == *"is no id"* ]] || fail "$stderr"
  done
  run control GET /stats
  assert_output --partial '"requests":0,'
}

@test "a validation error says which rule of which page, and sends nothing" {
  start_sandbox --seed 3,3
  signet -e 'sms.signs:create { sign_name = "[x]" }'
  assert_failure 1
  [[ $stderr == *'rule sign_name_text of the page "Create Signature Configuration"'* ]]
  assert_no_writes
}

@test "an error in a script: its line, and a traceback below" {
  script job.lua <<'E2'
local function inner()
  error("boom")
end
inner()
E2
  signet run job.lua
  assert_failure 1
  assert_equal "${stderr_lines[0]}" 'error: job.lua:2: boom'
  [[ $stderr == *"stack traceback:"*"job.lua:4: in main chunk"* ]]
}

@test "an error of the service has its traceback only with -v" {
  start_sandbox --seed 3,3
  script job.lua <<'E2'
local sms = require("signet").connect()
sms.signs:get("77")
E2
  signet run job.lua
  assert_failure 1
  assert_one_sentence 'reading signature 77: the service says "sign config not exist"'
  signet -v run job.lua
  assert_failure 1
  [[ $stderr == *"job.lua:2: in main chunk"* ]]
}

@test "exit 5 where an outcome is unknown, whatever else happened" {
  start_sandbox --seed 5,0
  control POST /faults '{"path":"/v1/sign-configs/100000001","nth":2,"every":1,"count":100,"close":"after"}'
  signet -e 'require("signet").each({ "100000001", "77" }, function(id)
    sms.signs:update(id, { sign_name = "Another name" }) end)'
  assert_failure 5
  [[ $stderr == *"unknown: 100000001: "* && $stderr == *"failed: 77: "* ]]
  [[ $stderr == *"0 done, 1 failed, 1 unknown in "* ]]
}

@test "what a script catches is its own: exit 0, and nothing failed" {
  start_sandbox --seed 5,5
  script job.lua <<'E2'
local sms = require("signet").connect()
local id = sms.signs:create { sign_name = "In review" }
for _ = 1, 2 do
  local worked, problem = pcall(sms.signs.update, sms.signs, id, { sign_name = "Too early" })
  assert(not worked and problem.kind == "pending")
end
print(pcall(sms.signs.get, sms.signs, "77"))
E2
  signet run job.lua
  assert_success
  [[ $stderr == "1 done in "* ]] || fail "$stderr"
  signet jobs --json
  jq -e '.state == "done" and .failed == 0' <<<"$output"
  sed -i 's/pcall(sms.signs.update, sms.signs, /pcall(error) sms.signs:update(/; s/In review/Second/' job.lua
  signet --json run job.lua
  assert_failure 1
  assert_equal "$(summary failed)" 1
  assert_equal "$(summary "done")" 1
}

@test "an outcome that is not known is told though the script catches it" {
  start_sandbox --seed 5,0
  control POST /faults '{"method":"POST","every":1,"count":100,"close":"after"}'
  for chunk in \
    'pcall(sms.request, sms, "POST", "/v1/sign-configs", { sign_name = "Raw" })' \
    'require("signet").each({ 1 }, function() pcall(sms.request, sms, "POST", "/v1/sign-configs", { sign_name = "Raw" }) end) return' \
    'os.exit(pcall(sms.request, sms, "POST", "/v1/sign-configs", { sign_name = "Raw" }) and 1 or 0)'; do
    for option in -v --no-journal; do
      signet --json "$option" --settle 0 -e "$chunk"
      assert_failure 5
      assert_equal "$(summary unknown)" 1
      assert_equal "$(summary failed)" 0
    done
  done
  # Resuming can't tell either.
  signet resume --settle 0 "$("$SIGNET" jobs --json | head -n 1 | jq -r .job)"
  assert_failure 5
}

@test "standard output that takes nothing" {
  [[ -e /dev/full ]] || skip "no /dev/full"
  for options in "" --json; do
    status=0
    # shellcheck disable=SC2086 # none or one
    "$SIGNET" $options -e 'print(1)' >/dev/full 2>err || status=$?
    assert_equal "$status" 1
    run cat err
    assert_output 'error: standard output: No space left on device'
  done
}

@test "a reader that goes away ends the run, quietly" {
  start_sandbox --seed 200,0 --latency 20
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s)
  print(sms.signs:get(s.sign_id).sign_name)
  io.stdout:flush()
end, { concurrency = 2 })
E2
  set +e
  "$SIGNET" --json run job.lua 2>err | head -n 1 >/dev/null
  local statuses="${PIPESTATUS[*]}"
  set -e
  assert_equal "$statuses" "1 0"
  run cat err
  assert_output ""
  run control GET /stats
  refute_output --regexp '"requests":2[0-9][0-9],'
}

@test "a reader that goes away when all is done is no failure" {
  start_sandbox --seed 2,0
  script job.lua <<'E2'
local sms = require("signet").connect()
sms.signs:create { sign_name = "Done" }
print("created")
E2
  set +e
  "$SIGNET" run job.lua 2>err | true
  local statuses="${PIPESTATUS[*]}"
  "$SIGNET" -e '#sms.signs:list()' 2>>err | true
  statuses+=" ${PIPESTATUS[*]}"
  "$SIGNET" help 2>>err | true
  statuses+=" ${PIPESTATUS[*]}"
  "$SIGNET" -e 'for i = 1, 1e6 do print(i) end' 2>>err | true
  statuses+=" ${PIPESTATUS[*]}"
  "$SIGNET" -q plan -o plan.json rename --status approved --suffix ' Ltd' 2>>err | true
  statuses+=" ${PIPESTATUS[*]}"
  "$SIGNET" --json apply plan.json 2>>err | true
  statuses+=" ${PIPESTATUS[*]}"
  set -e
  assert_equal "$statuses" "0 0 0 0 0 0 1 0 0 0 0 0"
  run cat err
  assert_output --regexp '^1 done in [0-9.]+ m?s$'
  assert_equal "$(writes)" 3
}

@test "HTML, UTF-16 and a byte order mark where a script was meant" {
  local page
  for page in '<!DOCTYPE html>' $'\n  <html>' '<?xml version="1.0"?>' $'\xef\xbb\xbf<p>'; do
    printf '%s' "$page" >page.lua
    signet run page.lua
    assert_failure 1
    assert_one_sentence 'this is HTML or XML, not Lua: perhaps the page around'
  done
  signet plan page.lua
  assert_one_sentence 'this is HTML or XML'
  printf '\xff\xfep\0r\0' >wide.lua
  signet run wide.lua
  assert_failure 1
  assert_one_sentence 'this one is UTF-16: save it as UTF-8'
  printf '\xef\xbb\xbf#!/usr/bin/env signet\nprint(debug.getinfo(1).currentline, "\xef\xbb\xbf" == "\u{feff}")' >marked.lua
  signet run marked.lua
  assert_success
  assert_output $'2\ttrue'
  echo 'local a <const> = 1 return a < 2' >less.lua
  signet run less.lua
  assert_success
}

@test "a terminal obeys nothing that a script writes, however it does" {
  local chunk kind
  for kind in xterm dumb; do
    for chunk in 'print("\u{9b}31m\x9b\x1b]0;t\a")' '"\u{9b}31m"' '{ ["\u{9b}"] = "\x1b]" }' \
      'io.write("\u{9b}31m\x1b]0;t\a\n")' 'io.stdout:write("\u{9b}31m\n")' \
      'io.stderr:write("\u{9b}31m", 7, "\n"):write("\x1b]0;t\a\n")' \
      'io.output(io.stderr) io.write("\u{9b}31m\n")' 'warn("\u{9b}31m")' \
      'error("\u{9b}31m")' 'x x "\u{9b}"' 'require("signet").log("info", "\u{9b}")'; do
      printf '%s' "$chunk" >chunk
      TERM=$kind command script -qec "'$SIGNET' --no-journal -e \"\$(cat chunk)\"" /dev/null >out </dev/null || true
      [[ -s out ]]
      if LC_ALL=C grep -aPq '\x9b|\x1b\]|\x07' out; then
        fail "$kind: $chunk: $(od -c out | head)"
      fi
    done
  done
  # A file gets what was written.
  signet --no-journal -e 'io.stderr:write("\u{9b}", 7, "\n") print("\u{9b}")'
  assert_output $'\u009b'
  assert_equal "$stderr" $'\u009b7'
  signet --no-journal -e 'print(pcall(io.stderr.write, io.stderr, {}))'
  assert_output --partial "bad argument #1 to 'write' (string expected, got table)"
}

@test "what can't be written at the end is said before the work" {
  start_sandbox --seed 2,0
  echo 'print("ran")' >job.lua
  mkdir folder
  local option
  for option in missing/plan.json folder job.lua/plan.json; do
    signet plan -o "$option" job.lua
    assert_failure 3
    assert_output ''
    assert_one_sentence "--output: a plan can't be saved as $option: "
    signet sandbox --state "$option"
    assert_failure 3
    assert_output ''
    assert_one_sentence "--state: the account can't be saved as $option: "
    signet run --trace "$option" job.lua
    assert_failure 3
    assert_output ''
    assert_one_sentence "--trace: $option can't be written: "
  done
  signet plan -o plan.json job.lua
  assert_success
  signet run job.lua/x.lua
  assert_failure 2
  assert_one_sentence "the script job.lua/x.lua can't be reached: Not a directory"
}

@test "an error whose text can't be made" {
  script odd.lua <<'E2'
error(setmetatable({}, { __tostring = function() error "no text" end }))
E2
  signet run odd.lua
  assert_failure 1
  assert_one_sentence 'an error whose __tostring fails'
}

# A closed stream's number must not go to a connection, and what is printed with
# it into a request.
# shellcheck disable=SC2016 # the inner shell expands it
@test "standard output is closed" {
  start_sandbox --seed 3,3
  script print.lua <<'E2'
local sms = require("signet").connect()
print(#sms.signs:list())
print(#sms.signs:list())
E2
  run --separate-stderr bash -c '"$0" run print.lua >&-' "$SIGNET"
  assert_failure 1
  assert_one_sentence 'standard output: Bad file descriptor'
  run --separate-stderr bash -c '"$0" run --json print.lua >&-' "$SIGNET"
  assert_failure 1
  assert_one_sentence 'standard output is closed'
  run --separate-stderr bash -c '"$0" run print.lua <&- 2>&-' "$SIGNET"
  assert_success
  assert_output $'3\n3'
}

# Nor to the journal, with a warning written into it.
# shellcheck disable=SC2016 # the inner shell expands it
@test "standard error is closed, and the journal is whole" {
  start_sandbox --seed 3,0
  script write.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
for _, sign in ipairs(sms.signs:list()) do
  sms.signs:update(sign.sign_id, { sign_name = sign.sign_name .. " 2" })
  signet.log("warning", ("not for the journal "):rep(300))
end
E2
  for closed in '2>&-' '<&- >&- 2>&-' '<&- 2>&-'; do
    control POST /review '{"status":"approved"}' >/dev/null
    run bash -c '"$0" -v run write.lua '"$closed" "$SIGNET"
    signet show "$("$SIGNET" jobs --json | head -n 1 | jq -r .job)"
    assert_success
    assert_equal "$(grep -c ' done ' <<<"$output")" 3
  done
}

@test "a journal that can't be written ends a run at once" {
  start_sandbox --seed 3,200
  script all.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.templates:list { status = "approved" }, function(template)
  sms.templates:update(template.template_id, { country_codes = "US" })
end, { concurrency = 2 })
E2
  mkdir -m 755 open
  signet run --state-dir "$PWD/open" all.lua
  assert_failure 3
  assert_equal "$(grep -c '^failed: ' <<<"$stderr")" 2
  [[ $stderr == *'open to other users: run chmod 700'* ]]
  assert_no_writes
  signet --state-dir "$PWD/open" -e 'sms.signs:create { sign_name = "New" }'
  assert_failure 3
  assert_equal "$(grep -c 'run chmod 700' <<<"$stderr")" 1
  assert_no_writes
  signet --state-dir "$PWD/open" --json \
    -e 'sms.signs:create { sign_name = "New" }'
  assert_failure 3
  assert_equal "$(jq -r 'select(.event == "error").error.op' <<<"$output")" \
    signs:create
}

@test "a pipe where signet has a file: nobody waits at its other end" {
  start_sandbox --seed 3,3
  export SIGNET_STATE_DIR=$PWD/own
  mkdir -m 700 own
  mkfifo -m 600 own/learned own/history
  run timeout 20 "$SIGNET" repl <<<'#sms.signs:list()'
  assert_success
  assert_output 3
  signet --state-dir "$PWD/own" -e 'sms.signs:create { sign_name = "Made" }'
  assert_success
  for ending in wal shm journal; do
    local beside
    beside=$(echo own/*.db)-$ending
    rm -f "$beside"
    mkfifo -m 600 "$beside"
    run --separate-stderr timeout 20 "$SIGNET" jobs
    assert_failure
    assert_one_sentence "-$ending is no plain file: move it away"
    run --separate-stderr timeout 20 "$SIGNET" run <(echo '
      require("signet").connect().signs:create { sign_name = "Second" }')
    assert_failure
    [[ $stderr == *"-$ending is no plain file: move it away"* ]]
    rm "$beside"
  done
  run writes
  assert_output 1
  mkfifo -m 600 "$XDG_CONFIG_HOME/signet/config"
  run --separate-stderr timeout 20 "$SIGNET" -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "config is a pipe, not a file"
  rm "$XDG_CONFIG_HOME/signet/config"
  mkfifo -m 600 pem
  run --separate-stderr timeout 20 "$SIGNET" --ca-file pem -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "--ca-file: pem is a pipe, not a file"
}
