# SPDX-License-Identifier: MIT
# TLS against nginx: whom signet trusts, and what leaves the machine where it
# trusts nobody. A relay between the two keeps every byte.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper
load tls


setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  make_ca ca
  make_ca other
  make_cert good IP:127.0.0.1,DNS:localhost
  make_cert elsewhere DNS:elsewhere.example
  make_cert client email:client@example.com
  # A span in the past needs a tool that sets both its ends.
  make_cert expired IP:127.0.0.1
  mkdir -p ca.d && touch ca.d/index && echo 01 >ca.d/serial
  cat >ca.cnf <<END
[ca]
default_ca = one
[one]
dir = ca.d
database = ca.d/index
new_certs_dir = ca.d
serial = ca.d/serial
certificate = ca.pem
private_key = ca.key
default_md = sha256
copy_extensions = copy
policy = any
[any]
commonName = supplied
END
  openssl ca -batch -config ca.cnf -in expired.csr -out expired.pem -notext \
    -startdate 20200101000000Z -enddate 20200102000000Z 2>openssl.log ||
    fail "$(<openssl.log)"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout selfsigned.key \
    -out selfsigned.pem -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 2>openssl.log
}

setup() {
  fresh_home
  take_certs
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$SECRET
  # The library's own settings must not be what refuses.
  cat >weak.cnf <<END
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = any
[any]
MinProtocol = TLSv1
CipherString = DEFAULT@SECLEVEL=0
END
  export OPENSSL_CONF=$PWD/weak.cnf
}

teardown() {
  stop_nginx
}

# With a relay before it, which the settings point to.
start_relayed() {
  start_nginx "$@"
  start_wire relay peer/wire 127.0.0.1 "$tls"
  export SIGNET_BASE_URL=https://127.0.0.1:$port
}

# No request reached the server, and what left the machine is too little for
# one: beside the handshake nothing but an alert, which TLS 1.3 encrypts.
assert_nothing_left() {
  [[ -s peer/wire.0.client ]] || fail "nothing went through the relay"
  privately access_log
  assert_output ""
  local type length sum=0
  for file in peer/wire.*.client; do
    while read -r type length; do
      if ((type == 23)); then
        sum=$((sum + length))
      fi
    done < <("$SOURCE/tests/e2e/wire" records "$file")
  done
  ((sum < 60)) || fail "$sum bytes of data left the machine"
  forms_of "$SECRET" >peer/forms
  run grep -alFf peer/forms peer/wire.*
  assert_failure 1
}

list() {
  signet "$@" -e '#sms.signs:list()'
}

assert_refused() {
  assert_failure 1
  assert_one_sentence "$1"
  [[ $stderr == *"no connection to https://127.0.0.1:"*"; nothing was sent" ]] ||
    fail "$stderr"
  assert_nothing_left
}

@test "a good certificate of a known authority" {
  start_relayed good
  list --ca-file ca.pem
  assert_success
  assert_output 0
  privately access_log
  assert_output "GET /v1/sign-configs Basic $(printf 'key:%s' "$SECRET" | base64 -w0)"
  # On the wire there is nothing to be read of it.
  forms_of "$SECRET" >peer/forms
  run grep -alFf peer/forms peer/wire.0.client peer/wire.0.server
  assert_failure 1
  run "$SOURCE/tests/e2e/wire" records peer/wire.0.client
  assert_output --regexp $'\n23 1[0-9][0-9]'
}

@test "expired" {
  start_relayed expired
  list --ca-file ca.pem
  assert_refused "the server's certificate has expired"
}

@test "for another host" {
  start_relayed elsewhere
  list --ca-file ca.pem
  assert_refused "the server's certificate is for another host"
}

@test "self-signed" {
  start_relayed selfsigned
  list
  assert_refused "the server's certificate is self-signed: name it with ca_file"
  start_relayed selfsigned
  list --ca-file selfsigned.pem
  assert_success
}

@test "of an unknown authority" {
  start_relayed good
  list --ca-file other.pem
  assert_refused "comes from an authority that isn't trusted"
}

@test "of an authority that the system does not know" {
  start_relayed good
  list
  assert_refused "comes from an authority that isn't trusted"
}

