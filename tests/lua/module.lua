-- SPDX-License-Identifier: MIT
-- Accounts, calls, records and errors of the module, over HTTP.
local luaunit = require "luaunit"
local signet = require "signet"
local service = require "service"

local sms = service.sms

local function failure(fn, ...)
  local worked, problem = pcall(fn, ...)
  luaunit.assertFalse(worked)
  return problem
end

TestModule = {}

function TestModule:testConstants()
  luaunit.assertStrMatches(signet.version, "%d+%.%d+%.%d+")
  luaunit.assertEquals(signet.status,
    { pending = 1, approved = 2, rejected = 3 })
end

TestAnnounce = {}

function TestAnnounce:testCountsAndRecords()
  signet.announce { account = sms, updates = 2, creates = 1,
    deletes = sms.signs:list() }
  signet.announce { account = sms, deletes = { sms.templates:list()[1] } }
  signet.announce { account = sms }
end

function TestAnnounce:testWhatIsNone()
  for sentence, spec in pairs {
    ["a number of entries or a list of records, not -1"] = { deletes = -1 },
    ["a list of records, not 1.5"] = { deletes = 1.5 },
    ["updates must be"] = { updates = "2" },
    ["each of deletes must be"] = { deletes = { "1001" } },
    ["there is no field delete"] = { delete = 1 },
  } do
    spec.account = sms
    local problem = failure(signet.announce, spec)
    luaunit.assertStrContains(tostring(problem), sentence)
  end
  luaunit.assertStrContains(tostring(failure(signet.announce, 1)), "a table")
end

function TestAnnounce:testTheAccountMustBeSaid()
  local second <close> = service.connect()
  local problem = failure(signet.announce, { deletes = 1 })
  luaunit.assertEquals(problem.kind, "validation")
  luaunit.assertStrContains(problem.message, "several accounts are open")
  signet.announce { account = second, deletes = 1 }
end

TestTime = {}

function TestTime:testTheServiceTellsIt()
  local account <close> = service.connect()
  local problem = failure(account.time, account)
  luaunit.assertEquals(problem.kind, "unsupported")
  account.signs:list()
  luaunit.assertEquals(math.type(account:time()), "integer")
  luaunit.assertAlmostEquals(account:time(), os.time(), 5)
end

TestAudit = {}

function TestAudit:testNothingWasWritten()
  local account <close> = service.connect()
  luaunit.assertEquals(account:audit(), {})
end

TestConnect = {}

function TestConnect:testProperties()
  local account <close> = service.connect()
  luaunit.assertEquals(account.dialect, "configs")
  luaunit.assertEquals(account.base_url, service.url)
  luaunit.assertNil(account.nothing)
  luaunit.assertEquals(tostring(account),
    "account " .. service.url .. " (configs)")
  luaunit.assertEquals(tostring(account.signs), "signs")
  luaunit.assertEquals(tostring(account.templates), "templates")
end

function TestConnect:testUnknownName()
  local problem = failure(signet.connect, { keyy = "k" })
  luaunit.assertEquals(problem.kind, "validation")
  luaunit.assertStrContains(problem.message, '"keyy"')
  luaunit.assertStrContains(problem.message, "base_url")
end

function TestConnect:testNameIsShownEscaped()
  luaunit.assertStrContains(
    failure(signet.connect, { ["a\27[2J"] = 1 }).message, "a\\x1b[2J")
end

function TestConnect:testWrongTypes()
  local wrong = {
    key = 1, secret = true, base_url = {}, api = 2, profile = false,
    ca_file = 1, state_dir = 1, concurrency = "16", rate = true,
    read_rate = {}, pace = 1,
    timeout = "1", connect_timeout = {}, poll_interval = true,
  }
  for name, value in pairs(wrong) do
    local problem = failure(service.connect, { [name] = value })
    luaunit.assertEquals(problem.kind, "validation", name)
    luaunit.assertStrContains(problem.message, name)
  end
  for value, words in pairs {
    [1.5] = "concurrency must be a whole number, not a float",
    ["16"] = "concurrency must be a whole number, not such text",
    [true] = "concurrency must be a whole number, not a boolean",
  } do
    local problem = failure(service.connect, { concurrency = value })
    luaunit.assertEquals(problem.kind, "validation")
    luaunit.assertStrContains(problem.message, words)
  end
  luaunit.assertStrContains(failure(service.connect, { key = 1 }).message,
    "key must be a string, not an integer")
