-- SPDX-License-Identifier: MIT
-- Twelve creates, half of each kind.
local signet = require "signet"
local sms = signet.connect()
local result = signet.each({ 1, 2, 3, 4, 5, 6 }, function(i)
  sms.signs:create { sign_name = "Killed " .. i }
  sms.templates:create {
    template_name = "Killed " .. i, template_type = "utility",
    template_content = "Parcel " .. i .. " is on its way: {{link}}",
    country_codes = "DE",
  }
end, { concurrency = 2 })
assert(result.failed == 0)
