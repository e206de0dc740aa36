-- SPDX-License-Identifier: MIT
-- Accounts: how they are opened, closed, limited and checked.
local luaunit = require "luaunit"
local signet = require "signet"
local service = require "service"

local sms = service.sms
local failure = service.failure

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

-- In the main script, which may be a task, and beside others.
function TestAudit:testWhatIsShownContradictsNothing()
  luaunit.assertEquals(#sms:audit(), 0)
  local id = sms.signs:create { sign_name = service.name() }
  local task = signet.spawn(function() return #sms:audit() end)
  luaunit.assertEquals(#sms:audit(), 0)
  luaunit.assertEquals(signet.join(task), 0)
  luaunit.assertStrContains(failure(sms.audit, id), "signet.account")
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
