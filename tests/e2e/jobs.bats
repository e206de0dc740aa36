#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # bats sets status, output and lines

# The shipped jobs as an operator runs them: the executable against the sandbox
# over HTTP. SIGNET is the executable, SOURCE the project's folder.

bats_require_minimum_version 1.5.0
load helper

: "${SIGNET:=$BATS_TEST_DIRNAME/../../build/signet}"
: "${SOURCE:=$BATS_TEST_DIRNAME/../..}"

setup() {
  trace_failures_only
  cd "$BATS_TEST_TMPDIR" || return
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$SECRET
  export XDG_CONFIG_HOME=$PWD SIGNET_STATE_DIR=$PWD/state
  mkdir bin
  ln -s "$SIGNET" bin/signet
  PATH=$PWD/bin:$PATH
}

teardown() {
  stop_sandbox
}

# The examples call signet as a person does.
signet() {
  "$SIGNET" "$@"
}

# Serves a state: a file, or the one that most tests begin with.
start_sandbox() {
  cp "${1:-$SOURCE/tests/e2e/jobs_state.json}" state.json
  serve_sandbox --credentials-from-env --state state.json
  [ -n "$URL" ] || { cat sandbox.err; return 1; }
  export SIGNET_BASE_URL=$URL
}

# "id name status" of every signature; "id name sign_id position status" of
# every template.
signs() {
  signet -q -e 'for _, s in ipairs(sms.signs:list()) do
    print(s.sign_id .. " " .. s.sign_name .. " " .. tostring(s.status)) end'
}
templates() {
  signet -q -e 'for _, t in ipairs(sms.templates:list()) do
    print(t.template_id .. " " .. t.template_name .. " "
      .. tostring(t.sign_id) .. " " .. t.sign_position .. " " .. t.status) end'
}

approve_all() {
  control POST /review '{"status":"approved"}' >/dev/null
}

# Runs a job that must send no write.
run_idle() {
  local before after
  before=$(writes)
  run --separate-stderr signet run "$@"
  after=$(writes)
  assert_equal "$after" "$before"
}

# --- rename -------------------------------------------------------------------

@test "rename: a map by names, and nothing to do the second time" {
  start_sandbox
  printf '%s\r\n' $'\xEF\xBB\xBFold_name,new_name' 'Acme Corp,Acme' \
    '"Beta, Inc.","Beta ""B"""' >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_success
  assert_output - <<'EOF'
2 signatures renamed:
1001  Acme Corp   →  Acme      3 templates
1002  Beta, Inc.  →  Beta "B"  1 template
4 templates can't send until their signatures are approved again.
EOF
  run signs
  assert_line '1001 Acme 1'
  assert_line '1002 Beta "B" 1'

  run_idle rename --map names.csv
  assert_success
  assert_line '0 signatures renamed.'
  assert_line '2 skipped, already named so:'
}

@test "rename: a map by ids" {
  start_sandbox
  printf '%s\n' 'sign_id,sign_name' '1006,"Zeta
Two"' '1001,公司' >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_success
  assert_line '1006  Zeta       →  Zeta\x0ATwo  1 template'
  assert_line '1001  Acme Corp  →  公司         3 templates'
  assert_regex "$stderr" "'Zeta.x0ATwo' holds a control character"
  run_idle rename --map names.csv
  assert_success
}

@test "rename: one bad row and nothing is sent" {
  start_sandbox
  printf '%s\n' sign_id,sign_name '1001,[Acme]' 1002,Good 99,Nobody 1005,X \
    1006,Epsilon '1001,Twice' >bad.csv
  run_idle rename --map bad.csv
  assert_failure 1
  assert_output ''
  assert_regex "$stderr" "bad.csv:2: '\[Acme\]' holds \["
  assert_regex "$stderr" "bad.csv:4: no signature has the sign_id 99"
  assert_regex "$stderr" "bad.csv:5: 'X' has 1 character"
  assert_regex "$stderr" "bad.csv:7: sign_id 1001 is also in line 2"
  assert_regex "$stderr" "4 problems, nothing was sent"
  refute_regex "$stderr" "traceback"
}

