# SPDX-License-Identifier: MIT
# signet sandbox, as a program; what the server does is tested elsewhere.
# shellcheck disable=SC2154,SC2030,SC2031 # what `run` and the helpers set
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

@test "standard output is one line, the URL; a pipe gets no hint" {
  start_sandbox
  run cat url
  assert_output --regexp '^http://127\.0\.0\.1:[0-9]+$'
  run cat sandbox.err
  assert_output ""
}

@test "SIGTERM and SIGINT end it with 0, and it saves its state" {
  through=(env --default-signal=INT)
  for signal in TERM INT; do
    rm -f state.json
    start_sandbox --seed 3,2 --state state.json
    kill -$signal "$sandbox_pid"
    status=0
    wait "$sandbox_pid" || status=$?
    sandbox_pid=
    assert_equal $status 0
    [[ -s state.json ]]
    rm url
    start_sandbox --state state.json
    signet -e '#sms.signs:list(), #sms.templates:list()'
    assert_output $'3\n2'
    stop_sandbox
    rm url
  done
}

@test "its credentials are its own, those of the environment only when told" {
  export ENGAGELAB_SMS_KEY=mine ENGAGELAB_SMS_SECRET=canary-4711
  start_plain_sandbox
  run curl -s -o /dev/null -w '%{http_code}' -u key:secret "$URL/v1/sign-configs"
  assert_output 200
  run curl -s -o /dev/null -w '%{http_code}' -u mine:canary-4711 "$URL/v1/sign-configs"
  assert_output 401
  stop_sandbox
  rm url
  export ENGAGELAB_SMS_KEY=mine ENGAGELAB_SMS_SECRET=canary-4711
  serve_sandbox --credentials-from-env
  run curl -s -o /dev/null -w '%{http_code}' -u mine:canary-4711 "$URL/v1/sign-configs"
  assert_output 200
  run grep -c 4711 "/proc/$sandbox_pid/environ"
  assert_output 0
  stop_sandbox
  unset ENGAGELAB_SMS_SECRET
  signet sandbox --credentials-from-env
  assert_failure 3
  assert_one_sentence 'must both be set'
}

@test "--key and --latency" {
  start_sandbox --key other --latency 150
  run curl -s -o /dev/null -w '%{http_code} %{time_total}' -u "other:$SECRET" "$URL/v1/sign-configs"
  assert_output --regexp '^200 (0\.1[5-9]|0\.[2-9]|[1-9])'
}

@test "a port that is taken, a state file that is broken" {
  start_sandbox
  signet sandbox --port "${URL##*:}"
  assert_failure 1
  assert_one_sentence "${URL##*:}"
  script state.json <<<'{ broken'
  signet sandbox --state state.json
  assert_failure 1
  assert_one_sentence 'state.json'
}

@test "on a terminal it says how to use it" {
  open_terminal
  type_line "$SIGNET sandbox"
  wait_for '^http://127\.0\.0\.1:[0-9]+$'
  wait_for 'export SIGNET_BASE_URL=http://127.0.0.1:[0-9]+ ENGAGELAB_SMS_KEY=key'
  press C-c
  type_line 'echo status $?'
  wait_for '^status 0$'
}