end

function TestConnect:testSecretIsNeverShown()
  local problem = failure(service.connect, { secret = "hush\0hush" })
  luaunit.assertNotStrContains(tostring(problem), "hush")
  problem = failure(service.connect, { secret = "hush\nhush" })
  luaunit.assertNotStrContains(tostring(problem), "hush")
end

function TestConnect:testWrongValues()
  luaunit.assertEquals(
    failure(service.connect, { concurrency = 0 }).kind, "configuration")
  luaunit.assertEquals(
    failure(service.connect, { write_rate = "fast" }).kind, "configuration")
  luaunit.assertEquals(
    failure(service.connect, { pace = "slow" }).kind, "configuration")
  local account = service.connect { rate = "6000/min", read_rate = 50.5,
    write_rate = 10, pace = "gentle" }
  luaunit.assertEquals(#account.signs:list(), #service.connect().signs:list())
  luaunit.assertEquals(
    failure(service.connect, { base_url = "ftp://x" }).kind, "configuration")
  luaunit.assertEquals(
    failure(service.connect, { profile = "nosuch" }).kind, "configuration")
end

function TestConnect:testNoCredentials()
  local problem = failure(signet.connect, { base_url = service.url })
  luaunit.assertEquals(problem.kind, "configuration")
  luaunit.assertStrContains(problem.message, "ENGAGELAB_SMS_KEY")
end

function TestConnect:testNotATable()
  failure(signet.connect, "http://x")
end

-- What was lost on its way here must not mean the default account.
function TestConnect:testNilIsNoOptions()
  luaunit.assertStrContains(failure(signet.connect, nil).message,
    "signet.connect: the options are nil; connect() takes")
end

function TestConnect:testLimitsAreChecked()
  for _, name in ipairs { "max_changes", "max_deletes" } do
    for _, wrong in ipairs { "many", "%", "", "101%", -1, 1.5, true, "1 %",
      "0x10", "9999999999" } do
      luaunit.assertStrContains(
        failure(service.connect, { journal = true, [name] = wrong }).message,
        name .. ' must be a whole number, or text such as "30%"')
      failure(service.connect, { [name] = wrong })
    end
  end
end

local function check_limits(connect)
  local ids = {}
  for index = 1, 3 do
    ids[index] = service.sms.signs:create { sign_name = service.name() }
  end
  local account = connect { max_deletes = 1, max_changes = "2" }
  account.signs:delete(ids[1])
  local problem = failure(account.signs.delete, account.signs, ids[2])
  luaunit.assertEquals(problem.kind, "refused")
  luaunit.assertStrContains(problem.message, "max_deletes = N or")
  problem = failure(account.request, account, "DELETE",
    "/v1/sign-configs/" .. ids[2])
  luaunit.assertEquals(problem.kind, "refused")
  account:close()
  account = connect { max_deletes = "0%" }
  problem = failure(account.signs.delete, account.signs, ids[2])
  luaunit.assertStrContains(problem.message, "0 % of the account's")
  account:close()
end

function TestConnect:testAJournalHasLimits()
  check_limits(function(limits)
    limits.journal = true
    limits.state_dir = os.getenv "HOME" .. "/limits"
    return service.connect(limits)
  end)
end

function TestConnect:testLimitsHoldWithoutAJournal()
  local state_dir = os.getenv "HOME" .. "/no journal"
  check_limits(function(limits)
    limits.state_dir = state_dir
    return service.connect(limits)
  end)
  luaunit.assertNil(io.open(state_dir))
end

function TestConnect:testAnnouncementsAreJudgedWithoutAJournal()
  local account <close> = service.connect { max_deletes = 1 }
  local problem = failure(signet.announce, { account = account, deletes = 2 })
  luaunit.assertEquals(problem.kind, "refused")
  luaunit.assertStrContains(problem.message, "is going to delete 2 entries")
end

-- What somebody else deletes is missed, here and when the account is closed;
-- without a journal there is nothing to compare with.
function TestConnect:testAudit()
  local account = service.connect { journal = true, settle = 0.01,
    settle_create = 0, state_dir = os.getenv "HOME" .. "/audit" }
  local id = account.signs:create { sign_name = service.name() }
  sms.signs:delete(id)
  local found = account:audit()
  luaunit.assertEquals(#found, 1)
  luaunit.assertEquals(found[1].id, id)
  luaunit.assertEquals(found[1].kind, "sign")
  luaunit.assertEquals(found[1].verb, "create")
  luaunit.assertEquals(found[1].number, 1)
  luaunit.assertEquals(type(found[1].finding), "string")
  luaunit.assertStrContains(tostring(failure(account.close, account)),
    "the service does not show")
  luaunit.assertEquals(sms:audit(), {})
end

function TestConnect:testWrongCredentials()
  local account <close> = service.connect { secret = "wrong" }
  local problem = failure(account.signs.list, account.signs)
  luaunit.assertEquals(problem.kind, "auth")
  luaunit.assertEquals(problem.http_status, 401)
  luaunit.assertEquals(problem.op, "signs:list")
end

function TestConnect:testUnreachable()
  local account <close> = service.connect {
    base_url = "http://127.0.0.1:1", timeout = 0.3,
  }
  local problem = failure(account.signs.get, account.signs, "1")
  luaunit.assertTrue(problem.kind == "network" or problem.kind == "timeout")
  luaunit.assertEquals(problem.outcome, "not_sent")
end

function TestConnect:testClose()
  local account = service.connect()
  local signs = account.signs
  luaunit.assertTrue(#signs:list() > 0)
  account:close()
  account:close()
  luaunit.assertEquals(tostring(account), "account (closed)")
  for _, use in ipairs {
    function() signs:list() end,
    function() signs:get("1") end,
    function() signs:create { sign_name = "Name" } end,
    function() account:request("GET", "/v1/sign-configs") end,
    function() account:requests() end,
    function() return account.dialect end,
    function() return account.base_url end,
  } do
    luaunit.assertEquals(failure(use).kind, "validation")
    luaunit.assertStrContains(failure(use).message, "closed")
  end
end

function TestConnect:testToBeClosed()
  local kept
  do
    local account <close> = service.connect()
    kept = account
  end
  luaunit.assertEquals(tostring(kept), "account (closed)")
end

function TestConnect:testCollectedAccount()
  for _ = 1, 20 do
    local list = service.connect().signs:list()
    collectgarbage()
    luaunit.assertEquals(type(list[1].sign_name), "string")
  end
end

function TestConnect:testRequests()
  local account <close> = service.connect()
  luaunit.assertEquals(account:requests(), 0)
  account.signs:list()
  luaunit.assertEquals(account:requests(), 1)
end

function TestConnect:testForeignSelf()
  failure(sms.signs.list, sms)
  failure(sms.request, sms.signs, "GET", "/")
  failure(sms.signs.get, nil, "1")
end

TestVerbs = {}

function TestVerbs:testList()
  local list = sms.signs:list()
  luaunit.assertTrue(#list >= 60)
  luaunit.assertEquals(#sms.signs:list {}, #list)
end

-- country_codes = "CN" is the whole value; contains looks into it.
function TestVerbs:testListContains()
  local all = sms.templates:list()
  local has, is = 0, 0
  for _, template in ipairs(all) do
    has = has + (template.country_codes:find("US", 1, true) and 1 or 0)
    is = is + (template.country_codes == "US" and 1 or 0)
  end
  luaunit.assertTrue(has > is)
  luaunit.assertEquals(
    #sms.templates:list { country_codes = { contains = "US" } }, has)
  luaunit.assertEquals(#sms.templates:list { country_codes = "US" }, is)
  luaunit.assertNil(sms.signs:find { sign_name = { contains = "\1" } })
  for _, name in ipairs { "status", "sign_id" } do
    luaunit.assertEquals(failure(sms.signs.find, sms.signs,
      { [name] = { contains = "1" } }).kind, "validation")
  end
  for _, wrong in ipairs { { contains = "" }, { contains = 1 }, {},
    { contain = "US" }, { "US" }, { contains = "US", more = 1 } } do
    luaunit.assertEquals(failure(sms.templates.list, sms.templates,
      { country_codes = wrong }).kind, "validation")
  end
  luaunit.assertStrContains(failure(sms.templates.update, sms.templates, "1",
    { template_name = { contains = "US" } }).message, "not a table")
end

-- A variable that was lost must not mean everything, nor the usual.
function TestVerbs:testNilIsNoArgument()
  for _, collection in ipairs { sms.signs, sms.templates } do
    local before = sms:requests()
    for name, words in pairs {
      list = "list: the filter is nil; list() gives all entries",
      find = "find: the filter is nil; find() gives the first entry",
    } do
      local problem = failure(collection[name], collection, nil)
      luaunit.assertEquals(problem.kind, "validation")
      luaunit.assertStrContains(problem.message, words)
    end
    luaunit.assertStrContains(
      failure(collection.wait, collection, "100000001", nil).message,
      "wait: the options are nil; wait(id) waits until")
    for _, call in ipairs {
      { "get" }, { "delete" }, { "wait" }, { "create" }, { "update", "1" },
    } do
      luaunit.assertStrContains(
        failure(collection[call[1]], collection, call[2], nil).message, "nil")
    end
    luaunit.assertEquals(sms:requests(), before)
  end
  luaunit.assertStrContains(failure(signet.join, nil), "not nil")
  luaunit.assertStrContains(failure(signet.each, nil, print), "not nil")
end

function TestVerbs:testListFilters()
  local id, name = service.sign "rejected"
  for _, status in ipairs { "rejected", 3 } do
    local list = sms.signs:list { status = status }
    luaunit.assertTrue(#list > 0)
    for _, sign in ipairs(list) do
      luaunit.assertEquals(sign.status, signet.status.rejected)
    end
  end
  luaunit.assertEquals(#sms.signs:list { sign_name = name, status = 3 }, 1)
  luaunit.assertEquals(#sms.signs:list { sign_name = name, status = 1 }, 0)
  luaunit.assertEquals(sms.signs:list { sign_id = id }[1].sign_name, name)
  luaunit.assertEquals(
    sms.signs:list { sign_id = math.tointeger(id) }[1].sign_name, name)
end

function TestVerbs:testFind()
  local id, name = service.sign()
  luaunit.assertEquals(sms.signs:find { sign_name = name }.sign_id, id)
  luaunit.assertNil(sms.signs:find { sign_name = "nobody has this" })
end

function TestVerbs:testGet()
  local id, name = service.sign()
  luaunit.assertEquals(sms.signs:get(id).sign_name, name)
  luaunit.assertEquals(sms.signs:get(math.tointeger(id)).sign_id, id)
end

function TestVerbs:testCreateUpdateDelete()
  local id, name = service.sign()
  luaunit.assertEquals(type(id), "string")
  luaunit.assertTrue(sms.signs:update(id, { sign_name = name .. " B" }))
  local sign = sms.signs:get(id)
  luaunit.assertEquals(sign.sign_name, name .. " B")
  luaunit.assertEquals(sign.status, signet.status.pending)
  luaunit.assertTrue(sms.signs:delete(id))
  luaunit.assertEquals(failure(sms.signs.get, sms.signs, id).kind, "not_found")
end

function TestVerbs:testCreateWithoutTheId()
  service.control("/options", { create_tells_id = false }, "PUT")
  local name = service.name()
  local worked, id = pcall(sms.signs.create, sms.signs, { sign_name = name })
  service.control("/options", { create_tells_id = true }, "PUT")
  luaunit.assertTrue(worked)
  luaunit.assertEquals(sms.signs:get(id).sign_name, name)
end

function TestVerbs:testTemplateKeepsItsSignature()
  local sign = service.sign()
  local id = service.template { sign_id = sign, sign_position = 1 }
  local name = service.name "Renamed"
  luaunit.assertTrue(sms.templates:update(id, { template_name = name }))
  local template = sms.templates:get(id)
  luaunit.assertEquals(template.template_name, name)
  luaunit.assertEquals(template.sign_id, sign)
  luaunit.assertEquals(template.sign_position, 1)
  luaunit.assertTrue(sms.templates:delete(id))
end

function TestVerbs:testIntegerSignIdInFields()
  local sign = math.tointeger(service.sign())
  local id = service.template { sign_id = sign, sign_position = 2 }
  luaunit.assertEquals(sms.templates:get(id).sign_id, tostring(sign))
end

function TestVerbs:testWait()
  local id = service.sign "pending"
  service.control("/review", { kind = "sign", id = id, status = "approved" })
  luaunit.assertEquals(sms.signs:wait(id).status, signet.status.approved)
  luaunit.assertEquals(
    sms.signs:wait(id, { status = "approved", timeout = 5 }).sign_id, id)
end

function TestVerbs:testWaitRejected()
  local id = service.sign "rejected"
  local problem = failure(sms.signs.wait, sms.signs, id,
    { status = "approved", timeout = 5 })
  luaunit.assertEquals(problem.kind, "rejected")
  luaunit.assertEquals(sms.signs:wait(id, { status = 3 }).sign_id, id)
end

function TestVerbs:testWaitTimeout()
  local id = service.sign "pending"
  local problem = failure(sms.signs.wait, sms.signs, id, { timeout = 0.1 })
  luaunit.assertEquals(problem.kind, "timeout")
end

function TestVerbs:testWaitOptions()
  local problem = failure(sms.signs.wait, sms.signs, "1", { state = 1 })
  luaunit.assertStrContains(problem.message, '"state"')
  for _, timeout in ipairs { -1, "1", 0 / 0, math.huge } do
    luaunit.assertEquals(failure(sms.signs.wait, sms.signs, "1",
      { timeout = timeout }).kind, "validation")
  end
  failure(sms.signs.wait, sms.signs, "1", 5)
end

function TestVerbs:testIds()
  for _, id in ipairs { 1.0, 2 ^ 53, "", "12/34", "..", "1 ", "+1", "0x10", -1,
    true, {}, "1\0", ("9"):rep(20) } do
    local problem = failure(sms.signs.get, sms.signs, id)
    luaunit.assertEquals(problem.kind, "validation", tostring(id))
  end
  luaunit.assertEquals(failure(sms.signs.get, sms.signs).kind, "validation")
  luaunit.assertEquals(failure(sms.signs.delete, sms.signs, "a").kind,
    "validation")
end

function TestVerbs:testFields()
  for _, fields in ipairs {
    {}, { sign_name = "x" }, { sign_name = 1 }, { sign_name = "a[b" },
    { sign_name = { "a" } }, { "Name" }, { sign_name = "Name", more = "x" },
    { sign_name = "a\xff" }, { sign_name = print }, { ["a\0b"] = 1 },
  } do
    luaunit.assertEquals(failure(sms.signs.create, sms.signs, fields).kind,
      "validation")
  end
  luaunit.assertEquals(failure(sms.signs.create, sms.signs).kind, "validation")
  luaunit.assertEquals(failure(sms.signs.update, sms.signs, "1").kind,
    "validation")
  luaunit.assertEquals(
    failure(sms.signs.list, sms.signs, { status = "nope" }).kind, "validation")
end

function TestVerbs:testNothingIsSentForBadArguments()
  local account <close> = service.connect()
  failure(account.signs.create, account.signs, { sign_name = "x" })
  failure(account.signs.update, account.signs, "1/2", { sign_name = "Name" })
  luaunit.assertEquals(account:requests(), 0)
end

TestErrors = {}

function TestErrors:testFields()
  local problem = failure(sms.signs.get, sms.signs, "77")
  luaunit.assertEquals(problem.kind, "not_found")
  luaunit.assertEquals(problem.op, "signs:get")
  luaunit.assertEquals(problem.id, "77")
  luaunit.assertEquals(problem.code, 400)
  luaunit.assertEquals(problem.http_status, 400)
  luaunit.assertEquals(problem.outcome, "refused")
  luaunit.assertFalse(problem.retryable)
  luaunit.assertEquals(problem.service_message, "sign config not exist")
  luaunit.assertEquals(tostring(problem), problem.message)
  luaunit.assertStrContains(tostring(problem), "77")
end

function TestErrors:testKinds()
  local pending = service.sign "pending"
  local _, name = service.sign()
  local locked = service.sign()
  service.control("/lock", { kind = "sign", id = locked })
  luaunit.assertEquals(failure(sms.signs.update, sms.signs, pending,
    { sign_name = service.name() }).kind, "pending")
  luaunit.assertEquals(failure(sms.signs.create, sms.signs,
    { sign_name = name }).kind, "conflict")
  luaunit.assertEquals(failure(sms.signs.update, sms.signs, locked,
    { sign_name = service.name() }).kind, "in_use")
  luaunit.assertEquals(failure(service.template,
    { sign_id = pending, sign_position = 1 }).kind, "not_approved")
end

function TestErrors:testRetryAfter()
  service.control("/faults", { method = "GET", path = "/v1/sign-configs/6",
    status = 429, headers = { ["Retry-After"] = "1" },
    body = '{"code":429,"message":"slow down"}' })
  local account <close> = service.connect { attempts = 1 }
  local problem = failure(account.signs.get, account.signs, "6")
  service.control("/faults", nil, "DELETE")
  luaunit.assertEquals(problem.kind, "rate_limited")
  luaunit.assertEquals(problem.retry_after, 1)
  luaunit.assertTrue(problem.retryable)
end

-- What a script has changed is still an error, or just a value.
function TestErrors:testChanged()
  local problem = failure(sms.signs.get, sms.signs, "77")
  problem.message = "my own"
  local same = failure(error, problem)
  luaunit.assertTrue(rawequal(same, problem))
  luaunit.assertEquals(tostring(same), "my own")
  for _, message in ipairs { false, "" } do
    problem.message = message
    luaunit.assertEquals(type(tostring(problem)), "string")
  end
end

-- What a terminal would obey is shown as what it is, in any message.
function TestErrors:testShown()
  for raw, shown in pairs {
    ["a\27b"] = "a\\x1bb", ["a\0b"] = "a\\x00b", ["a\nb\tc"] = "a\\nb\\tc",
    ["\127"] = "\\x7f", ["\u{9b}"] = "\\u{9b}", ["\u{a0}"] = "\u{a0}",
    ["\u{61c}"] = "\\u{61c}", ["\u{61b}"] = "\u{61b}",
    ["\u{200a}\u{200b}\u{200f}\u{2010}"] =
      "\u{200a}\\u{200b}\\u{200f}\u{2010}",
    ["\u{2027}\u{2028}\u{202e}\u{202f}"] =
      "\u{2027}\\u{2028}\\u{202e}\u{202f}",
    ["\u{205f}\u{2060}\u{2069}\u{206a}"] =
      "\u{205f}\\u{2060}\\u{2069}\u{206a}",
    ["\u{feff}"] = "\\u{feff}", ["\u{1f600}"] = "\u{1f600}",
    ["\xff\xc3"] = "\\xff\\xc3", ["\xc0\x80"] = "\\xc0\\x80",
    ["\xed\xa0\x80"] = "\\xed\\xa0\\x80",
    ["\xee\x80\x80"] = "\xee\x80\x80",
    ["\xf4\x90\x80\x80"] = "\\xf4\\x90\\x80\\x80",
  } do
    luaunit.assertStrContains(
      failure(signet.connect, { ["<" .. raw .. ">"] = 1 }).message,
      "<" .. shown .. ">")
  end
end

-- A field of the wrong kind, before anything is sent.
function TestErrors:testWrongFields()
  local account <close> = service.connect()
  local before = account:requests()
  for _, value in ipairs { 1.5, require "cjson".null, {}, print, io.stdout } do
    luaunit.assertEquals(failure(account.signs.create, account.signs,
      { sign_name = value }).kind, "validation")
  end
  for _, fields in ipairs { 5, "name", true } do
    luaunit.assertStrContains(tostring(failure(account.signs.create,
      account.signs, fields)), "fields is needed, not")
  end
  luaunit.assertStrContains(tostring(failure(account.signs.create,
    account.signs)), "fields is needed, not")
  luaunit.assertStrContains(tostring(failure(account.signs.list,
    account.signs, { status = {} })), "none of")
  luaunit.assertEquals(account:requests(), before)
  luaunit.assertNil(account[1])
end

function TestErrors:testServerError()
  service.control("/faults", { method = "GET", path = "/v1/sign-configs/5",
    status = 500, body = '{"code":500,"message":"Internal server error"}' })
  local account <close> = service.connect()
  local problem = failure(account.signs.get, account.signs, "5")
  service.control("/faults", nil, "DELETE")
  luaunit.assertEquals(problem.kind, "server")
  luaunit.assertEquals(problem.http_status, 500)
  luaunit.assertTrue(problem.retryable)
end

TestSigns2023 = {}

function TestSigns2023:setUp()
  self.account = service.connect { api = "signs" }
end

function TestSigns2023:tearDown()
  self.account:close()
end

function TestSigns2023:testIdsAreIntegers()
  local signs, name = self.account.signs, service.name()
  luaunit.assertEquals(self.account.dialect, "signs")
  local worked, id = pcall(signs.create, signs, { sign_name = name })
  if not worked then -- the seeded account may be at this API's limit
    id = math.tointeger(sms.signs:list()[1].sign_id)
    name = signs:get(id).sign_name
  end
  luaunit.assertEquals(math.type(id), "integer")
  luaunit.assertEquals(signs:get(id).sign_name, name)
  luaunit.assertEquals(signs:get(tostring(id)).sign_id, id)
  luaunit.assertEquals(signs:find { sign_id = id }.sign_name, name)
  luaunit.assertEquals(signs:find { sign_id = tostring(id) }.sign_name, name)
end

function TestSigns2023:testNoTemplates()
  local templates = self.account.templates
  luaunit.assertEquals(failure(templates.list, templates).kind, "unsupported")
end

TestRequest = {}

function TestRequest:testDecodes()
  local list = sms:request("GET", "/v1/sign-configs")
  luaunit.assertEquals(#list, #sms.signs:list())
  luaunit.assertEquals(list[1].sign_id, sms.signs:list()[1].sign_id)
  luaunit.assertEquals(math.type(list[1].created_time), "integer")
end

function TestRequest:testBodies()
  local name = service.name()
  luaunit.assertNotNil(
    sms:request("POST", "/v1/sign-configs", { sign_name = name }))
  luaunit.assertNotNil(sms.signs:find { sign_name = name })
  name = service.name()
  sms:request("POST", "/v1/sign-configs", '{"sign_name":"' .. name .. '"}')
  luaunit.assertNotNil(sms.signs:find { sign_name = name })
end

-- With a body a GET would leave as a POST, past everything that guards writes.
function TestRequest:testAGetHasNoBody()
  local name = service.name()
  for _, body in ipairs { { sign_name = name }, {}, "{}" } do
    local problem = failure(sms.request, sms, "GET", "/v1/sign-configs", body)
    luaunit.assertEquals(problem.kind, "validation")
    luaunit.assertStrContains(problem.message, "a GET has no body")
  end
  luaunit.assertNil(sms.signs:find { sign_name = name })
end

-- Whatever the sandbox is told to answer comes back as it is.
local function echo(body)
  service.control("/faults", { method = "GET", path = "/v1/echo", status = 200,
    body = body, count = 1 })
  local worked, value = pcall(sms.request, sms, "GET", "/v1/echo")
  service.control("/faults", nil, "DELETE")
  return worked, value
end

function TestRequest:testValues()
  local _, value = echo('[1,-9223372036854775808,9007199254740993,1.5,'
    .. '"a\\u0000b",null,true,false,{},[]]')
  luaunit.assertEquals(value[1], 1)
  luaunit.assertEquals(math.type(value[1]), "integer")
  luaunit.assertEquals(value[2], math.mininteger)
  luaunit.assertEquals(value[3], 9007199254740993)
  luaunit.assertEquals(value[4], 1.5)
  luaunit.assertEquals(value[5], "a\0b")
  luaunit.assertEquals(value[6], require "cjson".null)
  luaunit.assertTrue(value[7])
  luaunit.assertFalse(value[8])
  luaunit.assertEquals(value[9], {})
  luaunit.assertEquals(value[10], {})
  _, value = echo " 5 \n"
  luaunit.assertEquals(value, 5)
end

function TestRequest:testNotJson()
  for _, body in ipairs { "<html>no</html>", "[1", "{} x", "" } do
    local worked, problem = echo(body)
    luaunit.assertFalse(worked, body)
    luaunit.assertEquals(problem.kind, "server", body)
  end
end

function TestRequest:testArguments()
  for _, arguments in ipairs {
    { "GET" }, { 1, "/x" }, { "GET", 2 }, { "GET", "/a\0b" }, { "G\0", "/" },
    { "GET", "no/slash" }, { "PATCH", "/x" },
    { "POST", "/x", { [1] = 1, a = 2 } }, { "POST", "/x", print },
    { "POST", "/x", { a = 0 / 0 } }, { "POST", "/x", { a = "\xff" } },
    { "POST", "/x", { ["\xff"] = 1 } }, { "POST", "/x", io.stdout },
  } do
    local problem = failure(sms.request, sms, table.unpack(arguments))
    luaunit.assertEquals(problem.kind, "validation",
      luaunit.prettystr(arguments))
  end
  local loop = {}
  loop.loop = loop
  luaunit.assertStrContains(
    failure(sms.request, sms, "POST", "/x", loop).message, "levels")
end

TestTexts = {}

function TestTexts:test_forms()
  luaunit.assertTrue(signet.same_text(" Cafe\u{301}", "Caf\u{e9}"))
  luaunit.assertFalse(signet.same_text("Cafe", "Caf\u{e9}"))
  luaunit.assertEquals(signet.skeleton " \u{ff21}cme\u{200b} LTD", "acme ltd")
  luaunit.assertEquals(signet.skeleton "\u{3000}\u{200d}", "")
end

function TestTexts:test_names_that_look_the_same()
  local id, name = service.sign "approved"
  sms.signs:list()
  local alike = sms.signs:alike(name:upper())
  luaunit.assertEquals(tostring(alike.sign_id), tostring(id))
  luaunit.assertNil(sms.signs:alike(name))
  luaunit.assertNil(sms.signs:alike(name:upper(), id))
  luaunit.assertStrContains(
    failure(sms.signs.alike, sms.signs, name, nil).message, "the id is nil")
  luaunit.assertEquals(
    failure(sms.templates.alike, sms.templates, name).kind, "validation")
end

TestAudit = {}

-- In the main script, which may be a task, and beside others.
function TestAudit:testWhatIsShownContradictsNothing()
  luaunit.assertEquals(#sms:audit(), 0)
  local id = sms.signs:create { sign_name = service.name() }
  local task = signet.spawn(function() return #sms:audit() end)
  luaunit.assertEquals(#sms:audit(), 0)
  luaunit.assertEquals(signet.join(task), 0)
  luaunit.assertStrContains(failure(sms.audit, id), "signet.account")
end

os.exit(luaunit.LuaUnit.run(), true)