@test "rename: a map that isn't there, isn't UTF-8, has another header" {
  start_sandbox
  run_idle rename --map none.csv
  assert_failure 1
  assert_regex "$stderr" "the map none.csv can't be read: No such file or directory\$"
  run_idle rename --map .
  assert_failure 1
  assert_regex "$stderr" "the map . can't be read: Is a directory"
  printf 'old_name,new_name\nAcme Corp,M\xFCller\n' >names.csv
  run_idle rename --map names.csv
  assert_failure 1
  assert_regex "$stderr" "names.csv:2: text that is not valid UTF-8"
  printf 'from,to\nAcme Corp,Acme\n' >names.csv
  run_idle rename --map names.csv
  assert_failure 1
  assert_regex "$stderr" "names.csv:1: the header must be sign_id,sign_name or"
}

@test "rename: a chain, last name first" {
  start_sandbox
  printf '%s\n' old_name,new_name 'Acme Corp,"Beta, Inc."' '"Beta, Inc.",Zeta' \
    'Zeta,Zeta Old' >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_success
  assert_line '3 signatures renamed:'
  run signs
  assert_line '1001 Beta, Inc. 1'
  assert_line '1002 Zeta 1'
  assert_line '1006 Zeta Old 1'
  run_idle rename --map names.csv
  assert_success
  assert_line '3 skipped, already named so:'
}

@test "rename: a chain whose names are freed by the review takes several runs" {
  start_sandbox
  control PUT /options '{"free_name_on_submit":false}'
  printf '%s\n' old_name,new_name 'Acme Corp,"Beta, Inc."' \
    '"Beta, Inc.",Beta' >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_success
  assert_line '1 signature renamed:'
  assert_line '1 skipped, waits until the review of 1002 frees its name:'
  approve_all
  run --separate-stderr signet run rename --map names.csv
  assert_success
  assert_line '1 signature renamed:'
  approve_all
  run signs
  assert_line '1001 Beta, Inc. 2'
  assert_line '1002 Beta 2'
  run_idle rename --map names.csv
  assert_success
}

@test "rename: what depends on a signature that waits is skipped with it" {
  start_sandbox
  printf '%s\n' sign_id,sign_name '1001,Gamma 公司' 1003,Gamma >names.csv
  run_idle rename --map names.csv
  assert_success
  assert_line '1 skipped, waits for review:'
  assert_line '  1003 Gamma 公司'
  assert_line '1 skipped, needs the name of 1003, which this run did not rename:'
}

@test "rename: a swap is refused" {
  start_sandbox
  printf '%s\n' sign_id,sign_name '1001,"Beta, Inc."' '1002,Acme Corp' \
    >names.csv
  run_idle rename --map names.csv
  assert_failure 1
  assert_regex "$stderr" "names.csv:2: .* go round in a circle"
}

@test "rename: a signature that a plan uses is skipped" {
  start_sandbox
  printf '%s\n' sign_id,sign_name '1005,Epsilon Two' >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_success
  assert_output - <<'EOF'
0 signatures renamed.
1 skipped, used by a pending or running message plan:
  1005 Epsilon
EOF
}

@test "rename: a failure is listed with its entry, the others go on" {
  start_sandbox
  control POST /faults '{"method":"PUT","path":"/v1/sign-configs/1001",
    "status":400,"body":"{\"code\":400,\"message\":\"no such luck\"}"}'
  printf '%s\n' sign_id,sign_name 1001,Aa 1002,Bb >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_failure 1
  assert_line '1 signature renamed:'
  assert_line '1 failed:'
  assert_line --regexp '^  1001 Acme Corp: .*no such luck'
}

@test "rename: an outcome that is not known is told, and found out later" {
  start_sandbox
  control POST /faults '{"path":"/v1/sign-configs/1001","close":"after"}'
  printf '%s\n' sign_id,sign_name 1001,Aa 1002,Bb >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_failure 5
  assert_line '1 signature renamed:'
  assert_line '1 may or may not have been done:'
  assert_line --regexp '^  1001 Acme Corp: .*unknown'
  control DELETE /faults
  run_idle rename --map names.csv
  assert_success
  assert_line '2 skipped, already named so:'
}

