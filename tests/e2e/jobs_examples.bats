#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # bats sets status, output and lines

# What the shipped jobs print in their help, typed, and what the stock interpreter
# makes of them. SIGNET is the executable, SOURCE the project's folder.

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