@test "variables that are not heeded are named where trust fails" {
  start_relayed good
  SSL_CERT_FILE=$PWD/ca.pem https_proxy=http://127.0.0.1:1 list
  assert_refused "comes from an authority that isn't trusted"
  [[ $stderr == *"signet does not heed SSL_CERT_FILE"*": set ca_file instead"* &&
    $stderr == *"signet does not heed https_proxy"*": set proxy instead"* ]] ||
    fail "$stderr"
}

@test "the system's authorities are not asked where ca_file is given" {
  command -v strace >/dev/null || skip "strace is not installed"
  start_relayed good
  run strace -f -e trace=file -o calls \
    "$SIGNET" --ca-file other.pem -e 'sms.signs:list()'
  assert_failure 1
  run grep -c other.pem calls
  refute_output 0
  run grep -E '/ssl/certs|ca-certificates' calls
  assert_output ""
}

@test "TLS 1.1" {
  start_relayed good 'ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;'
  # It is there, for whoever speaks that.
  run openssl s_client -connect "127.0.0.1:$tls" -tls1_1 \
    -cipher DEFAULT@SECLEVEL=0 </dev/null
  assert_output --partial "Protocol  : TLSv1.1"
  list --ca-file ca.pem
  assert_refused "the server does not speak TLS 1.2 or newer"
}

@test "TLS 1.2 is enough" {
  start_relayed good 'ssl_protocols TLSv1.2;'
  list --ca-file ca.pem
  assert_success
}

@test "no TLS at all behind the port" {
  printf 'HTTP/1.1 200 OK\r\n\r\n[]' >reply
  start_wire serve peer/ledger reply
  list --base-url "https://127.0.0.1:$port"
  assert_failure 1
  [[ $stderr == *"the server does not speak TLS 1.2 or newer"*"nothing was sent"* ]] ||
    fail "$stderr"
  run grep -ac Authorization peer/ledger
  assert_output 0
}

@test "SSLKEYLOGFILE keeps no keys" {
  start_relayed good
  SSLKEYLOGFILE=$PWD/keys list --ca-file ca.pem
  assert_success
  [[ ! -e keys ]]
}

@test "a client certificate: there, missing, and of the wrong authority" {
  start_relayed good "ssl_client_certificate $PWD/ca.pem; ssl_verify_client on;"
  list --ca-file ca.pem
  assert_failure 1
  assert_one_sentence "the server wants a client certificate: name it with client_cert"
  list --ca-file ca.pem --client-cert client.pem --client-key client.key
  assert_success
  cat client.pem client.key >both.pem
  chmod 600 both.pem
  list --ca-file ca.pem --client-cert both.pem
  assert_success
  list --ca-file ca.pem --client-cert client.pem --client-key good.key
  assert_failure 3
  assert_one_sentence "the client certificate or its key can't be used"
  make_ca stranger
  list --ca-file ca.pem --client-cert stranger.pem --client-key stranger.key
  assert_failure 1
  assert_one_sentence "the server does not accept the certificate of client_cert"
}

@test "a client key: encrypted, or for everybody to read" {
  start_relayed good "ssl_client_certificate $PWD/ca.pem; ssl_verify_client on;"
  openssl pkey -aes256 -passout pass:hunter2-canary -in client.key \
    -out locked.key 2>openssl.log
  chmod 600 locked.key
  # Nobody is asked for a password, not on a terminal either.
  run --separate-stderr timeout 20 script -qec "$(printf '%q ' "$SIGNET" \
    --ca-file ca.pem --client-cert client.pem --client-key locked.key \
    -e 'sms.signs:list()')" /dev/null </dev/null
  assert_failure 3
  assert_output --partial "locked.key holds an encrypted private key: its password is missing, set client_key_password"
  printf '[default]\nclient_key_password = hunter2-canary\n' \
    >"$XDG_CONFIG_HOME/signet/config"
  chmod 644 "$XDG_CONFIG_HOME/signet/config"
  list --ca-file ca.pem --client-cert client.pem --client-key locked.key
  assert_failure 3
  assert_one_sentence "holds a secret and others can read it: run chmod 600"
  chmod 600 "$XDG_CONFIG_HOME/signet/config"
  list --ca-file ca.pem --client-cert client.pem --client-key locked.key
  assert_success
  chmod 644 client.key
  list --ca-file ca.pem --client-cert client.pem --client-key client.key
  assert_failure 3
  assert_one_sentence "--client-key: client.key holds a private key and others can read it: run chmod 600"
}