@test "rename: interrupted, it tells what it did, and a later run goes on" {
  start_sandbox
  control PUT /options '{"latency_ms":300}' >/dev/null
  # Long enough for a busy machine to see the first one, and to interrupt.
  control POST /faults '{"method":"PUT","path":"/v1/*","nth":2,
    "delay_ms":4000,"effect":true}' >/dev/null
  printf '%s\n' sign_id,sign_name 1001,Aa 1002,Bb 1004,Dd 1006,Ff >names.csv
  # What a shell starts in the background is deaf to the signal.
  env --default-signal=INT signet run --concurrency 1 rename --map names.csv \
    >out 2>err 3>&- &
  for _ in {1..200}; do
    [[ $(control GET '/requests?effect=true&method=PUT' | jq length) == 0 ]] ||
      break
    pause 0.05
  done
  kill -INT $!
  status=0
  wait $! || status=$?
  assert_equal "$status" 130
  run cat out
  assert_line --regexp '^[123] signatures? renamed:$'
  # How many there were decides how wide the column is.
  assert_line --regexp '^1001  Acme Corp +→  Aa  3 templates$'
  refute_line --partial Ff
  control PUT /options '{"latency_ms":0}' >/dev/null
  run --separate-stderr signet run rename --map names.csv
  assert_success
  run signs
  assert_line '1006 Ff 1'
}

@test "rename: a rule over a selection, and nothing to do the second time" {
  start_sandbox
  run --separate-stderr signet run rename --suffix ' Ltd' --status approved \
    --name '^[AB]'
  assert_success
  assert_line '1001  Acme Corp   →  Acme Corp Ltd   3 templates'
  assert_line '1002  Beta, Inc.  →  Beta, Inc. Ltd  1 template'
  refute_line --partial Epsilon
  approve_all
  run_idle rename --suffix ' Ltd' --status approved --name '^[AB]'
  assert_success
  assert_output '0 signatures renamed.'

  run --separate-stderr signet run rename --replace '^(%a+) Corp (.*)$' '%1 %2' \
    --prefix 'The ' --id 1001 --id 1006
  assert_success
  assert_line '2 signatures renamed:'
  run signs
  assert_line '1001 The Acme Ltd 1'
  assert_line '1006 The Zeta 1'
  run_idle rename --replace '^(%a+) Corp (.*)$' '%1 %2' --prefix 'The ' \
    --id 1001 --id 1006
  assert_success
}

@test "rename: a rule that would go on for ever is refused" {
  start_sandbox
  run_idle rename --replace Acme 'Acme Europe'
  assert_failure 1
  assert_regex "$stderr" "a second run would make 'Acme Europe Europe Corp'"
}

@test "rename: a rule that makes bad or colliding names is refused" {
  start_sandbox
  run_idle rename --replace '^(%a).*$' '%1'
  assert_failure 1
  assert_regex "$stderr" "signature 1001: 'A' has 1 character"
  run_idle rename --replace '^[AB].*$' Same
  assert_failure 1
  assert_regex "$stderr" "signature 1002: the name 'Same' is given in"
}

# --- migrate ------------------------------------------------------------------

@test "migrate: moves templates, keeps the rest, and nothing the second time" {
  start_sandbox
  run --separate-stderr signet run migrate --from 1001 --to 1002
  assert_success
  assert_output - <<'EOF'
2 templates moved from 1001 Acme Corp to 1002 Beta, Inc.:
5001  Login code      prefix
5002  Order received  suffix
They can't send until they are approved again.
1 skipped, waits for review:
  5003 Summer sale
EOF
  run templates
  assert_line '5001 Login code 1002 1 1'
  assert_line '5002 Order received 1002 2 1'
  assert_line '5003 Summer sale 1001 1 1'
  run signet -q -e 'local t = sms.templates:get("5002")
    print(t.template_type, t.template_content, t.country_codes)'
  assert_output $'utility\tWe have your order {{number}}.\tDE,US'

  run_idle migrate --from 1001 --to 1002
  assert_success
  assert_line '0 templates moved from 1001 Acme Corp to 1002 Beta, Inc.'
}

@test "migrate: selects by status, type and country, and moves the signature" {
  start_sandbox
  approve_all
  run --separate-stderr signet run migrate --from 1001 --to 1002 \
    --type marketing
  assert_success
  assert_line '5003  Summer sale  prefix'
  assert_line '1 template moved from 1001 Acme Corp to 1002 Beta, Inc.:'
  run --separate-stderr signet run migrate --from 1001 --to 1002 \
    --country cn --status approved --position suffix
  assert_success
  assert_line '1 template moved from 1001 Acme Corp to 1002 Beta, Inc.:'
  assert_line '5001  Login code  suffix'
  run_idle migrate --from 1001 --to 1002 --status rejected
  assert_success
  run templates
  assert_line '5001 Login code 1002 2 1'
  assert_line '5002 Order received 1001 2 2'
}

