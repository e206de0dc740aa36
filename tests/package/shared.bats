#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The shared libraries export what the public headers declare, and beside it
# only what is marked SIGNET_INTERNAL for the project's other libraries.
# exported/NAME.txt is the list that reviewers see; when a function is added on
# purpose, add it there too.

load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load

export LC_ALL=C

# The objects of this build are linked anew, unless what they are made of depends
# on how they are linked.
setup_file() {
  local launcher=$SOURCE/tests/package/reuse
  ! grep -rq --include=CMakeLists.txt BUILD_SHARED_LIBS "$SOURCE"/{core,bindings} ||
    launcher=
  cmake -S "$SOURCE" -B "$SHARED" -G Ninja -DBUILD_SHARED_LIBS=ON \
    -DCMAKE_C_COMPILER_LAUNCHER="$launcher" \
    -DSIGNET_TESTS=OFF -DCMAKE_BUILD_TYPE=None -DCMAKE_SHARED_LINKER_FLAGS=-Wl,--no-undefined \
    -DCMAKE_C_COMPILER="${CC:-cc}" >&2
  cmake --build "$SHARED" --parallel >&2
}

# What a shared library exports, sorted.
exported() {
  nm --dynamic --defined-only --format=posix "$1" | cut -d ' ' -f 1 | sort
}

# declared MARK HEADER…: the functions with this mark, sorted.
declared() {
  local mark=$1
  shift
  grep -hv '^#' "$@" | tr '\n' ' ' | grep -o "$mark [^();]*(" |
    sed 's/ *($//; s/.*[ *]//' | sort -u
}

internal() {
  declared SIGNET_INTERNAL "$SOURCE"/core/{model,wire,net,account,world}/*.h
}

# compare LIBRARY FOLDER HEADER…
compare() {
  local name=$1 library=$SHARED/$2/lib$1.so
  local list=$SOURCE/tests/package/exported/$1.txt
  shift 2
  diff -u "$list" <(exported "$library" | comm -23 - <(internal)) ||
    fail "lib$name.so does not export what $name.txt lists"
  diff -u "$list" <(declared SIGNET_API "$@") ||
    fail "the public headers do not declare what $name.txt lists"
  run grep -v '^signet_[a-z0-9_]*$' "$list"
  assert_output ""
  [ "$(wc -l <"$list")" -gt 5 ] || fail "$name.txt is all but empty"
}

@test "libsignet exports its public functions only" {
  local headers=() header
  for header in "$SOURCE"/core/include/signet/*.h; do
    [ "${header##*/}" = sandbox.h ] || headers+=("$header")
  done
  compare signet core "${headers[@]}"
}

@test "libsignet-sandbox exports its public functions only" {
  compare signet-sandbox core/sandbox "$SOURCE/core/include/signet/sandbox.h"
}

@test "libsignet-engine exports its public functions only" {
  compare signet-engine bindings/engine \
    "$SOURCE"/bindings/include/signet/*.h
}

@test "what is exported for the other libraries is used by one of them" {
  run comm -23 <(internal) <(
    nm --dynamic --undefined-only --format=posix "$SHARED/signet" \
      "$SHARED/lua/signet.so" "$SHARED/core/sandbox/libsignet-sandbox.so" \
      "$SHARED/bindings/engine/libsignet-engine.so" |
      cut -d ' ' -f 1 | sort -u)
  assert_output ""
}

@test "the module exports its opener only" {
  run exported "$SHARED/lua/signet.so"
  assert_output "luaopen_signet"
}

@test "no library exits, prints or touches signals" {
  local library
  for library in core/libsignet core/sandbox/libsignet-sandbox \
    bindings/engine/libsignet-engine lua/signet; do
    run bash -c "nm --dynamic --undefined-only --format=posix \
      '$SHARED/$library.so' | cut -d ' ' -f 1 | sed 's/@.*//' |
      grep -x 'exit\|_exit\|abort\|printf\|puts\|signal\|sigaction\|system'"
    assert_output ""
  done
}
