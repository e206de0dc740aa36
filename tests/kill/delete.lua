-- SPDX-License-Identifier: MIT
-- Twelve deletes.
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for i, template in ipairs(sms.templates:list()) do
    ids[i] = template.template_id
    if i == 12 then break end
  end
  return ids
end)
assert(#ids == 12)
local result = signet.each(ids, function(id) sms.templates:delete(id) end,
  { concurrency = 3 })
assert(result.failed == 0)
