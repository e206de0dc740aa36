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
  return setmetatable({ describe = describe, failures = {}, skips = {} },
    outcome)
end

-- Takes over what signet.each returned.
function outcome:add(result)
  for _, failure in ipairs(result.failures) do
    table.insert(self.failures, failure)
  end
  for _, skip in ipairs(result.skips) do table.insert(self.skips, skip) end
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

-- Prints why entries were skipped, and every failure with its entry.
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
  if #self.failures > 0 then print(("%d failed:"):format(#self.failures)) end
  for _, failure in ipairs(self.failures) do
    print(("  %s: %s"):format(text.show(self.describe(failure.item)),
      text.show(failure.error)))
  end
end

return outcome
