/* SPDX-License-Identifier: MIT */
#include "lua/box.h"

static const char BOX[] = "signet.box";

void signet_box_clear(signet_box *box)
{
  void *memory = box->memory;

  box->memory = NULL;
  if (memory != NULL)
    box->release(memory);
}

static int box_close(lua_State *L)
{
  signet_box_clear(luaL_checkudata(L, 1, BOX));
  return 0;
}

/* Stack: +1, the box. */
signet_box *signet_box_push(lua_State *L, signet_release_fn release)
{
  signet_box *box = lua_newuserdatauv(L, sizeof *box, 0);

  box->memory = NULL;
  box->release = release;
  if (luaL_newmetatable(L, BOX)) {
    lua_pushcfunction(L, box_close);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
  return box;
}
