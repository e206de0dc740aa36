-- SPDX-License-Identifier: MIT
-- Benchmark "list": counts the rejected templates; with the argument "filter"
-- the list call itself picks them out.
local signet = require "signet"

local sms = signet.connect()
local rejected = 0
if arg[1] == "filter" then
  rejected = #sms.templates:list { status = "rejected" }
else
  for _, template in ipairs(sms.templates:list()) do
    if template.status == signet.status.rejected then
      rejected = rejected + 1
    end
  end
end
print(rejected)
