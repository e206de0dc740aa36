# SPDX-License-Identifier: MIT
# The secret is in nothing that signet writes.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

# With everything that can be shown, on standard error and in a file.
attempt() {
  attempts=$((attempts + 1))
  "$SIGNET" --state-dir "$PWD/out/state" -vv --trace out/$attempts.har "$@" \
    >out/$attempts.out 2>out/$attempts.err 3>&- <<<"sms" || true
}

scan() {
  run "$SOURCE/tests/canary/scan" "$@"
}

@test "no output and no file holds the secret, whatever goes wrong" {
  start_sandbox --seed 20,20
  local url=$URL
  mkdir -p out "$XDG_STATE_HOME"
  attempts=0
  attempt -e 'sms.signs:list()'
  attempt --json -e 'sms.signs:list()'
  attempt -e 'sms'
  attempt -e 'require("signet").connect()'
  attempt -e 'debug.getregistry()'
  attempt -e 'package.loaded'
  attempt doctor
  attempt repl
  attempt --base-url http://127.0.0.1:1 -e 'sms.signs:list()'
  attempt --base-url https://nothing.invalid -e 'sms.signs:list()'
  attempt --base-url "https${url#http}" -e 'sms.signs:list()'
  attempt --api signs -e 'sms.signs:list()'
  attempt run rename --prefix x
  attempt plan -o out/plan.json rename --prefix y
  attempt apply out/plan.json
  attempt -e 'error(sms)'
  attempt -e 'io.open("/proc/self/environ"):read("a")'
  attempt -e 'io.open("/proc/self/cmdline"):read("a")'
  attempt -e 'io.popen("env"):read("a")'
  export ENGAGELAB_SMS_KEY=another
  attempt -e 'sms.signs:list()'
  "$SIGNET" jobs --state-dir out/state >out/jobs
  "$SIGNET" show --state-dir out/state "$(awk 'NR == 2 { print $1 }' out/jobs)" \
    >out/show
  run find out -name '*.har'
  assert_equal "${#lines[@]}" 20
  scan out "$XDG_STATE_HOME"
  assert_success
  # The search itself works.
  echo "$SECRET" >out/planted
  scan out
  assert_failure 1
  assert_line out/planted
  rm out/planted
}

@test "a suite that leaves the secret behind turns red" {
  mkdir suite
  cp "$SOURCE/tests/e2e/setup_suite.bash" suite/
  # shellcheck disable=SC2016 # the inner test expands it
  printf '@test "leaves it" { printf "key:%%s" "$LEFT" | base64 >"$BATS_TEST_TMPDIR/x"; }\n' \
    >suite/leaves.bats
  sed -i "s|\${BASH_SOURCE\[0\]%/\*}/..|$SOURCE/tests|" suite/setup_suite.bash
  LEFT=$SECRET run bats suite/leaves.bats
  assert_failure
  assert_output --partial "canary: the secret stands in"
  assert_output --partial "test/1/x"
  LEFT=nothing run bats suite/leaves.bats
  assert_success
}
