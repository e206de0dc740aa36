/* SPDX-License-Identifier: MIT */
/* The name under which the stock interpreter looks for the module. It stands
 * alone, so that libsignet-engine, which has the module in it, does not export
 * it too. */
#include "lua/module.h"
#include "lua/runtime.h"
SIGNET_API int luaopen_signet(lua_State *L);

int luaopen_signet(lua_State *L)
{
  return signet_lua_open(L);
}
