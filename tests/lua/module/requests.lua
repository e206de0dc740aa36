-- SPDX-License-Identifier: MIT
-- Requests of a script's own.
local luaunit = require "luaunit"
local service = require "service"

local sms = service.sms
local failure = service.failure

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
