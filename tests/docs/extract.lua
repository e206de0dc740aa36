-- SPDX-License-Identifier: MIT
-- Takes the code blocks out of a Markdown document:
--
--   lua5.4 extract.lua DOCUMENT DIRECTORY
--
-- writes NNNN.lua, NNNN.sh, NNNN.c or NNNN.console into the directory for each
-- block in one of these languages, NNNN being its line, and NNNN.expected with
-- the ```text block that follows it directly, or with the console block itself,
-- which shows commands and output in one. A block under a comment
-- <!-- no-run: reason --> stays out. Prints how many blocks it wrote.

local document, directory = arg[1], arg[2]
local RUNNABLE = { lua = true, sh = true, c = true, console = true }

-- The document's fenced blocks: language, line, text, whether something other
-- than blank lines stands before them, and whether they are excluded.
local function blocks()
  local found, current, excluded, apart = {}, nil, false, true
  local number = 0
  for line in io.lines(document) do
    number = number + 1
    local fence = line:match("^```(.*)$")
    if current and fence then
      found[#found + 1] = current
      current, excluded, apart = nil, false, false
    elseif current then
      current.text[#current.text + 1] = line .. "\n"
    elseif fence then
      current = { language = fence:match("^%S*"), line = number, text = {},
        excluded = excluded, apart = apart }
    elseif line:find("%S") then
      apart = true
      local reason = line:match("^<!%-%- no%-run:%s*(.-)%s*%-%->$")
      excluded = reason ~= nil
      assert(reason ~= "", "line " .. number .. ": no-run without a reason")
    end
  end
  assert(not current, "a code block has no end")
  return found
end

local function write(name, text)
  local file = assert(io.open(directory .. "/" .. name, "wb"))
  assert(file:write(table.concat(text)))
  assert(file:close())
end

local count, previous = 0, nil
for _, block in ipairs(blocks()) do
  local name = string.format("%04d", block.line)
  if block.language == "text" and previous and not block.apart then
    write(previous .. ".expected", block.text)
  end
  previous = nil
  if RUNNABLE[block.language] and not block.excluded then
    write(name .. "." .. block.language, block.text)
    count, previous = count + 1, name
    if block.language == "console" then
      write(name .. ".expected", block.text)
      previous = nil
    end
  end
end
print(count)
