# SPDX-License-Identifier: MIT
# Proxies: used where the settings name one, and nowhere else.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper
load tls

PASSWORD=pr0xy/c4nary+pass

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  make_ca ca
  make_ca other
  make_cert good IP:127.0.0.1
}

setup() {
  fresh_home
  take_certs
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$SECRET
}

teardown() {
  stop_nginx
  stop_sandbox
}

# proxied PROXY OPTION…: nginx through it.
proxied() {
  signet --base-url "https://127.0.0.1:$tls" --ca-file ca.pem "$@"
}

write_config() {
  cat >"$XDG_CONFIG_HOME/signet/config"
  chmod 600 "$XDG_CONFIG_HOME/signet/config"
}

@test "the environment's proxies are not heeded" {
  start_nginx good
  start_sandbox --seed 2,0
  local http=$SIGNET_BASE_URL
  export ENGAGELAB_SMS_SECRET=$SECRET
  start_wire proxy peer/ledger
  export http_proxy=http://127.0.0.1:$port https_proxy=http://127.0.0.1:$port
  export HTTPS_PROXY=$https_proxy ALL_PROXY=$https_proxy all_proxy=$https_proxy
  proxied -e '#sms.signs:list()'
  assert_success
  ENGAGELAB_SMS_SECRET=$SECRET signet --base-url "$http" -e '#sms.signs:list()'
  assert_output 2
  [[ ! -s peer/ledger ]] || fail "the proxy was asked: $(<peer/ledger)"
}

@test "a proxy gets a tunnel, and nothing of the credentials" {
  start_nginx good
  start_wire proxy peer/ledger
  NO_PROXY='*' no_proxy='*' proxied --proxy "http://127.0.0.1:$port" \
    -e '#sms.signs:list()'
  assert_success
  assert_output 0
  run cat peer/ledger
  assert_line --index 0 --partial "CONNECT 127.0.0.1:$tls HTTP/1.1"
  refute_output --partial uthorization
  privately access_log
  assert_output --partial "GET /v1/sign-configs Basic "
}

@test "through a tunnel a write is known to have gone once" {
  start_nginx good
  start_wire proxy peer/ledger
  script writes.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
for i = 1, 4 do sms.signs:update("100", { sign_name = "Name " .. i }) end
E2
  proxied --proxy "http://127.0.0.1:$port" -v run --no-journal writes.lua
  assert_success
  [[ $stderr != *"sent 2 times"* && $stderr == *", attempt 1, 30 bytes"* ]] ||
    fail "$stderr"
  run grep -c CONNECT peer/ledger
  assert_output 1
}

@test "user and password come from the configuration file" {
  start_nginx good
  start_wire proxy peer/ledger "operator:$PASSWORD"
  write_config <<E2
[default]
proxy = http://127.0.0.1:$port
proxy_user = operator
proxy_password = $PASSWORD
[wrong]
proxy = http://127.0.0.1:$port
proxy_user = operator
proxy_password = wrong$PASSWORD
E2
  mkdir out
  proxied -vv --trace out/good.har -e '#sms.signs:list()'
  assert_success
  printf '%s' "$stderr" >out/good
  SIGNET_PROFILE=wrong proxied -vv --trace out/wrong.har -e '#sms.signs:list()'
  assert_failure 1
  [[ $stderr == *"407"* ]] || fail "$stderr"
  printf '%s' "$stderr" >out/wrong
  privately access_log
  assert_equal "${#lines[@]}" 1
  forms_of "$PASSWORD" >peer/forms
  forms_of "$SECRET" >>peer/forms
  run grep -rlFf peer/forms out
  assert_failure 1
  run grep -aFf peer/forms peer/ledger
  assert_output --partial "Proxy-Authorization: Basic "
}

@test "a password that others can read" {
  write_config <<<$'[default]\nproxy_user = u\nproxy_password = c4nary'
  chmod 644 "$XDG_CONFIG_HOME/signet/config"
  signet -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "holds a secret and others can read it: run chmod 600"
}

@test "no credentials in the URL, and none is repeated" {
  signet --proxy "http://user:c4nary@127.0.0.1:1" -e 1
  assert_failure 2
  assert_one_sentence '--proxy: the value must be a URL without credentials: they have settings of their own, proxy_user and proxy_password'
  [[ $stderr != *c4nary* ]]
  signet -e "require('signet').connect { proxy = 'http://u:c4nary@h' }"
  assert_failure 3
  [[ $stderr == *"without credentials"* && $stderr != *c4nary* ]]
  signet --proxy 127.0.0.1:3128 -e 1
  assert_failure 2
  assert_one_sentence '--proxy: the value must be the URL of a proxy, as http://'
}

@test "plain http, which is on this machine, goes through no proxy" {
  start_sandbox --seed 2,0
  signet --proxy http://127.0.0.1:1 -e '#sms.signs:list()'
  assert_success
  assert_output 2
}

@test "a proxy that is not there, and one that refuses" {
  start_nginx good
  write_config <<<$'[default]\nproxy_user = pr0xy-user\nproxy_password = '"$PASSWORD"
  proxied --proxy http://127.0.0.1:1 -e 'sms.signs:list()'
  assert_failure 1
  assert_one_sentence "no connection to https://127.0.0.1:$tls: the proxy http://127.0.0.1:1 can't be reached: Failed to connect to 127.0.0.1 port 1"
  assert_one_sentence "; nothing was sent"
  [[ $stderr != *"$PASSWORD"* && $stderr != *pr0xy-user* ]]
  proxied --proxy http://nothing.invalid -e 'sms.signs:list()'
  assert_failure 1
  assert_one_sentence ": the proxy http://nothing.invalid can't be reached: Could not resolve proxy: nothing.invalid"
  printf 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n' >reply
  start_wire serve peer/ledger reply
  proxied --proxy "http://127.0.0.1:$port" -v -e '
    sms.signs:update("1", { sign_name = "Name" })'
  assert_failure 1
  [[ $stderr == *"403"* && $stderr != *"it is unknown"* ]] || fail "$stderr"
  privately access_log
  assert_output ""
}

@test "SOCKS" {
  start_nginx good
  start_wire socks peer/ledger
  proxied --proxy "socks5h://127.0.0.1:$port" -e '#sms.signs:list()'
  assert_success
  run cat peer/ledger
  assert_output 127.0.0.1
}

@test "the TLS of a proxy is checked, too" {
  start_nginx good
  start_wire relay peer/wire 127.0.0.1 "$tls"
  signet --base-url https://127.0.0.1:1 --ca-file other.pem \
    --proxy "https://127.0.0.1:$port" -e 'sms.signs:list()'
  assert_failure 1
  assert_one_sentence "certificate comes from an authority that isn't trusted"
}

@test "HTTP/2 is refused where libcurl is too old for it" {
  signet --http2 -e 'sms.signs:list()'
  [[ $stderr == *libcurl* ]] || skip "this libcurl is new enough"
  assert_failure 3
  assert_one_sentence "http2: HTTP/2 needs libcurl 8.4 or newer"
  signet --http2=yes -e 1
  assert_failure 2
  assert_one_sentence "--http2 takes no value"
  signet -e 'require("signet").connect { http2 = true }'
  assert_failure 3
  write_config <<<$'[default]\nhttp2 = maybe'
  signet -e 1
  assert_failure 3
  assert_one_sentence 'http2: "maybe" must be yes or no'
  write_config <<<$'[default]\nhttp2 = no'
  signet -e 1
  assert_success
}
