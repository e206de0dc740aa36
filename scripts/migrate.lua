-- SPDX-License-Identifier: MIT

-- Moves templates from one signature to another. All their other fields stay as
-- they are. A moved template goes to review and can't send until then.

local signet = require "signet"
local options = require "jobs.options"
local outcome = require "jobs.outcome"
local statuses = require "jobs.statuses"
local attempt = require "jobs.attempt"
local stop = require "jobs.stop"
local text = require "jobs.text"
local usable = require "jobs.usable"

local POSITIONS = { prefix = 1, suffix = 2 }
local NAMES = { "prefix", "suffix" }

local parser = options.parser("migrate", [[
Moves every template that uses one signature to another, which must be approved.
All other fields stay as they are. A second run changes nothing.]], [[
   $ signet run migrate --from 1001 --to 1002
   2 templates moved from 1001 Acme Corp to 1002 Beta, Inc.:
   5001  Login code      prefix
   5002  Order received  suffix
   They can't send until they are approved again.
   1 skipped, waits for review:
     5003 Summer sale

Only the marketing templates for the USA, and the signature at their end:

   $ signet run migrate --from 1006 --to 1002 --type marketing \
       --country US --position suffix
   1 template moved from 1006 Zeta to 1002 Beta, Inc.:
   5006  Zeta news  suffix
   They can't send until they are approved again.]])
parser:option("--from", "The signature that the templates use now.")
  :argname("ID"):count(1)
parser:option("--to", "The approved signature that they get.")
  :argname("ID"):count(1)
parser:option("--position", "Where they show it; default: where they do now.")
  :choices({ "prefix", "suffix" })
parser:option("--status", "Only templates with this status."):argname("STATUS")
  :convert(statuses.parse)
parser:option("--type", "Only templates of this template_type."):argname("TYPE")
parser:option("--country", "Only templates for this country, as in US.")
  :argname("CODE"):convert(string.upper)
local args = parser:parse(arg)
if args.from == args.to then
  parser:error("--from and --to are the same signature")
end

local sms = signet.connect()
if sms.dialect == "signs" then
  stop("unsupported",
    "migrate needs templates, and the signs API of 2023 has none")
end

-- Both signatures from one list. That of --from may be gone already while
-- templates still name it; that of --to must be there and approved.
local function find_signs()
  local from, to
  for _, sign in ipairs(sms.signs:list()) do
    if sign.sign_id == args.from then from = sign end
    if sign.sign_id == args.to then to = sign end
  end
  if not to then
    stop("refused", "--to: no signature has the sign_id %s", text.show(args.to))
  elseif to.status ~= signet.status.approved then
    stop("refused", "--to: signature %s %s is %s, and only an approved one can "
      .. "be used", args.to, text.quote(to.sign_name or ""),
      statuses.name(to.status))
  end
  return from, to
end

local function is_for(template, country)
  local codes = (template.country_codes or ""):upper():gsub("%s", "")
  return ("," .. codes .. ","):find("," .. country .. ",", 1, true) ~= nil
end

local function select(templates)
  local selected = {}
  for _, template in ipairs(templates) do
    if (not args.type or template.template_type == args.type)
      and (not args.country or is_for(template, args.country)) then
      selected[#selected + 1] = template
    end
  end
  return selected
end

local function describe(template)
  return ("%s %s"):format(template.template_id, template.template_name or "")
end

local function describe_sign(id, sign)
  return text.show(id .. (sign and sign.sign_name and " " .. sign.sign_name
    or ""))
end

local from, to = find_signs()
local using = usable(
  sms.templates:list { sign_id = args.from, status = args.status }, "template",
  { "template_id" })
if not from and #using == 0 then
  stop("refused", "--from: no signature and no template has the sign_id %s",
    text.show(args.from))
end

-- Why no template can get the signature of --to any more, or nil. It is looked
-- at once more where a move failed for its sake.
local target_gone
local function look_at_target(problem)
  local kind = type(problem) == "table" and problem.kind or ""
  if target_gone or (kind ~= "not_found" and kind ~= "not_approved") then
    return
  end
  local found, sign = pcall(sms.signs.get, sms.signs, args.to)
  if not found and type(sign) == "table" and sign.kind == "not_found" then
    target_gone = ("signature %s of --to is gone"):format(args.to)
  elseif found and sign.status ~= signet.status.approved then
    target_gone = ("signature %s of --to is %s now"):format(args.to,
      statuses.name(sign.status))
  end
end

local moved = {}
local function move(template)
  if target_gone then
    return signet.skip(target_gone)
  elseif template.status == signet.status.pending then
    return signet.skip("waits for review")
  end
  local written, reason = pcall(attempt, function()
    sms.templates:update(template.template_id, {
      sign_id = args.to,
      sign_position = args.position and POSITIONS[args.position],
    })
  end)
  if not written then
    look_at_target(reason)
    error(reason, 0)
  end
  if reason then return signet.skip(reason) end
  moved[template.template_id] = true
end

local selected = select(using)
local updates = {}
for _, template in ipairs(selected) do
  if template.status ~= signet.status.pending then
    updates[#updates + 1] = template
  end
end
signet.announce { account = sms, updates = updates }
local total = outcome.new(describe)
total:each(selected, move, "Moving")

local by_id = {}
for _, template in ipairs(selected) do
  by_id[tostring(template.template_id)] = template
end
total:audit(sms, function(_, id) return by_id[id] end)

local rows = {}
for _, template in ipairs(selected) do
  if moved[template.template_id] and not total.contradicted[template] then
    rows[#rows + 1] = { template.template_id, template.template_name or "",
      args.position or NAMES[template.sign_position] or "" }
  end
end
print(("%s moved from %s to %s%s"):format(text.count(#rows, "template"),
  describe_sign(args.from, from), describe_sign(args.to, to),
  #rows > 0 and ":" or ""))
for _, line in ipairs(text.columns(rows)) do print(line) end
if #rows > 0 then print("They can't send until they are approved again.") end
total:print()