@test "files that are not there, or no files" {
  list --ca-file none.pem
  assert_failure 3
  assert_one_sentence "--ca-file: none.pem can't be read: No such file"
  list --client-cert "$PWD"
  assert_failure 3
  assert_one_sentence "is a directory"
  list --client-key client.key
  assert_failure 3
  assert_one_sentence "--client-key: a key without a certificate"
  start_relayed good
  echo nothing >empty.pem
  list --ca-file empty.pem
  assert_failure 3
  assert_one_sentence "--ca-file: empty.pem holds no certificate in PEM"
  printf '%s\n' '-----BEGIN CERTIFICATE-----' MIIB \
    '-----END CERTIFICATE-----' >junk.pem
  list --ca-file junk.pem
  assert_failure 3
  assert_one_sentence "the authorities of ca_file can't be read"
  signet --ca-file ca.pem --client-cert client.pem --client-key good.key -e '
    local ok, problem = pcall(sms.signs.delete, sms.signs, "1")
    print(problem.kind, problem.outcome, problem.retryable)'
  assert_output $'configuration\tnot_sent\tfalse'
}

@test "a bad file is called what it was given as" {
  printf '[default]\nca_file = none.pem\n' >"$XDG_CONFIG_HOME/signet/config"
  signet --base-url https://127.0.0.1:1 -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "signet/config:2: ca_file: none.pem can't be read"
  signet --base-url https://127.0.0.1:1 doctor --ca-file none.pem
  assert_failure 3
  [[ $output == *"--ca-file: none.pem can't be read"* ]] || fail "$output"
  signet --ca-file ca.pem -e '
    require("signet").connect { ca_file = "gone.pem" }'
  assert_failure 3
  assert_one_sentence "ca_file: gone.pem can't be read"
  [[ $stderr != *--ca-file* && $stderr != *config:2* ]] || fail "$stderr"
}

@test "a redirect is told, not followed" {
  printf 'HTTP/1.1 200 OK\r\n\r\n[]' >reply
  start_wire serve peer/ledger reply
  local elsewhere=http://127.0.0.1:$port/x
  MOVED=$elsewhere start_relayed good
  signet --ca-file ca.pem -e 'sms:request("GET", "/moved")'
  assert_failure 1
  assert_one_sentence "HTTP 302 redirects to $elsewhere; redirects are not followed: set the base URL to where the service is"
  [[ ! -s peer/ledger ]] || fail "the redirect was followed"
  privately access_log
  assert_equal "${#lines[@]}" 1
}

@test "HTTP/2, where libcurl is new enough: what is known of a write is the same" {
  signet --http2 -e 'require("signet").connect()'
  [[ $stderr != *"needs libcurl 8.4"* ]] || skip "this libcurl is too old"
  LISTEN=http2 start_nginx good
  export SIGNET_BASE_URL=https://127.0.0.1:$tls
  script writes.lua <<'E2'
local signet = require "signet"
local sms = signet.connect()
for i = 1, 3 do sms.signs:update("100", { sign_name = "Name " .. i }) end
signet.each({ "1", "2", "3", "4", "5" }, function(id)
  sms.signs:update(id, { sign_name = "Name " .. id })
end)
print(#sms.signs:list())
E2
  signet --http2 --ca-file ca.pem --trace t.har run --no-journal writes.lua
  assert_success
  assert_output 0
  run jq -r '.log.entries[] | [.response.httpVersion, ._sends] | join(" ")' t.har
  assert_equal "$(sort -u <<<"$output")" "HTTP/2 1"
}

@test "plain http goes to this machine alone" {
  local address
  address=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 '\.') ||
    address=192.0.2.1
  for host in "$address" example.com 127.0.0.1.example.com 10.0.0.1; do
    signet --base-url "http://$host:9" -e 'sms.signs:list()'
    assert_failure 2
    assert_one_sentence "--base-url: the value must be a URL that begins with https://"
    run --separate-stderr "$SIGNET" -e "require('signet').connect {
      base_url = 'http://$host:9' }.signs:list()"
    assert_failure 3
    [[ $stderr == *"https://"* ]]
  done
}
