-- SPDX-License-Identifier: MIT

-- The rules for a signature's name, so that a whole map can be checked before
-- the first request is sent. The pages "Create Signature Configuration" and
-- "Update Signature Configuration" state them.

local signet = require "signet"

local names = {}

local FORBIDDEN = { "【", "】", "[", "]" }
local SHORTEST, LONGEST = 2, 60

-- What is wrong with `name`, as the end of a sentence, or nil.
function names.problem(name)
  local length, bad = utf8.len(name)
  if not length then
    return ("is not valid UTF-8 (byte %d)"):format(bad)
  end
  if name:find("\0", 1, true) then return "holds a NUL character" end
  if length < SHORTEST or length > LONGEST then
    return ("has %d character%s: a name has %d to %d"):format(
      length, length == 1 and "" or "s", SHORTEST, LONGEST)
  end
  if signet.skeleton(name) == "" then
    return "consists of spaces or of characters that can't be seen"
  end
  for _, character in ipairs(FORBIDDEN) do
    if name:find(character, 1, true) then
      return ("holds %s: a name has none of 【 】 [ ]"):format(character)
    end
  end
end

-- What the pages don't forbid but nobody wants, or nil.
function names.doubt(name)
  if name:find("%c") then return "holds a control character" end
  if name:find("^%s") or name:find("%s$") then
    return "begins or ends with a space"
  end
end

local function skeleton_of(name)
  return type(name) == "string" and signet.skeleton(name) or nil
end

-- Those of `signs` by what a person sees of their names.
function names.by_skeleton(signs)
  local found = {}
  for _, sign in ipairs(signs) do
    local skeleton = skeleton_of(sign.sign_name)
    if skeleton then
      found[skeleton] = found[skeleton] or {}
      table.insert(found[skeleton], sign)
    end
  end
  return found
end

-- The signature in `by_skeleton`, other than that with `id`, whose name looks
-- the same as `name` and is another one; nil: there is none.
function names.alike(name, id, by_skeleton)
  for _, sign in ipairs(by_skeleton[skeleton_of(name)] or {}) do
    if tostring(sign.sign_id) ~= tostring(id) and sign.sign_name ~= name then
      return sign
    end
  end
end

return names
