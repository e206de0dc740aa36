-- SPDX-License-Identifier: MIT
-- Benchmark "updates" and "latency": renames signatures 1 to COUNT.
local signet = require "signet"

local count, concurrency = tonumber(arg[1]), tonumber(arg[2])
local sms = signet.connect()
local ids = {}
for id = 1, count do
  ids[id] = id
end
local result = signet.each(ids, function(id)
  sms.signs:update(id, { sign_name = "Name " .. id })
end, { concurrency = concurrency })
assert(result.done == count, "not every update was done")
