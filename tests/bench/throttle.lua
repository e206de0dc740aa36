-- SPDX-License-Identifier: MIT
-- Benchmark "throttle": renames signatures FIRST to LAST, and prints how many
-- seconds that took.
local signet = require "signet"

local first, last = tonumber(arg[1]), tonumber(arg[2])
local sms = signet.connect()
local next_id = first - 1
local result = signet.each(function()
  next_id = next_id + 1
  return next_id <= last and next_id or nil
end, function(id)
  sms.signs:update(id, { sign_name = "Name " .. id })
end)
assert(result.done == last - first + 1, "not every update was done")
