-- SPDX-License-Identifier: MIT

-- Durations as people write them: 90s, 30m, 12h, 30d, 2w.

local durations = {}

local SECONDS = { s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

-- The seconds in `text`, or nil and a sentence.
function durations.parse(text)
  local digits, unit = text:match("^(%d+)([smhdw])$")
  if not digits or #digits > 6 then
    return nil, ("'%s' is no duration: write a number of up to 6 digits and "
      .. "s, m, h, d or w, as in 30d"):format(text)
  end
  return tonumber(digits) * SECONDS[unit]
end

return durations
