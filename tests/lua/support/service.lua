-- SPDX-License-Identifier: MIT
-- What the tests of the module share: an account on the sandbox server, its
-- control API, and the garbage collector at its harshest.
local luaunit = require "luaunit"
local signet = require "signet"

local service = { url = assert(os.getenv "SIGNET_TEST_URL") }

-- SIGNET_TEST_GC: "generational"; "stress": the collector never rests; "full":
-- a whole cycle every so many instructions.
local mode = os.getenv "SIGNET_TEST_GC"
if mode == "generational" then
  collectgarbage("generational", 5, 5)
elseif mode == "stress" then
  collectgarbage("incremental", 1, 1000, 1)
elseif mode == "full" then
  debug.sethook(function() collectgarbage() end, "", 2000)
end

function service.connect(more)
  local settings = { key = "key",
    secret = assert(os.getenv "SIGNET_TEST_SECRET"), base_url = service.url }
  for name, value in pairs(more or {}) do
    settings[name] = value
  end
  return signet.connect(settings)
end

-- One attempt: a fault is made for one request.
service.sms = service.connect { poll_interval = 0.02, attempts = 1 }

function service.control(path, body, method)
  return service.sms:request(method or "POST", "/__sandbox" .. path, body)
end

-- The error of a call that must fail.
function service.failure(fn, ...)
  local worked, problem = pcall(fn, ...)
  luaunit.assertFalse(worked)
  return problem
end

local number = 0

-- A name that no other test uses.
function service.name(prefix)
  number = number + 1
  return (prefix or "Test Name") .. " " .. number
end

-- A new signature, approved unless another status is given.
function service.sign(status)
  local name = service.name "Sign"
  local id = service.sms.signs:create { sign_name = name }
  if status ~= "pending" then
    service.control("/review", {
      kind = "sign", id = id, status = status or "approved", remark = "seen",
    })
  end
  return id, name
end

function service.template(fields)
  local all = {
    template_name = service.name "Template", template_type = "utility",
    template_content = "Your order {{id}} is on its way",
    country_codes = "CN,US",
  }
  for name, value in pairs(fields or {}) do
    all[name] = value
  end
  local id = service.sms.templates:create(all)
  service.control("/review", {
    kind = "template", id = id, status = "approved",
  })
  return id
end

return service
