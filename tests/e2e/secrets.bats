# SPDX-License-Identifier: MIT
# The secret is in nothing that signet writes.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

CANARY=canary-7f3a91-secret

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

# Raw, base64 of the pair and of the secret, percent, hex.
forms_of_the_secret() {
  printf '%s\n' "$CANARY"
  printf 'key:%s' "$CANARY" | base64
  printf '%s' "$CANARY" | base64
  printf '%s' "$CANARY" | od -An -tx1 | tr -d ' \n'
  echo
}

@test "no output and no file holds the secret, whatever goes wrong" {
  start_sandbox --seed 20,20
  local url=$URL
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$CANARY
  mkdir -p out "$XDG_STATE_HOME"
  attempt=0
  attempt() {
    attempt=$((attempt + 1))
    "$SIGNET" --state-dir "$PWD/out/state" "$@" >out/$attempt.out \
      2>out/$attempt.err 3>&- <<<"sms" || true
  }
  attempt -v -e 'sms.signs:list()'
  attempt -v --json -e 'sms.signs:list()'
  attempt -v -e 'sms'
  attempt -v -e 'require("signet").connect()'
  attempt -v -e 'debug.getregistry()'
  attempt -v -e 'package.loaded'
  attempt -v doctor
  attempt -v repl
  attempt -v --base-url http://127.0.0.1:1 -e 'sms.signs:list()'
  attempt -v --base-url https://nothing.invalid -e 'sms.signs:list()'
  attempt -v --base-url "https${url#http}" -e 'sms.signs:list()'
  attempt -v --api signs -e 'sms.signs:list()'
  attempt -v run rename --prefix x
  attempt -v -e 'error(sms)'
  attempt -v -e 'io.open("/proc/self/environ"):read("a")'
  attempt -v -e 'io.open("/proc/self/cmdline"):read("a")'
  attempt -v -e 'io.popen("env"):read("a")'
  ((attempt == 17))
  forms_of_the_secret >forms
  run grep -rlFf forms out "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
  assert_failure 1
  # The search itself works.
  echo "$CANARY" >out/planted
  run grep -rlFf forms out
  assert_output out/planted
}
