-- SPDX-License-Identifier: MIT

-- Deletes rejected signatures and templates. What is deleted is saved first,
-- and each entry is read again just before it goes.

local signet = require "signet"
local backup = require "jobs.backup"
local durations = require "jobs.durations"
local options = require "jobs.options"
local outcome = require "jobs.outcome"
local statuses = require "jobs.statuses"
local attempt = require "jobs.attempt"
local stop = require "jobs.stop"
local text = require "jobs.text"
local usable = require "jobs.usable"
local whole = require "jobs.whole"

local parser = options.parser("clean", [[
Deletes rejected signatures and templates, templates first. All that is deleted
is saved to a JSON file before. An entry that was changed since the account was
read is left alone, and so is a signature that templates still use.]], [[
   $ signet run --yes clean --older-than 30d --backup deleted.json
   3 records saved to deleted.json
   3 deleted:
   template   5004  Spring sale  wrong brand
   template   5005  Old login    brand not registered
   signature  1004  Delta Shop   brand not registered
   1 skipped, templates use it, and --cascade was not given:
     signature 1006 Zeta

With --cascade a rejected signature's templates are deleted with it, whatever
their status is. They can't send as long as it is rejected, but another
signature could be given to them: see signet run migrate --help.]])
parser:option("--only", "Only entries of this kind.")
  :choices({ "signs", "templates" })
parser:option("--older-than", "Only entries that have not changed for so long, "
  .. "as in 12h, 30d or 2w."):argname("DURATION"):convert(durations.parse)
parser:option("--remark", "Only entries whose audit_remark the Lua pattern "
  .. "matches."):argname("PATTERN"):convert(options.matcher(parser, "--remark"))
parser:flag("--cascade", "Delete also the templates that use a rejected "
  .. "signature.")
parser:option("--backup", "Where to save; a new file. Default: "
  .. "clean-YYYYmmdd-HHMMSS.json here."):argname("FILE")
local args = parser:parse(arg)
if args.cascade and args.only == "templates" then
  parser:error("--cascade is about signatures, and --only templates leaves "
    .. "them out")
end

local sms = signet.connect()
if sms.dialect == "signs" then
  stop("unsupported", "clean deletes what a review rejected, and the signs API "
    .. "of 2023 has no reviews")
end

-- An entry is a record with what the job knows about it:
--   group       sms.signs or sms.templates
--   id, name    of the record
--   templates   of a signature: the entries of the templates that use it
--   owner       of a template: the signature whose deletion is the only reason
--               to delete it
--   planned     whether it is to be deleted
--   deleted     whether it was
local function sign_entry(record)
  return { kind = "signature", group = sms.signs, record = record,
    id = record.sign_id, name = record.sign_name or "", templates = {} }
end

local function template_entry(record)
  return { kind = "template", group = sms.templates, record = record,
    id = record.template_id, name = record.template_name or "", templates = {} }
end

-- Ages are by the service's clock: this machine's may be wrong. A job that is
-- resumed goes by the time at which it began. An age that isn't shown is none.
local function is_old(record)
  if not args.older_than then return true end
  local updated = record.updated_time
  if updated == nil then return false end
  local now = signet.step("time", function() return sms:time() end)
  return now - updated >= args.older_than
end

local function is_wanted(record)
  return record.status == signet.status.rejected and is_old(record)
    and (not args.remark or args.remark(record.audit_remark or ""))
end

