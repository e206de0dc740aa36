-- SPDX-License-Identifier: MIT
-- Tasks: everything that a coroutine may do around a call that yields.
local luaunit = require "luaunit"
local signet = require "signet"
local service = require "service"

local sms = service.sms
local ids = {}
for index, sign in ipairs(sms.signs:list()) do
  ids[index] = sign.sign_id
end

local function task(fn, ...)
  return signet.join(signet.spawn(fn, ...))
end

local failure = service.failure

TestJoin = {}

function TestJoin:testResultsAndArguments()
  luaunit.assertEquals({ task(function(...) return ... end, 1, nil, "x") },
    { 1, nil, "x" })
  luaunit.assertEquals(select("#", task(function() end)), 0)
  luaunit.assertEquals(select("#", task(function() return nil, nil end)), 2)
end

function TestJoin:testList()
  local tasks = {}
  for index = 1, 5 do
    tasks[index] = signet.spawn(function()
      signet.sleep(0.01 * (5 - index))
      if index ~= 3 then return index, "more" end
    end)
  end
  local results = signet.join(tasks)
  luaunit.assertEquals(results, { 1, 2, nil, 4, 5, n = 5 })
  luaunit.assertEquals(signet.join {}, { n = 0 })
end

function TestJoin:testTwice()
  local one = signet.spawn(function() return 7 end)
  luaunit.assertEquals(signet.join(one), 7)
  luaunit.assertEquals(signet.join(one), 7)
  luaunit.assertStrMatches(tostring(one), "task %d+ %(done%)")
end

function TestJoin:testErrors()
  local bad = signet.spawn(function() error({ reason = 5 }, 0) end)
  luaunit.assertEquals(failure(signet.join, bad).reason, 5)
  luaunit.assertEquals(failure(signet.join, bad).reason, 5)
  luaunit.assertStrMatches(tostring(bad), "task %d+ %(failed%)")
  luaunit.assertNil(failure(signet.join,
    signet.spawn(function() error() end)))
end

-- All are waited for before the first failure is raised.
function TestJoin:testListWithFailures()
  local ended = false
  local problem = failure(signet.join, {
    signet.spawn(function() signet.sleep(0.01) error("first", 0) end),
    signet.spawn(function() error("second", 0) end),
    signet.spawn(function() signet.sleep(0.03) ended = true end),
  })
  luaunit.assertStrMatches(problem, "first.*")
  luaunit.assertTrue(ended)
end

function TestJoin:testAll()
  local count = 0
  for _ = 1, 3 do
    signet.spawn(function()
      signet.sleep(0.01)
      signet.spawn(function() count = count + 1 end)
    end)
  end
  signet.join()
  luaunit.assertEquals(count, 3)
  signet.spawn(function() error("nobody looked", 0) end)
  luaunit.assertStrMatches(failure(signet.join), "nobody looked.*")
  signet.join()
end

function TestJoin:testInsideTasks()
  luaunit.assertEquals(task(function()
    local tasks = {}
    for index = 1, 3 do
      tasks[index] = signet.spawn(function()
        return sms.signs:get(ids[index]).sign_id
      end)
    end
    return table.concat(signet.join(tasks), ",")
  end), table.concat(ids, ",", 1, 3))
end

function TestJoin:testSeveralWaitForOne()
  local one = signet.spawn(function() signet.sleep(0.01) return 5 end)
  local others = {}
  for index = 1, 4 do
    others[index] = signet.spawn(function() return signet.join(one) end)
  end
  luaunit.assertEquals(signet.join(others), { 5, 5, 5, 5, n = 4 })
end

function TestJoin:testItself()
  local itself
  itself = signet.spawn(function() signet.join(itself) end)
  luaunit.assertStrContains(failure(signet.join, itself), "itself")
end

function TestJoin:testCycle()
  local a, b
  a = signet.spawn(function() signet.sleep(0) signet.join(b) end)
  b = signet.spawn(function() signet.join(a) end)
  luaunit.assertStrContains(failure(signet.join, a), "nothing can go on")
  luaunit.assertStrContains(failure(signet.join, b), "nothing can go on")
end

function TestJoin:testWrongArguments()
  luaunit.assertStrContains(failure(signet.join, 5), "a task or a list")
  luaunit.assertStrContains(failure(signet.join, nil), "a task or a list")
  failure(signet.join, { 1 })
  failure(signet.join, io.stdout)
  failure(signet.spawn)
  failure(signet.spawn, "x")
