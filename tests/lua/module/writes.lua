-- SPDX-License-Identifier: MIT
-- Writes amid other people, lost replies and changes that change nothing.
local luaunit = require "luaunit"
local service = require "service"

local others = service.sms
local failure = service.failure

-- What the service has received of one method, and did.
local function effects(method, id)
  local count = 0
  for _, request in ipairs(others:request("GET",
    "/__sandbox/requests?limit=20000&effect=true&method=" .. method)) do
    if request.path:find(id, 1, true) then
      count = count + 1
    end
  end
  return count
end

-- Of the next such request only, unless it says otherwise.
local function fault(spec)
  spec.count = spec.count or 1
  service.control("/faults", spec)
end

local Case = {}

function Case:setUp()
  self.mine = service.connect { fresh = 0 }
end

function Case:tearDown()
  self.mine:close()
  service.control("/faults", nil, "DELETE")
end

local function case()
  return { setUp = Case.setUp, tearDown = Case.tearDown }
end

TestPeople = case()

function TestPeople:testAnotherName()
  local id, name = service.sign()
  local theirs, my = service.name "Theirs", service.name "Mine"
  self.mine.signs:get(id)
  others.signs:update(id, { sign_name = theirs })
  local problem = failure(self.mine.signs.update, self.mine.signs, id,
    { sign_name = my })
  luaunit.assertEquals(problem.kind, "conflict")
  luaunit.assertEquals(problem.op, "signs:update")
  luaunit.assertEquals(problem.outcome, "not_sent")
  for _, text in ipairs { name, theirs } do
    luaunit.assertStrContains(problem.message, text)
  end
  luaunit.assertEquals(others.signs:get(id).sign_name, theirs)
  luaunit.assertEquals(effects("PUT", id), 1)
end

-- A review that was under way may end; what was decided must stay.
function TestPeople:testAnotherStatus()
  local function reject(id)
    service.control("/review", { kind = "sign", id = id, status = "rejected" })
  end
  local id = service.sign "pending"
  self.mine.signs:get(id)
  reject(id)
  luaunit.assertTrue(
    self.mine.signs:update(id, { sign_name = service.name() }))
  local name
  id, name = service.sign()
  self.mine.signs:get(id)
  others.signs:update(id, { sign_name = service.name() })
  reject(id)
  others.signs:update(id, { sign_name = name })
  reject(id)
  local before = effects("PUT", id)
  local problem = failure(self.mine.signs.update, self.mine.signs, id,
    { sign_name = service.name() })
  luaunit.assertEquals(problem.kind, "conflict")
  luaunit.assertStrContains(problem.message,
    "status is now rejected, it was approved")
  luaunit.assertEquals(effects("PUT", id), before)
end

function TestPeople:testReadAgainAndDecided()
  local id = service.sign()
  self.mine.signs:get(id)
  others.signs:update(id, { sign_name = service.name "Theirs" })
  service.control("/review", { kind = "sign", id = id, status = "approved" })
  self.mine.signs:get(id)
  local my = service.name "Mine"
  luaunit.assertTrue(self.mine.signs:update(id, { sign_name = my }))
  luaunit.assertEquals(others.signs:get(id).sign_name, my)
end

function TestPeople:testGoneMeanwhile()
  local id = service.sign()
  self.mine.signs:get(id)
  others.signs:delete(id)
  local problem = failure(self.mine.signs.update, self.mine.signs, id,
    { sign_name = service.name() })
  luaunit.assertTrue(problem.kind == "not_found" or problem.kind == "conflict",
    tostring(problem))
  luaunit.assertEquals(effects("PUT", id), 0)
end

-- An update of a template sends all of it, so that each of its fields counts.
function TestPeople:testAnotherFieldOfATemplate()
  local id = service.template()
  self.mine.templates:get(id)
  local theirs = service.name "Theirs"
  others.templates:update(id, { template_name = theirs })
  local problem = failure(self.mine.templates.update, self.mine.templates, id,
    { template_content = "Quite another text" })
  luaunit.assertEquals(problem.kind, "conflict")
  luaunit.assertStrContains(problem.message, "template_name")
  luaunit.assertEquals(others.templates:get(id).template_name, theirs)
  luaunit.assertEquals(effects("PUT", id), 1)
end

-- What the account wrote itself last is not read again.
function TestPeople:testItsOwnWrite()
  local id = self.mine.signs:create { sign_name = service.name() }
  service.control("/review", { kind = "sign", id = id, status = "approved" })
  self.mine.signs:wait(id)
  local before = self.mine:requests()
  self.mine.signs:delete(id)
  luaunit.assertTrue(self.mine:requests() - before <= 2)
end

TestUnchanged = case()

function TestUnchanged:testAName()
  local id, name = service.sign()
  self.mine.signs:get(id)
  for _, same in ipairs { name, " " .. name, name .. "\t " } do
    luaunit.assertTrue(self.mine.signs:update(id, { sign_name = same }))
  end
  luaunit.assertEquals(effects("PUT", id), 0)
  -- Its case is part of a name.
  luaunit.assertTrue(self.mine.signs:update(id, { sign_name = name:upper() }))
  luaunit.assertEquals(effects("PUT", id), 1)
end

