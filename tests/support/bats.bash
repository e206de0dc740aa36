# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # what bats and the tests read
# What bats does for every command, made cheaper. A fork takes 3 ms on a virtual
# machine whose host watches its page tables, and bats's own way takes four for
# each `run` and ten times as long as most commands for its stack of calls.

# Their own load.bash starts 15 programs to find its folder, in each test.
for file in "$BATS_LIB_PATH"/bats-{support,assert}/src/*.bash; do
  # shellcheck source=/dev/null
  source "$file"
done
unset file

# bats notes the stack before each command, in subshells too. Here it is noted
# when a command has failed, which is all that is shown of it. For setup.
trace_failures_only() {
  trap - DEBUG
  set +T
}

bats_error_trap() {
  bats_check_status_from_trap
  bats_capture_stack_trace
  BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
}

# run [--separate-stderr] COMMAND…: as bats's: status, output and lines are in
# variables, and the test goes on. What was printed stays in files, which are
# searched for the secret at the end.
run() {
  local separate='' file
  if [[ ${1-} == --separate-stderr ]]; then
    separate=1
    shift
  fi
  file=${beside:-$BATS_TEST_TMPDIR}.run-$((runs += 1))
  if [[ -n $separate ]]; then
    run_into "$file-err" "$@" >"$file-out"
    take stderr "$file-err"
    lines_of stderr_lines "$stderr"
  else
    run_into '' "$@" >"$file-out" 2>&1
  fi
  take output "$file-out"
  lines_of lines "$output"
}
runs=0

# privately COMMAND…: the same with what holds the secret by right.
privately() {
  local beside=$BATS_TEST_TMPDIR/peer/
  run "$@"
}

# A function gets a subshell, which it may leave and change.
run_into() {
  local err=$1
  shift
  status=0
  if [[ -n $err ]]; then
    if declare -F "$1" >/dev/null; then
      ("$@") 2>"$err" || status=$?
    else
      "$@" 2>"$err" || status=$?
    fi
  elif declare -F "$1" >/dev/null; then
    ("$@") || status=$?
  else
    "$@" || status=$?
  fi
}

# take NAME FILE: a variable of the file's content as of $(…): without NUL bytes
# and newlines at the end.
take() {
  local parts text
  mapfile -d '' -t parts <"$2"
  printf -v text '%s' "${parts[@]}"
  while [[ $text == *$'\n' ]]; do
    text=${text%$'\n'}
  done
  printf -v "$1" '%s' "$text"
}

# lines_of NAME TEXT: the lines that are not empty.
lines_of() {
  IFS=$'\n' read -d '' -r -a "$1" <<<"$2" || true
}
