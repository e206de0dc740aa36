# SPDX-License-Identifier: MIT
# --json: one object per line, a summary at the end whatever happens.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

@test "a run: prints, logs, failures, skipped entries, the summary" {
  start_sandbox --seed 5,5
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
print("one", 2)
io.write("half")
io.stdout:write(" a line\n")
signet.log("warning", "careful")
signet.each({ "100000001", "100000002", "77", "5" }, function(id)
  if id == "100000002" then return signet.skip("not today") end
  if id == "5" then error("odd one") end
  sms.signs:update(id, { sign_name = "New name" })
end, { label = "Renaming" })
E2
  signet --json run job.lua
  assert_failure 1
  assert_json_lines
  assert_line '{"event":"print","text":"one\t2\n"}'
  assert_line '{"event":"print","text":"half"}'
  assert_line '{"event":"print","text":" a line\n"}'
  assert_line '{"event":"log","level":"warning","text":"careful"}'
  assert_line '{"event":"skipped","label":"Renaming","entry":"100000002","reason":"not today"}'
  assert_line --regexp '^\{"event":"failed","label":"Renaming","entry":"77","error":\{"kind":"not_found","message":".*","code":400,"http_status":400,"op":"signs:update","id":"77","retryable":false,"outcome":"not_sent","service_message":"sign config not exist"\}\}$'
  assert_line --regexp '"entry":"5","error":\{"kind":"script","message":"job.lua:9: odd one"'
  assert_line --regexp '^\{"event":"summary","job":"[0-9T]+-[0-9a-f]{4}","done":1,"failed":2,"skipped":1,"unknown":0,"waiting":0\}$'
}

@test "a script error: the error, then the summary" {
  script job.lua <<<'print(1) local x = nil + 1'
  signet --json run job.lua
  assert_failure 1
  assert_json_lines
  assert_line --regexp '^\{"event":"error","error":\{"kind":"script","message":"job.lua:1: attempt to perform arithmetic.*"traceback":"stack traceback:'
  run summary failed
  assert_output 0
}

@test "configuration errors, missing scripts and usage errors, too" {
  signet --json -e 'sms.signs:list()'
  assert_failure 3
  assert_json_lines
  assert_line --partial '"kind":"configuration"'
  SIGNET_API=soap signet --json -e '1'
  assert_failure 3
  assert_json_lines
  assert_line --partial '"kind":"configuration"'
  signet --json run nothing
  assert_failure 2
  assert_json_lines
  assert_line --partial '"kind":"usage"'
  signet run --json --rate fast x.lua
  assert_failure 2
  assert_json_lines
  signet --json run
  assert_failure 2
  assert_json_lines
  script job.lua <<<'x x'
  signet --json run job.lua
  assert_failure 1
  assert_json_lines
  signet --json -e 'x x'
  assert_failure 1
  assert_json_lines
}

@test "what ended the run is told on standard error, too" {
  signet --json -e 'error("boom")'
  assert_failure 1
  assert_one_sentence 'error: -e:1: boom'
}

@test "os.exit: the summary comes all the same" {
  signet --json -e 'os.exit(7)'
  assert_failure 7
  assert_json_lines
  signet --json -e 'os.exit(true)'
  assert_success
  assert_json_lines
}

@test "interrupted: the summary, and 130" {
  start_sandbox --seed 100,0 --latency 100
  script job.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s)
  sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " x" })
end, { concurrency = 2 })
E2
  start "$SIGNET" --json run job.lua
  pause 0.7
  kill -INT "$pid"
  finish
  assert_equal "$status" 130
  output=$(<out)
  assert_json_lines
  run summary unknown
  assert_output 0
}

@test "whatever else writes to standard output stays out" {
  signet --json -e 'os.execute("echo from a program")'
  assert_success
  assert_json_lines
  refute_output --partial 'from a program'
  [[ $stderr == *"from a program"* ]]
}

@test "bytes that are no UTF-8 still make JSON" {
  signet --json -e 'print("a\xff\xc3b\0c \u{4e2d}")'
  assert_success
  assert_json_lines
  run jq -ac .text <<<"${lines[0]}"
  assert_output '"a\ufffd\ufffdb\u0000c \u4e2d\n"'
}