@test "migrate: refuses a signature that is not approved or not there" {
  start_sandbox
  run_idle migrate --from 1001 --to 1003
  assert_failure 4
  assert_regex "$stderr" "signature 1003 'Gamma 公司' is pending, and only an"
  run_idle migrate --from 1001 --to 1004
  assert_failure 4
  assert_regex "$stderr" "is rejected, and only an approved one"
  run_idle migrate --from 1001 --to 77
  assert_failure 4
  assert_regex "$stderr" "--to: no signature has the sign_id 77"
  run_idle migrate --from 77 --to 1001
  assert_failure 4
  assert_regex "$stderr" "--from: no signature and no template has the sign_id"
}

@test "migrate: skips what a plan uses, lists what failed" {
  start_sandbox
  control POST /faults '{"method":"PUT","path":"/v1/template-configs/5002",
    "status":400,"body":"{\"code\":400,\"message\":\"no such luck\"}"}'
  run --separate-stderr signet run migrate --from 1002 --to 1001
  assert_success
  assert_line '1 skipped, used by a pending or running message plan:'
  assert_line '  5007 Alert'
  run --separate-stderr signet run migrate --from 1001 --to 1002
  assert_failure 1
  assert_line '1 failed:'
  assert_line --regexp '^  5002 Order received: .*no such luck'
}

# --- clean --------------------------------------------------------------------

@test "clean: saves, then deletes what is rejected; nothing the second time" {
  start_sandbox
  run --separate-stderr signet run --yes clean --backup deleted.json
  assert_success
  assert_output - <<'EOF'
3 records saved to deleted.json
3 deleted:
template   5004  Spring sale  wrong brand
template   5005  Old login    brand not registered
signature  1004  Delta Shop   brand not registered
1 skipped, templates use it, and --cascade was not given:
  signature 1006 Zeta
EOF
  run lua5.4 -e 'local saved = require "cjson".decode(io.read "a")
    for _, record in ipairs(saved.signs) do
      print(record.sign_id, record.sign_name, record.audit_remark)
    end
    for _, record in ipairs(saved.templates) do
      print(record.template_id, record.template_content, record.country_codes,
        record.audit_remark)
    end' <deleted.json
  assert_output "$(printf '%s\t%s\t%s\n' 1004 'Delta Shop' 'brand not registered'
    printf '%s\t%s\t%s\t%s\n' 5004 'Spring sale: {{offer}}' DE 'wrong brand' \
      5005 'Code {{code}}' US 'brand not registered')"
  run signs
  refute_line --partial 1004
  assert_line '1006 Zeta 3'
  run templates
  refute_line --partial 5004
  refute_line --partial 5005
  assert_line '5006 Zeta news 1006 2 2'

  run_idle clean --backup again.json
  assert_success
  assert_line '0 deleted.'
  [ ! -e again.json ]
}

@test "clean: --cascade deletes the templates too, names them and saves them" {
  start_sandbox
  run --separate-stderr signet run --yes clean --only signs --cascade \
    --backup deleted.json
  assert_success
  assert_line '4 records saved to deleted.json'
  assert_line '4 deleted:'
  assert_line --partial '5006  Zeta news'
  assert_regex "$stderr" \
    "--cascade deletes template 5006 'Zeta news', which is approved"
  refute_regex "$stderr" 5005
  run grep -c '"template_id":"500[56]"' deleted.json
  assert_output 2
  run templates
  assert_line --partial '5004 Spring sale'
  refute_line --partial '5006'
  run signs
  refute_line --partial 1006
}

@test "clean: --only, --older-than and --remark select" {
  start_sandbox
  run_idle clean --older-than 999999w
  assert_success
  assert_output '0 deleted.'
  run_idle clean --remark '^registered'
  assert_output '0 deleted.'
  run --separate-stderr signet run --yes clean --only templates --remark 'not reg%a+' \
    --older-than 30d --backup deleted.json
  assert_success
  assert_line '1 deleted:'
  assert_line 'template  5005  Old login  brand not registered'
  run --separate-stderr signet run --yes clean --only signs --backup more.json
  assert_success
  assert_line 'signature  1004  Delta Shop  brand not registered'
  run templates
  assert_line --partial '5004 Spring sale'
}