-- The signatures that are to be deleted, by id and in the account's order.
local function select_signs()
  local signs, by_id = {}, {}
  for _, record in ipairs(usable(sms.signs:list { status = "rejected" },
    "signature", { "sign_id" })) do
    if is_wanted(record) then
      local entry = sign_entry(record)
      signs[#signs + 1] = entry
      by_id[entry.id] = entry
    end
  end
  return signs, by_id
end

-- Tells once what --cascade adds that no review has rejected.
local function tell_cascade(entries)
  local named = {}
  for index = 1, math.min(#entries, 3) do
    local entry = entries[index]
    named[index] = ("template %s %s, which is %s, with signature %s"):format(
      entry.id, text.quote(entry.name), statuses.name(entry.record.status),
      entry.owner.id)
  end
  if #entries == 1 then
    signet.log("warning", "--cascade deletes " .. named[1])
  elseif #entries > 1 then
    if #entries > #named then
      named[#named + 1] = ("%d more"):format(#entries - #named)
    end
    signet.log("warning", ("--cascade deletes %d templates that are not "
      .. "rejected: %s"):format(#entries, table.concat(named, "; ")))
  end
end

local hides_signature -- tells of a template whether the list hides it

-- The templates that are to be deleted, for themselves or with a signature
-- from `signs`.
local function select_templates(signs)
  local templates, cascaded = {}, {}
  local all = usable(sms.templates:list(), "template", { "template_id" })
  hides_signature = whole.hiding(all)
  if next(signs) then all = whole.read(signet, sms, all, hides_signature) end
  for _, record in ipairs(all) do
    local entry = template_entry(record)
    local sign = signs[record.sign_id or ""]
    local cascade = sign and args.cascade
    if sign then table.insert(sign.templates, entry) end
    local wanted = args.only ~= "signs" and is_wanted(record)
    if cascade and not wanted then entry.owner = sign end
    if cascade and record.status ~= signet.status.rejected then
      cascaded[#cascaded + 1] = entry
    end
    if wanted or cascade then
      entry.planned = true
      templates[#templates + 1] = entry
    end
  end
  tell_cascade(cascaded)
  return templates
end

-- Whether nothing that stays uses `sign`.
local function is_free(sign)
  for _, template in ipairs(sign.templates) do
    if not template.planned then return false end
  end
  return true
end

-- The records of the planned entries.
local function records(entries)
  local list = {}
  for _, entry in ipairs(entries) do
    if entry.planned then list[#list + 1] = entry.record end
  end
  return list
end

local GONE = { not_found = "gone already" }
local MATERIAL = { "status", "updated_time", "audit_remark", "sign_id" }

-- Whether the list showed that field. A template without a signature has none.
local function is_shown(entry, field)
  return entry.record[field] ~= nil or (field == "sign_id"
    and entry.kind == "template" and not hides_signature(entry.record))
end

-- Reads `entry` again. Returns why it must stay, or nil.
local function read_again(entry)
  local reason = attempt(function()
    entry.now = entry.group:get(entry.id)
  end, GONE)
  if reason then return reason end
  for _, field in ipairs(MATERIAL) do
    if is_shown(entry, field)
      and entry.now[field] ~= entry.record[field] then
      return "changed since the account was read"
    end
  end
end

-- Whether templates use a signature: those that were to go before it, or any
-- that the service counts.
local function is_used(entry)
  for _, template in ipairs(entry.templates) do
    if not template.deleted then return true end
  end
  return (entry.now.related_template_count or 0) > 0
end

-- Why `entry` must stay, or nil.
local function look(entry)
  if not entry.planned then
    return "templates use it, and --cascade was not given"
  elseif entry.owner and read_again(entry.owner) then
    return "its signature changed since the account was read"
  end
  return read_again(entry)
end

local function delete(entry)
  if not sms.dry_run then entry.reason = look(entry) end
  local reason = entry.reason
    or is_used(entry) and "templates still use it"
    or attempt(function() entry.group:delete(entry.id) end, GONE)
  if reason then return signet.skip(reason) end
  entry.deleted = true
end

local function describe(entry)
  return ("%s %s %s"):format(entry.kind, entry.id, entry.name)
end

local signs, by_id = {}, {}
if args.only ~= "templates" then signs, by_id = select_signs() end
local templates = select_templates(by_id)
for _, sign in ipairs(signs) do sign.planned = is_free(sign) end

local doomed = records(templates)
for _, record in ipairs(records(signs)) do doomed[#doomed + 1] = record end

-- What is to be deleted is judged and confirmed before anything is written.
local function announce()
  signet.announce { account = sms, deletes = doomed }
end

local written -- the backup of this run; nil: none yet

-- Where to save, and when that began. A job that was killed while it saved
-- finds its own file there.
local function choose_file()
  local chosen = false
  local file = signet.step("backup file", function()
    chosen = true
    local path = args.backup
      or backup.free_name(os.date("clean-%Y%m%d-%H%M%S"), ".json")
    if not sms.dry_run then backup.check(path) end
    return { path = path, time = os.time() }
  end)
  if not chosen then
    backup.begin_again(file.path, sms.base_url, file.time)
  end
  return file
end

-- Saves what is to be deleted. Returns where, and which entries those are.
local function save()
  local file = choose_file()
  local saved_signs = records(signs)
  local saved_templates = whole.read(signet, sms, records(templates),
    hides_signature)
  if not sms.dry_run then
    backup.write(file.path, backup.encode(sms.base_url, saved_signs,
      saved_templates, file.time))
    written = file.path
  end
  local ids = {}
  for _, record in ipairs(saved_signs) do
    ids["signature " .. record.sign_id] = true
  end
  for _, record in ipairs(saved_templates) do
    ids["template " .. record.template_id] = true
  end
  return { path = file.path, count = #saved_signs + #saved_templates,
    ids = ids }
end

-- Of `entries`, those that `saved` holds: the others were rejected since.
local function those_saved(entries, saved)
  local kept = {}
  for _, entry in ipairs(entries) do
    if not entry.planned or saved.ids[entry.kind .. " " .. entry.id] then
      kept[#kept + 1] = entry
    end
  end
  return kept
end

-- A job that is resumed goes on with what it saved when it began.
if #doomed > 0 then
  local fresh = false
  local kept, saved = pcall(signet.step, "backup", function()
    fresh = true
    if args.backup and not backup.is_own(args.backup, sms.base_url) then
      backup.check(args.backup)
    end
    announce()
    return save()
  end)
  if not kept then -- another job works on the account, say: nothing is deleted
    if written then os.remove(written) end
    error(saved, 0)
  end
  if not fresh then announce() end
  signs, templates = those_saved(signs, saved), those_saved(templates, saved)
  print(("%s %s %s"):format(text.count(saved.count, "record"),
    sms.dry_run and "would be saved to" or "saved to", text.show(saved.path)))
end

-- A dry run reads everything first, so that the order of its steps is always
-- that of the account; else an entry is read just before it goes.
local total = outcome.new(describe)
for _, entries in ipairs { templates, signs } do
  local label = entries == templates and "templates" or "signatures"
  if sms.dry_run then
    signet.each(entries, function(entry) entry.reason = look(entry) end,
      { label = "Reading " .. label, describe = describe })
  end
  total:each(entries, delete, "Deleting " .. label)
end

local chosen = { sign = {}, template = {} }
for _, sign in ipairs(signs) do chosen.sign[tostring(sign.id)] = sign end
for _, template in ipairs(templates) do
  chosen.template[tostring(template.id)] = template
end
total:audit(sms, function(kind, id) return chosen[kind][id] end)

local rows = {}
for _, entries in ipairs { templates, signs } do
  for _, entry in ipairs(entries) do
    if entry.deleted and not total.contradicted[entry] then
      rows[#rows + 1] = { entry.kind, entry.id, entry.name,
        entry.record.audit_remark or "" }
    end
  end
end
print(("%d %sdeleted%s"):format(#rows, sms.dry_run and "would be " or "",
  #rows > 0 and ":" or "."))
for _, line in ipairs(text.columns(rows)) do print(line) end
total:print()
