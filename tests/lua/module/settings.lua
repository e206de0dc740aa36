-- SPDX-License-Identifier: MIT
-- Every setting of signet.connect: what it takes, what it doesn't, and that the
-- reference names all of them.
local luaunit = require "luaunit"
local service = require "service"

local failure = service.failure

-- A number's least and greatest value, and whether it must be whole.
local numbers = {
  concurrency = { 1, 1000, whole = true },
  attempts = { 1, 100, whole = true },
  retry_percent = { 0, 100, whole = true },
  retry_floor = { 0, 100000, whole = true },
  breaker = { 0, 100000, whole = true },
  max_list = { 1, 100000000, whole = true },
  low_speed = { 0, 1 << 30, whole = true },
  max_reply = { 1024, 64 << 30, whole = true },
  max_header = { 1024, 96 << 10, whole = true },
  timeout = { 0.001, 86400 },
  connect_timeout = { 0.001, 86400 },
  low_speed_time = { 1, 86400 },
  backoff = { 0, 3600, with = { backoff_max = 3600 } },
  backoff_max = { 0, 3600, with = { backoff = 0 } },
  breaker_pause = { 0.001, 3600 },
  outage = { 0, 604800 },
  settle = { 0, 3600 },
  settle_create = { 0, 86400 },
  fresh = { 0, 86400 },
  poll_interval = { 0.001, 86400 },
  rate = { 0, 100000 },
  read_rate = { 0, 100000 },
  write_rate = { 0, 100000 },
}
local rates = { "rate", "read_rate", "write_rate" }
local flags = { "http2", "resubmit", "list_may_shrink", "journal" }
local texts = { "key", "secret", "base_url", "api", "profile", "state_dir",
  "ca_file", "client_cert", "client_key", "client_key_password", "proxy",
  "proxy_user", "proxy_password", "pace" }

-- The options with one more, and what that one needs beside it.
local function options(name, value)
  local all = {}
  for other, needed in pairs(numbers[name] and numbers[name].with or {}) do
    all[other] = needed
  end
  all[name] = value
  return all
end

local function taken(name, value)
  local worked, account = pcall(service.connect, options(name, value))
  luaunit.assertTrue(worked, ("%s = %s: %s"):format(name, value, account))
  account:close()
end

local function refused(name, value, kind)
  local problem = failure(service.connect, options(name, value))
  local text = ("%s = %s: %s"):format(name, value, problem)
  luaunit.assertEquals(problem.kind, kind, text)
  luaunit.assertStrContains(problem.message, name, false, false, text)
  luaunit.assertEquals(problem.outcome, "not_sent", text)
end

TestSettings = {}

function TestSettings:testNumbersWithinTheirLimits()
  for name, limits in pairs(numbers) do
    taken(name, limits[1])
    taken(name, limits[2])
    -- A float is no whole number, even where it has no fraction.
    if limits.whole then
      refused(name, limits[1] + 1.0, "validation")
    else
      taken(name, limits[1] + 1.0)
    end
  end
end

function TestSettings:testNumbersBeyondTheirLimits()
  for name, limits in pairs(numbers) do
    refused(name, limits[2] + 1, "configuration")
    refused(name, -1, "configuration")
    refused(name, math.mininteger, "configuration")
    refused(name, math.maxinteger, "configuration")
    if limits[1] > 0 then
      refused(name, 0, "configuration")
    end
  end
end

function TestSettings:testWhatIsNoNumber()
  for name, limits in pairs(numbers) do
    refused(name, true, "validation")
    refused(name, {}, "validation")
    refused(name, print, "validation")
    if limits.whole then
      refused(name, limits[1] + 0.5, "validation")
      refused(name, "many", "validation")
    else
      refused(name, 0 / 0, "configuration")
      refused(name, math.huge, "configuration")
      refused(name, -math.huge, "configuration")
    end
  end
end

function TestSettings:testRatesAreTextToo()
  for _, name in ipairs(rates) do
    for _, text in ipairs { "20/s", "300/min", "9000/h", "0.5", "20" } do
      taken(name, text)
    end
    for _, text in ipairs { "", "fast", "20/d", "20 / s", "-1/s", "1e3/s x" } do
      refused(name, text, "configuration")
    end
  end
end

function TestSettings:testFlags()
  for _, name in ipairs(flags) do
    for _, value in ipairs { "yes", "true", 1, 0, {} } do
      refused(name, value, "validation")
    end
  end
  for _, name in ipairs { "resubmit", "list_may_shrink" } do
    taken(name, true)
    taken(name, false)
  end
end

function TestSettings:testTexts()
  for _, name in ipairs(texts) do
    for _, value in ipairs { 1, 1.5, true, {}, print } do
      refused(name, value, "validation")
    end
  end
end

function TestSettings:testChoices()
  for _, pace in ipairs { "gentle", "normal", "fast" } do
    taken("pace", pace)
  end
  for _, pace in ipairs { "", "Gentle", "slow", "fast " } do
    refused("pace", pace, "configuration")
  end
  for _, api in ipairs { "configs", "signs" } do
    taken("api", api)
  end
  for _, api in ipairs { "", "Configs", "sign" } do
    refused("api", api, "configuration")
  end
end

function TestSettings:testFilesThatAreNotThere()
  for _, name in ipairs { "ca_file", "client_cert" } do
    refused(name, "no such file.pem", "configuration")
    refused(name, ".", "configuration")
  end
  -- A key is of no use without the certificate that it belongs to.
  refused("client_key", "no such file.pem", "configuration")
end

function TestSettings:testProxies()
  for _, url in ipairs { "http://127.0.0.1:1", "socks5://127.0.0.1:1",
    "socks5h://proxy.example:1080" } do
    taken("proxy", url)
  end
  for _, url in ipairs { "ftp://127.0.0.1", "127.0.0.1:3128", "http://",
    "http://user:hush@127.0.0.1:1" } do
    local problem = failure(service.connect, { proxy = url })
    luaunit.assertEquals(problem.kind, "configuration", url)
    luaunit.assertNotStrContains(tostring(problem), "hush")
  end
end

function TestSettings:testPausesGoUp()
  luaunit.assertStrContains(
    failure(service.connect, { backoff = 2, backoff_max = 1 }).message,
    "backoff_max")
end

-- What one account is given is not another's.
function TestSettings:testEachAccountHasItsOwn()
  local narrow <close> = service.connect { max_list = 1, attempts = 1 }
  local wide <close> = service.connect()
  luaunit.assertEquals(failure(narrow.signs.list, narrow.signs).kind, "limit")
  luaunit.assertTrue(#wide.signs:list() > 1)
end

function TestSettings:testLimitsOfReplies()
  local small <close> = service.connect { max_reply = 1024, attempts = 1 }
  local problem = failure(small.signs.list, small.signs)
  luaunit.assertEquals(problem.kind, "limit")
  luaunit.assertStrContains(problem.message, "max_reply")
  luaunit.assertFalse(problem.retryable)
  -- One entry is short enough.
  local id, name = service.sign()
  luaunit.assertEquals(small.signs:get(id).sign_name, name)
end

function TestSettings:testUnknownNames()
  for _, name in ipairs { "deadline", "Timeout", "time_out", "", "dry_run" } do
    local problem = failure(service.connect, { [name] = 1 })
    luaunit.assertEquals(problem.kind, "validation")
    luaunit.assertStrContains(problem.message, name)
  end
  luaunit.assertEquals(failure(service.connect, { 1 }).kind, "validation")
  luaunit.assertEquals(failure(service.connect, { [{}] = 1 }).kind,
    "validation")
end
