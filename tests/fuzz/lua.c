/* SPDX-License-Identifier: MIT */
/* The Lua module: calls with any arguments, results of earlier calls among
 * them. Each returns, or raises an error that is text or says its kind. */
#include "canary.h"
#include "folder.h"
#include "fuzz.h"
#include "signet/sandbox.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <string.h>

enum { CALLS = 6, ARGUMENTS = 4, DEPTH = 3 };

int luaopen_signet(lua_State *state);

/* What can be called; what would take its time is told not to. */
static const char functions[] =
    "local signet, url = ...\n"
    "local function connect(more)\n"
    "  local o = { key = 'key', secret = '" CANARY_SECRET "', base_url = url,\n"
    "    poll_interval = 0.001, attempts = 1 }\n"
    "  for k, v in pairs(more or {}) do\n"
    "    if k ~= 'rate' and k ~= 'write_rate' and k ~= 'read_rate' then\n"
    "      o[k] = v end\n"
    "  end\n"
    "  o.base_url, o.state_dir = url, nil\n"
    "  return signet.connect(o)\n"
    "end\n"
    "local sms = connect()\n"
    "local f = { function(o) return connect(type(o) == 'table' and o or {})\n"
    "  end }\n"
    "for _, name in ipairs { 'signs', 'templates' } do\n"
    "  local entries = sms[name]\n"
    "  for _, verb in ipairs { 'list', 'get', 'find', 'create', 'update',\n"
    "      'delete' } do\n"
    "    f[#f + 1] = function(...) return entries[verb](entries, ...) end\n"
    "    f[#f + 1] = entries[verb]\n"
    "  end\n"
    "  f[#f + 1] = function(id, status)\n"
    "    return entries:wait(id, { status = status, timeout = 0.002 })\n"
    "  end\n"
    "end\n"
    "local function brief(x) return tonumber(x) and 0.0001 or x end\n"
    "for _, one in ipairs {\n"
    "  function(m, p, b) return sms:request(m, p, b) end, sms.request,\n"
    "  signet.each, signet.skip, signet.spawn, signet.join, signet.step,\n"
    "  function(x) return signet.sleep(brief(x)) end,\n"
    "  function(o, k) return o[k] end, function(o, k, v) o[k] = v end,\n"
    "  function(o) return #o end, function(o) return tostring(o) end,\n"
    "  function(o) for k, v in pairs(o) do return k, v end end,\n"
    "  function(a, b) return a == b, a < b end, next,\n"
    "  signet.coroutine.create, signet.coroutine.resume,\n"
    "  signet.coroutine.wrap, signet.coroutine.close,\n"
    "} do f[#f + 1] = one end\n"
    "return f, { signet, sms, sms.signs, sms.templates, '100000001',\n"
    "  '200000001', 'GET', '/v1/signs', 'sign_name', 'status',\n"
    "  function() end, function(x) error(x) end, function(...) return ... "
    "end,\n"
    "  coroutine.create(function() end), signet.coroutine.wrap(function()\n"
    "    coroutine.yield(1) end) }\n";

static const char names[][20] = {
    "sign_name",     "template_name", "template_type", "template_content",
    "country_codes", "add_signature", "sign_id",       "sign_position",
    "status",        "concurrency",   "label",         "timeout"};

static signet_sandbox *sandbox;
static lua_State *state;

typedef struct input {
  const uint8_t *data;
  size_t left;
} input;

static void *serve(void *user)
{
  signet_error error;
  FUZZ_REQUIRE(signet_sandbox_run(user, &error));
  return NULL;
}

static void start_sandbox(char *url, size_t size)
{
  pthread_t thread;
  signet_error error;
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.seed_signs = 3;
  options.seed_templates = 4;
  sandbox = signet_sandbox_open(&options, &error);
  FUZZ_REQUIRE(sandbox != NULL);
  FUZZ_REQUIRE(pthread_create(&thread, NULL, serve, sandbox) == 0);
  pthread_detach(thread);
  snprintf(url, size, "http://127.0.0.1:%u", signet_sandbox_port(sandbox));
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  char url[64];
  (void)count, (void)arguments;
  setenv("XDG_CONFIG_HOME", "/nowhere", 1);
  start_sandbox(url, sizeof url);
  state = luaL_newstate();
  FUZZ_REQUIRE(state != NULL);
  luaL_openlibs(state);
  FUZZ_REQUIRE(luaL_loadstring(state, functions) == LUA_OK);
  luaL_requiref(state, "signet", luaopen_signet, 0);
  lua_pushstring(state, url);
  if (lua_pcall(state, 2, 2, 0) != LUA_OK) {
    fprintf(stderr, "%s\n", luaL_tolstring(state, -1, NULL));
    abort();
  }
  lua_setfield(state, LUA_REGISTRYINDEX, "values");
  lua_setfield(state, LUA_REGISTRYINDEX, "functions");
  return 0;
}

