-- SPDX-License-Identifier: MIT

-- The entries of a list that a job can work with. An odd one, of which the
-- service shows no id or not the text that the job goes by, is left alone and
-- named: it is no reason to leave the others alone too.

local signet = require "signet"
local text = require "jobs.text"

-- Odd entries that are named one by one.
local NAMED = 5

local function lacking(entry, fields)
  for _, field in ipairs(fields) do
    if entry[field] == nil or entry[field] == "" then return field end
  end
end

-- "1001, 1002 and 3 more"
local function enumerate(names)
  if #names <= NAMED then return table.concat(names, ", ") end
  return ("%s and %d more"):format(table.concat(names, ", ", 1, NAMED),
    #names - NAMED)
end

-- `word` is "signature" or "template"; `fields` begin with the id's.
return function(entries, word, fields)
  local usable, odd = {}, {}
  for _, entry in ipairs(entries) do
    local field = lacking(entry, fields)
    if field then
      odd[#odd + 1] = ("%s has no %s"):format(
        text.show(entry[fields[1]] or "one"), field)
    else
      usable[#usable + 1] = entry
    end
  end
  if #odd > 0 then
    signet.log("warning", ("%s left alone, for what the service shows of %s "
      .. "is not whole: %s"):format(text.count(#odd, word),
      #odd == 1 and "it" or "them", enumerate(odd)))
  end
  return usable
end
