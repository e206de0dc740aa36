-- SPDX-License-Identifier: MIT

-- What became of a job's entries, put together from every signet.each that it
-- ran, and printed at its end.

local text = require "jobs.text"

local outcome = {}
outcome.__index = outcome

-- Skipped entries of one reason that are named one by one.
local NAMED = 5

-- `describe` gives an entry's text for messages, as signet.each's option does.
function outcome.new(describe)
  return setmetatable({ describe = describe, failures = {}, skips = {},
    contradicted = {} }, outcome)
end

-- Takes over what signet.each returned.
function outcome:add(result)
  for _, failure in ipairs(result.failures) do
    table.insert(self.failures, failure)
  end
  for _, skip in ipairs(result.skips) do table.insert(self.skips, skip) end
end

-- Runs signet.each and takes over what it returned. What it raises, such as
-- credentials that are refused half-way, ends the job only when its end has
-- been printed: by then some entries were changed, and must be named.
function outcome:each(items, fn, label)
  if self.problem ~= nil then return end
  local signet = require "signet" -- here: the rest of the file needs none
  local worked, result = pcall(signet.each, items, fn,
    { label = label, describe = self.describe })
  if worked then self:add(result) else self.problem = result end
end

-- Compares what was written with what the service shows, before anything is
-- said of it: an entry whose write it doesn't show counts as neither done nor
-- failed. `find` gives the job's item for the kind ("sign", "template") and id
-- of an entry. Where nothing can be read now, the run's end tries again.
function outcome:audit(account, find)
  local worked, findings = pcall(account.audit, account)
  for _, finding in ipairs(worked and findings or {}) do
    local item = find(finding.kind, finding.id)
    if item then
      self.contradicted[item] = true
      table.insert(self.failures, { item = item, contradicted = true,
        error = finding.finding })
    end
  end
end

-- The skipped items by reason, and the reasons in order of appearance.
local function by_reason(skips)
  local groups, reasons = {}, {}
  for _, skip in ipairs(skips) do
    local group = groups[skip.reason]
    if not group then
      group = {}
      groups[skip.reason] = group
      reasons[#reasons + 1] = skip.reason
    end
    group[#group + 1] = skip.item
  end
  return groups, reasons
end

local function is_unknown(failure)
  return failure.contradicted or type(failure.error) == "table"
    and failure.error.kind == "unknown_outcome"
end

-- "updating signature 1001: the reason" without its beginning.
local function reason_of(problem)
  local message = tostring(problem)
  local id = type(problem) == "table" and problem.id or ""
  local _, last = message:find(id .. ": ", 1, true)
  return id ~= "" and last and message:sub(last + 1) or message
end

-- Those that are, or are not, of unknown outcome, by their reasons. Only the
-- first of a group says why.
local function failures_by_reason(failures, unknown)
  local groups, by_text, count = {}, {}, 0
  for _, failure in ipairs(failures) do
    if (is_unknown(failure) or false) == (unknown or false) then
      local reason = reason_of(failure.error)
      if not by_text[reason] then
        by_text[reason] = {}
        groups[#groups + 1] = by_text[reason]
      end
      table.insert(by_text[reason], failure)
      count = count + 1
    end
  end
  return groups, count
end

-- Prints the failures that are, or are not, of unknown outcome: every entry by
-- name, and each reason once.
function outcome:print_failures(title, unknown)
  local groups, count = failures_by_reason(self.failures, unknown)
  if count > 0 then print(("%d %s:"):format(count, title)) end
  for _, group in ipairs(groups) do
    print(("  %s: %s"):format(text.show(self.describe(group[1].item)),
      text.show(group[1].error)))
    if #group > 1 then
      print(("  %d more for the same reason:"):format(#group - 1))
    end
    for index = 2, #group do
      print("    " .. text.show(self.describe(group[index].item)))
    end
  end
end

-- Prints why entries were skipped, and every failure with its entry. Raises
-- what ended the work early.
function outcome:print()
  local groups, reasons = by_reason(self.skips)
  for _, reason in ipairs(reasons) do
    local items = groups[reason]
    print(("%d skipped, %s:"):format(#items, text.show(reason)))
    for index = 1, math.min(#items, NAMED) do
      print("  " .. text.show(self.describe(items[index])))
    end
    if #items > NAMED then print(("  and %d more"):format(#items - NAMED)) end
  end
  self:print_failures("failed", false)
  self:print_failures("may or may not have been done", true)
  if self.problem ~= nil then error(self.problem, 0) end
end

return outcome
