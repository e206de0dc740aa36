-- SPDX-License-Identifier: MIT
-- The locals of a REPL that last, form by form. Stock lua5.4.

local luaunit = require "luaunit"
local path = assert(os.getenv "SIGNET_TEST_SOURCE")
  .. "/bindings/host/repl/locals.lua"

TestLocals = {}

local locals

function TestLocals:setUp()
  locals = dofile(path)
end

--- Runs a chunk as the REPL does. @return its values, or nil and the error
local function run(text)
  local chunk = load("return " .. text, "=repl", "t", locals.environment)
  if not chunk then
    assert(load(text, "=repl", "t", locals.environment))
    chunk = assert(locals.compile(text, "=repl"))
  end
  local results = table.pack(pcall(chunk))
  if results[1] then
    return table.unpack(results, 2, results.n)
  end
  return nil, results[2]
end

-- Chunks, then an expression and its value.
local LAST = {
  { "local a = 1", "a", 1 },
  { "local a, b = 1, 2", "a + b", 3 },
  { "local print", "print == nil", true },
  { "local a a = 4", "a", 4 },
  { "local a\nlocal b b = 4", "b", 4 },
  { "local a; a = 3", "a", 3 },
  { "local a = 1", "local a = 7", "a", 7 },
  { "local a, a = 1, 2", "a", 2 },
  { "local a = 1; local b = a + 1 return b", "b", 2 },
  { "local K <const> = 10 * 5 local k = K + 1", "K + k", 101 },
  { "local a <const>, b = 1, 2", "b = 5", "a + b", 6 },
  { "local function f(n) if n < 2 then return 1 end return n * f(n - 1) end",
    "f(5)", 120 },
  { "local f = function(a) return a end local n = -f(3) ^ 2", "n", -9.0 },
  { "local t = { 1, function() local q = 5 return q end } local l = t[2]()",
    "l", 5 },
  { "local s = 'end local no = 1' -- local no = 2\nlocal last = 3", "last", 3 },
  { "local p = [==[ ]] local no = 1 ]==] local r = #p", "r", 17 },
  { "--[[ local no = 1 ]] local a = 5 --[==[ local no = 2\n]==] local b = 6",
    "a + b", 11 },
  { [[local e = "a\"b\\" local g = 'x\z
     y']], "e .. g", 'a"b\\xy' },
  { "local h = 0x1p-2 local i = 1e+3 local j = 3 .. 4", "h + i", 1000.25 },
  { "local k = .5 local m = 5//2 local n = 0xA.8", "k + m + n", 13.0 },
  { "local g = ('x'):rep(2) .. #'abc'", "g", "xx3" },
  { "local g = tostring\n(5)", "g", "5" },
  { "local b = 5;(function() b = b + 1 end)()", "b", 6 },
  { "local lt = 1 < 2 local ge = 2 >= 1 and 'x' or \"y\"", "ge", "x" },
  { "local sh = 1 << 3 | 1 ~ 2 & ~0", "sh", 11 },
  { "local c = not nil and -#'ab' local d = 2 ^ -1", "c + d", -1.5 },
  { "local f = function(t) return function(u) return t[1] .. u end end",
    "local s = f {'a'} 'b' local u = f{ 'c' }[[d]]", "s .. u", "abcd" },
  { "local m = ({ m = function(self, x) return x end }):m 'hey' local n = 2",
    "m .. n", "hey2" },
  { "local va, vb = ..., select('#', ...)", "vb", 0 },
  { "local signet_keep = 5", "signet_keep", 5 },
  { "local done = {} goto over; local skip = 1; ::over::", "#done", 0 },
  { "for i = 1, 2 do local x = i end local x = 9", "x", 9 },
  { "local i = 0 while i < 3 do i = i + 1 end local j = i", "j", 3 },
  { "repeat local t = 1 until t == 1 local z = 8", "z", 8 },
  { "if false then local q = 1 elseif true then local q = 2 else end "
    .. "local r = 3", "r", 3 },
}

function TestLocals:testTheyLast()
  for _, case in ipairs(LAST) do
    locals = dofile(path)
    for index = 1, #case - 2 do
      luaunit.assertNil(select(2, run(case[index])), case[index])
    end
    luaunit.assertEquals(run(case[#case - 1]), case[#case], case[1])
  end
end

function TestLocals:testBlocksKeepTheirs()
  run "do local a = 1 end for i = 1, 1 do local b = 2 end"
  run "local function f() local c = 3 end repeat local d = 4 until d == 4"
  run "local t = { function() local e = 5 end } if true then local g = 6 end"
  luaunit.assertEquals(select("#", run "a, b, c, d, e, g"), 6)
  luaunit.assertNil(run "a or b or c or d or e or g")
end

function TestLocals:testAFunctionAndALaterLineShareAVariable()
  run "local n = 0 function inc() n = n + 1 return n end"
  luaunit.assertEquals(run "inc()", 1)
  luaunit.assertEquals(run "n", 1)
  run "n = 10"
  luaunit.assertEquals(run "inc()", 11)
  luaunit.assertNil(rawget(_G, "n"))
  luaunit.assertNotNil(rawget(_G, "inc"))
  _G.inc = nil
end

function TestLocals:testWithinAChunkTheyAreLuasOwn()
  -- Two variables of one name, each with a function that sees its own.
  run "local n = 1 local function f() return n end local n = 2"
  luaunit.assertEquals(run "f()", 1)
  luaunit.assertEquals(run "n", 2)
end

function TestLocals:testAConstantStaysOne()
  run "local k <const> = 2"
  local _, problem = run "k = 5"
  luaunit.assertEquals(problem,
    "repl:1: attempt to assign to const variable 'k'")
  luaunit.assertEquals(run "k", 2)
  run "local k = 7"
  run "k = 8"
  luaunit.assertEquals(run "k", 8)
end

function TestLocals:testWhatIsToBeClosedIsClosedAtTheEnd()
  _G.closed = {}
  run [[local function thing(name)
    return setmetatable({ name = name }, { __close = function(self)
      closed[#closed + 1] = self.name
    end })
  end
  local a <close>, b = thing "a", 5
  local c <close> = thing "c"
  local d <close> = nil]]
  luaunit.assertEquals(run "a.name .. c.name .. b", "ac5")
  luaunit.assertEquals(_G.closed, {})
  luaunit.assertTrue(locals.wait_for_close())
  locals.close()
  luaunit.assertEquals(_G.closed, { "c", "a" })
  luaunit.assertFalse(locals.wait_for_close())
  local _, problem = run "local e <close> = 5"
  luaunit.assertEquals(problem,
    "repl:1: variable 'e' got a non-closable value")
  _G.closed = nil
end

function TestLocals:testAnErrorKeepsWhatStandsBefore()
  local _, problem = run "local one = 1\nerror('boom')\nlocal two = 2"
  luaunit.assertEquals(problem, "repl:2: boom")
  luaunit.assertEquals(run "one", 1)
  luaunit.assertNil(run "two")
end

function TestLocals:testNamesForCompletion()
  run "local first, second = 1"
  local names = {}
  locals.add_names(names)
  luaunit.assertEquals(names, { first = true, second = true })
  luaunit.assertEquals({ locals.get "first" }, { true, 1 })
  luaunit.assertTrue((locals.get "second"))
  luaunit.assertFalse((locals.get "third"))
end

-- Every script of the project, with the calls in it, is still Lua.
function TestLocals:testWholeScripts()
  local source = os.getenv "SIGNET_TEST_SOURCE"
  local files = io.popen("find '" .. source .. "/scripts' '" .. source
    .. "/bindings' '" .. source .. "/tests/lua' -name '*.lua'")
  local count = 0
  for file in files:lines() do
    local handle <close> = assert(io.open(file))
    local text = handle:read "a"
    luaunit.assertNotNil(load(text, "=repl"), file)
    luaunit.assertNotNil((locals.compile(text, "=repl")), file)
    count = count + 1
  end
  files:close()
  luaunit.assertTrue(count > 20)
end

os.exit(luaunit.LuaUnit.run(), true)
