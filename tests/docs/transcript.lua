-- SPDX-License-Identifier: MIT
-- Repeats a transcript of a shell session, a ```console block:
--
--   lua5.4 transcript.lua BLOCK
--
-- runs what stands behind each "$ " and prints the transcript that comes of it,
-- output and errors as a terminal shows them. `cat FILE` of a file that isn't
-- there writes the file first, so that a reader sees what a command works on.

-- The block as a list of { command =, output = }.
local function steps(path)
  local list, continued = {}, false
  for line in io.lines(path) do
    local command = line:match("^%$ (.*)$")
    if continued then
      list[#list].command = list[#list].command .. "\n" .. line
    elseif command then
      list[#list + 1] = { command = command, output = "" }
    else
      assert(#list > 0, "a transcript begins with $")
      list[#list].output = list[#list].output .. line .. "\n"
    end
    continued = (continued or command) and line:sub(-1) == "\\"
  end
  return list
end

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

for _, step in ipairs(steps(arg[1])) do
  local shown = step.command:match("^cat ([%w._-]+)$")
  if shown and not exists(shown) then write(shown, step.output) end
  local command = "bash -c " .. quoted(step.command) .. " 2>&1 </dev/null"
  local pipe = io.popen(command)
  io.write("$ ", step.command, "\n", pipe:read("a"))
  pipe:close()
end
