-- SPDX-License-Identifier: MIT
-- Benchmark "journal": renames every signature, --concurrency at a time.
local signet = require "signet"

local sms = signet.connect()
local result = signet.each(sms.signs:list(), function(sign)
  sms.signs:update(sign.sign_id, { sign_name = "Name " .. sign.sign_id })
end)
assert(result.failed + result.unknown == 0, "not every update was done")
