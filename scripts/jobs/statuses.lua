-- SPDX-License-Identifier: MIT

-- Review statuses between their names and the service's numbers. The service
-- may have more of them than signet knows: those keep their number.

local signet = require "signet"

local statuses = {}

local NAMES = {}
for name, number in pairs(signet.status) do NAMES[number] = name end

-- The number for what an option says, or nil and a sentence.
function statuses.parse(text)
  local status = signet.status[text] or math.tointeger(tonumber(text))
  if status then return status end
  return nil, ("'%s' is no status: pending, approved, rejected or a number")
    :format(text)
end

function statuses.name(status)
  return NAMES[status] or ("status %s"):format(status or "unknown")
end

return statuses
