# SPDX-License-Identifier: MIT
# What is told of the requests: -v, -vv, --trace.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

# One program looks at the files of all tests: its schema takes long to load.
setup_file() {
  export HAR=$BATS_FILE_TMPDIR
  mkfifo "$HAR/asked" "$HAR/answers"
  # What is asked before it has begun isn't lost.
  exec {kept}<>"$HAR/asked"
  "$SOURCE/tests/e2e/check_har" "$HAR/asked" "$HAR/answers" 3>&- &
}

teardown_file() {
  echo stop 1<>"$HAR/asked"
  wait
}

# check_har FILE: the number of its requests, if it is right, is in $output.
check_har() {
  run har_of "$PWD/$1"
}

har_of() {
  local answer
  printf '%s\n' "$1" 1<>"$HAR/asked"
  read -r -t 60 answer <>"$HAR/answers" && printf '%s\n' "$answer"
  [[ $answer == [0-9]* ]]
}

# reply NAME: standard input becomes a reply, its lines ended with CRLF up to
# the first empty one.
reply() {
  awk 'body { printf "%s", $0; next } { printf "%s\r\n", $0 } !NF { body = 1 }' \
    >"$1"
}

# Every request is answered with these files; they go where the settings point.
answer_with() {
  start_wire serve peer/ledger "$@"
  export SIGNET_BASE_URL=http://127.0.0.1:$port
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$AWKWARD
}

@test "-v: one line a request, and none without it" {
  start_sandbox --seed 3,3
  signet -v -e '#sms.signs:list()'
  assert_output 3
  assert_equal "${#stderr_lines[@]}" 1
  [[ $stderr =~ ^GET\ /v1/sign-configs:\ 200\ in\ [0-9.]+\ m?s,\ attempt\ 1,\ [0-9]+\ bytes$ ]]
  signet -e '#sms.signs:list()'
  assert_equal "$stderr" ""
  signet -q -v -e '#sms.signs:list()'
  assert_equal "$stderr" ""
  signet -v --json -e 'print(#sms.signs:list())'
  assert_json_lines
  [[ $stderr == "GET /v1/sign-configs: 200 in "* ]]
}

@test "-v: a request that was not answered" {
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$SECRET
  signet -v --base-url http://127.0.0.1:1 -e 'sms.signs:list()'
  assert_failure 1
  [[ ${stderr_lines[0]} == "GET /v1/sign-configs: no reply in "*", attempt 1, 0 bytes: "* ]]
}

@test "-vv: headers and bodies, and who authenticates stays hidden" {
  start_sandbox --seed 3,3
  signet -vv -e 'sms.signs:create { sign_name = "Shown" }'
  assert_success
  [[ $stderr == *"> POST /v1/sign-configs HTTP/1.1"* ]]
  [[ $stderr == *"> Authorization: Basic ****************"* ]]
  [[ $stderr == *'> {"sign_name":"Shown"}'* ]]
  [[ $stderr == *"< HTTP/1.1 200 OK"*"< Content-Type: application/json"* ]]
  [[ $stderr == *'< {'* ]]
}

@test "-vv: what a server sends can't move a terminal" {
  reply odd <<E2
HTTP/1.1 400 Bad$(printf '\e[2J')
X-Odd: $(printf '\e]0;title\a\u202e')

$(printf '\e[31mred \x80\xff')
E2
  answer_with odd
  signet -vv -e 'sms.signs:list()'
  assert_failure 1
  refute_regex "$stderr" $'[\001-\010\013-\037]'
  [[ $stderr != *$'\u202e'* ]]
  [[ $stderr == *'\x1B[31mred \x80\xFF'* ]]
}

