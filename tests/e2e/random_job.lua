-- SPDX-License-Identifier: MIT
-- A script of random operations: arg[1] is the seed, arg[2] how many, and
-- arg[3] "reversible" leaves out what can't be taken back. Whatever it chooses
-- follows from the seed and from the order of the account's lists, never from
-- an id or a time, so that it does the same on equal accounts.
local signet = require "signet"
local sms = signet.connect()
math.randomseed(tonumber(arg[1]))
local total, reversible = tonumber(arg[2]), arg[3] == "reversible"
local number = 0

local function name(kind)
  number = number + 1
  return ("%s %s-%d"):format(kind, arg[1], number)
end

local function pick(list)
  return #list > 0 and list[math.random(#list)] or nil
end

local function approved(group)
  return sms[group]:list { status = "approved" }
end

-- What the service may say no to is part of the game.
local function try(group, verb, ...)
  local good, result = pcall(sms[group][verb], sms[group], ...)
  return good and result
end

local function await(group, id)
  if id then try(group, "wait", id, { status = "approved", timeout = 60 }) end
end

local function change(group, entry, fields)
  local id = entry and (entry.template_id or entry.sign_id)
  if group == "signs" and entry then id = entry.sign_id end
  if id and try(group, "update", id, fields) then await(group, id) end
end

local function template_fields()
  local fields = { template_name = name "Template", template_type = "utility",
    template_content = "Hello {name}, number " .. math.random(1000),
    country_codes = math.random(2) == 1 and "CN" or "US,DE" }
  local sign = math.random(3) > 1 and pick(approved "signs")
  if sign then
    fields.sign_id, fields.sign_position = sign.sign_id, math.random(2)
  end
  return fields
end

-- A few different ones of a list.
local function some(list)
  local chosen, taken = {}, {}
  for _ = 1, math.min(4, #list) do
    local index = math.random(#list)
    if not taken[index] then chosen[#chosen + 1] = list[index] end
    taken[index] = true
  end
  return chosen
end

local operations = {
  function()
    await("signs", try("signs", "create", { sign_name = name "Sign" }))
  end,
  function()
    change("signs", pick(approved "signs"), { sign_name = name "Renamed" })
  end,
  function() -- a name moves from one signature to another
    local signs = some(approved "signs")
    if #signs < 2 then return end
    local free = signs[1].sign_name
    change("signs", signs[1], { sign_name = name "Moved" })
    change("signs", signs[2], { sign_name = free })
  end,
  function()
    await("templates", try("templates", "create", template_fields()))
  end,
  function()
    change("templates", pick(approved "templates"),
      { template_content = "Changed " .. math.random(1000) })
  end,
  function()
    local sign = pick(approved "signs")
    change("templates", pick(approved "templates"),
      sign and { sign_id = sign.sign_id, sign_position = math.random(2) }
        or { add_signature = false })
  end,
  function() -- at the same time
    local names = {}
    local signs = some(approved "signs")
    for index in ipairs(signs) do names[index] = name "Together" end
    signet.each(signs, function(sign, index)
      change("signs", sign, { sign_name = names[index] })
    end)
  end,
  function()
    signet.each(some(approved "templates"), function(template)
      change("templates", template, { template_type = "marketing" })
    end)
  end,
  function()
    local template = pick(sms.templates:list())
    if template then try("templates", "delete", template.template_id) end
  end,
  function()
    local sign = not reversible and pick(sms.signs:list())
    if sign then try("signs", "delete", sign.sign_id) end
  end,
}

for _ = 1, total do
  operations[math.random(#operations)]()
end
