-- SPDX-License-Identifier: MIT
-- The invariants, on the files that a case leaves in the current folder:
--
--   ledger        the sandbox's requests, as JSON
--   journal       signet show --json of the job; empty: there is no job
--   list          signet jobs --json
--   summary       the last line of the last resume, with --json
--   status        its exit status
--   again         requests that changed something before and after one more
--                 resume: two numbers
--
-- The scenarios' writes are all different, so that each effect belongs to one.

local cjson = require "cjson"
local EXPECTED = 12

local function lines(name)
  local list = {}
  for line in io.lines(name) do list[#list + 1] = cjson.decode(line) end
  return list
end

local function text(name)
  local file <close> = assert(io.open(name))
  return file:read "a"
end

local problems = {}
local function check(good, ...)
  if not good then problems[#problems + 1] = string.format(...) end
end

local PLACE = { sign = "/v1/sign-configs", template = "/v1/template-configs" }
local METHOD = { create = "POST", update = "PUT", delete = "DELETE" }

-- "PUT /v1/sign-configs/1 Killed 1"
local function key(method, path, body)
  return ("%s %s %s"):format(method, path,
    body and (body.sign_name or body.template_name) or "")
end

local effects, total = {}, 0
for _, request in ipairs(cjson.decode(text "ledger")) do
  if request.effect then
    local body = request.body ~= "" and cjson.decode(request.body) or nil
    if body and request.path:find "template" then body.sign_name = nil end
    local name = key(request.method, request.path, body)
    effects[name] = (effects[name] or 0) + 1
    total = total + 1
    check(effects[name] == 1, "I3: %s took effect again", name)
  end
end

local written, done = {}, {}
for _, write in ipairs(lines "journal") do
  local path = PLACE[write.kind]
  if write.verb ~= "create" then path = path .. "/" .. write.id end
  local after = write.after ~= cjson.null and write.after or nil
  if after and write.kind == "template" then after.sign_name = nil end
  local name = key(METHOD[write.verb], path, after)
  written[name] = true
  if write.state == "done" then
    check(not done[name], "%s is done twice in the journal", name)
    done[name] = true
    check(effects[name], "I1: %s is done, without an effect", name)
  end
  check(write.state == "done" or write.state == "unsent",
    "I4: write %d, %s, is still %s", write.number, name, write.state)
end
for name in pairs(effects) do
  check(written[name], "I2: %s has an effect, and no intent", name)
end

local status, again = tonumber(text "status"), text "again"
local before, after = again:match "(%d+)%s+(%d+)"
check(before == after, "I5: a second resume sent %d writes", after - before)
if next(written) or text "summary":find '"job":"' then
  local summary, job = cjson.decode(text "summary"), lines "list"[1]
  check(status == 0, "I10: exit status %d", status)
  check(total == EXPECTED, "I4: %d effects, not %d", total, EXPECTED)
  check(job.state == "done", "I10: the job is %s", job.state)
  check(summary.failed == 0 and summary.unknown == 0,
    "I10: the summary says %d failed, %d unknown", summary.failed,
    summary.unknown)
  check(summary.done == job.done, "I10: %d done in the summary, %d in the job",
    summary.done, job.done)
end

if #problems > 0 then
  print(table.concat(problems, "\n"))
  os.exit(1)
end