@test "-vv: a long body is cut" {
  start_sandbox --seed 100,0
  signet -vv -e '#sms.signs:list()'
  assert_success
  [[ ${stderr_lines[-1]} =~ ^\<\ …\ [0-9]+\ more\ bytes$ ]]
  ((${#stderr} < 7000))
}

@test "--trace: a HAR file that only its owner can read" {
  start_sandbox --seed 3,3
  umask 000
  signet --trace t.har -e 'local id = sms.signs:create { sign_name = "Two" }
    sms:request("GET", "/v1/sign-configs?page=1&name=a%20b&flag")'
  assert_success
  assert_equal "$(stat -c %a t.har)" 600
  check_har t.har
  assert_success
  assert_output "$(jq '.log.entries | length' t.har)"
  # A list tells the service's time before the first create.
  run jq -r '.log.entries[] | [.request.method, .response.status,
    .response.statusText, ._attempt, ._sends] | join(" ")' t.har
  assert_line --index 0 "GET 200 OK 1 1"
  assert_line --index 1 "POST 200 OK 1 1"
  run jq -c '[.log.entries[].request | select(.url | contains("page"))
    | .queryString[] | .name + "=" + .value]' t.har
  assert_output '["page=1","name=a%20b","flag="]'
  run jq -r '.log.entries[1].request.postData.text' t.har
  assert_output '{"sign_name":"Two"}'
  run jq -r '.log.entries[1].response.content.text' t.har
  assert_output --partial '"'
}

@test "--trace: of every command that has an account" {
  start_sandbox --seed 4,4
  signet doctor --trace d.har
  assert_success
  check_har d.har
  assert_output 1
  script s.lua <<<'require("signet").connect().signs:list()'
  signet run --trace r.har s.lua
  check_har r.har
  assert_output 1
  signet plan --trace p.har s.lua
  check_har p.har
  assert_output 1
  run --separate-stderr "$SIGNET" repl --trace i.har <<<'sms.signs:list()'
  check_har i.har
  assert_output 1
}

@test "--trace: takes a file's place, and only a file's" {
  start_sandbox --seed 3,3
  signet --trace old.har -e 'for _ = 1, 100 do sms.signs:list() end'
  assert_success
  chmod 666 old.har
  signet --trace old.har -e '#sms.signs:list()'
  assert_success
  assert_equal "$(stat -c %a old.har)" 600
  check_har old.har
  assert_output 1
  ln -s old.har link
  mkfifo pipe
  mkdir folder
  for path in link pipe folder /dev/null none/t.har; do
    signet --trace "$path" -e 'sms.signs:list()'
    assert_failure 3
    assert_one_sentence "--trace: $path can't be written: "
  done
  check_har old.har
  assert_output 1
  for path in link /dev/stdout; do
    signet --trace "$path" -e 'sms.signs:list()'
    assert_one_sentence "$path can't be written: it is a symbolic link, and none is followed: name the file itself"
  done
  signet --trace pipe -e 'sms.signs:list()'
  assert_one_sentence "it is no regular file: name a file"
}

@test "--trace: a run that is killed leaves a file to be opened" {
  start_sandbox --seed 3,3
  start "$SIGNET" --trace t.har -e 'while true do sms.signs:list() end'
  for _ in {1..200}; do
    [[ $(wc -l <t.har || true) -gt 50 ]] && break
    pause 0.02
  done 2>/dev/null
  kill -9 "$pid"
  finish
  check_har t.har
  assert_success
  ((output > 40))
}

@test "--trace: takes no other file's place" {
  start_sandbox --seed 3,3
  script s.lua <<<'require("signet").connect().signs:create { sign_name = "Other" }'
  signet plan -o plan.json s.lua
  assert_success
  printf '{"log":{"version":"1.2","creator":{"name":"Firefox"' >other.har
  printf '{' >short
  cp -r . ../kept
  for command in "run --trace s.lua s.lua" "apply --trace plan.json plan.json" \
    "run --trace other.har s.lua" "run --trace short s.lua"; do
    # shellcheck disable=SC2086 # the words of a command
    signet $command
    assert_failure 3
    assert_one_sentence "something else than a trace: name another file, or"
  done
  for file in s.lua plan.json other.har short; do
    cmp "$file" "../kept/$file"
  done
  assert_no_writes
  signet run --trace - s.lua
  assert_failure 3
  assert_one_sentence "--trace: - can't be written: a trace needs a file"
  refute [ -e ./- ]
  : >empty
  signet run --trace empty s.lua
  assert_success
  check_har empty
  assert_success
}

@test "--trace: two runs don't write one file" {
  start_sandbox --seed 3,3
  start "$SIGNET" --trace t.har -e 'while true do sms.signs:list() end'
  until grep -q sign-configs t.har; do pause 0.02; done 2>/dev/null
  signet --trace t.har -e 'sms.signs:create { sign_name = "Other" }'
  assert_failure 3
  assert_one_sentence "t.har can't be written: another run is writing its trace"
  assert_no_writes
  kill "$pid"
  finish
  check_har t.har
  assert_success
  signet --trace t.har -e 'sms.signs:list()'
  assert_success
  check_har t.har
  assert_output 1
}

@test "--trace: no room ends the file, not the run, and the file is whole" {
  start_sandbox --seed 100,0
  script s.lua <<'E2'
local sms = require("signet").connect()
for _ = 1, 10 do sms.signs:list() end
print "done"
E2
  for limit in 1 5 30 31 32 33 34 35 36 100; do
    # shellcheck disable=SC2016 # the inner shell expands it
    run --separate-stderr bash -c 'ulimit -f "$1"
      exec "$0" run --trace "$1.har" s.lua' "$SIGNET" $limit
    assert_success
    assert_output "done"
    assert_equal "$stderr" "warning: --trace: nothing more is written to \
$limit.har: File too large"
    check_har $limit.har
    assert_success
    ((output < 10 && $(stat -c %s $limit.har) <= limit * 1024))
  done
}

@test "--trace: a body has a limit, and the file says so" {
  start_sandbox --seed 1,8000
  signet --trace t.har -e '#sms.templates:list()'
  assert_output 8000
  check_har t.har
  assert_success
  run jq '.log.entries[0].response.content
    | (.text | length) <= 1048576 and .size > 1048576
      and (.comment | test("^the first 10485[0-9]+ of [0-9]+ bytes"))' t.har
  assert_output true
}

@test "--trace: bytes that are no text, and a reply that isn't one" {
  reply binary <<'E2'
HTTP/1.1 200 OK
Content-Type: image/png

E2
  printf '\x89PNG\x00\xff' >>binary
  reply interim <<'E2'
HTTP/1.1 103 Early Hints
Link: </style.css>

E2
  { cat interim; printf 'HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\n\r\n'; } >moved
  printf 'no HTTP' >none
  answer_with binary moved none
  for number in 1 2 3; do
    signet --attempts 1 --trace $number.har -e 'sms:request("GET", "/x")'
    assert_failure 1
    check_har $number.har
    assert_success
  done
  run jq -c '.log.entries[0].response.content | [.text, .encoding, .size]' 1.har
  assert_output '["iVBORwD/","base64",6]'
  run jq -c '.log.entries[0].response
    | [.status, .statusText, .redirectURL, (.headers | length)]' 2.har
  assert_output '[302,"Found","https://elsewhere.example/",1]'
  run jq -c '.log.entries[0].response | [.status, ._error != "",
    .statusText == "(failed) " + ._error]' 3.har
  assert_output '[0,true,true]'
}

