/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_FAILING_LIBRARIES_H
#define TESTS_UNIT_FAILING_LIBRARIES_H

/* A function of another library that fails in its turn, as an allocation does.
 * The linker puts it before the real one (--wrap, in CMakeLists.txt). */

#include "failing_memory.h"

#define REAL(name) __real_##name
#define WRAPPED(name) __wrap_##name

/* FAILING(type, name, (parameters), (arguments), what it gives when it fails)
 * NOLINTBEGIN(bugprone-macro-parentheses): of types, names and lists */
#define FAILING(type, name, parameters, arguments, failure)   \
  type REAL(name) parameters;                                 \
  type WRAPPED(name) parameters;                              \
  type WRAPPED(name) parameters                               \
  {                                                           \
    return failing_turn() ? (failure) : REAL(name) arguments; \
  }
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
