-- SPDX-License-Identifier: MIT

-- CSV as RFC 4180 describes it, read strictly: a file that is not quite right
-- is refused with the line at fault, because a map read wrongly renames the
-- wrong entries. UTF-8 with or without a byte order mark, lines that end in LF
-- or CRLF, quoted fields that may hold commas, quotes ("") and line ends.

local csv = {}

-- The field at `from`, which is not quoted. Returns it and where it ends, or
-- nil and what is wrong.
local function plain_field(text, from)
  local stop = text:find('[,\r\n"]', from) or #text + 1
  if text:sub(stop, stop) == '"' then
    return nil, 'a quote inside a field that does not begin with one: write '
      .. 'the field as "…" and each quote in it as ""'
  end
  return text:sub(from, stop - 1), stop
end

-- The field whose opening quote is at `from`.
local function quoted_field(text, from)
  local pieces = {}
  local position = from + 1
  while true do
    local quote = text:find('"', position, true)
    if not quote then
      return nil, "the quote that opens here is never closed"
    end
    pieces[#pieces + 1] = text:sub(position, quote - 1)
    if text:sub(quote + 1, quote + 1) ~= '"' then
      return table.concat(pieces), quote + 1
    end
    pieces[#pieces + 1] = '"'
    position = quote + 2
  end
end

-- The record that begins at `from`: its fields, where the next one begins, or
-- nil and what is wrong.
local function read_record(text, from)
  local fields = {}
  while true do
    local quoted = text:sub(from, from) == '"'
    local field, stop = (quoted and quoted_field or plain_field)(text, from)
    if not field then return nil, stop end
    fields[#fields + 1] = field
    local mark = text:sub(stop, stop)
    if mark == "," then
      from = stop + 1
    elseif mark == "" or mark == "\n" then
      return fields, stop + 1
    elseif text:sub(stop, stop + 1) == "\r\n" then
      return fields, stop + 2
    elseif mark == "\r" then
      return nil, "a carriage return without a line feed"
    else
      return nil, "text after the quote that closes a field"
    end
  end
end

local function count_lines(text, from, to)
  local count = 0
  local position = text:find("\n", from, true)
  while position and position <= to do
    count = count + 1
    position = text:find("\n", position + 1, true)
  end
  return count
end

-- What is wrong with a record that could be read, or nil.
local function record_problem(fields, columns)
  for _, field in ipairs(fields) do
    if not utf8.len(field) then return "text that is not valid UTF-8" end
    if field:find("\0", 1, true) then return "a NUL character" end
  end
  if #fields ~= columns then
    return ("%d field%s where the header has %d"):format(
      #fields, #fields == 1 and "" or "s", columns)
  end
end

-- Reads `text`. Returns its records, the header first, each a list of fields
-- with the `line` on which it begins, and the list of problems, each with
-- `line` and `text`. Empty lines are passed over. After a broken quote nothing
-- can be trusted, so reading ends there.
function csv.parse(text)
  local records, problems = {}, {}
  local function problem(line, sentence)
    problems[#problems + 1] = { line = line, text = sentence }
  end
  if text:find("^\xFE\xFF") or text:find("^\xFF\xFE") then
    problem(1, "the file is UTF-16: save it as UTF-8")
    return records, problems
  end
  local position = text:sub(1, 3) == "\xEF\xBB\xBF" and 4 or 1
  local line = 1
  while position <= #text do
    local fields, after = read_record(text, position)
    if not fields then
      problem(line, after)
      break
    end
    if #fields > 1 or fields[1] ~= "" then
      local header = records[1] or fields
      local wrong = record_problem(fields, #header)
      if wrong then
        problem(line, wrong)
      else
        fields.line = line
        records[#records + 1] = fields
      end
    end
    line = line + count_lines(text, position, after - 1)
    position = after
  end
  return records, problems
end

return csv