# What browsers show of a file is tests/browser's.
@test "--trace: sizes as they came, the server's port, half a reply" {
  reply plain <<'E2'
HTTP/1.1 200 OK
Content-Type: application/json

E2
  { cat plain; printf '{}'; } >whole
  { printf 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'
    printf '{"a":"%0900d"}' 0 | gzip -n; } >small
  printf 'HTTP/1.1 200 Fine\r\nContent-Length: 9\r\n\r\n{' >half
  answer_with whole small half
  for number in 1 2 3; do
    signet --attempts 1 --trace $number.har -e 'sms:request("GET", "/x")'
    check_har $number.har
    assert_success
    run jq -r '.log.entries[0] | .connection + " " + ._resourceType' $number.har
    assert_output "$port fetch"
    run jq '.log.entries[0] | .timings.blocked > 0
      and .timings._blocked_queueing < .timings.blocked' $number.har
    assert_output true
  done
  run jq -c '.log.entries[0].response
    | [.content.size, .bodySize, ._transferSize]' 1.har
  assert_output "[2,2,$(stat -c %s whole)]"
  run jq -c '.log.entries[0].response
    | [.content.size, .bodySize < 100, ._transferSize]' 2.har
  assert_output "[908,true,$(stat -c %s small)]"
  run jq -r '.log.entries[0].response | .statusText, ._error' 3.har
  assert_line --index 0 --regexp '^Fine \(failed\) .*8 bytes remaining'
  assert_line --index 1 --regexp '^[^(]*8 bytes remaining'
}

