-- SPDX-License-Identifier: MIT
-- The module over HTTP; the tests of each part lie in the folder beside.
local luaunit = require "luaunit"
local signet = require "signet"

for _, part in ipairs { "account", "entries", "errors", "requests", "settings",
  "writes" } do
  require("module." .. part)
end

TestModule = {}

function TestModule:testConstants()
  luaunit.assertStrMatches(signet.version, "%d+%.%d+%.%d+")
  luaunit.assertEquals(signet.status,
    { pending = 1, approved = 2, rejected = 3 })
end

os.exit(luaunit.LuaUnit.run(), true)
