-- SPDX-License-Identifier: MIT
-- How rename reads maps, finds what is wrong, and orders what it does.
-- Stock lua5.4.

local luaunit = require "luaunit"
local renames = require "jobs.renames"

local equal = luaunit.assertEquals

-- Signatures from "id name" texts.
local function account(...)
  local signs = {}
  for index, entry in ipairs { ... } do
    local id, name = entry:match("^(%d+) (.*)$")
    signs[index] = { sign_id = id, sign_name = name, status = 2,
      related_template_count = 1 }
  end
  return signs
end

-- Reads and checks. Returns the steps as "id old>new", with "=" for those that
-- are done, and the problems as "line:text".
local function read(signs, map)
  local steps, problems = renames.read_map(map, signs)
  local wrong = renames.check(steps, signs)
  table.move(wrong, 1, #wrong, #problems + 1, problems)
  table.sort(problems, function(a, b) return a.line < b.line end)
  local shown, told = {}, {}
  for index, step in ipairs(steps) do
    shown[index] = ("%s %s%s%s"):format(step.id, step.old,
      step.done and "=" or ">", step.new)
  end
  for index, problem in ipairs(problems) do
    told[index] = ("%d:%s"):format(problem.line, problem.text)
  end
  return shown, told, steps
end

-- What waves there are, as lists of new names.
local function waves_of(steps)
  local shown = {}
  for index, wave in ipairs(renames.waves(steps)) do
    shown[index] = {}
    for position, step in ipairs(wave) do shown[index][position] = step.new end
  end
  return shown
end

local BY_ID = "sign_id,sign_name\n"
local BY_NAME = "old_name,new_name\n"

TestMap = {}

function TestMap.test_by_id()
  local shown, told = read(account("1 Aa", "2 Bb", "3 Cc"),
    BY_ID .. "3,Xx\n1,Yy\n")
  equal(told, {})
  equal(shown, { "3 Cc>Xx", "1 Aa>Yy" })
end

function TestMap.test_by_name()
  local shown, told = read(account("1 Aa", "2 Bb"), BY_NAME .. "Bb,Xx\nAa,Yy\n")
  equal(told, {})
  equal(shown, { "2 Bb>Xx", "1 Aa>Yy" })
end

function TestMap.test_integer_ids_of_the_signs_dialect()
  local shown, told = read({ { sign_id = 10, sign_name = "Aa" } },
    BY_ID .. "10,Bb\n")
  equal(told, {})
  equal(shown, { "10 Aa>Bb" })
end

function TestMap.test_what_is_done_is_done()
  local shown = read(account("1 Bb"), BY_ID .. "1,Bb\n")
  equal(shown, { "1 Bb=Bb" })
  shown = read(account("1 Bb"), BY_NAME .. "Aa,Bb\n")
  equal(shown, { "1 Bb=Bb" })
  shown = read(account("1 Bb"), BY_NAME .. "Bb,Bb\n")
  equal(shown, { "1 Bb=Bb" })
end

function TestMap.test_empty_maps()
  for _, map in ipairs { BY_ID, BY_NAME } do
    local shown, told = read(account("1 Aa"), map)
    equal(shown, {})
    equal(told, {})
  end
end

TestProblems = {}

-- name, map, problems as "line:part of the text"
local CASES = {
  { "no header", "", { "1:the header must be" } },
  { "wrong header", "id,name\n1,Xx\n", { "1:the header must be" } },
  { "header order", "sign_name,sign_id\nXx,1\n", { "1:the header must be" } },
  { "header semicolon", "sign_id;sign_name\n1;Xx\n", { "1:the header must" } },
  { "header spaces", "sign_id, sign_name\n1,Xx\n", { "1:the header must be" } },
  { "broken quote", BY_ID .. '1,"Xx\n', { "2:the quote that opens here" } },
  { "unknown id", BY_ID .. "9,Xx\n", { "2:no signature has the sign_id 9" } },
  { "id with a slash", BY_ID .. "1/2,Xx\n", { "2:sign_id '1/2' is not" } },
  { "id of a spreadsheet", BY_ID .. "9.8E+8,Xx\n", { "2:sign_id '9.8E+8'" } },
  { "empty id", BY_ID .. ",Xx\n", { "2:sign_id '' is not" } },
  { "long id", BY_ID .. ("1"):rep(20) .. ",Xx\n", { "2:sign_id '1111" } },
  { "same id twice", BY_ID .. "1,Xx\n1,Yy\n",
    { "3:sign_id 1 is also in line 2" } },
  { "same row twice", BY_ID .. "1,Xx\n1,Xx\n", { "3:sign_id 1 is also" } },
  { "unknown name", BY_NAME .. "Zz,Xx\n", { "2:no signature is named 'Zz'" } },
  { "same name twice", BY_NAME .. "Aa,Xx\nAa,Yy\n",
    { "3:old_name 'Aa' is also in line 2" } },
  { "same new name", BY_NAME .. "Aa,Xx\nBb,Xx\n",
    { "3:the name 'Xx' is given in line 2 too" } },
  { "same new name as one done", BY_ID .. "1,Aa\n2,Aa\n",
    { "3:the name 'Aa' is given in line 2 too",
      "3:the name 'Aa' is that of signature 1, which keeps it" } },
  { "name of another", BY_ID .. "1,Cc\n",
    { "2:the name 'Cc' is that of signature 3, which keeps it" } },
  { "name of another by name", BY_NAME .. "Aa,Cc\n",
    { "2:the name 'Cc' is that of signature 3, which keeps it" } },
  { "forbidden", BY_ID .. "1,[Xx]\n", { "2:'[Xx]' holds [" } },
  { "forbidden wide", BY_ID .. "1,【Xx】\n", { "2:'【Xx】' holds 【" } },
  { "too short", BY_ID .. "1,X\n", { "2:'X' has 1 character" } },
  { "empty name", BY_ID .. "1,\n", { "2:'' has 0 characters" } },
  { "too long", BY_ID .. "1," .. ("漢"):rep(61) .. "\n", { "2:'漢" } },
  { "invalid UTF-8", BY_ID .. "1,X\xFF\n", { "2:text that is not valid" } },
  { "swap", BY_NAME .. "Aa,Bb\nBb,Aa\n", { "2:the names 'Aa' → 'Bb' → 'Aa'" } },
  { "swap by id", BY_ID .. "2,Aa\n1,Bb\n",
    { "2:the names 'Bb' → 'Aa' → 'Bb'" } },
  { "circle of three", BY_NAME .. "Aa,Bb\nBb,Cc\nCc,Aa\n",
    { "2:the names 'Aa' → 'Bb' → 'Cc' → 'Aa'" } },
  { "all of them", BY_ID .. "1,[]\n9,Xx\n2,X\n\n1,Yy\n3,Zz,\n",
    { "2:'[]' holds [", "3:no signature has", "4:'X' has 1",
      "6:sign_id 1 is also in line 2", "7:3 fields" } },
}

for _, case in ipairs(CASES) do
  TestProblems["test_" .. case[1]:gsub("%W", "_")] = function()
    local _, told = read(account("1 Aa", "2 Bb", "3 Cc"), case[2])
    equal(#told, #case[3], table.concat(told, "\n"))
    for index, expected in ipairs(case[3]) do
      equal(told[index]:sub(1, #expected), expected)
    end
  end
end

function TestProblems.test_name_that_two_signatures_have()
  local _, told = read(account("1 Aa", "2 Aa"), BY_NAME .. "Aa,Xx\n")
  equal(told, { "2:2 signatures are named 'Aa': use sign_id,sign_name" })
end

function TestProblems.test_problems_show_no_control_characters()
  local _, told = read(account("1 Aa"), BY_NAME .. '"\27[2J",Xx\n')
  equal(told, { "2:no signature is named '\\x1B[2J'" })
end

TestChains = {}

function TestChains.test_the_last_name_moves_first()
  for _, map in ipairs { BY_NAME .. "Aa,Bb\nBb,Cc\nCc,Dd\n",
    BY_NAME .. "Cc,Dd\nBb,Cc\nAa,Bb\n", BY_ID .. "2,Cc\n1,Bb\n3,Dd\n" } do
    local _, told, steps = read(account("1 Aa", "2 Bb", "3 Cc"), map)
    equal(told, {})
    equal(waves_of(steps), { { "Dd" }, { "Cc" }, { "Bb" } })
  end
end

function TestChains.test_what_depends_on_nothing_goes_at_once()
  local _, told, steps = read(account("1 Aa", "2 Bb", "3 Cc", "4 Dd"),
    BY_NAME .. "Aa,Bb\nBb,Xx\nCc,Yy\nDd,Zz\n")
  equal(told, {})
  equal(waves_of(steps), { { "Xx", "Yy", "Zz" }, { "Bb" } })
end

-- Every state that a chain can be left in is continued, not misread, although
-- the map names signatures by names that have moved on.
function TestChains.test_continues_from_every_state()
  local map = BY_NAME .. "Aa,Bb\nBb,Cc\nCc,Dd\n"
  local states = {
    { account("1 Aa", "2 Bb", "3 Cc"), { "1 Aa>Bb", "2 Bb>Cc", "3 Cc>Dd" } },
    { account("1 Aa", "2 Bb", "3 Dd"), { "1 Aa>Bb", "2 Bb>Cc", "3 Dd=Dd" } },
    { account("1 Aa", "2 Cc", "3 Dd"), { "1 Aa>Bb", "2 Cc=Cc", "3 Dd=Dd" } },
    { account("1 Bb", "2 Cc", "3 Dd"), { "1 Bb=Bb", "2 Cc=Cc", "3 Dd=Dd" } },
  }
  for _, state in ipairs(states) do
    local shown, told = read(state[1], map)
    equal(told, {})
    equal(shown, state[2])
  end
end

function TestChains.test_a_row_whose_signature_is_gone()
  local shown, told = read(account("1 Bb"), BY_NAME .. "Aa,Bb\nBb,Cc\n")
  equal(shown, { "1 Bb=Bb" })
  equal(told, { "3:no signature is named 'Bb' except the one that got the name "
    .. "from the row before it" })
end

function TestChains.test_a_done_chain_and_a_new_first_name()
  local _, told = read(account("1 Bb", "2 Cc", "3 Aa"),
    BY_NAME .. "Aa,Bb\nBb,Cc\n")
  equal(told, { "3:the name 'Cc' is that of signature 2, which keeps it" })
end

TestRule = {}

local function apply(rule, ...)
  local signs = account(...)
  local steps, problems = renames.apply_rule(rule, signs)
  return steps, problems, renames.check(steps, signs)
end

function TestRule.test_only_what_changes()
  local steps, problems, wrong = apply(function(name)
    return (name:gsub("^Acme Corp", "Acme"))
  end, "1 Acme Corp", "2 Other", "3 Acme Corp Shop")
  equal({ #problems, #wrong }, { 0, 0 })
  equal({ #steps, steps[1].new, steps[2].new }, { 2, "Acme", "Acme Shop" })
  luaunit.assertNil(steps[1].line)
end

function TestRule.test_refuses_a_rule_that_goes_on()
  local _, problems = apply(function(name)
    return (name:gsub("Acme", "Acme Europe"))
  end, "1 Acme", "2 Acme Shop")
  equal(#problems, 1)
  luaunit.assertStrContains(problems[1].text, "'Acme Europe Europe'")
end

function TestRule.test_names_the_signature_at_fault()
  local _, _, wrong = apply(function() return "X" end, "1 Aa")
  equal(wrong[1].text:sub(1, 17), "signature 1: 'X' ")
end

function TestRule.test_colliding_names()
  local _, _, wrong = apply(function(name) return name:sub(1, 2) end,
    "1 Aax", "2 Aay", "3 Bbx", "4 Bb")
  equal(#wrong, 2)
  equal(wrong[1].text, "signature 2: the name 'Aa' is given in signature 1 too")
  equal(wrong[2].text, "signature 3: the name 'Bb' is that of signature 4, "
    .. "which keeps it")
end

-- Random maps over small accounts, where names meet often. What is accepted
-- must never give a name that somebody holds, must end as the map says, and
-- must be understood from every state between two steps; what the map asks for
-- and is refused must really have no order.
TestModel = {}

local state = 7
local function random(limit)
  state = (state * 1103515245 + 12345) % 2147483648
  return state // 65536 % limit + 1
end

local NAMES = { "Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Gg" }

-- An account and a map of it by id and by name, without double rows.
local function random_case()
  local names = { table.unpack(NAMES) }
  for index = #names, 2, -1 do
    local other = random(index)
    names[index], names[other] = names[other], names[index]
  end
  local signs, wanted = {}, {}
  local rows = { BY_ID, BY_NAME }
  for id = 1, 1 + random(4) do
    signs[id] = { sign_id = tostring(id), sign_name = names[id] }
    if random(3) > 1 then
      wanted[id] = NAMES[random(#NAMES)]
      rows[1] = rows[1] .. id .. "," .. wanted[id] .. "\n"
      rows[2] = rows[2] .. names[id] .. "," .. wanted[id] .. "\n"
    end
  end
  return signs, wanted, rows
end

local function holder(signs, name)
  for _, sign in ipairs(signs) do
    if sign.sign_name == name then return sign end
  end
end

-- Whether the wanted names can be given one at a time: by trying.
local function is_possible(signs, wanted)
  local current, open = {}, {}
  for id, sign in ipairs(signs) do
    current[id] = { sign_id = sign.sign_id, sign_name = sign.sign_name }
    if wanted[id] and wanted[id] ~= sign.sign_name then open[id] = true end
  end
  for id, name in pairs(wanted) do
    for other, same in pairs(wanted) do
      if other ~= id and same == name then return false end
    end
  end
  local moved = true
  while moved and next(open) do
    moved = false
    for id in pairs(open) do
      if not holder(current, wanted[id]) then
        current[id].sign_name, open[id], moved = wanted[id], nil, true
        break
      end
    end
  end
  return next(open) == nil
end

-- Carries the plan out, and reads the map again after every step.
local function carry_out(signs, steps, map)
  for _, wave in ipairs(renames.waves(steps)) do
    for _, step in ipairs(wave) do
      if not step.done then
        luaunit.assertNil(holder(signs, step.new))
        signs[tonumber(step.id)].sign_name = step.new
        local _, told = read(signs, map)
        equal(told, {})
      end
    end
  end
end

function TestModel.test_random_maps()
  local accepted, refused = 0, 0
  for _ = 1, 3000 do
    local signs, wanted, maps = random_case()
    local map = maps[random(2)]
    local _, told, steps = read(signs, map)
    equal(#told == 0, is_possible(signs, wanted), map)
    if #told == 0 then
      accepted = accepted + 1
      carry_out(signs, steps, map)
      for id, name in pairs(wanted) do equal(signs[id].sign_name, name) end
      for _, step in ipairs(select(3, read(signs, map))) do
        luaunit.assertTrue(step.done)
      end
    else
      refused = refused + 1
    end
  end
  luaunit.assertTrue(accepted > 500 and refused > 500)
end

TestSize = {}

-- Time grows with the number of rows and not with its square: a chain through
-- the whole account is the worst that a map can hold.
function TestSize.test_a_chain_of_fifty_thousand()
  local signs, lines = {}, { "old_name,new_name" }
  for index = 1, 50000 do
    signs[index] = { sign_id = tostring(index), sign_name = "Name " .. index }
    lines[index + 1] = ("Name %d,Name %d"):format(index, index + 1)
  end
  local started = os.clock()
  local steps, problems = renames.read_map(table.concat(lines, "\n"), signs)
  local wrong = renames.check(steps, signs)
  local waves = renames.waves(steps)
  equal({ #problems, #wrong, #waves }, { 0, 0, 50000 })
  equal(waves[1][1].new, "Name 50001")
  luaunit.assertTrue(os.clock() - started < 10)
end

os.exit(luaunit.LuaUnit.run())
