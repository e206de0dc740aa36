-- SPDX-License-Identifier: MIT
-- Errors: their fields, kinds and texts.
local luaunit = require "luaunit"
local signet = require "signet"
local service = require "service"

local sms = service.sms
local failure = service.failure

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
