-- SPDX-License-Identifier: MIT
-- Every name that the module exports is called by its tests and stands in the
-- reference; SIGNET_TEST_SOURCE is the project's folder.
local luaunit = require "luaunit"
local signet = require "signet"
local service = require "service"

local source = assert(os.getenv "SIGNET_TEST_SOURCE")

local function read(path)
  local file <close> = assert(io.open(source .. "/" .. path))
  return file:read "a"
end

local reference = read "bindings/lua/README.md"
local tests = ""
for _, name in ipairs { "module", "records", "tasks", "each",
  "module/account", "module/entries", "module/requests", "module/writes" } do
  tests = tests .. read("tests/lua/" .. name .. ".lua")
end

-- The names behind an object's __index, whether it is a table or a function
-- with a table of methods.
local function methods(object)
  local index = debug.getmetatable(object).__index
  if type(index) == "function" then
    local _, upvalue = debug.getupvalue(index, 1)
    index = upvalue
  end
  return index
end

local function check(names, in_reference, in_tests)
  local count = 0
  for name in pairs(names) do
    luaunit.assertStrContains(reference, in_reference .. name)
    luaunit.assertStrMatches(tests, ".*" .. in_tests .. "[.:]" .. name
      .. "%f[^%w_].*")
    count = count + 1
  end
  return count
end

TestNames = {}

function TestNames:testModule()
  local names = {}
  for name in pairs(signet) do
    names[name] = true
  end
  luaunit.assertEquals(check(names, "signet.", "signet"), 15)
end

function TestNames:testAccount()
  luaunit.assertEquals(check(methods(service.sms), "sms:", ""), 5)
end

function TestNames:testCollections()
  luaunit.assertEquals(
    check(methods(service.sms.signs), "`:", "signs"), 8)
end

function TestNames:testErrorKinds()
  for _, kind in ipairs { "validation", "auth", "not_found", "conflict",
    "pending", "in_use", "not_approved", "rate_limited", "server", "network",
    "timeout", "unknown_outcome", "rejected", "refused", "cancelled",
    "unsupported", "configuration", "memory", "limit" } do
    luaunit.assertStrContains(reference, "| `" .. kind .. "` |")
  end
end

os.exit(luaunit.LuaUnit.run(), true)
