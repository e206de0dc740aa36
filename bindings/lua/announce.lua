-- SPDX-License-Identifier: MIT
-- signet.announce: what a script is going to write, judged before it writes.
local signet, internal = ...

local error, ipairs, pairs, type = error, ipairs, pairs, type
local math_type = math.type

local WORDS = { creates = true, updates = true, deletes = true }

-- "signature 1004 Bank" of a record.
local function describe(record)
  if record.template_id ~= nil then
    return ("template %s %s"):format(record.template_id, record.template_name)
  end
  return ("signature %s %s"):format(record.sign_id, record.sign_name)
end

local function bad(what, value)
  error(("signet.announce: %s must be a number of entries or a list of "
    .. "records, not %s"):format(what, math_type(value) and tostring(value)
    or "a " .. type(value)), 3)
end

-- The numbers of signatures, of templates, and of what can't be told.
local function numbers(spec, what)
  local value = spec[what]
  if value == nil then return { 0, 0, 0 } end
  if math_type(value) == "integer" and value >= 0 then
    return { 0, 0, value }
  end
  local counts = { 0, 0, 0 }
  if type(value) ~= "table" and type(value) ~= "userdata" then
    bad(what, value)
  end
  for _, record in ipairs(value) do
    local slot = internal.kind(record)
    if not slot then bad("each of " .. what, record) end
    counts[slot] = counts[slot] + 1
  end
  return counts
end

-- Entries that the profile protects are refused together.
local function check_protection(account, spec)
  local first, count = nil, 0
  for _, what in ipairs { "deletes", "updates" } do
    local list = type(spec[what]) ~= "number" and spec[what] or {}
    for _, record in ipairs(list) do
      local reason = internal.protects(account, record, what == "deletes")
      if reason then
        count = count + 1
        first = first or describe(record) .. ": " .. reason
      end
    end
  end
  if count > 1 then
    first = ("%d entries are protected, %s"):format(count, first)
  end
  if first then internal.refuse(first) end
end

function signet.announce(spec)
  if type(spec) ~= "table" then
    error("signet.announce: a table is needed, not " .. type(spec), 2)
  end
  for name in pairs(spec) do
    if not WORDS[name] and name ~= "account" then
      error(("signet.announce: there is no field %s"):format(tostring(name)), 2)
    end
  end
  local account = spec.account or internal.only_account()
  local creates = numbers(spec, "creates")
  local updates = numbers(spec, "updates")
  local deletes = numbers(spec, "deletes")
  check_protection(account, spec)
  while true do
    local kind = internal.announce(account, creates, updates, deletes)
    if not kind then return end
    account[kind]:list() -- whose entries are to be counted
  end
end
