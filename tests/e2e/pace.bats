# SPDX-License-Identifier: MIT
# How fast requests are sent: rates, what the service bears, pauses, the pace.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper
load terminal

setup() {
  fresh_home
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s)
  sms.signs:get(s.sign_id)
end, { label = "Looking" })
E2
  script rename.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list { status = "approved" }, function(s)
  sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " x" })
end, { label = "Renaming" })
E2
}

teardown() {
  close_terminal
  if [[ -n ${pid:-} ]]; then
    kill -KILL "$pid" 2>/dev/null || true
  fi
  stop_sandbox
}

# The most requests with this method that came within any second.
busiest_second() {
  control GET "/requests?method=$1" | jq '[.[].time_ms] | sort | . as $times
    | [range(length) as $i | $times | map(select(. >= $times[$i]
        and . < $times[$i] + 1000)) | length] | max'
}

# How many requests were answered 429.
refused() {
  control GET /stats | jq '.statuses["429"] // 0'
}

@test "a rate: no second has more, whatever the latency" {
  # Requests may pile up on a busy machine, so there is some room.
  start_sandbox --seed 60,0 --latency 30
  signet run --rate 20/s job.lua
  assert_success
  (($(busiest_second GET) <= 26))
  assert_equal "$(control GET /stats | jq .requests)" 61
}

@test "writes have a rate of their own, and reads don't wait for them" {
  start_sandbox --seed 30,0
  script both.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
local list = sms.signs:list { status = "approved" }
local reads = 0
signet.each(list, function(s)
  sms.signs:get(s.sign_id)
  reads = reads + 1
  if s == list[1] then
    sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " 1" })
    print("first write after", reads)
  elseif s == list[2] then
    sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " 1" })
    print("second write after", reads, #list)
  end
end)
E2
  signet run --no-journal --write-rate 60/min both.lua
  assert_success
  assert_line --regexp '^first write after'
  # All reads are done before the second write may be sent.
  assert_line --regexp "^second write after	([0-9]+)	\\1$"
}

@test "time spent waiting for a turn counts against no timeout" {
  start_sandbox --seed 5,0
  signet run --no-journal --rate 60/min --timeout 2 --attempts 1 job.lua
  assert_success
  [[ $stderr == *'5 done'* ]]
}

