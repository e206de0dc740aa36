#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Installs into an empty prefix, moves it, and uses it as a stranger would:
# with find_package, with pkg-config, and at the command line.

bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load

setup_file() {
  export ROOT=$BATS_FILE_TMPDIR PREFIX=$BATS_FILE_TMPDIR/elsewhere
  cmake --install "$BUILD" --prefix "$ROOT/prefix" >&2
  # Whatever remembers where it was installed first is found out.
  mv "$ROOT/prefix" "$PREFIX"
  libraries=$(find "$PREFIX" -name libsignet.a -o -name libsignet.so | head -n 1)
  export LIBRARIES=${libraries%/*}
  ENGAGELAB_SMS_SECRET=$(<"$SOURCE/tests/canary/secret")
  export ENGAGELAB_SMS_SECRET
}

consumer_says() {
  run --separate-stderr "$1/core"
  assert_success
  assert_output "Company Name"
  run --separate-stderr "$1/sandbox"
  assert_success
  assert_output "listening"
  run --separate-stderr "$1/engine"
  assert_success
  assert_output "status 2"
}

@test "a consumer builds with find_package and runs" {
  cmake -S "$SOURCE/tests/package/consumer" -B "$ROOT/cmake" -G Ninja \
    -DCMAKE_PREFIX_PATH="$PREFIX" -DCMAKE_C_COMPILER="${CC:-cc}"
  cmake --build "$ROOT/cmake"
  consumer_says "$ROOT/cmake"
  run "$ROOT/cmake/example-host"
  assert_failure 2
  run "$ROOT/cmake/example-jobs"
  assert_failure 2
}

@test "a consumer builds with pkg-config and runs" {
  local part name
  mkdir -p "$ROOT/pkgconfig"
  for part in core sandbox engine; do
    name=signet${part/#/-}
    [ "$part" != core ] || name=signet
    # shellcheck disable=SC2046 # flags, one a word
    "${CC:-cc}" -std=c11 -o "$ROOT/pkgconfig/$part" \
      "$SOURCE/tests/package/consumer/$part.c" \
      $(PKG_CONFIG_PATH=$LIBRARIES/pkgconfig pkg-config --cflags --libs \
        "$name")
  done
  consumer_says "$ROOT/pkgconfig"
}

@test "no installed text knows where it was built or installed" {
  run grep -rIl -e "$SOURCE" -e "$BUILD" -e "$ROOT/prefix" "$PREFIX"
  assert_output ""
}

@test "the installed executable runs, and finds the shipped jobs" {
  run "$PREFIX/bin/signet" --version
  assert_success
  assert_output --partial "signet 0."
  cd "$ROOT"
  run "$PREFIX/bin/signet" run rename --help
  assert_success
  assert_output --partial "--map"
}

@test "the installed module loads in the stock interpreter" {
  run lua5.4 -e "package.cpath = '$LIBRARIES/lua/5.4/?.so'
    print(require('signet').status.rejected)"
  assert_success
  assert_output "3"
}

@test "jobs are installed, the developer's tool is not" {
  assert [ -f "$PREFIX/share/signet/scripts/rename.lua" ]
  assert [ -f "$PREFIX/share/signet/scripts/migrate.lua" ]
  assert [ -f "$PREFIX/share/signet/scripts/clean.lua" ]
  assert [ ! -e "$PREFIX/share/signet/scripts/dev" ]
}
