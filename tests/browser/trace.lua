-- SPDX-License-Identifier: MIT
-- Every kind of request that a trace can hold, one after the other.
local signet = require "signet"
local sms = signet.connect { backoff = 0 }
local once = signet.connect { attempts = 1 }
local hasty = signet.connect { attempts = 1, timeout = 0.2 }
local odd = signet.connect { base_url = arg[1], attempts = 1 }

local function fails(...)
  assert(not pcall(...))
end

assert(#sms.signs:list() == 4)
sms.signs:get "10"
sms.signs:create { sign_name = 'Grüße <b>&"签名"</b>' }
sms.signs:update("11", { sign_name = "Renamed" })
sms.signs:delete "12"
fails(sms.signs.get, sms.signs, "999")
sms.signs:get "13"
fails(hasty.signs.get, hasty.signs, "14")
fails(once.signs.get, once.signs, "15")
sms:request("GET", "/v1/sign-configs?page=1&name=a%20b&flag")
assert(#sms.templates:list() == 4000)
for path in arg[2]:gmatch "%S+" do
  pcall(odd.request, odd, "GET", path)
end
