-- SPDX-License-Identifier: MIT

-- Text for a terminal: names that come from elsewhere are escaped, columns are
-- aligned by what a character occupies and not by its bytes.

local text = {}

-- Controls, zero width and bidirectional marks, line separators: they change
-- what is seen of the characters around them. signet's own messages escape the
-- same ones.
local function hides(code)
  return code < 0x20 or (code >= 0x7F and code < 0xA0)
    or (code >= 0x200B and code <= 0x200F)
    or (code >= 0x2028 and code <= 0x202E)
    or (code >= 0x2060 and code <= 0x206F)
    or code == 0x061C or code == 0xFEFF or code == 0xAD
end

local function escape_code(code)
  if code < 0x80 then return ("\\x%02X"):format(code) end
  return ("\\u{%X}"):format(code)
end

local function escape_byte(byte)
  return ("\\x%02X"):format(byte:byte())
end

-- `value` as text that can be shown as it is.
function text.show(value)
  value = tostring(value)
  if not value:find("[^\x20-\x7E]") then return value end
  local pieces = {}
  local position = 1
  while position <= #value do
    local ok, bad = utf8.len(value, position)
    local stop = ok and #value or bad - 1
    for _, code in utf8.codes(value:sub(position, stop)) do
      pieces[#pieces + 1] = hides(code) and escape_code(code)
        or utf8.char(code)
    end
    position = stop + 1
    if not ok then
      pieces[#pieces + 1] = escape_byte(value:sub(bad, bad))
      position = bad + 1
    end
  end
  return table.concat(pieces)
end

-- The same between quotes, for sentences.
function text.quote(value)
  return "'" .. text.show(value) .. "'"
end

-- First and last code point of what a terminal shows two columns wide.
local WIDE = {
  { 0x1100, 0x115F }, { 0x2E80, 0xA4CF }, { 0xAC00, 0xD7A3 },
  { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 },
  { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1FAFF }, { 0x20000, 0x3FFFD },
}

local function code_width(code)
  if code >= 0x300 and code <= 0x36F then return 0 end -- combining marks
  for _, range in ipairs(WIDE) do
    if code >= range[1] and code <= range[2] then return 2 end
  end
  return 1
end

-- The columns that `shown`, valid UTF-8, occupies.
function text.width(shown)
  if not shown:find("[\x80-\xFF]") then return #shown end
  local width = 0
  for _, code in utf8.codes(shown) do width = width + code_width(code) end
  return width
end

-- Lines of text with aligned columns from `rows`, lists of equally many values.
function text.columns(rows)
  local widths, shown = {}, {}
  for index, row in ipairs(rows) do
    shown[index] = {}
    for column, value in ipairs(row) do
      local cell = text.show(value)
      shown[index][column] = cell
      widths[column] = math.max(widths[column] or 0, text.width(cell))
    end
  end
  local lines = {}
  for index, row in ipairs(shown) do
    for column = 1, #row - 1 do
      row[column] = row[column]
        .. (" "):rep(widths[column] - text.width(row[column]))
    end
    lines[index] = table.concat(row, "  "):gsub(" +$", "")
  end
  return lines
end

-- "1 signature", "2 signatures".
function text.count(number, word)
  return ("%d %s%s"):format(number, word, number == 1 and "" or "s")
end

return text
