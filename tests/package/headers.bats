#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each public header stands alone, in strict C and in C++.

load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load

# every_header COMPILER ARG…: compiles each one by itself, twice included.
every_header() {
  local header count=0
  for header in "$SOURCE"/core/include/signet/*.h \
    "$SOURCE"/bindings/include/signet/*.h; do
    header=signet/${header##*/}
    printf '#include "%s"\n#include "%s"\nint signet_test_unit;\n' \
      "$header" "$header" |
      "$@" -Wall -Wextra -Werror -I "$SOURCE/core/include" \
        -I "$SOURCE/bindings/include" -fsyntax-only - ||
      fail "$header does not compile alone"
    count=$((count + 1))
  done
  [ "$count" -ge 9 ] || fail "only $count headers were found"
}

@test "each public header compiles alone as strict C11" {
  every_header "${CC:-cc}" -x c -std=c11 -pedantic-errors -Wstrict-prototypes
}

@test "each public header compiles alone as C++17" {
  every_header c++ -x c++ -std=c++17 -pedantic-errors
}

@test "the public headers include each other and three standard ones only" {
  run bash -c "grep -h '^ *# *include' '$SOURCE'/core/include/signet/*.h \
    '$SOURCE'/bindings/include/signet/*.h |
    grep -v '\"signet/[a-z]*\.h\"\|<std\(def\|int\|bool\)\.h>'"
  assert_output ""
}
