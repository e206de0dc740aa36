# SPDX-License-Identifier: MIT
# The man page and the completions work. That they have every command and option
# is in tests/docs/commands_test.py.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

@test "the man page has no formatting errors" {
  command -v man >/dev/null || skip "man is not installed"
  run env MANROFFSEQ= man --warnings -l "$SOURCE/bindings/host/signet.1"
  assert_success
  refute_output --partial 'warning: '
}

@test "the completion scripts are right in their shells' eyes" {
  for shell in bash zsh fish; do
    command -v "$shell" >/dev/null || continue
    "$SIGNET" completion "$shell" >script
    run "$shell" -n script
    assert_success
  done
}

complete() {
  COMP_WORDS=("$@")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  # shellcheck disable=SC2034 # read by the script
  COMPREPLY=()
  _signet
  printf '%s\n' "${COMPREPLY[@]}"
}

@test "bash completes commands, jobs, options and values" {
  compopt() { :; }
  builtin complete -r 2>/dev/null || true
  # The script's last line registers the function; here it is called by hand.
  # shellcheck disable=SC1090
  source <("$SIGNET" completion bash | grep -v '^complete ')
  run complete signet sa
  assert_output sandbox
  run complete signet --color a
  assert_output $'auto\nalways'
  run complete signet run --con
  assert_output $'--concurrency\n--connect-timeout'
  run complete signet run re
  assert_output --partial rename
  run complete signet sandbox --
  assert_output --partial --latency
  refute_output --partial --concurrency
  touch map.csv
  run complete signet run rename ma
  assert_output map.csv
  run complete signet help 'do'
  assert_output doctor
  run complete signet completion z
  assert_output zsh
}

@test "completion of an unknown shell" {
  signet completion tcsh
  assert_failure 2
  assert_one_sentence '"tcsh" must be bash, zsh or fish'
}
