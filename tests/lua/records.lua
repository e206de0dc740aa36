-- SPDX-License-Identifier: MIT
-- Lists and records: cheap views of what the service answered.
local luaunit = require "luaunit"
local service = require "service"

local sms = service.sms

local failure = service.failure

TestLists = {}

function TestLists:testLengthAndIndex()
  local list = sms.signs:list()
  luaunit.assertEquals(list[1].sign_id, list[1].sign_id)
  luaunit.assertTrue(list[1] == list[1])
  luaunit.assertFalse(list[1] == list[2])
  luaunit.assertFalse(list[1] == sms.signs:list()[1])
  for _, index in ipairs { 0, -1, #list + 1, math.maxinteger,
    math.mininteger, 1.5, "1", true } do
    luaunit.assertNil(list[index])
  end
end

function TestLists:testIpairsAndPairs()
  local list, seen = sms.signs:list(), {}
  for index, sign in ipairs(list) do
    seen[index] = sign.sign_id
  end
  luaunit.assertEquals(#seen, #list)
  for index, sign in pairs(list) do
    luaunit.assertEquals(sign.sign_id, seen[index])
    seen[index] = nil
  end
  luaunit.assertNil(next(seen))
end

function TestLists:testTostring()
  luaunit.assertStrMatches(tostring(sms.signs:list()), "list of %d+ records")
  local id = service.sign()
  luaunit.assertEquals(tostring(sms.signs:list { sign_id = id }),
    "list of 1 record")
end

function TestLists:testTotable()
  local list = sms.signs:list()
  local plain = list:totable()
  luaunit.assertEquals(#plain, #list)
  luaunit.assertEquals(type(plain[1]), "table")
  luaunit.assertNil(getmetatable(plain[1]))
  luaunit.assertEquals(plain[3].sign_name, list[3].sign_name)
end

-- Their functions look at what they are given.
function TestLists:testOfOtherThings()
  local list = sms.signs:list()
  for _, object in ipairs { list, list[1] } do
    local index = debug.getmetatable(object).__index
    for _, other in ipairs { 1, {}, io.stdout, require "cjson".null } do
      luaunit.assertStrContains(failure(index, other, 1), "expected")
    end
    luaunit.assertStrContains(failure(object.totable, 5), "expected")
  end
  luaunit.assertStrContains(failure(debug.getmetatable(list).__index, list[1],
    1), "expected")
end

function TestLists:testReadOnly()
  local list = sms.signs:list()
  luaunit.assertEquals(failure(function() list[1] = nil end).kind,
    "validation")
  luaunit.assertFalse(getmetatable(list))
end

TestRecords = {}

function TestRecords:testFields()
  local id, name = service.sign "rejected"
  local sign = sms.signs:get(id)
  luaunit.assertEquals(sign.sign_id, id)
  luaunit.assertEquals(sign.sign_name, name)
  luaunit.assertEquals(sign.status, 3)
  luaunit.assertEquals(sign.audit_remark, "seen")
  luaunit.assertEquals(math.type(sign.created_time), "integer")
  luaunit.assertNil(sign.nothing)
  luaunit.assertNil(sign[1])
  luaunit.assertNil(sign[true])
end

function TestRecords:testPairs()
  local sign = sms.signs:get((service.sign()))
  local count, seen = 0, {}
  for name, value in pairs(sign) do
    luaunit.assertEquals(sign[name], value)
    count = count + 1
    seen[count] = name
  end
  luaunit.assertEquals(count, #sign)
  luaunit.assertEquals(seen[1], "sign_id")
  luaunit.assertEquals(sign:totable(), sign:totable())
  luaunit.assertEquals(sign:totable().sign_name, sign.sign_name)
end

function TestRecords:testReadOnly()
  local sign = sms.signs:get((service.sign()))
  local problem = failure(function() sign.sign_name = "x" end)
  luaunit.assertEquals(problem.kind, "validation")
  luaunit.assertStrContains(problem.message, '"sign_name"')
  luaunit.assertFalse(getmetatable(sign))
end

function TestRecords:testTostring()
  local id, name = service.sign()
  luaunit.assertEquals(tostring(sms.signs:get(id)),
    id .. " " .. name .. " (approved)")
  local template = service.template { template_name = "One Of A Kind" }
  luaunit.assertEquals(tostring(sms.templates:get(template)),
    template .. " One Of A Kind (approved)")
end

-- What the service sends is kept, known or not, and shown safely.
function TestRecords:testUnknownFieldsAndStatuses()
  service.control("/faults", { method = "GET", path = "/v1/sign-configs/42",
    status = 200, count = 1, body = [[{"sign_id":"42","sign_name":"a\u001b[2Jb]]
      .. [[\u202e\n","status":7,"new":{"deep":[1,null,"x"]},"none":null,]]
      .. [["big":9223372036854775807,"half":0.5,"yes":true}]] })
  local sign = sms.signs:get("42")
  service.control("/faults", nil, "DELETE")
  luaunit.assertEquals(sign.status, 7)
  luaunit.assertEquals(sign.new.deep[1], 1)
  luaunit.assertEquals(sign.new.deep[3], "x")
  luaunit.assertNil(sign.none)
  luaunit.assertEquals(sign.big, math.maxinteger)
  luaunit.assertEquals(sign.half, 0.5)
  luaunit.assertTrue(sign.yes)
  luaunit.assertEquals(#sign, 8)
  luaunit.assertEquals(sign:totable().new.deep[3], "x")
  luaunit.assertEquals(tostring(sign),
    "42 a\\x1b[2Jb\\u{202e}\\n (status 7)")
end

function TestRecords:testBrokenTextIsShownSafely()
  local result = require "signet".each({ "\xff\xc3(\xe2\x82\xf0\x9f\x98\x80" },
    function() error "x" end)
  luaunit.assertEquals(result.failed, 1)
  result = require "signet".each({ sms.signs:get((service.sign())) },
    function() error "x" end)
  luaunit.assertEquals(result.failed, 1)
end

function TestRecords:testKeepTheirListAlive()
  local records = {}
  for round = 1, 10 do
    local list = sms.signs:list()
    records[round] = list[round]
  end
  collectgarbage()
  collectgarbage()
  for round = 1, 10 do
    luaunit.assertEquals(type(records[round].sign_name), "string")
  end
end

function TestRecords:testGuardedMethods()
  local meta = debug.getmetatable(sms.signs:get((service.sign())))
  for _, name in ipairs { "__index", "__len", "__pairs", "__newindex",
    "__tostring" } do
    failure(meta[name], {}, 1)
    failure(meta[name], io.stdout, 1)
    failure(meta[name], sms.signs:list(), "x")
  end
  luaunit.assertFalse(meta.__eq({}, {}))
end

os.exit(luaunit.LuaUnit.run(), true)
