-- SPDX-License-Identifier: MIT
-- signet.each, signet.skip and signet.log.
local luaunit = require "luaunit"
local signet = require "signet"
local service = require "service"

local sms = service.sms
local each = signet.each

local failure = service.failure

TestEach = {}

function TestEach:testArray()
  local result = each({ 1, 2, 3 }, function(item, index)
    return item * 10 + index
  end)
  luaunit.assertEquals(result.results, { 11, 22, 33 })
  luaunit.assertEquals(
    { result.done, result.failed, result.skipped, result.unknown,
      result.waiting }, { 3, 0, 0, 0, 0 })
  luaunit.assertEquals(result.failures, {})
  luaunit.assertEquals(result.skips, {})
  luaunit.assertFalse(result.interrupted)
end

function TestEach:testRecords()
  local list = sms.signs:list()
  local result = each(list, function(sign)
    return sms.signs:get(sign.sign_id).sign_name
  end)
  luaunit.assertEquals(result.done, #list)
  for index, sign in ipairs(list) do
    luaunit.assertEquals(result.results[index], sign.sign_name)
  end
end

function TestEach:testNothing()
  luaunit.assertEquals(each({}, error).done, 0)
  luaunit.assertEquals(each(function() end, error).done, 0)
end

-- The script's iterator may wait itself: one worker at a time is inside.
function TestEach:testIterators()
  for _, wrap in ipairs { coroutine.wrap, signet.coroutine.wrap } do
    local inside = 0
    local items = wrap(function()
      for index = 1, 20 do
        inside = inside + 1
        luaunit.assertEquals(inside, 1)
        signet.sleep(0.001)
        inside = inside - 1
        coroutine.yield(index)
      end
    end)
    local result = each(items, function(item)
      signet.sleep(0.002)
      return item
    end, { concurrency = 4 })
    luaunit.assertEquals(result.done, 20)
    luaunit.assertEquals(#result.results, 20)
  end
end

function TestEach:testBrokenIterator()
  local count = 0
  local problem = failure(each, function()
    count = count + 1
    if count == 3 then error("iterator broke", 0) end
    return count
  end, function() signet.sleep(0.001) end)
  luaunit.assertStrContains(problem, "iterator broke")
end

function TestEach:testConcurrency()
  for _, limit in ipairs { 1, 3, 100 } do
    local running, most = 0, 0
    each(sms.signs:list(), function()
      running = running + 1
      most = math.max(most, running)
      signet.sleep(0.001)
      running = running - 1
    end, { concurrency = limit })
    luaunit.assertEquals(most, math.min(limit, #sms.signs:list()))
  end
end

local function mostAtOnce(requests)
  local account <close> = service.connect { concurrency = requests }
  local running, most = 0, 0
  each(account.signs:list(), function()
    running = running + 1
    most = math.max(most, running)
    signet.sleep(0.001)
    running = running - 1
  end)
  return most
end

function TestEach:testDefaultConcurrencyFollowsTheAccounts()
  luaunit.assertEquals(mostAtOnce(5), 40)
  luaunit.assertEquals(mostAtOnce(1), 1)
end

local function broken() local nothing = nil; return nothing.field end

function TestEach:testFailures()
  local result = each({ "77", "x", "78" }, function(id)
    if id == "x" then id = broken() end
    return sms.signs:get(id)
  end, { concurrency = 1 })
  luaunit.assertEquals(result.failed, 3)
  luaunit.assertEquals(result.failures[1].item, "77")
  luaunit.assertEquals(result.failures[1].error.kind, "not_found")
  luaunit.assertStrContains(result.failures[1].error.traceback, "each.lua")
  luaunit.assertStrContains(result.failures[2].error, "local 'nothing'")
  luaunit.assertStrContains(result.failures[2].traceback, "broken")
  luaunit.assertEquals(result.failures[3].error.id, "78")
end

function TestEach:testSkips()
  local result = each({ 1, 2, 3 }, function(item)
    if item == 2 then return signet.skip "even" end
    if item == 3 then return signet.skip() end
  end)
  luaunit.assertEquals(result.done, 1)
  luaunit.assertEquals(result.skipped, 2)
  table.sort(result.skips, function(a, b) return a.item < b.item end)
  luaunit.assertEquals(result.skips,
    { { item = 2, reason = "even" }, { item = 3, reason = "" } })
  luaunit.assertNil(result.results[2])
end

function TestEach:testWaiting()
  local result = each({ 1, 2 }, function(item)
    if item == 2 then return signet.skip("its review", "waiting") end
  end)
  luaunit.assertEquals(result.done, 1)
  luaunit.assertEquals(result.skipped, 0)
  luaunit.assertEquals(result.waiting, 1)
  luaunit.assertEquals(result.skips, { { item = 2, reason = "its review" } })
  luaunit.assertErrorMsgContains("may be \"waiting\"", signet.skip, "", "done")
end

function TestEach:testUnknownOutcome()
  local id = service.sign()
  service.control("/faults", { method = "PUT",
    path = "/v1/sign-configs/" .. id, close = "after" })
  service.control("/faults", { method = "GET",
    path = "/v1/sign-configs*", status = 500, body = "{}" })
  local result = each({ id }, function(item)
    sms.signs:update(item, { sign_name = service.name() })
  end)
  service.control("/faults", nil, "DELETE")
  luaunit.assertEquals(result.unknown, 1)
  luaunit.assertEquals(result.failed, 0)
  luaunit.assertEquals(result.failures[1].error.kind, "unknown_outcome")
end

-- Wrong credentials fail every item alike: the first one ends it.
function TestEach:testAuthEndsIt()
  local account <close> = service.connect { secret = "wrong" }
  local count = 0
  local problem = failure(each, sms.signs:list(), function(sign)
    count = count + 1
    account.signs:get(sign.sign_id)
  end, { concurrency = 2 })
  luaunit.assertEquals(problem.kind, "auth")
  luaunit.assertTrue(count <= 4)
end

function TestEach:testInsideTasksAndNested()
  local result = signet.join(signet.spawn(function()
    return each({ 1, 2 }, function(outer)
      return each({ 1, 2 }, function(inner)
        sms.signs:list()
        return outer * 10 + inner
      end).results
    end).results
  end))
  luaunit.assertEquals(result, { { 11, 12 }, { 21, 22 } })
end

function TestEach:testDescribe()
  local seen = {}
  each({ { 5 } }, function() error("x") end, {
    describe = function(item, index)
      seen[1], seen[2] = item[1], index
      return "five"
    end,
  })
  luaunit.assertEquals(seen, { 5, 1 })
  each({ 1 }, function() error("x") end, { describe = error })
end

function TestEach:testWrongArguments()
  luaunit.assertStrContains(failure(each, 5, print), "a list")
  luaunit.assertStrContains(failure(each, {}), "a function")
  luaunit.assertStrContains(failure(each, {}, print, 5), "options")
  luaunit.assertStrContains(failure(each, {}, print, { paralel = 5 }),
    '"paralel"')
  for name, value in pairs { concurrency = "5", label = 5, describe = "x" } do
    luaunit.assertStrContains(failure(each, {}, print, { [name] = value }),
      name)
  end
  for _, value in ipairs { 0, -1, 1.5, 0 / 0 } do
    luaunit.assertStrContains(
      failure(each, {}, print, { concurrency = value }), "concurrency")
  end
end

TestLog = {}

function TestLog:testLevels()
  for _, level in ipairs { "debug", "info", "warning", "error" } do
    signet.log(level, "a test writes this", 1, nil, true)
  end
  failure(signet.log, "loud", "x")
  failure(signet.log)
end

os.exit(luaunit.LuaUnit.run(), true)
