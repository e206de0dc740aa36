# SPDX-License-Identifier: MIT
# The option table, --help, the man page and the completions say the same.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

# Every long option that some command's help names.
all_options() {
  for command in run plan apply undo resume repl sandbox doctor completion help; do
    "$SIGNET" help "$command"
  done >help.txt
  "$SIGNET" --help >>help.txt
  grep -oE -- '^ +(-., )?--[a-z0-9-]+' help.txt | grep -oE -- '--[a-z0-9-]+' |
    sort -u
}

@test "the man page lists exactly the options of --help" {
  all_options >from-help
  grep -E '^\.(B|BI|BR) .*\\-\\-' "$SOURCE/bindings/host/signet.1" |
    sed 's/\\-/-/g' | grep -oE -- '--[a-z0-9-]+' | sort -u >from-man
  [[ -s from-help ]]
  diff from-help from-man
}

@test "the man page names every command, setting and exit status" {
  page=$SOURCE/bindings/host/signet.1
  for word in run plan apply undo repl sandbox doctor completion help; do
    grep -qE "^\\.B $word\$" "$page" || fail "$word"
  done
  for status in 0 1 2 3 4 5 75 130; do
    grep -qE "^\\.B $status\$" "$page" || fail "$status"
  done
}

@test "the man page has no formatting errors" {
  command -v man >/dev/null || skip "man is not installed"
  run env MANROFFSEQ= man --warnings -l "$SOURCE/bindings/host/signet.1"
  assert_success
  refute_output --partial 'warning: '
}

@test "each completion names every option and command" {
  all_options >options
  for shell in bash zsh; do
    signet completion "$shell"
    assert_success
    while read -r option; do
      grep -qe "$option" <<<"$output" || fail "$shell lacks $option"
    done <options
  done
  signet completion fish
  while read -r option; do
    grep -qe "-l ${option#--}\\b" <<<"$output" || fail "fish lacks $option"
  done <options
  for command in run plan apply undo repl sandbox doctor completion help; do
    grep -qw "$command" <<<"$output" || fail "$command"
  done
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
