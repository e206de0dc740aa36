# SPDX-License-Identifier: MIT
# What a server may send: each limit, and the error that names it.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=l1mits-c4nary
}

# answer_with: what the Python text on standard input writes is the reply.
answer_with() {
  { printf 'import gzip, sys\nwrite = sys.stdout.buffer.write\n'; cat; } |
    python3 - >reply
  start_wire serve peer/ledger reply
  export SIGNET_BASE_URL=http://127.0.0.1:$port
}

assert_limit() {
  assert_failure 1
  [[ ${stderr_lines[0]} == "error: "*"$1" ]] || fail "$stderr"
}

HEADERS="the reply's headers are larger than the limit of 65536 bytes (max_header)"

@test "headers: one that is long, and one that is longer than libcurl keeps" {
  for size in 70000 150000; do
    answer_with <<<"write(b'HTTP/1.1 200 OK\r\nX: ' + b'a' * $size + b'\r\n\r\n[]')"
    signet -e 'sms.signs:list()'
    assert_limit "$HEADERS"
  done
}

@test "headers: many, folded, interim, and behind the body" {
  local many='b"".join(b"X-%d: %s\r\n" % (i, b"a" * 100) for i in range(1000))'
  for reply in "b'HTTP/1.1 200 OK\r\n' + $many + b'\r\n[]'" \
    "b'HTTP/1.1 200 OK\r\nX: a\r\n' + b' folded\r\n' * 20000 + b'\r\n[]'" \
    "b'HTTP/1.1 103 Early\r\nX: y\r\n\r\n' * 20000 + b'HTTP/1.1 200 OK\r\n\r\n[]'" \
    "b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n' + $many + b'\r\n'"; do
    answer_with <<<"write($reply)"
    signet -e 'sms.signs:list()'
    assert_limit "$HEADERS"
  done
}

@test "headers: as many as are set" {
  answer_with <<<"write(b'HTTP/1.1 200 OK\r\nX: ' + b'a' * 70000 + b'\r\n\r\n[]')"
  signet --max-header 80K -e '#sms.signs:list()'
  assert_success
  signet --max-header 200K -e 1
  assert_failure 2
  assert_one_sentence '--max-header: "200K" must be bytes, 1K to 96K'
}

# 300 MB that come as 300 KB.
@test "a body counts as what it is unpacked" {
  answer_with <<'E2'
import zlib
blank = b' ' * (1 << 20)
pack = zlib.compressobj(9, zlib.DEFLATED, 31)
body = pack.compress(b'[') + b''.join(pack.compress(blank) for _ in range(301))
body += pack.flush()
write(b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n' + body)
E2
  signet -e 'sms.signs:list()'
  assert_limit "the reply is larger than the limit of 268435456 bytes (max_reply)"
  signet --max-reply 1M -e 'sms.signs:list()'
  assert_limit "the reply is larger than the limit of 1048576 bytes (max_reply)"
}

@test "what is no list has a limit of its own" {
  answer_with <<'E2'
write(b'HTTP/1.1 200 OK\r\n\r\n{"code":0,' + b' ' * (5 << 20) + b'"message":""}')
E2
  signet -e 'sms.signs:delete("1")'
  assert_failure
  [[ $stderr == *"the reply is larger than the limit of 4194304 bytes for what is no list"* ]] ||
    fail "$stderr"
}

@test "depth" {
  answer_with <<'E2'
write(b'HTTP/1.1 200 OK\r\n\r\n' + b'[' * 33 + b']' * 33)
E2
  signet -e 'sms:request("GET", "/x")'
  assert_limit "the JSON is nested deeper than 32 levels"
  answer_with <<'E2'
write(b'HTTP/1.1 200 OK\r\n\r\n' + b'[' * 32 + b'1' + b']' * 32)
E2
  signet -e '#sms:request("GET", "/x")'
  assert_success
  answer_with <<'E2'
write(b'HTTP/1.1 200 OK\r\n\r\n[{"sign_id":"1","x":' + b'[' * 31 + b']' * 31 + b'}]')
E2
  signet -e 'sms.signs:list()'
  assert_failure 1
  [[ $stderr == *"the JSON is nested deeper than 32 levels"* ]] || fail "$stderr"
}

@test "entries of a list, and of one that comes to a million and one" {
  answer_with <<'E2'
write(b'HTTP/1.1 200 OK\r\n\r\n[' + b'{"sign_id":"1"},' * 1000000 + b'{}]')
E2
  signet -e 'sms.signs:list { sign_name = "x" }'
  assert_limit "the list has more entries than the limit of 1000000 (max_list)"
  answer_with <<'E2'
write(b'HTTP/1.1 200 OK\r\n\r\n[' + b'{"sign_id":"1"},' * 7 + b'{}]')
E2
  signet --max-list 7 -e 'sms.signs:list()'
  assert_limit "the list has more entries than the limit of 7 (max_list)"
  signet --max-list 8 -e '#sms.signs:list()'
  assert_success
}

@test "what a request of a script's own answers is no list" {
  answer_with <<'E2'
write(b'HTTP/1.1 200 OK\r\n\r\n[' + b'{"sign_id":"1"},' * 7 + b'{}]')
E2
  signet --max-list 7 -e '#sms:request("GET", "/v1/sign-configs")'
  assert_success
  assert_output 8
  signet --max-list 7 -e 'sms:request("PUT", "/v1/sign-configs/1", {})'
  assert_success
}