@test "what the service bears is found out, kept, and used by the next run" {
  start_sandbox --seed 150,0
  control POST /faults '{"per_second": 60, "burst": 20, "status": 429}'
  signet run --no-journal job.lua
  assert_success
  local first file=$XDG_STATE_HOME/signet/learned
  first=$(refused)
  ((first >= 1 && first < 60)) || fail "$first were refused"
  assert_equal "$(stat -c %a "$file")" 600
  assert_equal "$(head -n 1 "$file")" 'signet learned 2'
  run sed -n 2p "$file"
  assert_output --regexp "^[0-9]+ [0-9]+ 0 [0-9]+ configs $URL key key$"
  run tail -n +3 "$file"
  assert_output --regexp "^listed 150 [0-9]+ 0 0 0 configs $URL key key$"
  refute_output --partial "$SECRET"
  assert_equal "$(ls -A "${file%/*}")" learned
  # The first run began with all at once; this one knows better.
  signet run --no-journal job.lua
  assert_success
  [[ $stderr == *'requests a second: an earlier run found'* ]]
  (($(refused) - first < 30)) || fail "$(refused) in all, $first at first"
}

@test "what was learned and is damaged, or none of ours, is ignored" {
  start_sandbox --seed 5,0
  local file=$XDG_STATE_HOME/signet/learned line
  mkdir -p "${file%/*}"
  # The first one is of an older form, and would take ten seconds a request.
  for line in "signet learned 1
100 0 $EPOCHSECONDS configs $URL key key" '' 'x' 'signet learned 3' \
    'signet learned 2
x' 'signet learned 2
1 2 3 4' "signet learned 2
-5 0 0 $EPOCHSECONDS configs $URL key key" "signet learned 2
1e9 0 0 $EPOCHSECONDS configs $URL key key" "signet learned 2
100 99999 0 $EPOCHSECONDS configs $URL key key" "signet learned 2
100 0 8 $EPOCHSECONDS configs $URL key key"; do
    printf '%s\n' "$line" >"$file"
    signet run --no-journal --deadline 10 job.lua
    assert_success
    run grep -vE '^(signet learned 2|listed 5 [0-9]+ 0 0 0 configs .* key key)$' \
      "$file" # nothing else is left of it
    assert_failure
  done
  head -c 100000 /dev/urandom >"$file"
  signet run --no-journal job.lua
  assert_success
  # One that can be read: one request in ten seconds would take too long.
  printf 'signet learned 2\n100 0 0 %s configs http://127.0.0.1:1 key key\n' \
    "$EPOCHSECONDS" >"$file"
  signet run --no-journal job.lua
  assert_success
  # And a link is never followed.
  printf 'signet learned 2\n' >elsewhere
  ln -sf "$PWD/elsewhere" "$file"
  control POST /faults '{"nth": 2, "status": 429}'
  signet run --no-journal job.lua
  assert_success
  assert_equal "$(<elsewhere)" 'signet learned 2'
}

@test "a service that counts the requests of each second refuses few" {
  start_sandbox --seed 300,0
  control POST /faults '{"per_second": 40, "counted": true, "status": 429,
    "headers": {"Retry-After": "1"}}'
  signet run --no-journal job.lua
  assert_success
  [[ $stderr == *'300 done'* ]]
  (($(refused) >= 1 && $(refused) < 45)) || fail "$(refused) were refused"
  # What it was found to bear is in thousandths, for the next run.
  run sed -n 2p "$XDG_STATE_HOME/signet/learned"
  ((${output%% *} >= 30000 && ${output%% *} <= 60000)) || fail "$output"
}

@test "a Retry-After that is over stalls nothing, and the next run isn't slow" {
  start_sandbox --seed 150,0
  local after
  for after in 0 -1 'Sat, 21 Nov 2020 12:44:23 GMT'; do
    rm -rf "$XDG_STATE_HOME/signet"
    control POST /faults "{\"per_second\": 60, \"burst\": 20, \"status\": 429,
      \"headers\": {\"Retry-After\": \"$after\"}}"
    signet run --no-journal --deadline 60 job.lua
    assert_success
    [[ $stderr == *'150 done'* ]]
    # In a thousand seconds: nothing near to standing still is kept.
    run sed -n 2p "$XDG_STATE_HOME/signet/learned"
    ((${output%% *} >= 10000)) || fail "$output"
    control DELETE /faults
    signet run --no-journal --deadline 20 job.lua
    assert_success
  done
}

@test "what was learned and can't be, or is against what is asked for, is ignored" {
  start_sandbox --seed 20,0
  local file=$XDG_STATE_HOME/signet/learned
  mkdir -p "${file%/*}"
  printf 'signet learned 2\n10 0 0 %s configs %s key key\n' \
    "$EPOCHSECONDS" "$URL" >"$file"
  signet run --no-journal --deadline 10 job.lua
  assert_success
  printf 'signet learned 2\n600 0 0 %s configs %s key key\n' \
    "$EPOCHSECONDS" "$URL" >"$file"
  signet run --no-journal --rate 20 --deadline 10 job.lua
  assert_success
}

@test "one 429 pauses the whole account, and it is told once" {
  start_sandbox --seed 20,0
  control POST /faults '{"path": "/v1/sign-configs/*", "nth": 3, "status": 429,
    "headers": {"Retry-After": "3"}}'
  signet run job.lua
  assert_success
  assert_equal "$(grep -c 'going on in' <<<"$stderr")" 1
  [[ $stderr == *'the service asks for a pause (HTTP 429); going on in 3 s'* ]]
  # What was in flight came within the same moment; then there was silence.
  control GET /requests | jq '[.[].time_ms] | sort | . as $times
    | [range(1; length) | $times[.] - $times[. - 1]] | max' >silence
  (($(<silence) >= 2500))
}

@test "with --json a pause is an event" {
  start_sandbox --seed 4,0
  control POST /faults '{"path": "/v1/sign-configs/*", "nth": 1, "status": 429,
    "headers": {"Retry-After": "2"}}'
  signet run --json job.lua
  assert_success
  assert_json_lines
  assert_equal "$(jq -c 'select(.event == "paused") | [.wait_ms, .reason]' \
    <<<"$output")" '[2000,"the service asks for a pause (HTTP 429)"]'
}

@test "with --json the rate that the service bears is an event" {
  start_sandbox --seed 30,0
  local file=$XDG_STATE_HOME/signet/learned
  mkdir -p "${file%/*}"
  printf 'signet learned 2\n20000 0 0 %s configs %s key key\n' \
    "$EPOCHSECONDS" "$URL" >"$file"
  signet run --json --no-journal job.lua
  assert_success
  assert_json_lines
  assert_equal "$(jq -c 'select(.event == "rate")
    | [.learned, (.per_second | round)]' <<<"$output")" '[true,20]'
}

@test "SIGUSR1 and SIGUSR2 make it slower and faster" {
  # Long enough for four signals on a busy machine.
  start_sandbox --seed 400,0 --latency 100
  start "$SIGNET" run --no-journal --concurrency 8 job.lua
  for _ in {1..100}; do
    (($(control GET /stats | jq .requests) > 3)) && break
    pause 0.02
  done
  kill -USR1 "$pid"
  pause 0.3
  kill -USR1 "$pid" # there is nothing slower
  pause 0.3
  kill -USR2 "$pid"
  pause 0.3
  kill -USR2 "$pid"
  finish
  assert_equal "$status" 0
  run grep '^the pace' err
  assert_output 'the pace is gentle now
the pace is normal now
the pace is fast now'
}

@test "between runs the same signals end nothing" {
  start_sandbox --seed 1,0
  mkfifo lines
  env --default-signal=INT "$SIGNET" repl <lines >out 2>err 3>&- &
  pid=$!
  exec 7>lines
  echo 'print("one")' >&7
  for _ in {1..100}; do
    grep -q one out && break
    pause 0.05
  done
  kill -USR1 "$pid"
  kill -USR2 "$pid"
  echo 'print("two")' >&7
  exec 7>&-
  finish
  assert_equal "$status" 0
  assert_equal "$(<out)" 'one
two'
}

@test "a pace that there isn't" {
  signet run --pace slow job.lua
  assert_failure 2
  assert_one_sentence '--pace: "slow" must be one of gentle|normal|fast'
}

@test "on a terminal - and + change the pace, and the bar shows it" {
  start_sandbox --seed 150,0 --latency 300
  open_terminal
  type_line "$SIGNET run --concurrency 8 job.lua"
  wait_for 'Looking .*/150 .*left$'
  type_text -
  wait_for 'Looking .*/150 .*left, gentle'
  type_text +
  wait_for 'Looking .*/150 .*left$'
  type_text +
  wait_for 'Looking .*/150 .*left, fast'
  wait_for '^150 done in [0-9.]+ s'
  # Nothing of the keys was echoed or is left for the shell.
  run screen
  refute_output --regexp '^[$] [+-]'
}

@test "a question in the middle of a run wants a line, and shows it" {
  start_sandbox --seed 40,0 --latency 100
  script delete.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
local list = sms.signs:list()
signet.each(list, function(s)
  sms.signs:get(s.sign_id)
  if s == list[20] then
    sms.signs:delete(s.sign_id)
  end
end, { label = "Looking", concurrency = 2 })
E2
  open_terminal
  type_line "$SIGNET run delete.lua"
  wait_for 'Looking .*/40 '
  wait_for 'Go on[?] .y/N. $|Go on[?] .y/N.$'
  type_text y
  wait_for 'Go on[?] .y/N. y$'
  press C-z
  wait_for 'Stopped'
  type_line fg
  pause 0.3
  press C-u
  type_line y
  wait_for 'Looking .*/40 '
  wait_for '^40 done in'
  assert_equal "$(control GET /stats | jq .methods.DELETE)" 1
}

@test "however a run ends or stops, the terminal is as it was" {
  start_sandbox --seed 300,0 --latency 300
  open_terminal 100 30
  type_line "stty -g >before"
  type_line "$SIGNET run --concurrency 4 job.lua"
  wait_for 'Looking .*/300 .*left'
  press C-z
  wait_for 'Stopped'
  type_line "stty -g >stopped; fg"
  wait_for 'Looking .*/300 .*left'
  type_text -
  wait_for 'gentle'
  press C-c
  wait_for '^interrupted: [0-9]+ done'
  type_line "stty -g >interrupted; clear"
  type_line "$SIGNET run --concurrency 4 job.lua; echo status \$?"
  wait_for 'Looking .*/300 .*left'
  press "C-\\"
  wait_for '^status 131$'
  type_line "stty -g >quit; clear"
  type_line "$SIGNET run --concurrency 4 job.lua; echo status \$?"
  wait_for 'Looking .*/300 .*left'
  pkill -TERM -P "$(tmux -S "$tmux_socket" display -p '#{pane_pid}')" signet
  wait_for '^status 130$'
  type_line "stty -g >ended; clear"
  type_line "$SIGNET run --concurrency 4 job.lua; echo status \$?"
  wait_for 'Looking .*/300 .*left'
  press C-c
  pause 0.1
  press C-c
  wait_for 'status [0-9]+$' # behind ^C, if that came after its end
  type_line "stty -g >twice; echo done"
  wait_for '^done$'
  for state in stopped interrupted quit ended twice; do
    assert_equal "$(<"$state")" "$(<before)"
  done
}

@test "on a terminal a pause counts down in place of the bar" {
  start_sandbox --seed 60,0 --latency 100
  control POST /faults '{"path": "/v1/sign-configs/*", "nth": 20, "status": 429,
    "headers": {"Retry-After": "4"}}'
  open_terminal 110 20
  type_line "$SIGNET run --concurrency 4 job.lua"
  wait_for '^Looking: the service asks for a pause .*; going on in 3 s$'
  wait_for '^Looking: the service asks for a pause .*; going on in 2 s$'
  wait_for '^60 done in [0-9.]+ s'
  run screen
  refute_output --partial 'going on in'
}
