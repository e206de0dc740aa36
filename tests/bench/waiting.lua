-- SPDX-License-Identifier: MIT
-- Benchmark "waiting": COUNT tasks wait for the review of signatures 1 to
-- COUNT. Prints the bytes of memory that each takes, the share of a processor
-- that they take together in SECONDS of waiting, in percent, and how many
-- lists were fetched meanwhile.
local signet = require "signet"

local count, seconds = tonumber(arg[1]), tonumber(arg[2])
local sms = signet.connect()

local function resident()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmRSS:%s+(%d+)")
    if kilobytes then
      return tonumber(kilobytes) * 1024
    end
  end
end

local before = resident()
for id = 1, count do
  signet.spawn(function()
    sms.signs:wait(tostring(id))
  end)
end
-- All of them wait, and the first list has come.
repeat
  signet.sleep(0.1)
until sms:requests() > 0
signet.sleep(2)
collectgarbage()
local bytes = (resident() - before) / count
local processor, requests = os.clock(), sms:requests()
signet.sleep(seconds)
io.write(string.format("%.0f %.2f %d\n", bytes,
  (os.clock() - processor) / seconds * 100, sms:requests() - requests))
os.exit(0)