@test "clean: without a backup nothing is deleted" {
  start_sandbox
  echo precious >deleted.json
  run_idle clean --backup deleted.json
  assert_failure 4
  assert_regex "$stderr" "the backup can't be written: deleted.json exists"
  assert_equal "$(cat deleted.json)" precious
  run_idle clean --backup none/deleted.json
  assert_failure 4
  for place in /dev/full /dev/null . fifo; do
    [[ -e $place ]] || mkfifo fifo
    run_idle --yes clean --backup "$place"
    assert_failure 4
    assert_regex "$stderr" "^error: the backup can't be written: .*(is no plain file; name a new one|Is a directory|No space left.*|does not keep what is written to it; name a new file)\$"
  done
}

@test "clean: refused as a whole, before anything is saved or sent" {
  start_sandbox
  mkdir signet
  run_idle clean --backup deleted.json
  assert_failure 4
  assert_equal "$stderr" "error: without a terminal to confirm it nothing is deleted: --yes allows it"
  run_idle --yes --max-deletes 1 clean --backup deleted.json
  assert_failure 4
  assert_regex "$stderr" "^error: this run is going to delete [0-9]+ entries, and may delete 1 and no more: --max-deletes N or N% allows others\$"
  run_idle --yes --max-changes 1 clean --backup deleted.json
  assert_regex "$stderr" "may change 1 and no more"
  # Names in another case or form, and a signature's templates.
  for line in 'protect_name = delta*' 'protect_name = Ｄelta shop' 'protect_id = 1004'; do
    printf '[default]\n%s\n' "$line" >signet/config
    run_idle --yes clean --cascade --only signs --backup deleted.json
    assert_failure 4
    assert_regex "$stderr" "error: ([0-9]+ entries are protected, )?(template [0-9]+ .*its signature is|signature 1004 Delta Shop: it is) protected by "
  done
  assert [ ! -e deleted.json ]
}

# This machine is a year ahead of the service.
@test "clean: ages are by the service's clock" {
  local then=$(($(date +%s) - 365 * 86400 - 3600)) service
  jq -n --argjson at "$then" '{templates: [], signs: [{sign_id: "1004",
    sign_name: "Delta Shop", status: 3, created_time: $at,
    updated_time: $at}]}' >old.json
  python3 "$SOURCE/tests/service/service.py" --lifetime 60 --stay --state old.json \
    --secret "$SECRET" --switches '{"clock_offset": -31536000}' >url 3>&- &
  service=$!
  for _ in {1..100}; do
    [[ -s url ]] && break
    pause 0.05
  done
  SIGNET_BASE_URL=$(<url)
  export SIGNET_BASE_URL
  run --separate-stderr signet run --yes clean --older-than 2h --backup a.json
  assert_output '0 deleted.'
  run --separate-stderr signet run --yes clean --older-than 30m --backup a.json
  assert_line '1 deleted:'
  kill "$service"
}

@test "clean: the default backup lies in the current folder" {
  start_sandbox
  run --separate-stderr signet run --yes clean
  assert_success
  run bash -c 'ls clean-*.json'
  assert_output --regexp '^clean-[0-9]{8}-[0-9]{6}\.json$'
}

# A delayed list lets the target go between it and the first move.
@test "migrate: a target that vanished ends it, with one sentence" {
  start_sandbox
  control POST /faults '{"method":"GET","path":"/v1/template-configs",
    "delay_ms":1500,"effect":true}'
  signet run --concurrency 1 migrate --from 1001 --to 1002 \
    >move.out 2>move.err 3>&- &
  job=$!
  pause 0.7
  curl -sS -u "key:$SECRET" -X PUT "$SIGNET_BASE_URL/v1/sign-configs/1002" \
    --data '{"sign_name":"Another name"}'
  wait "$job" || status=$?
  run cat move.out
  assert_line --regexp 'skipped, signature 1002 of --to is pending now:$'
  run control GET '/requests?method=PUT'
  assert_equal "$(jq length <<<"$output")" 2 # that one, and one move
}