static unsigned next_byte(input *in)
{
  if (in->left == 0)
    return 0;
  in->left--;
  return *in->data++;
}

/* [-0, +1] */
static void push_text(input *in)
{
  size_t length = next_byte(in) % 24;
  if (length > in->left)
    length = in->left;
  lua_pushlstring(state, (const char *)in->data, length);
  in->data += length;
  in->left -= length;
}

/* One of a list in the registry. [-0, +1] */
static void push_one_of(const char *list, unsigned number)
{
  lua_getfield(state, LUA_REGISTRYINDEX, list);
  lua_Integer count = (lua_Integer)lua_rawlen(state, -1);
  lua_rawgeti(state, -1, 1 + (lua_Integer)number % count);
  lua_remove(state, -2);
}

static void push_value(input *in, int depth);

/* [-0, +1] */
static void push_table(input *in, int depth)
{
  lua_newtable(state);
  for (unsigned i = next_byte(in) % 5; i > 0; i--) {
    unsigned name = next_byte(in) % (2 * sizeof names / sizeof names[0]);
    if (name < sizeof names / sizeof names[0])
      lua_pushstring(state, names[name]);
    else
      push_value(in, depth + 1);
    push_value(in, depth + 1);
    if (lua_isnil(state, -2) ||
        lua_tonumber(state, -2) != lua_tonumber(state, -2))
      lua_pop(state, 2);
    else
      lua_rawset(state, -3);
  }
}

/* [-0, +1] */
static void push_value(input *in, int depth)
{
  static const double numbers[] = {0.5, -1, 1e300, 9007199254740993.0, 2};
  unsigned kind = next_byte(in);
  switch (kind % 9) {
  case 0:
    lua_pushnil(state);
    break;
  case 1:
    lua_pushboolean(state, kind > 127);
    break;
  case 2:
    lua_pushinteger(state, (lua_Integer)next_byte(in) - 3);
    break;
  case 3:
    lua_pushnumber(state, numbers[next_byte(in) % 5]);
    break;
  case 4:
    lua_pushinteger(state, kind > 127 ? LUA_MAXINTEGER : 100000001);
    break;
  case 5:
    if (depth < DEPTH) {
      push_table(in, depth);
      break;
    } /* fall through */
  case 6:
    push_text(in);
    break;
  case 7:
    push_one_of("values", next_byte(in));
    break;
  default: /* what an earlier call gave */
    lua_pushvalue(state, 1);
    break;
  }
}

/* [-1, +0] */
static void check_error(void)
{
  size_t length;
  if (lua_type(state, -1) == LUA_TTABLE &&
      luaL_getmetafield(state, -1, "__tostring") != LUA_TNIL) {
    lua_pop(state, 1);
    FUZZ_REQUIRE(lua_getfield(state, -1, "kind") == LUA_TSTRING);
    lua_pop(state, 1);
    const char *text = luaL_tolstring(state, -1, &length);
    FUZZ_REQUIRE(text != NULL && !folder_text_is_secret(text, length));
    lua_pop(state, 1);
  }
  lua_pop(state, 1);
}

/* Index 1 holds what the last call gave. */
static void call(input *in)
{
  push_one_of("functions", next_byte(in));
  int count = (int)(next_byte(in) % (ARGUMENTS + 1));
  for (int i = 0; i < count; i++)
    push_value(in, 0);
  if (lua_pcall(state, count, 1, 0) == LUA_OK)
    lua_replace(state, 1);
  else
    check_error();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  input in = {data, size};
  if (folder_text_is_secret((const char *)data, size))
    return 0; /* errors may repeat what they were given */
  lua_settop(state, 0);
  lua_pushnil(state);
  for (int i = 0; i < CALLS && in.left > 0; i++)
    call(&in);
  lua_settop(state, 0);
  lua_gc(state, LUA_GCCOLLECT);
  return 0;
}
