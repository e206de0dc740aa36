/* SPDX-License-Identifier: MIT */
#include "engine/cjson.h"

#include <lualib.h>

#include <lua-cjson.h>

/*
 * Scripts' own JSON is lua-cjson. Its limits are settings that a script could
 * raise until deep input overflows the host's C stack, or a sparse array fills
 * memory that Lua doesn't count: here they are fixed.
 */

enum { CJSON_DEPTH = 32 };

static int fixed_setting(lua_State *L)
{
  return luaL_error(L, "cjson.%s: this setting is fixed here",
                    lua_tostring(L, lua_upvalueindex(1)));
}

/* Stack: the module on top, unchanged. */
static void call_setting(lua_State *L, const char *name)
{
  lua_getfield(L, -1, name);
  lua_pushinteger(L, CJSON_DEPTH);
  lua_call(L, 1, 0);
}

static void fix_setting(lua_State *L, const char *name)
{
  lua_pushstring(L, name);
  lua_pushcclosure(L, fixed_setting, 1);
  lua_setfield(L, -2, name);
}

int signet_engine_open_cjson(lua_State *L)
{
  static const char *const fixed[] = {"decode_max_depth",
                                      "encode_max_depth",
                                      "encode_keep_buffer",
                                      "encode_sparse_array",
                                      "new",
                                      NULL};

  lua_pushcfunction(L, lua_tocfunction(L, lua_upvalueindex(1)));
  lua_call(L, 0, 1);
  call_setting(L, "decode_max_depth");
  call_setting(L, "encode_max_depth");
  for (size_t i = 0; fixed[i] != NULL; i++)
    fix_setting(L, fixed[i]);
  return 1;
}