# The server sends back what it got, in each form, wherever it can.
@test "a server that echoes the secret: nothing shows it" {
  forms_of "$AWKWARD" >peer/forms
  reply peer/echo <<E2
HTTP/1.1 400 @AUTHORIZATION@
X-Echo: @AUTHORIZATION@
$(sed 's/^/X-Form: /' peer/forms)
Set-Cookie: session=@AUTHORIZATION@

@AUTHORIZATION@ $(tr '\n' ' ' <peer/forms)
E2
  jq -n --arg text "$AWKWARD" '{code: 7, message: $text}' >peer/body
  { printf 'HTTP/1.1 400 Bad\r\n\r\n'; cat peer/body; } >peer/own
  printf 'HTTP/1.1 302 Found\r\nLocation: https://x.example/%s?@AUTHORIZATION@\r\n\r\n' \
    "$(python3 -c 'import sys, urllib.parse as u; print(u.quote(sys.argv[1], safe=""))' "$AWKWARD")" >peer/moved
  answer_with peer/{echo,echo,own,own,moved,moved}
  mkdir out
  for number in {1..6}; do
    signet --attempts 1 -vv --trace "out/$number.har" -e 'sms.signs:list()'
    assert_failure 1
    printf '%s' "$stderr" >"out/$number.err"
    [[ $stderr == *"error: "*'*****'* ]] || fail "$stderr"
    check_har "out/$number.har"
    assert_success
  done
  run grep -rlFf peer/forms out
  assert_failure 1
  # What it looks for was there.
  run grep -c "$(printf 'key:%s' "$AWKWARD" | base64 -w0)" peer/ledger
  assert_output 6
}

@test "a message with the secret in any form: neither shown nor kept" {
  local form replies count=0
  forms_of "$AWKWARD" >peer/forms
  while IFS= read -r form; do
    count=$((count + 1))
    printf 'HTTP/1.1 400 Bad\r\n\r\n{"code":7,"message":%s}' \
      "$(jq -n --arg text "<$form>" '$text')" >"peer/reply.$count"
  done <peer/forms
  mapfile -t replies < <(seq -f 'peer/reply.%g' "$count")
  answer_with "${replies[@]}"
  mkdir out
  signet run --state-dir out/state -vv --trace out/t.har \
    <(printf '%s\n' 'local sms = require("signet").connect()' \
      "for i = 1, $count do" \
      '  print(select(2, pcall(sms.signs.create, sms.signs, { sign_name = "N" .. i })))' \
      'end')
  printf '%s\n%s\n' "$output" "$stderr" >out/shown
  "$SIGNET" jobs --state-dir out/state --json >out/jobs
  "$SIGNET" show --state-dir out/state "$(jq -r .job out/jobs)" >out/show
  run grep -c '<\*\{20,\}.\{0,4\}>' out/show
  assert_output "$count"
  run grep -rlFf peer/forms out
  assert_failure 1
}