function TestUnchanged:testTemplates()
  local id = service.template { country_codes = "CN,US",
    template_content = "Caf\u{e9} {{id}}" }
  for _, fields in ipairs {
    { country_codes = "US,CN" },
    { country_codes = " CN , US" },
    { template_content = "Cafe\u{301} {{id}}" },
    { template_type = "utility" },
    { template_type = "utility", country_codes = "US,CN,US" },
  } do
    luaunit.assertTrue(self.mine.templates:update(id, fields),
      luaunit.prettystr(fields))
  end
  luaunit.assertEquals(effects("PUT", id), 0)
  luaunit.assertTrue(self.mine.templates:update(id, { country_codes = "CN" }))
  luaunit.assertEquals(effects("PUT", id), 1)
end

function TestUnchanged:testResubmit()
  local again <close> = service.connect { resubmit = true }
  local id, name = service.sign()
  again.signs:get(id)
  luaunit.assertTrue(again.signs:update(id, { sign_name = name }))
  luaunit.assertEquals(effects("PUT", id), 1)
  luaunit.assertEquals(others.signs:get(id).status, 1)
end

TestLost = case()

-- What was lost is settled for an account with a journal.
function TestLost:setUp()
  self.mine = service.connect { journal = true, settle = 0.01,
    settle_create = 0, backoff = 0, timeout = 0.2,
    state_dir = os.getenv "HOME" .. "/lost" }
end

-- Without one, the error is all that tells of it.
function TestLost:testWithoutAJournal()
  local id = service.sign()
  local plain <close> = service.connect()
  fault { method = "PUT", path = "/v1/sign-configs/" .. id, close = "after" }
  local problem = failure(plain.signs.update, plain.signs, id,
    { sign_name = service.name() })
  luaunit.assertEquals(problem.kind, "unknown_outcome")
  luaunit.assertEquals(problem.outcome, "unknown")
  luaunit.assertStrContains(problem.message, "read the entry back")
end

-- A reply that was lost after its effect: read back, and told as done.
function TestLost:testRepliesOfWritesThatWorked()
  local id = service.sign()
  local name = service.name "Lost"
  self.mine.signs:get(id)
  fault { method = "PUT", path = "/v1/sign-configs/" .. id, close = "after" }
  luaunit.assertTrue(self.mine.signs:update(id, { sign_name = name }))
  luaunit.assertEquals(others.signs:get(id).sign_name, name)
  luaunit.assertEquals(effects("PUT", id), 1)
end

function TestLost:testRequestsOfWritesThatDidNot()
  local id = service.sign()
  local name = service.name "Sent Again"
  self.mine.signs:get(id)
  fault { method = "PUT", path = "/v1/sign-configs/" .. id, close = "before" }
  luaunit.assertTrue(self.mine.signs:update(id, { sign_name = name }))
  luaunit.assertEquals(others.signs:get(id).sign_name, name)
  luaunit.assertEquals(effects("PUT", id), 1)
end

function TestLost:testCreates()
  local name = service.name "Lost Create"
  fault { method = "POST", path = "/v1/sign-configs", close = "after" }
  local id = self.mine.signs:create { sign_name = name }
  luaunit.assertEquals(others.signs:get(id).sign_name, name)
  luaunit.assertEquals(#others.signs:list { sign_name = name }, 1)
end

function TestLost:testDeletes()
  local id = service.sign()
  self.mine.signs:get(id)
  fault { method = "DELETE", path = "/v1/sign-configs/" .. id,
    close = "after" }
  luaunit.assertTrue(self.mine.signs:delete(id))
  luaunit.assertNil(others.signs:find { sign_id = id })
end

-- Nothing tells any more: the error says that, and what was tried.
function TestLost:testOutcomesThatNobodyKnows()
  local id = service.sign()
  local once <close> = service.connect { attempts = 1, settle = 0.01,
    settle_create = 0, outage = 0, timeout = 2 }
  once.signs:get(id)
  fault { method = "PUT", path = "/v1/sign-configs/" .. id, close = "after" }
  fault { method = "GET", path = "/v1/sign-configs*", every = 1, count = 100,
    status = 500 }
  local problem = failure(once.signs.update, once.signs, id,
    { sign_name = service.name() })
  luaunit.assertEquals(problem.kind, "unknown_outcome")
  luaunit.assertEquals(problem.outcome, "unknown")
  luaunit.assertEquals(problem.id, id)
  luaunit.assertFalse(problem.retryable)
end

function TestLost:testReadsAreSentAgain()
  local id, name = service.sign()
  fault { method = "GET", path = "/v1/sign-configs/" .. id, close = "before" }
  luaunit.assertEquals(self.mine.signs:get(id).sign_name, name)
  fault { method = "GET", path = "/v1/sign-configs/" .. id, status = 500 }
  luaunit.assertEquals(self.mine.signs:get(id).sign_name, name)
end

TestShrunkenLists = case()

-- A list without most of its entries is not the account, unless it may be.
function TestShrunkenLists:testAreRefused()
  local before = #self.mine.signs:list()
  luaunit.assertTrue(before > 40)
  local short = { method = "GET", path = "/v1/sign-configs", every = 1,
    count = 10, status = 200, body = "[]" }
  fault(short)
  local problem = failure(self.mine.signs.list, self.mine.signs)
  luaunit.assertEquals(problem.kind, "refused")
  luaunit.assertStrContains(problem.message, "it may be cut short")
  service.control("/faults", nil, "DELETE")
  luaunit.assertEquals(#self.mine.signs:list(), before)
end

function TestShrunkenLists:testAreTakenWhereTheyMayBe()
  local trusting <close> = service.connect { list_may_shrink = true }
  luaunit.assertTrue(#trusting.signs:list() > 40)
  fault { method = "GET", path = "/v1/sign-configs", status = 200,
    body = "[]" }
  luaunit.assertEquals(#trusting.signs:list(), 0)
end
