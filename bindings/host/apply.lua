-- SPDX-License-Identifier: MIT
-- Carries out a plan: each step as soon as what it needs is done, each only if
-- its entry is still what the plan says. Arguments: the plan's text, how it is
-- to be applied ("apply" or "undo", and "park"), what earlier runs of the job
-- wrote ("done sign 7", one a line), and the limits ("max-deletes 30 percent
-- 10": not more than 30 % where there are 10 entries or more).
local signet = require "signet"
local cjson = require "cjson"

local text, how, written, limits = ...
local undo, park = how:find("undo", 1, true), how:find("park", 1, true)

-- lua-cjson makes every number a float, and null a value of its own.
local function plain(value)
  if type(value) == "table" then
    for name, member in pairs(value) do value[name] = plain(member) end
    return value
  elseif value == cjson.null then
    return nil
  end
  return math.type(value) == "float" and math.tointeger(value) or value
end

local plan = plain(cjson.decode(text))
local steps = plan.steps
local sms = signet.connect()
local groups = { sign = sms.signs, template = sms.templates }
local id_fields = { sign = "sign_id", template = "template_id" }
local REVIEWED = { [2] = "approved", [3] = "rejected" }

local problem = {}
function problem:__tostring() return self.message end

local function fail(kind, sentence, ...)
  error(setmetatable({ kind = kind, message = sentence:format(...) }, problem),
    0)
end

-- Provisional id to real id.
local real = {}

local function id_of(step)
  return real[step.id] or step.id
end

local function describe(step)
  local image = step.before or step.after
  return ("step %d: %s %s %s %s"):format(step.step, step.verb,
    step.kind == "sign" and "signature" or "template", id_of(step),
    tostring(image.sign_name and step.kind == "sign" and image.sign_name
      or image.template_name or ""))
end

---- Whether an entry is what the plan says.

local content = {
  sign = { "sign_name" },
  template = { "template_name", "template_type", "template_content",
    "country_codes", "sign_id", "sign_position" },
}
local review = { "status", "updated_time", "update_time" }

-- As a list shows it: no signature in several ways, an old type's new name.
local function shown(name, value)
  if value == nil or value == "" or value == "0" or value == 0 then
    return nil
  end
  if name == "template_type" and value == "otp" then
    return "authentication"
  end
  return name == "sign_id" and tostring(real[tostring(value)] or value)
    or value
end

local function difference(names, image, entry, only_known)
  for _, name in ipairs(names) do
    local wanted, is = shown(name, image[name]), shown(name, entry[name])
    if wanted ~= is and not (only_known and (wanted == nil or is == nil)) then
      return name, wanted, is
    end
  end
end

local function drift(step, entry)
  local word = undo and "conflict" or "drift"
  if entry == nil then
    fail("conflict", "%s: the entry is gone", word)
  end
  local name, wanted, is = difference(content[step.kind], step.before, entry)
  if name == nil and step.assumed then
    name, wanted, is = difference({ "status" }, step.before, entry)
  elseif name == nil and not undo then
    name, wanted, is = difference(review, step.before, entry, true)
  end
  if name then
    fail("conflict", "%s: %s is %s, and the %s expects %s", word, name,
      is == nil and "not set" or tostring(is), undo and "undo" or "plan",
      wanted == nil and "none" or tostring(wanted))
  end
end

---- What earlier runs of the job wrote.

local before = {}
for state, kind, id in written:gmatch "(%l+) (%l+) (%d+)" do
  local key = kind .. id
  before[key] = before[key] == "done" and "done" or state
end

-- An open write has been settled by now: where it took effect the entry is
-- what the step was to leave, and the journal answers the write.
local function is_after(step, entry)
  if step.after == nil or entry == nil then return step.after == entry end
  local image = step.after
  if image.add_signature == false then
    image = setmetatable({ sign_id = "", sign_position = 0 },
      { __index = image })
  end
  return difference(content[step.kind], image, entry) == nil
end

---- The live entries, listed once.

local live = { sign = {}, template = {} }
local first, seen = {}, {}
for _, step in ipairs(steps) do
  local key = step.kind .. step.id
  first[step] = step.before ~= nil and not seen[key]
  seen[key] = true
end

local entries = { sign = 0, template = 0 }
local function list(kind)
  for _, step in ipairs(steps) do
    if step.kind == kind then
      local all = groups[kind]:list()
      entries[kind] = #all
      for _, entry in ipairs(all) do
        live[kind][tostring(entry[id_fields[kind]])] = entry
      end
      return
    end
  end
end
list "sign"
list "template"

---- The limits, before the first write.

local function count(kind, verb)
  local number = 0
  for _, step in ipairs(steps) do
    if (not kind or step.kind == kind) and (not verb or step.verb == verb) then
      number = number + 1
    end
  end
  return number
end

local function check_limit(option, number, unit, from)
  local verb = option == "max-deletes" and "delete" or nil
  local word = verb and "deletes" or "changes"
  if unit == "all" and count(nil, verb) > number then
    fail("refused", "the plan %s %d entries, more than %d: --%s allows it",
      word, count(nil, verb), number, option)
  end
  for kind, total in pairs(entries) do
    if unit == "percent" and total >= from and total > 0
      and count(kind, verb) * 100 > number * total then
      fail("refused", "the plan %s %d of %d %ss, more than %d %%: --%s allows "
        .. "it", word, count(kind, verb), total,
        kind == "sign" and "signature" or kind, number, option)
    end
  end
end

if written == "" then
  for option, number, unit, from in
    limits:gmatch "(%S+) (%d+) (%l+) (%d+)" do
    check_limit(option, tonumber(number), unit, tonumber(from))
  end
end

local function read_again(step)
  local good, entry = pcall(function()
    return groups[step.kind]:get(id_of(step))
  end)
  if good then return entry end
  if entry.kind ~= "not_found" then error(entry, 0) end
end

-- Reviews take hours: somebody who looks on is told, once, what goes on.
local told
local function tell_of_waiting()
  if told then return end
  told = true
  signet.log("info", "waiting for reviews that are under way; with --park it "
    .. "ends instead, to be resumed later")
end

-- A review that was under way before: the plan rests on it, or an undo finds
-- the entry so, and a pending one can't be updated.
local function await_old_review(step, entry)
  if (step.assumed or undo and step.verb == "update") and entry
    and entry.status == signet.status.pending then
    if park then
      return signet.skip("waits for a review that goes on already", "waiting")
    end
    tell_of_waiting()
    pcall(function()
      groups[step.kind]:wait(id_of(step), { status = "approved" })
    end)
  end
end

local function check(step)
  if not first[step] or before[step.kind .. step.id] == "done" then
    return
  end
  local entry = live[step.kind][step.id]
  if step.round > 1 then entry = read_again(step) end
  if before[step.kind .. step.id] == "open" and is_after(step, entry) then
    return
  end
  local skip = await_old_review(step, entry)
  if skip then return skip end
  drift(step, step.assumed and read_again(step) or entry)
end

---- One step.

local function resolved(fields)
  local copy = {}
  for name, value in pairs(fields) do copy[name] = value end
  copy.sign_id = copy.sign_id and (real[copy.sign_id] or copy.sign_id)
  return copy
end

local function carry_out(step)
  local group, verb = groups[step.kind], step.verb
  if verb == "create" then
    real[step.id] = tostring(group:create(resolved(step.after)))
  elseif verb == "update" then
    group:update(id_of(step), resolved(step.after))
  else
    group:delete(id_of(step))
  end
end

---- Which step comes when.

local ready, open, running, reviewing = {}, {}, 0, 0
local blocked, on_done, on_review = {}, {}, {}
local undecided, at_barrier, awaited_to = {}, {}, 0

local function append(lists, key, item)
  lists[key] = lists[key] or {}
  table.insert(lists[key], item)
end

local function release(number, reason)
  blocked[number] = blocked[number] or reason
  open[number] = open[number] - 1
  if open[number] == 0 then ready[#ready + 1] = steps[number] end
end

local function release_all(numbers, reason)
  for _, number in ipairs(numbers or {}) do release(number, reason) end
end

-- The script waited for every review of the rounds up to this one.
local function pass_barriers(reason)
  for round = 1, awaited_to do
    if undecided[round] > 0 then return end
    local waiting = at_barrier[round]
    at_barrier[round] = nil
    release_all(waiting, reason)
  end
end

local function is_awaited(step)
  return step.awaited and step.review and step.round <= awaited_to
end

local broken_barrier
local function decided(step, reason)
  release_all(on_review[step.step], reason)
  if is_awaited(step) then
    broken_barrier = broken_barrier or reason
    undecided[step.round] = undecided[step.round] - 1
    pass_barriers(broken_barrier)
  end
end

-- How the review of a step came out: nil as expected, else why it is not.
-- false: it goes on.
local function review_of(step)
  local wanted = REVIEWED[step.expect] or "approved"
  if not park then tell_of_waiting() end
  local good, result = pcall(function()
    if park then return groups[step.kind]:get(id_of(step)) end
    return groups[step.kind]:wait(id_of(step), { status = "approved" })
  end)
  local is = good and result.status or result.kind
  if is == signet.status.pending then return false end
  is = REVIEWED[is] or is
  if is == wanted then return nil end
  return ("the review of step %d: %s"):format(step.step,
    good and "it is " .. tostring(is) or tostring(result.message or result))
end

local function begin_review(step)
  reviewing = reviewing + 1
  signet.spawn(function()
    local good, reason = pcall(review_of, step)
    reviewing = reviewing - 1
    if not good then reason = tostring(reason) end
    if reason ~= false then decided(step, reason) end
  end)
end

local function finish(step, done)
  local reason = not done
    and ("needs step %d, which was not done"):format(step.step) or nil
  release_all(on_done[step.step], reason)
  if on_review[step.step] or is_awaited(step) then
    if done and step.review then
      begin_review(step)
    else
      decided(step, reason)
    end
  end
end

for _, step in ipairs(steps) do
  local number = step.step
  awaited_to = math.max(awaited_to, step.after_round)
  open[number] = #step.needs + #step.reviews
  for _, other in ipairs(step.needs) do append(on_done, other, number) end
  for _, other in ipairs(step.reviews) do append(on_review, other, number) end
  if step.after_round > 0 then
    open[number] = open[number] + 1
    append(at_barrier, step.after_round, number)
  end
  if open[number] == 0 then ready[#ready + 1] = step end
end
for round = 1, awaited_to do undecided[round] = 0 end
for _, step in ipairs(steps) do
  if is_awaited(step) then
    undecided[step.round] = undecided[step.round] + 1
  end
end

local taken = 0
local function next_step()
  local pause = 0.001
  while not ready[taken + 1] do
    if running == 0 and reviewing == 0 then return nil end
    signet.sleep(pause)
    pause = math.min(pause * 1.5, 0.1)
  end
  taken = taken + 1
  running = running + 1
  return ready[taken]
end

local result = signet.each(next_step, function(step)
  if blocked[step.step] then
    running = running - 1
    finish(step, false)
    return signet.skip(blocked[step.step])
  end
  local good, answer = pcall(function()
    local skip = check(step)
    if not skip then carry_out(step) end
    return skip
  end)
  running = running - 1
  if answer == nil or not good then finish(step, good) end
  if not good then error(answer, 0) end
  return answer
end, { label = undo and "Undoing" or "Applying", describe = describe })

---- What is left, and what is new.

local waiting = {}
for _, step in ipairs(steps) do
  if open[step.step] > 0 then waiting[#waiting + 1] = step end
end
if park and not result.interrupted and #waiting > 0 then
  local left = signet.each(waiting, function()
    return signet.skip("waits for a review", "waiting")
  end, { label = "Waiting", describe = describe })
  result.waiting = result.waiting + left.waiting
end
for _, step in ipairs(steps) do
  if real[step.id] and step.verb == "create" then
    print(("%s %s is %s"):format(
      step.kind == "sign" and "signature" or "template",
      undo and step.old or step.id, real[step.id]))
  end
end
if result.waiting > 0 and result.failed == 0 and result.unknown == 0 then
  os.exit(75)
end