end

TestSleep = {}

-- Seconds since the machine started, in hundredths.
local function uptime()
  local file <close> = assert(io.open "/proc/uptime")
  return file:read "n"
end

-- A busy machine may wake it late, but never early; and others go on.
function TestSleep:testTakesItsTime()
  local began, others = uptime(), 0
  local sleeper = signet.spawn(function()
    signet.sleep(0.1)
    luaunit.assertTrue(uptime() - began > 0.08)
    return others
  end)
  for _ = 1, 3 do
    signet.spawn(function() signet.sleep(0) others = others + 1 end)
  end
  luaunit.assertEquals(signet.join(sleeper), 3)
end

function TestSleep:testWrongArguments()
  for _, value in ipairs { -1, "1", 0 / 0, 1e10, {} } do
    luaunit.assertEquals(failure(signet.sleep, value).kind, "validation")
  end
end

TestYield = {}

function TestYield:testCallsOverlap()
  local order = {}
  signet.join {
    signet.spawn(function()
      order[#order + 1] = "a1"
      sms.signs:get(ids[1])
      order[#order + 1] = "a2"
    end),
    signet.spawn(function()
      order[#order + 1] = "b1"
      sms.signs:get(ids[2])
      order[#order + 1] = "b2"
    end),
  }
  luaunit.assertEquals(order[1] .. order[2], "a1b1")
end

function TestYield:testAcrossPcall()
  luaunit.assertEquals(task(function()
    local worked, sign = pcall(sms.signs.get, sms.signs, ids[1])
    local other, problem = pcall(function()
      return sms.signs:get("77")
    end)
    local _, handled = xpcall(function()
      sms.signs:get("78")
    end, function(value) return value.id end)
    return worked and not other and sign.sign_id .. problem.id .. handled
  end), ids[1] .. "7778")
end

function TestYield:testInMetamethods()
  local lazy = setmetatable({}, {
    __index = function(_, id) return sms.signs:get(id) end,
    __call = function(_, id) return sms.signs:get(id).sign_id end,
    __add = function(_, id) return sms.signs:get(id).sign_id end,
    __eq = function() return sms.signs:get(ids[1]) ~= nil end,
    __lt = function() return sms.signs:get(ids[1]) ~= nil end,
    __concat = function(_, id) return sms.signs:get(id).sign_id end,
    __close = function() sms.signs:get(ids[1]) end,
  })
  luaunit.assertEquals(task(function()
    local closing <close> = lazy
    return lazy[ids[1]].sign_id == lazy(ids[1]) and lazy + ids[2] == ids[2]
      and lazy == setmetatable({}, getmetatable(lazy)) and lazy < lazy
      and lazy .. ids[3] == ids[3] and closing ~= nil
  end), true)
end

function TestYield:testInIterators()
  local function signs()
    local index = 0
    return function()
      index = index + 1
      return index <= 3 and sms.signs:get(ids[index]) or nil
    end
  end
  luaunit.assertEquals(task(function()
    local seen = {}
    for sign in signs() do
      seen[#seen + 1] = sign.sign_id
    end
    return seen
  end), { ids[1], ids[2], ids[3] })
end

-- Both kinds of coroutines: those that let the call through to the scheduler,
-- and Lua's own, inside which a call blocks.
local function collect(library)
  local produced = library.wrap(function()
    for index = 1, 3 do
      library.yield(sms.signs:get(ids[index]).sign_id, index)
    end
    return nil
  end)
  local seen = {}
  for id, index in produced do
    seen[index] = id
  end
  return seen
end

function TestYield:testInCoroutines()
  local wanted = { ids[1], ids[2], ids[3] }
  luaunit.assertEquals(task(collect, signet.coroutine), wanted)
  luaunit.assertEquals(task(collect, coroutine), wanted)
  luaunit.assertEquals(collect(signet.coroutine), wanted)
  luaunit.assertEquals(collect(coroutine), wanted)
end

function TestYield:testNestedCoroutines()
  local co = signet.coroutine
  local function nest(depth)
    if depth == 0 then
      return sms.signs:get(ids[1]).sign_id
    end
    local worked, id = co.resume(co.create(nest), depth - 1)
    return worked and id
  end
  luaunit.assertEquals(task(nest, 5), ids[1])
end

-- While one coroutine waits through two levels, another task goes on.
function TestYield:testCoroutinesLetOthersRun()
  local steps = {}
  local function walk(name)
    for index in signet.coroutine.wrap(function()
      for index = 1, 2 do
        sms.signs:get(ids[index])
        coroutine.yield(index)
      end
    end) do
      steps[#steps + 1] = name .. index
      signet.sleep(0.005)
    end
  end
  signet.join { signet.spawn(walk, "a"), signet.spawn(walk, "b") }
  luaunit.assertEquals(#steps, 4)
  luaunit.assertNotEquals(steps[1]:sub(1, 1), steps[2]:sub(1, 1))
end

function TestYield:testInsideCFunctions()
  luaunit.assertEquals(task(function()
    local text = ids[1]:gsub("%d+", function(id)
      return sms.signs:get(id).sign_name
    end)
    local list = { ids[1], ids[2] }
    table.sort(list, function(a, b)
      return sms.signs:get(a).sign_id > sms.signs:get(b).sign_id
    end)
    return text == sms.signs:get(ids[1]).sign_name and list[1]
  end), ids[2] > ids[1] and ids[2] or ids[1])
end

function TestYield:testJoinInsideCFunctions()
  luaunit.assertStrContains(failure(task, function()
    return (("x"):gsub("x", function()
      return task(function() return "y" end)
    end))
  end), "can't be waited for here")
end

function TestYield:testPlainYield()
  local steps = {}
  signet.join {
    signet.spawn(function()
      steps[#steps + 1] = 1
      coroutine.yield("ignored")
      steps[#steps + 1] = 3
    end),
    signet.spawn(function() steps[#steps + 1] = 2 end),
  }
  luaunit.assertEquals(steps, { 1, 2, 3 })
end

TestCoroutineLibrary = {}

-- It behaves as Lua's own does.
function TestCoroutineLibrary:testSameAsLua()
  for _, library in ipairs { coroutine, signet.coroutine } do
    local co = library.create(function(a)
      local b = library.yield(a + 1)
      error({ b })
    end)
    luaunit.assertEquals({ library.resume(co, 1) }, { true, 2 })
    luaunit.assertEquals(library.status(co), "suspended")
    luaunit.assertEquals({ library.resume(co, 5) }, { false, { 5 } })
    luaunit.assertEquals({ library.resume(co) },
      { false, "cannot resume dead coroutine" })
    luaunit.assertEquals({ library.resume(library.running()) },
      { false, "cannot resume non-suspended coroutine" })
    local step = library.wrap(function() library.yield(1, 2) return 3 end)
    luaunit.assertEquals({ step() }, { 1, 2 })
    luaunit.assertEquals({ step() }, { 3 })
    luaunit.assertStrContains(failure(step), "cannot resume dead coroutine")
    failure(library.wrap, 1)
    failure(library.resume, 1)
    failure(library.resume)
    -- One that resumes the one that resumed it.
    local outer
    outer = library.create(function()
      return library.resume(library.create(function()
        return library.resume(outer)
      end))
    end)
    luaunit.assertEquals({ library.resume(outer) },
      { true, true, false, "cannot resume non-suspended coroutine" })
    -- Many values, in and out.
    local many = table.pack(library.resume(library.create(function(...)
      return library.yield(...)
    end), table.unpack({}, 1, 5000)))
    luaunit.assertEquals(many.n, 5001)
  end
end

function TestCoroutineLibrary:testErrorsCloseVariables()
  for _, library in ipairs { coroutine, signet.coroutine } do
    local closed = 0
    local broken = library.wrap(function()
      local _ <close> = setmetatable({}, {
        __close = function() closed = closed + 1 end,
      })
      error("inside", 0)
    end)
    luaunit.assertStrContains(failure(broken), "inside")
    luaunit.assertEquals(closed, 1)
    local object = { "kept" }
    luaunit.assertIs(failure(library.wrap(function() error(object) end)),
      object)
  end
end

TestForeign = {}

-- A script that resumes or closes what waits for signet harms itself only.
function TestForeign:testResumedByOthers()
  local co
  local waiting = signet.spawn(function()
    co = coroutine.running()
    return sms.signs:get(ids[1])
  end)
  local other = signet.spawn(function()
    return coroutine.resume(co)
  end)
  local worked, problem = signet.join(other)
  luaunit.assertFalse(worked)
  luaunit.assertStrContains(tostring(problem), "resumed by someone else")
  luaunit.assertStrContains(failure(signet.join, waiting), "closed or resumed")
end

function TestForeign:testClosedByOthers()
  local co
  local waiting = signet.spawn(function()
    co = coroutine.running()
    signet.sleep(0.01)
  end)
  signet.join(signet.spawn(function() coroutine.close(co) end))
  luaunit.assertStrContains(failure(signet.join, waiting), "closed or resumed")
end

function TestForeign:testInnerCoroutineStolen()
  local inner
  local waiting = signet.spawn(function()
    inner = signet.coroutine.create(function()
      return sms.signs:get(ids[1]).sign_id
    end)
    return signet.coroutine.resume(inner)
  end)
  local thief = signet.spawn(function()
    return signet.coroutine.resume(inner)
  end)
  luaunit.assertFalse((signet.join(thief)))
  luaunit.assertFalse((signet.join(waiting)))
end

TestTraceback = {}

local function deep() local nothing = nil; return nothing.field end
local function deeper() sms.signs:get("77") end

function TestTraceback:testOfPlainErrors()
  local problem = failure(task, function() local _ = deep() end)
  luaunit.assertStrContains(problem, "local 'nothing'")
  luaunit.assertStrContains(problem, "stack traceback:")
  luaunit.assertStrContains(problem, "deep")
end

function TestTraceback:testOfErrorObjects()
  local problem = failure(task, function() deeper() end)
  luaunit.assertEquals(problem.kind, "not_found")
  luaunit.assertNotStrContains(problem.message, "traceback")
  luaunit.assertStrContains(problem.traceback, "deeper")
end

function TestTraceback:testVariablesAreClosed()
  local closed = false
  failure(task, function()
    local _ <close> = setmetatable({}, {
      __close = function() closed = true end,
    })
    sms.signs:get("77")
  end)
  luaunit.assertTrue(closed)
end

TestStep = {}

function TestStep:testDecidesOnce()
  local calls = 0
  local function decide()
    calls = calls + 1
    return calls, "more"
  end
  luaunit.assertEquals({ signet.step("decided once", decide) }, { 1, "more" })
  luaunit.assertEquals({ signet.step("decided once", decide) }, { 1, "more" })
  luaunit.assertEquals(signet.step("another", decide), 2)
end

function TestStep:testConcurrently()
  local calls = 0
  local function decide()
    calls = calls + 1
    return sms.signs:get(ids[1]).sign_id
  end
  local tasks = {}
  for index = 1, 4 do
    tasks[index] = signet.spawn(signet.step, "asked by four", decide)
  end
  luaunit.assertEquals(signet.join(tasks)[4], ids[1])
  luaunit.assertEquals(calls, 1)
end

function TestStep:testFailureIsNoDecision()
  luaunit.assertStrContains(
    failure(signet.step, "fails first", function() error("not yet") end),
    "not yet")
  luaunit.assertEquals(signet.step("fails first", function() return 1 end), 1)
end

function TestStep:testWrongArguments()
  luaunit.assertStrContains(failure(signet.step, 1, print), "a name")
  luaunit.assertStrContains(failure(signet.step, "no function", 1),
    "a function")
end

TestClosing = {}

function TestClosing:testAccountWithCallsUnderWay()
  local account, id = service.connect(), service.sign "pending"
  local waiting = signet.spawn(function()
    return account.signs:wait(id, { timeout = 60 })
  end)
  signet.sleep(0.05)
  account:close()
  luaunit.assertEquals(failure(signet.join, waiting).kind, "cancelled")
end

TestFile = {}

-- Without a job nothing is kept: each call reads the file.
function TestFile:testContent()
  local path = os.tmpname()
  local function write(text)
    local file <close> = assert(io.open(path, "wb"))
    file:write(text)
  end
  write "one\0two"
  luaunit.assertEquals(signet.file(path), "one\0two")
  write ""
  luaunit.assertEquals(signet.file(path), "")
  os.remove(path)
  local problem = failure(signet.file, path)
  luaunit.assertEquals(problem.kind, "validation")
  luaunit.assertStrContains(problem.message, "No such file")
  luaunit.assertStrContains(failure(signet.file, 5), "a path is needed")
  luaunit.assertStrContains(tostring(failure(signet.file, "a\0b")), "NUL")
  luaunit.assertEquals(failure(signet.file, "/").kind, "validation")
end

os.exit(luaunit.LuaUnit.run(), true)
