-- SPDX-License-Identifier: MIT
-- Benchmark "journal": renames every signature, so many at a time.
local signet = require "signet"

local sms = signet.connect()
local result = signet.each(sms.signs:list(), function(sign)
  sms.signs:update(sign.sign_id, { sign_name = "Name " .. sign.sign_id })
end, { concurrency = tonumber(arg[1]) })
assert(result.failed + result.unknown == 0, "not every update was done")
