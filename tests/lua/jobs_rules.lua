-- SPDX-License-Identifier: MIT
-- The jobs check names before they send anything, and so does the engine. The
-- two must agree, whatever the name. Stock lua5.4 with the real module, which
-- refuses a name before it would open a connection.

local luaunit = require "luaunit"
local names = require "jobs.names"
local signet = require "signet"

local file <close> = assert(io.open(
  arg[0]:gsub("[^/]*$", "../canary/secret"), "r"))

-- Nothing listens on port 1: what passes the check is a "network" error.
local sms = signet.connect { base_url = "http://127.0.0.1:1", key = "key",
  secret = file:read "l", api = "configs" }

local function engine_refuses(name)
  local ok, problem = pcall(sms.signs.update, sms.signs, "1",
    { sign_name = name })
  luaunit.assertFalse(ok)
  return problem.kind == "validation"
end

local PIECES = { "a", "漢", "\u{1F600}", "[", "]", "【", "】", "\0", "\xFF",
  "\xE5\x90", " ", "\n", "、", "test", ("x"):rep(57), ("漢"):rep(58) }

TestRules = {}

function TestRules.test_the_engine_agrees()
  local refused, passed = 0, 0
  local function check(name)
    local bad = names.problem(name) ~= nil
    luaunit.assertEquals(engine_refuses(name), bad, ("%q"):format(name))
    refused, passed = refused + (bad and 1 or 0), passed + (bad and 0 or 1)
  end
  check("")
  for _, first in ipairs(PIECES) do
    check(first)
    for _, second in ipairs(PIECES) do check(first .. second) end
  end
  luaunit.assertTrue(refused > 100 and passed > 40)
end

os.exit(luaunit.LuaUnit.run())
