-- SPDX-License-Identifier: MIT
-- Twelve updates, half of each kind; the templates' are completed from what
-- the service has. The ids are those of a seeded account.
local signet = require "signet"
local sms = signet.connect()
local templates = signet.step("templates", function()
  local ids = {}
  for _, template in ipairs(sms.templates:list { status = "approved" }) do
    if not template.sign_id or template.sign_id == "" then
      ids[#ids + 1] = template.template_id
    end
    if #ids == 6 then break end
  end
  return ids
end)
local signs = signet.step("signs", function()
  local ids = {}
  for _, sign in ipairs(sms.signs:list { status = "approved" }) do
    ids[#ids + 1] = sign.sign_id
    if #ids == 6 then break end
  end
  return ids
end)
assert(#templates == 6 and #signs == 6)
local result = signet.each({ 1, 2, 3, 4, 5, 6 }, function(i)
  sms.templates:update(templates[i], { template_name = "Killed " .. i })
  sms.signs:update(signs[i], { sign_name = "Killed " .. i })
end, { concurrency = 2 })
assert(result.failed == 0)
