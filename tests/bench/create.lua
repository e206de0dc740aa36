-- SPDX-License-Identifier: MIT
-- Benchmark "resume": creates COUNT signatures.
local signet = require "signet"

local sms = signet.connect()
local numbers = {}
for number = 1, tonumber(arg[1]) do
  numbers[number] = number
end
signet.each(numbers, function(number)
  sms.signs:create { sign_name = "Name " .. number }
end, { concurrency = 64 })
