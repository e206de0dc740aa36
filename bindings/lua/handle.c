/* SPDX-License-Identifier: MIT */
#include "lua/handle.h"

#include "lua/error.h"
signet_account *signet_handle_account(lua_State *L, const signet_handle *handle)
{
  if (handle->account == NULL)
    signet_lua_invalid(L, "this account is closed");
  return handle->account;
}
