-- SPDX-License-Identifier: MIT

-- Records in a JSON file, written and checked before they are deleted. An
-- existing file is never overwritten.

local cjson = require "cjson"
local stop = require "jobs.stop"

local backup = {}

-- lua-cjson writes 14 digits of a number; a longer integer is kept exact as a
-- string of its digits.
local EXACT = 99999999999999

local function exact(value)
  if type(value) == "table" then
    local copy = {}
    for name, member in pairs(value) do copy[name] = exact(member) end
    return copy
  end
  if math.type(value) == "integer" and (value > EXACT or value < -EXACT) then
    return tostring(value)
  end
  return value
end

-- One record per line, so that the file can be read and compared.
local function encode_list(records)
  if #records == 0 then return "[]" end
  local lines = {}
  for index, record in ipairs(records) do
    lines[index] = "    " .. cjson.encode(exact(record:totable()))
  end
  return "[\n" .. table.concat(lines, ",\n") .. "\n  ]"
end

-- How each backup begins.
local function head(base_url, time)
  return ('{\n  "saved_time": %d,\n  "base_url": %s,\n'):format(time,
    cjson.encode(base_url))
end

-- The text of a backup of `signs` and `templates`, lists of records, begun at
-- `time`; nil: now.
function backup.encode(base_url, signs, templates, time)
  return ('%s  "signs": %s,\n  "templates": %s\n}\n'):format(
    head(base_url, time or os.time()), encode_list(signs),
    encode_list(templates))
end

-- Whether the file holds the backup that was begun at `time`, or a part of it.
-- `time` nil: at any time.
function backup.is_own(path, base_url, time)
  local file = io.open(path, "r+b") -- a pipe is not waited for, nor read
  local size = file and file:seek("end")
  local content = size and size > 0 and file:seek("set") and file:read(4096)
  if file then file:close() end
  if not content then return false end
  time = time or math.tointeger(tonumber(
    content:match('^{\n  "saved_time": (%d+)'))) or 0
  local begins = head(base_url, time)
  local length = math.min(#begins, #content)
  return content:sub(1, length) == begins:sub(1, length)
end

-- Empties such a file: nothing was deleted since, so it is written once more.
function backup.begin_again(path, base_url, time)
  local file = backup.is_own(path, base_url, time) and io.open(path, "wb")
  if file then file:close() end
end

-- Refuses a place where a backup can't be written, before there is any work: a
-- file with content, a folder, a pipe. A file that is not there is made later.
function backup.check(path)
  local file, problem, number = io.open(path, "r+b")
  if not file then
    if number == 2 then return end -- ENOENT
    stop("refused", "the backup can't be written: %s", problem)
  end
  local size = file:seek("end")
  file:close()
  if size and size > 0 then
    stop("refused", "the backup can't be written: %s exists; name a new file",
      path)
  elseif not size then
    stop("refused", "the backup can't be written: %s is no plain file; name a "
      .. "new one", path)
  end
end

-- A name that no file has: `name` and `ending`, with a number if need be.
function backup.free_name(name, ending)
  local path, number = name .. ending, 1
  while true do
    local file = io.open(path, "rb")
    if not file then return path end
    file:close()
    number = number + 1
    path = ("%s-%d%s"):format(name, number, ending)
  end
end

-- A device takes everything, and keeps nothing.
local function check_content(path, content)
  local file = io.open(path, "rb")
  local kept = file and file:read(#content)
  if file then file:close() end
  if kept ~= content then
    stop("refused", "the backup can't be written: %s does not keep what is "
      .. "written to it; name a new file", path)
  end
end

-- Writes `content` to the new file `path`, or raises why it can't. It appends,
-- so that even a file that appears at this very moment loses nothing.
function backup.write(path, content)
  backup.check(path)
  local file, problem = io.open(path, "a+b")
  if not file then
    stop("refused", "the backup can't be written: %s", problem)
  end
  if file:seek("end") > 0 then
    file:close()
    stop("refused", "the backup can't be written: %s exists", path)
  end
  local written, failure = file:write(content)
  if written then written, failure = file:flush() end
  local closed, close_failure = file:close()
  if not (written and closed) then
    stop("refused", "the backup can't be written: %s: %s; what is there of it "
      .. "is incomplete: remove it", path, failure or close_failure)
  end
  check_content(path, content)
end

return backup
