# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2034 # what `run` sets, what tests read
# What the end-to-end tests share. SIGNET names the executable, SOURCE the
# source's top folder.

# shellcheck source=tests/support/bats.bash
source "${BASH_SOURCE[0]%/*}/../support/bats.bash"

# The secret that is looked for in everything (tests/canary).
SECRET=$(<"${BASH_SOURCE[0]%/*}/../canary/secret")
# One with characters that JSON and URLs write in another way.
AWKWARD=$(<"${BASH_SOURCE[0]%/*}/../canary/awkward")

# Where nginx is, which is not on everybody's path.
PATH=$PATH:/usr/sbin

# A home of its own for every test, and an environment without surprises. In
# peer/ stands what servers were sent, by right with credentials.
fresh_home() {
  trace_failures_only
  unset ENGAGELAB_SMS_KEY ENGAGELAB_SMS_SECRET SIGNET_BASE_URL SIGNET_API \
    SIGNET_PROFILE SIGNET_STATE_DIR NO_COLOR CI http_proxy https_proxy all_proxy
  export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
  export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state LC_ALL=C.UTF-8
  # What a build that measures can't write down is no message of signet's.
  export GCOV_ERROR_FILE=/dev/null
  mkdir -p "$HOME" "$XDG_CONFIG_HOME/signet" "$BATS_TEST_TMPDIR/peer"
  cd "$BATS_TEST_TMPDIR" || return
}

# pause SECONDS: as sleep, but no program is started: it reads what never comes.
exec {never}<> <(:)
pause() {
  read -r -t "$1" -u "$never" || true
}

# start_sandbox [OPTION...]: its URL in $URL; the settings point to it.
start_sandbox() {
  ENGAGELAB_SMS_KEY=${ENGAGELAB_SMS_KEY:-key} ENGAGELAB_SMS_SECRET=$SECRET \
    serve_sandbox --credentials-from-env "$@"
  export SIGNET_BASE_URL=$URL ENGAGELAB_SMS_KEY=${ENGAGELAB_SMS_KEY:-key}
  export ENGAGELAB_SMS_SECRET=$SECRET
}

# The same with the sandbox's own credentials, which everybody may know.
start_plain_sandbox() {
  serve_sandbox "$@"
  export SIGNET_BASE_URL=$URL ENGAGELAB_SMS_KEY=key
  export ENGAGELAB_SMS_SECRET=secret
}

# What a shell starts in the background is deaf to SIGINT; a test of the sandbox
# itself starts it through something that changes this.
through=()

serve_sandbox() {
  : >url # of an earlier one, which would be read before this one has begun
  "${through[@]}" "$SIGNET" sandbox --port 0 "$@" >url 2>sandbox.err 3>&- &
  sandbox_pid=$!
  await_file url
  URL=$(<url)
}

# await_file FILE: until something stands in it, for ten seconds.
await_file() {
  local tries
  for ((tries = 0; tries < 500; tries++)); do
    [[ ! -s $1 ]] || break
    pause 0.02
  done
}

# start COMMAND...: in the background, its process in $pid, its output in the
# files out and err. A shell makes what it starts there deaf to SIGINT.
start() {
  env --default-signal=INT "$@" >out 2>err 3>&- &
  pid=$!
}

# finish: waits for it, its exit status in $status.
finish() {
  status=0
  wait "$pid" || status=$?
}

stop_sandbox() {
  if [[ -n ${sandbox_pid:-} ]]; then
    kill "$sandbox_pid" 2>/dev/null || true
    wait "$sandbox_pid" 2>/dev/null || true
    sandbox_pid=
  fi
}

# control METHOD PATH [BODY]: the sandbox's control API. It answers on standard
# output; a status of 400 or more fails. Without a program of its own: starting
# one takes ten times as long as the request.
control() {
  local LC_ALL=C channel status line length=0 body=${3-}
  local authority=${URL#http://}
  exec {channel}<>"/dev/tcp/${authority%:*}/${authority##*:}" || return 7
  printf '%s /__sandbox%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n' \
    "$1" "$2" "$authority" >&"$channel"
  printf 'Content-Length: %d\r\n\r\n%s' "${#body}" "$body" >&"$channel"
  read -r -u "$channel" _ status _ || status=0
  while read -r -u "$channel" line && [[ ${line%$'\r'} != "" ]]; do
    line=${line,,}
    [[ $line != content-length:* ]] || length=${line//[^0-9]/}
  done
  if ((length > 4096)); then
    head -c "$length" <&"$channel"
  elif ((length > 0)); then
    IFS= read -r -N "$length" -u "$channel" body
    printf '%s' "$body"
  fi
  exec {channel}>&-
  ((status >= 200 && status < 400)) || return 22
}

# How many writes the sandbox has received, whatever it answered.
writes() {
  local stats count=0 method
  stats=$(control GET /stats)
  for method in POST PUT DELETE; do
    [[ $stats =~ \"$method\":([0-9]+) ]] && ((count += BASH_REMATCH[1]))
  done
  printf '%d\n' "$count"
}

assert_no_writes() {
  run writes
  assert_output 0
}

# script NAME: standard input becomes a script.
script() {
  cat >"$1"
}

# Runs signet with standard output in $output and standard error in $stderr.
signet() {
  run --separate-stderr "$SIGNET" "$@"
}

# typed TEXT: a command that a message proposes, as a shell understands it.
typed() {
  # shellcheck disable=SC2016 # for the other shell
  run --separate-stderr bash -c 'signet() { "$SIGNET" "$@"; }; '"$1"
}

# Standard error is one sentence that holds this text.
assert_one_sentence() {
  assert_equal "${#stderr_lines[@]}" 1
  if [[ $stderr != *"$1"* ]]; then
    fail "\"$1\" is not in: $stderr"
  fi
}

# The value of a field of the last line of $output, which is the summary.
summary() {
  tail -n 1 <<<"$output" | jq --arg name "$1" \
    'if .event == "summary" then .[$name] else error("no summary") end'
}

# Every line of $output is a JSON object with an event.
assert_json_lines() {
  jq -Rse 'rtrimstr("\n") | split("\n") | map(fromjson | .event)
    | all(type == "string") and last == "summary"
      and (map(select(. == "summary")) | length == 1)' <<<"$output"
}

# nginx can't choose a free port and tell it, so this looks for one.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s\n' "$port"
      return
    fi
  done
  fail "no free port"
}

# wire serve|relay LEDGER…: its port in $port. It ends with the test.
start_wire() {
  coproc WIRE { exec "$SOURCE/tests/e2e/wire" "$@" 2>wire.err 3>&-; }
  # shellcheck disable=SC2153 # the co-process's
  read -r port <&"${WIRE[0]}" || fail "$(<wire.err)"
}

# The forms in which a secret may show, one a line.
forms_of() {
  "$SOURCE/tests/canary/forms" "$@"
}