# A delayed list lets the entry change between it and the delete.
@test "clean: an entry that changed since the list is left alone" {
  start_sandbox
  control POST /faults '{"method":"GET","path":"/v1/template-configs",
    "delay_ms":1500,"effect":true}'
  signet run --yes clean --backup deleted.json >clean.out 2>clean.err 3>&- &
  job=$!
  pause 0.7
  curl -sS -u "key:$SECRET" -X PUT "$SIGNET_BASE_URL/v1/template-configs/5004" \
    --data '{"template_name":"Spring sale","template_type":"marketing",
      "template_content":"Spring: {{offer}}","country_codes":"DE"}'
  curl -sS -u "key:$SECRET" -X DELETE \
    "$SIGNET_BASE_URL/v1/sign-configs/1004"
  wait "$job"
  run cat clean.out
  assert_line '1 skipped, changed since the account was read:'
  assert_line '  template 5004 Spring sale'
  assert_line '1 skipped, gone already:'
  run templates
  assert_line --partial '5004 Spring sale'
}

@test "clean: templates stay when their signature is no longer rejected" {
  start_sandbox
  control POST /faults '{"method":"GET","path":"/v1/template-configs",
    "delay_ms":1500,"effect":true}'
  signet run --yes clean --cascade --backup deleted.json >clean.out 2>clean.err 3>&- &
  job=$!
  pause 0.7
  curl -sS -u "key:$SECRET" -X PUT "$SIGNET_BASE_URL/v1/sign-configs/1006" \
    --data '{"sign_name":"Zeta Two"}'
  wait "$job"
  run cat clean.out
  assert_line '1 skipped, its signature changed since the account was read:'
  assert_line '  template 5006 Zeta news'
  assert_line '1 skipped, changed since the account was read:'
  assert_line '  signature 1006 Zeta'
  run templates
  assert_line --partial '5006 Zeta news'
}

@test "clean: what a plan uses is skipped, and so is its signature" {
  start_sandbox
  control POST /lock '{"kind":"template","id":"5005"}'
  run --separate-stderr signet run --yes clean --backup deleted.json
  assert_success
  assert_line '1 skipped, used by a pending or running message plan:'
  assert_line '  template 5005 Old login'
  assert_line '1 skipped, templates still use it:'
  assert_line '  signature 1004 Delta Shop'
}

# --- all of them --------------------------------------------------------------

@test "wrong options: one sentence, exit status 2, nothing sent" {
  start_sandbox
  expect_usage() {
    run_idle "$@"
    assert_failure 2
    assert_output ''
    assert_equal "${#stderr_lines[@]}" 1
  }
  expect_usage rename
  expect_usage rename --nonsense
  expect_usage rename --pre x
  expect_usage rename --map a.csv --prefix x
  expect_usage rename --map a.csv --status approved
  expect_usage rename --prefix x --status nonsense
  expect_usage rename --prefix x --name '[a'
  expect_usage rename --replace '%' x
  expect_usage rename --replace '(' x
  assert_regex "$stderr" "--replace: '\(' is no Lua pattern, unfinished capture; %\( stands for a bracket itself"
  expect_usage rename --replace x '50%'
  expect_usage rename --replace a '%9'
  expect_usage rename --prefix x --id 77
  expect_usage rename extra
  expect_usage migrate --from 1001
  expect_usage migrate --from 1001 --to 1001
  expect_usage migrate --from 1001 --to 1002 --position middle
  expect_usage clean --older-than soon
  expect_usage clean --only everything
  expect_usage clean --only templates --cascade
  expect_usage clean --remark '%'
  # Who writes signet's own options behind the script is told where they go.
  expect_usage clean --dry-run
  assert_equal "$stderr" "clean: unknown option '--dry-run'; signet's own \
options stand before clean (see signet run clean --help)"
}

# The examples of a --help text, without their indentation.
examples() {
  awk '/^   \$ / { inside = 1 } !/^   / { inside = 0 }
    inside { print substr($0, 4) }'
}

@test "--help shows examples that print what they say" {
  # Results only: what goes to standard error holds how long it took.
  rm bin/signet
  printf '#!/bin/sh\nexec "%s" "$@" 2>/dev/null\n' "$(realpath "$SIGNET")" \
    >bin/signet
  chmod +x bin/signet
  for job in rename migrate clean; do
    start_sandbox
    run signet run "$job" --help
    assert_success
    assert_line --partial "signet run $job"
    examples <<<"$output" >"$job.txt"
    assert [ -s "$job.txt" ]
    rm -f names.csv deleted.json
    run lua5.4 "$SOURCE/tests/docs/transcript.lua" "$job.txt"
    assert_output - <"$job.txt"
    stop_sandbox
  done
}

