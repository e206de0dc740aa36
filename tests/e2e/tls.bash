# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2034 # what `run` sets, what tests read
# Certificates and an nginx that has them, for the tests of TLS and proxies.

make_ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" 2>openssl.log ||
    fail "$(<openssl.log)"
}

# make_cert NAME SUBJECT-ALTERNATIVE-NAME: NAME.pem and NAME.key, from the
# authority ca.
make_cert() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" \
    -addext "subjectAltName=$2" 2>openssl.log ||
    fail "$(<openssl.log)"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days 2 \
    -CAcreateserial -copy_extensions copy -out "$1.pem" 2>openssl.log ||
    fail "$(<openssl.log)"
}

# The files of setup_file, in the test's own folder.
take_certs() {
  cp "$BATS_FILE_TMPDIR"/*.{pem,key} .
  chmod 600 ./*.key
}

# start_nginx CERTIFICATE [DIRECTIVE…]: its port in $tls; its access log tells
# each request's method, target and Authorization. LISTEN is for its `listen`.
start_nginx() {
  local cert=$1
  shift
  tls=$(free_port)
  cat >nginx.conf <<END
daemon on; pid $PWD/nginx.pid; error_log $PWD/nginx.err info;
events {}
http {
  log_format all '\$request_method \$request_uri \$http_authorization';
  access_log $PWD/peer/access.log all;
  client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2;
  fastcgi_temp_path $PWD/t3; uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
  default_type application/json;
  server {
    listen 127.0.0.1:$tls ssl ${LISTEN:-};
    ssl_certificate $PWD/$cert.pem; ssl_certificate_key $PWD/$cert.key;
    $*
    location = /v1/sign-configs { return 200 '[]'; }
    location /v1/sign-configs/ { return 200 '{"code":0,"message":"success"}'; }
    location /moved { return 302 ${MOVED:-/}; }
  }
}
END
  nginx -p "$PWD" -c "$PWD/nginx.conf" 2>nginx.out 3>&- || fail "$(<nginx.out)"
  for _ in {1..100}; do
    [[ -s nginx.pid ]] && break
    pause 0.02
  done
}

# Lets it finish what it does, its log included.
stop_nginx() {
  local pid
  [[ -s nginx.pid ]] || return 0
  pid=$(<nginx.pid)
  kill -QUIT "$pid" || true
  for _ in {1..100}; do
    kill -0 "$pid" 2>/dev/null || break
    pause 0.05
  done
  kill "$pid" 2>/dev/null || true
  rm -f nginx.pid
}

# The requests that nginx has had, after which it is no more.
access_log() {
  stop_nginx
  cat peer/access.log
}
