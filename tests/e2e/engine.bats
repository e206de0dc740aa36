#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The example host of the engine, as a program of its own. HOST and SANDBOX are
# its path and the sandbox server's.

# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

setup_file() {
  SIGNET_TEST_SECRET=$(<"${BATS_TEST_DIRNAME}/../canary/secret")
  export SIGNET_TEST_SECRET
  mkfifo "$BATS_FILE_TMPDIR/input"
  "$SANDBOX" --secret-from-env --seed-signs 40 --until-eof <"$BATS_FILE_TMPDIR/input" \
    >"$BATS_FILE_TMPDIR/url" 3>&- &
  exec 7>"$BATS_FILE_TMPDIR/input"
  for _ in {1..100}; do
    [[ -s $BATS_FILE_TMPDIR/url ]] && break
    sleep 0.05
  done
  SIGNET_BASE_URL=$(cat "$BATS_FILE_TMPDIR/url")
  export SIGNET_BASE_URL ENGAGELAB_SMS_KEY=key
  export ENGAGELAB_SMS_SECRET=$SIGNET_TEST_SECRET
  export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/none
}

teardown_file() {
  exec 7>&-
}

setup() {
  script=$BATS_TEST_TMPDIR/script.lua
}

@test "runs a script with its arguments" {
  echo 'print(#arg, ...) print(#require "signet".connect().signs:list())' \
    >"$script"
  run --separate-stderr "$HOST" "$script" one "two words"
  [ "$status" -eq 0 ]
  [ "$output" = $'2\tone\ttwo words\n40' ]
  [ "$stderr" = "" ]
}

@test "an error is one sentence and a traceback on stderr" {
  echo 'require "signet".connect().signs:get("77")' >"$script"
  run --separate-stderr "$HOST" "$script"
  [ "$status" -eq 1 ]
  [ "$output" = "" ]
  [[ ${stderr_lines[0]} == *'sign config not exist'* ]]
  [[ $stderr == *'stack traceback:'* ]]
}

@test "os.exit is the host's exit status" {
  echo 'os.exit(7)' >"$script"
  run "$HOST" "$script"
  [ "$status" -eq 7 ]
}

@test "usage" {
  run "$HOST"
  [ "$status" -eq 2 ]
}

@test "Ctrl-C ends a script cleanly" {
  echo 'print "begins" require "signet".sleep(60)' >"$script"
  "$HOST" "$script" >"$BATS_TEST_TMPDIR/output" \
    2>"$BATS_TEST_TMPDIR/problem" 3>&- &
  child=$!
  sleep 0.5
  kill -INT "$child"
  status=0
  wait "$child" || status=$?
  [ "$status" -eq 130 ]
  [ "$(cat "$BATS_TEST_TMPDIR/output")" = begins ]
  [[ $(head -n 1 "$BATS_TEST_TMPDIR/problem") == interrupted ]]
}