@test "the signs API of 2023: rename works, the others say why not" {
  export SIGNET_API=signs
  start_sandbox
  printf '%s\n' old_name,new_name 'Acme Corp,Acme' >names.csv
  run --separate-stderr signet run rename --map names.csv
  assert_success
  assert_output $'1 signature renamed:\n1001  Acme Corp  →  Acme'
  run_idle rename --map names.csv
  assert_success
  run_idle rename --prefix x --status approved
  assert_failure 2
  run_idle migrate --from 1001 --to 1002
  assert_failure 1
  assert_regex "$stderr" "migrate needs templates, and the signs API of 2023"
  run_idle clean
  assert_failure 1
  assert_regex "$stderr" "the signs API of 2023 has no reviews"
}

@test "the stock interpreter runs them too" {
  if nm -D "$(dirname "$(realpath "$SIGNET")")/lua/signet.so" |
    grep -q __asan_init; then
    skip "it can't load a module that needs a sanitizer's runtime"
  fi
  start_sandbox
  export LUA_PATH="$SOURCE/scripts/?.lua;;"
  LUA_CPATH="$(dirname "$(realpath "$SIGNET")")/lua/?.so;;"
  export LUA_CPATH
  printf '%s\n' sign_id,sign_name 1001,Aa 1003,Bb >names.csv
  run --separate-stderr lua5.4 "$SOURCE/scripts/rename.lua" --map names.csv
  assert_success
  assert_line '1 signature renamed:'
  assert_line '1 skipped, waits for review:'
  run --separate-stderr lua5.4 "$SOURCE/scripts/clean.lua" --nonsense
  assert_failure 2
}

@test "--json: the report is events, the summary is last" {
  start_sandbox
  printf '%s\n' sign_id,sign_name 1001,Aa 1003,Bb >names.csv
  run --separate-stderr signet run --json rename --map names.csv
  assert_success
  assert_line --partial '"text":"1 signature renamed:'
  assert_regex "${lines[-1]}" '"event": ?"summary".*"done": ?1.*"skipped": ?1'
  run --separate-stderr signet run --json rename --nonsense
  assert_failure 2
  assert_regex "${lines[-1]}" '"event": ?"summary"'
}

@test "a chain through the whole account" {
  lua5.4 -e 'local signs, rows = {}, { "old_name,new_name" }
    for id = 1, 3000 do
      signs[id] = ("{\"sign_id\":\"%d\",\"sign_name\":\"Name %d\"}")
        :format(id, id)
      rows[id + 1] = ("Name %d,Name %d"):format(id, id + 1)
    end
    io.open("big.json", "w"):write("{\"version\":1,\"signs\":[",
      table.concat(signs, ","), "]}")
    io.open("names.csv", "w"):write(table.concat(rows, "\n"))'
  start_sandbox big.json
  run --separate-stderr timeout 60 signet run rename --map names.csv
  assert_success
  assert_line '3000 signatures renamed:'
  run_idle rename --map names.csv
  assert_success
}

@test "ten thousand entries" {
  lua5.4 - >big.json <<'EOF'
  local signs = {}
  for id = 1, 10000 do
    signs[id] = ('{"sign_id":"%d","sign_name":"Name %d","status":2}')
      :format(id, id)
  end
  print(('{"version":1,"signs":[%s],"templates":[]}')
    :format(table.concat(signs, ",\n")))
EOF
  start_sandbox big.json
  lua5.4 -e 'print "old_name,new_name"
    for id = 1, 10000 do print(("Name %d,New %d"):format(id, id)) end' \
    >names.csv
  run --separate-stderr timeout 60 signet run rename --map names.csv
  assert_success
  assert_line '10000 signatures renamed:'
  run_idle rename --map names.csv
  assert_success
  assert_line '10000 skipped, already named so:'
}

@test "credentials that are refused half-way: what was changed is named" {
  start_sandbox
  control POST /faults \
    '{"method": "PUT", "nth": 2, "every": 1, "status": 401}' >/dev/null
  run --separate-stderr signet run -q --concurrency 1 rename \
    --status approved --suffix ' X'
  assert_failure 3
  assert_line --index 0 '1 signature renamed:'
  assert_line --index 1 --partial 'Acme Corp X'
  [[ $stderr == *'HTTP 401'* ]]
}
