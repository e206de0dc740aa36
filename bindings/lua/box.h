/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_BOX_H
#define SIGNET_LUA_BOX_H

/* C memory that survives a Lua error. */

#include "lua/runtime.h"

typedef void (*signet_release_fn)(void *memory);

typedef struct signet_box {
  void *memory;
  signet_release_fn release;
} signet_box;

/** Pushes an empty box; what is put into it is released with it. */
signet_box *signet_box_push(lua_State *L, signet_release_fn release);
/** Releases what the box holds now. Idempotent. */
void signet_box_clear(signet_box *box);

#endif
