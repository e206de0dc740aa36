-- SPDX-License-Identifier: MIT
-- Benchmark "scale": renames half of the signatures twice, with the reviews in
-- between.
local signet = require "signet"

local sms = signet.connect()
local signs = sms.signs:list()
local half = {}
for index = 1, #signs // 2 do
  half[index] = signs[index]
end
signet.each(half, function(sign)
  sms.signs:update(sign.sign_id, { sign_name = "First " .. sign.sign_id })
end)
signet.each(half, function(sign)
  sms.signs:wait(sign.sign_id, { status = "approved" })
  sms.signs:update(sign.sign_id, { sign_name = "Second " .. sign.sign_id })
end)
