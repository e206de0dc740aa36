-- SPDX-License-Identifier: MIT

-- Renames signatures: by a map in a CSV file, or by a rule over a selection.
-- A renamed signature goes to review, and its templates can't send until it is
-- approved again.

local signet = require "signet"
local names = require "jobs.names"
local options = require "jobs.options"
local outcome = require "jobs.outcome"
local renames = require "jobs.renames"
local statuses = require "jobs.statuses"
local attempt = require "jobs.attempt"
local stop = require "jobs.stop"
local text = require "jobs.text"
local usable = require "jobs.usable"

local parser = options.parser("rename", [[
Renames signatures, by a map or by a rule. Everything is checked before the
first request that changes something: if one row is bad, nothing is sent. A
second run changes nothing.]], [[
A map is a CSV file in UTF-8 that begins with old_name,new_name or with
sign_id,sign_name:

   $ cat names.csv
   old_name,new_name
   Acme Corp,Acme
   "Beta, Inc.",Beta
   $ signet run rename --map names.csv
   2 signatures renamed:
   1001  Acme Corp   →  Acme  3 templates
   1002  Beta, Inc.  →  Beta  1 template
   Their approved templates can't send until the signatures are approved again.

A rule is a Lua pattern with its replacement, a prefix or a suffix, over the
signatures that --status, --name and --id leave:

   $ signet run rename --replace '^Acme$' 'Acme Europe' --status pending
   0 signatures renamed.
   1 skipped, waits for review:
     1001 Acme]])
parser:option("--map", "CSV file with the header sign_id,sign_name or "
  .. "old_name,new_name."):argname("FILE.csv")
parser:option("--replace", "Replace what the Lua pattern PATTERN matches by "
  .. "REPL, which may hold %1 for a capture."):args(2)
  :argname({ "PATTERN", "REPL" })
parser:option("--prefix", "Put TEXT before names that don't begin with it.")
  :argname("TEXT")
parser:option("--suffix", "Put TEXT behind names that don't end with it.")
  :argname("TEXT")
parser:option("--status", "Only signatures with this status."):argname("STATUS")
  :convert(statuses.parse)
parser:option("--name", "Only signatures whose name the Lua pattern matches.")
  :argname("PATTERN"):convert(options.matcher(parser, "--name"))
parser:option("--id", "Only this signature; may be repeated."):count("*")
  :argname("ID"):target("ids")
local args = parser:parse(arg)

local has_rule = args.replace or args.prefix or args.suffix
local selects = args.status or args.name or #args.ids > 0
if not args.map and not has_rule then
  parser:error("give --map, or one of --replace, --prefix and --suffix")
elseif args.map and (has_rule or selects) then
  parser:error("--map says which signatures get which names, so it goes with "
    .. "no other option")
end

local replace = args.replace
  and options.replacer(parser, "--replace", table.unpack(args.replace))

