/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_ENGINE_H
#define SIGNET_ENGINE_ENGINE_H

/* The inside of an engine. */

#include "lua/runtime.h"

struct signet_engine {
  lua_State *state;
  bool owns_state;
  signet_runtime *runtime;
  signet_settings *settings; /* a copy */
  signet_engine_allocate_fn allocate;
  void *allocate_user;
  size_t memory_limit, memory_used;
  int64_t time_limit_ms;
  bool running;     /* the limits count only then */
  bool exiting;     /* the script called os.exit */
  int exit_status;  /* what it gave to it; -1: it didn't */
  bool interrupted; /* the latest run was */
  char warning[512];
  size_t warning_length;
};

#endif