-- The rule as a function from name to name.
local function rule(name)
  if replace then name = replace(name) end
  local prefix, suffix = args.prefix or "", args.suffix or ""
  if name:sub(1, #prefix) ~= prefix then name = prefix .. name end
  if suffix == "" or name:sub(-#suffix) == suffix then return name end
  return name .. suffix
end

-- The signatures that --status, --name and --id leave.
local function select(signs)
  local wanted, selected = {}, {}
  for _, id in ipairs(args.ids) do wanted[id] = true end
  for _, sign in ipairs(signs) do
    local id = tostring(sign.sign_id)
    if (#args.ids == 0 or wanted[id])
      and (not args.status or sign.status == args.status)
      and (not args.name or args.name(sign.sign_name)) then
      selected[#selected + 1] = sign
    end
    wanted[id] = nil
  end
  local unknown = next(wanted)
  if unknown then
    parser:error(("--id: no signature has the sign_id %s"):format(unknown))
  end
  return selected
end

-- The map is kept with the job: a resumed one goes on with what it read.
local function read_map(path)
  local read, content = pcall(signet.file, path)
  if read then return content end
  if content.kind ~= "validation" then error(content, 0) end
  stop("validation", "the map %s", content.message)
end

-- Shows all that is wrong and ends the job before anything was sent.
local function refuse(problems)
  table.sort(problems, function(a, b)
    return (a.line or 0) < (b.line or 0)
  end)
  for _, problem in ipairs(problems) do
    local where = problem.line and ("%s:%d: "):format(args.map, problem.line)
    signet.log("error", (where or "") .. problem.text)
  end
  stop("validation", "%s, nothing was sent", text.count(#problems, "problem"))
end

local function describe(step)
  return ("%s %s"):format(step.id, step.old)
end

local map = args.map and read_map(args.map)
local sms = signet.connect()

-- Renames one signature. One that has its name, waits for review or needs a
-- name that is not free yet is skipped: a later run finishes it.
local function rename(step)
  if step.done then return signet.skip("already named so") end
  if step.status == signet.status.pending then
    return signet.skip("waits for review")
  end
  local after = step.after
  if after and not after.renamed then
    return signet.skip(("needs the name of %s, which this run did not rename")
      :format(after.id))
  end
  local reason = attempt(function()
    sms.signs:update(step.id, { sign_name = step.new })
  end, after and { conflict = ("waits until the review of %s frees its name")
    :format(after.id) })
  if reason then return signet.skip(reason) end
  step.renamed = true
end

if args.status and sms.dialect == "signs" then
  parser:error("--status: the signs API of 2023 has no review states")
end
local signs = usable(sms.signs:list(), "signature", { "sign_id" })
local steps, problems
if map then
  steps, problems = renames.read_map(map, signs)
else
  steps, problems = renames.apply_rule(rule,
    select(usable(signs, "signature", { "sign_id", "sign_name" })))
end
local wrong = renames.check(steps, signs)
table.move(wrong, 1, #wrong, #problems + 1, problems)
if #problems > 0 then refuse(problems) end

-- A name that others take for that of another signature.
-- One that is renamed too has its new name.
local renamed = {}
for _, step in ipairs(steps) do renamed[step.id] = not step.done end
local others = {}
for _, sign in ipairs(signs) do
  if not renamed[tostring(sign.sign_id)] then others[#others + 1] = sign end
end
for _, step in ipairs(steps) do
  if not step.done then
    others[#others + 1] = { sign_id = step.id, sign_name = step.new }
  end
end
local by_skeleton = names.by_skeleton(others)
local function doubt_of(step)
  local alike = names.alike(step.new, step.id, by_skeleton)
  if alike then
    return ("looks the same as signature %s, %s"):format(alike.sign_id,
      text.quote(alike.sign_name))
  end
  return names.doubt(step.new)
end
for _, step in ipairs(steps) do
  local doubt = not step.done and doubt_of(step)
  -- The account would tell of the old names too, one by one, at each write.
  sms.signs:alike(step.new, step.id)
  if doubt then
    signet.log("warning", ("%s %s"):format(text.quote(step.new), doubt))
  end
end

-- What is going to be written, which is judged before the first write.
local by_id, updates = {}, {}
for _, sign in ipairs(signs) do by_id[tostring(sign.sign_id)] = sign end
for _, step in ipairs(steps) do
  if not step.done and step.status ~= signet.status.pending then
    updates[#updates + 1] = by_id[tostring(step.id)]
  end
end
signet.announce { account = sms, updates = updates }

local total = outcome.new(describe)
for _, wave in ipairs(renames.waves(steps)) do
  total:each(wave, rename, "Renaming")
end

local by_step = {}
for _, step in ipairs(steps) do by_step[tostring(step.id)] = step end
total:audit(sms, function(_, id) return by_step[id] end)

local rows, affected = {}, false
for _, step in ipairs(steps) do
  if step.renamed and not total.contradicted[step] then
    rows[#rows + 1] = { step.id, step.old, "→", step.new,
      step.templates and text.count(step.templates, "template") or "" }
    affected = affected or (step.templates or 0) > 0
  end
end
print(text.count(#rows, "signature") .. " renamed"
  .. (#rows > 0 and ":" or "."))
for _, line in ipairs(text.columns(rows)) do print(line) end
if affected then
  print("Their approved templates can't send until the signatures are "
    .. "approved again.")
end
total:print()
