-- SPDX-License-Identifier: MIT
-- What `signet repl` and `signet -e` share: compiling a line, showing values.
--
-- The chunk is called with a table of the host's functions:
--   kind(value)          "record", "list", "account", "collection", or nil
--   width(text)          columns of a terminal
--   fit(text, columns)   as much of the text as fits
--   columns()            of the terminal, or nil where there is none
--   style(name)          the escape sequence, "" where colors are off
--   locals               what locals.lua returns
local host = ...
local locals = host.locals

local console = {}

local ROWS = 20      -- of a list before it is cut
local ITEMS = 40     -- of a table
local DEPTH = 5      -- of nested tables
local LONGEST = 2000 -- bytes of one string

---------------------------------------------------------------- compiling

--- Compiles a text as an expression if it is one, else as statements.
-- @return the function; or nil, the message, and whether more text may help
local function compile_one(text, name, lasts)
  local environment = lasts and locals.environment or _G
  local chunk, as_value = load("return " .. text, name, "t", environment)
  if chunk then
    return chunk
  end
  local message
  chunk, message = load(text, name, "t", environment)
  if chunk then
    return lasts and locals.compile(text, name) or chunk
  end
  -- `1 +` is no statement that lacks something, but a value that does.
  return nil, message,
    message:find("<eof>$") ~= nil or as_value:find("<eof>$") ~= nil
end

--- Compiles lines that are one chunk after the other, as when a transcript was
-- pasted. Nothing of them runs unless all of them can.
local function compile_several(text, name)
  local chunks, group, above = {}, nil, ""
  local chunk, message, incomplete
  for line in (text .. "\n"):gmatch("(.-)\n") do
    group = group and group .. "\n" .. line or above .. line
    chunk, message, incomplete = compile_one(group, name, true)
    if chunk then
      chunks[#chunks + 1] = chunk
      group = nil
    elseif not incomplete then
      return nil, message, false
    end
    above = above .. "\n" -- so that the lines keep their numbers
  end
  if group then
    return nil, message, true
  end
  return chunks
end

--- Compiles what stands for a chunk.
-- @param lasts  whether its top-level locals last, as at a REPL
-- @return a list of functions; or nil, the message, and whether more text may
--         help
function console.compile(text, name, lasts)
  local chunk, message, incomplete = compile_one(text, name, lasts)
  if chunk then
    return { chunk }
  elseif incomplete or not lasts or not text:find("\n", 1, true) then
    return nil, message, incomplete
  end
  return compile_several(text, name)
end

---------------------------------------------------------------- single values

local function paint(style, text)
  local begin = host.style(style)
  return begin == "" and text or begin .. text .. host.style("plain")
end

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r",
  ['"'] = '\\"', ["\\"] = "\\\\" }

local function escaped(text)
  return (text:gsub('[%c"\\]', function(byte)
    return escapes[byte] or string.format("\\x%02x", byte:byte())
  end))
end

local function controls_escaped(text)
  return (text:gsub("%c", function(byte)
    return escapes[byte] or string.format("\\x%02x", byte:byte())
  end))
end

local function quoted(text)
  local more = #text - LONGEST
  if more > 0 then
    local cut = utf8.offset(text, 0, LONGEST + 1) or LONGEST + 1
    return string.format('"%s"... (%d bytes)',
      escaped(text:sub(1, cut - 1)), #text)
  end
  return '"' .. escaped(text) .. '"'
end

local function number_text(value)
  return math.type(value) == "integer" and string.format("%d", value)
    or tostring(value)
end

local function plain(value)
  local kind = type(value)
  if kind == "string" then
    return paint("green", quoted(value))
  elseif kind == "number" then
    return paint("cyan", number_text(value))
  elseif kind == "nil" or kind == "boolean" then
    return paint("yellow", tostring(value))
  end
  return paint("dim", controls_escaped(tostring(value)))
end

---------------------------------------------------------------- records

local status_names = { "pending", "approved", "rejected" }
local status_styles = { "yellow", "green", "red" }
local positions = { [0] = "none", "prefix", "suffix" }

local function status_style(value)
  return math.type(value) == "integer" and status_styles[value] or "plain"
end

--- What a field's number means, where the service's pages say so.
local function meaning(name, value)
  if math.type(value) ~= "integer" then
    return nil
  end
  if name == "status" or name == "sign_status" then
    return status_names[value]
  elseif name == "sign_position" then
    return positions[value]
  elseif name:find("_time$") and value > 100000000 and value < 99999999999 then
    return os.date("!%Y-%m-%d %H:%M:%S UTC", value)
  end
  return nil
end

local function fields_of(record)
  local names, values, widest = {}, {}, 0
  for name, value in pairs(record) do
    names[#names + 1] = name
    values[name] = value
    widest = math.max(widest, host.width(escaped(name)))
  end
  return names, values, widest
end

local show_value

local function show_record(record, indent, depth)
  local names, values, widest = fields_of(record)
  local lines = {}
  for index, name in ipairs(names) do
    local value = values[name]
    local key = escaped(name)
    local text = type(value) == "table" and show_value(value, indent .. "  ",
      depth + 1, {}) or plain(value)
    local note = meaning(name, value)
    if note then
      text = text .. " " .. paint(name:find("status") and status_style(value)
        or "dim", note)
    end
    lines[index] = string.format("%s%s%s  %s", indent, paint("bold", key),
      (" "):rep(widest - host.width(key)), text)
  end
  return table.concat(lines, "\n")
end

---------------------------------------------------------------- lists

--- The columns worth showing, in this order, where the records have them.
local columns = { "sign_id", "template_id", "sign_name", "template_name",
  "template_type", "status", "sign_status", "country_codes",
  "related_template_count", "updated_time", "update_time", "audit_remark",
  "template_content" }
local titles = { related_template_count = "templates", updated_time = "updated",
  update_time = "updated", country_codes = "countries",
  template_content = "content" }

local function cell(name, value)
  if value == nil then
    return ""
  end
  local note = meaning(name, value)
  if note then
    return (note:gsub(" UTC$", ""))
  end
  return type(value) == "number" and number_text(value)
    or escaped(tostring(value))
end

--- Columns that some record fills. Every list has an id.
local function used_columns(list, rows)
  local used = {}
  for _, name in ipairs(columns) do
    for index = 1, rows do
      if cell(name, list[index][name]) ~= "" then
        used[#used + 1] = name
        break
      end
    end
  end
  return used
end

local function measure(list, rows, used)
  local cells, widths = {}, {}
  for column, name in ipairs(used) do
    widths[column] = host.width(titles[name] or name)
  end
  for index = 1, rows do
    cells[index] = {}
    for column, name in ipairs(used) do
      local text = cell(name, list[index][name])
      cells[index][column] = text
      widths[column] = math.max(widths[column], host.width(text))
    end
  end
  return cells, widths
end

--- Cuts columns so that a row fits on the terminal: the widest gives first,
-- and no column gets narrower than eight.
local function squeeze(widths, room)
  local function total()
    local sum = 2 * (#widths - 1)
    for _, width in ipairs(widths) do
      sum = sum + width
    end
    return sum
  end
  while total() > room do
    local widest = 1
    for column, width in ipairs(widths) do
      if width >= widths[widest] then
        widest = column
      end
    end
    if widths[widest] <= 8 then
      return
    end
    widths[widest] = widths[widest] - 1
  end
end

local function padded(text, width, last, style)
  local have = host.width(text)
  if have > width then
    text = host.fit(text, width - 1)
    text = text .. "~"
    have = host.width(text)
  end
  return paint(style, text) .. (last and "" or (" "):rep(width - have))
end

local function show_list(list)
  local count = #list
  local rows = math.min(count, ROWS)
  if count == 0 then
    return paint("dim", "(no records)")
  end
  local used = used_columns(list, rows)
  if #used == 0 then
    return paint("dim", tostring(list))
  end
  local cells, widths = measure(list, rows, used)
  local room = host.columns()
  if room then
    squeeze(widths, room - 1)
  end
  local lines, row = {}, {}
  for column, name in ipairs(used) do
    row[column] = padded(titles[name] or name, widths[column],
      column == #used, "bold")
  end
  lines[1] = table.concat(row, "  ")
  for index = 1, rows do
    row = {}
    for column, name in ipairs(used) do
      local style = name:find("status") and status_style(list[index][name])
        or "plain"
      row[column] = padded(cells[index][column], widths[column],
        column == #used, style)
    end
    lines[#lines + 1] = table.concat(row, "  ")
  end
  lines[#lines + 1] = paint("dim", rows < count
    and string.format("%d of %d records", rows, count)
    or string.format("%d record%s", count, count == 1 and "" or "s"))
  return table.concat(lines, "\n")
end

---------------------------------------------------------------- tables

local function by_key(a, b)
  local kind_a, kind_b = type(a), type(b)
  if kind_a ~= kind_b then
    return kind_a < kind_b
  elseif kind_a == "number" or kind_a == "string" then
    return a < b
  end
  return tostring(a) < tostring(b)
end

local function key_text(key)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then
    return key
  end
  return "[" .. (type(key) == "string" and quoted(key) or plain(key)) .. "]"
end

local function show_table(value, indent, depth, seen)
  if seen[value] then
    return paint("dim", "(again)")
  elseif depth > DEPTH then
    return paint("dim", "{...}")
  end
  seen[value] = true
  local keys, items, length = {}, {}, rawlen(value)
  for key in next, value do
    if not (math.type(key) == "integer" and key >= 1 and key <= length) then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, by_key)
  local inner = indent .. "  "
  for index = 1, math.min(length, ITEMS) do
    items[index] = show_value(rawget(value, index), inner, depth + 1, seen)
  end
  for _, key in ipairs(keys) do
    if #items >= ITEMS then
      break
    end
    items[#items + 1] = key_text(key) .. " = "
      .. show_value(rawget(value, key), inner, depth + 1, seen)
  end
  local more = length + #keys - #items
  if more > 0 then
    items[#items + 1] = paint("dim", string.format("... %d more", more))
  end
  seen[value] = nil
  if #items == 0 then
    return "{}"
  end
  local line = "{ " .. table.concat(items, ", ") .. " }"
  if not line:find("\n", 1, true) and host.width(indent .. line) <= 76 then
    return line
  end
  return "{\n" .. inner .. table.concat(items, ",\n" .. inner) .. "\n"
    .. indent .. "}"
end

local outcomes = { "done", "failed", "skipped", "unknown", "waiting" }

--- Whether this is what signet.each returns.
local function is_result(value)
  for _, name in ipairs(outcomes) do
    if math.type(rawget(value, name)) ~= "integer" then
      return false
    end
  end
  return type(rawget(value, "failures")) == "table"
    and type(rawget(value, "results")) == "table"
end

--- Its counts; every failure has had a line of its own already.
local function show_result(value)
  local parts = {}
  for _, name in ipairs(outcomes) do
    if name == "done" or value[name] > 0 then
      parts[#parts + 1] = string.format("%d %s", value[name], name)
    end
  end
  local more = #value.failures > 0 and "  (.failures, .skips and .results "
    .. "tell which)" or "  (.results holds what was returned)"
  return table.concat(parts, ", ") .. paint("dim", more)
end

--- Errors and others that say themselves how they read.
local function own_text(value)
  local meta = debug.getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__tostring") ~= nil
end

function show_value(value, indent, depth, seen)
  local kind = host.kind(value)
  if kind == "record" then
    return depth == 0 and show_record(value, indent, depth)
      or paint("dim", "<" .. tostring(value) .. ">")
  elseif kind == "list" then
    return depth == 0 and show_list(value)
      or paint("dim", "<" .. tostring(value) .. ">")
  elseif type(value) == "table" and not own_text(value) then
    if depth == 0 and is_result(value) then
      return show_result(value)
    end
    return show_table(value, indent, depth, seen)
  end
  return plain(value)
end

--- The text that shows the values of an expression.
function console.text(...)
  local texts = {}
  for index = 1, select("#", ...) do
    texts[index] = show_value((select(index, ...)), "", 0, {})
  end
  return table.concat(texts, "\n")
end

---------------------------------------------------------------- running

local pending, arguments
local print, pack, unpack = print, table.pack, table.unpack

--- Lays chunks ready for start(), which runs inside of the engine.
function console.prepare(chunks, ...)
  pending, arguments = chunks, pack(...)
end

--- Runs them, and prints the values of each. An error ends them all.
function console.start()
  local chunks, given = pending, arguments
  pending, arguments = nil, nil
  for _, chunk in ipairs(chunks) do
    local results = pack(chunk(unpack(given, 1, given.n)))
    if results.n > 0 then
      print(console.text(unpack(results, 1, results.n)))
    end
  end
end

--- Closes what locals were to be closed, inside of the engine.
console.leave = locals.close

--- Whether there is anything for leave() to do.
console.wait_for_leave = locals.wait_for_close

--- Makes `sms` an account that is connected when it is first looked at.
function console.predefine()
  local signet = require "signet"
  rawset(_G, "signet", signet)
  setmetatable(_G, { __index = function(globals, name)
    if name == "sms" then
      local sms = signet.connect()
      rawset(globals, "sms", sms)
      return sms
    end
    return nil
  end })
end

---------------------------------------------------------------- completion

local keywords = { "and", "break", "do", "else", "elseif", "end", "false",
  "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
  "repeat", "return", "then", "true", "until", "while" }
local account_names = { "signs", "templates", "request", "dialect", "base_url",
  "dry_run", "close" }

--- Adds the string keys of a table, without asking its metatable.
local function add_keys(names, value)
  if type(value) == "table" then
    for key in next, value do
      if type(key) == "string" then
        names[key] = true
      end
    end
  end
end

--- Names that may stand behind a dot or colon after this value.
local function names_of(value)
  local names = {}
  local kind = host.kind(value)
  if kind == "record" then
    for name in pairs(value) do
      names[name] = true
    end
    names.totable = true
  elseif kind == "list" then
    names.totable = true
  elseif kind == "account" then
    for _, name in ipairs(account_names) do
      names[name] = true
    end
  else
    add_keys(names, value)
    local meta = debug.getmetatable(value)
    if type(meta) == "table" then
      add_keys(names, rawget(meta, "__index"))
    end
  end
  return names
end

--- One step along a chain, without running anyone's code: raw access, or the
-- host's own records and accounts.
local function step(value, name)
  local kind = host.kind(value)
  if kind == "record" or kind == "account" then
    local good, inner = pcall(function() return value[name] end)
    return good and inner or nil
  elseif type(value) == "table" then
    return rawget(value, name)
  end
  return nil
end

local function first(name)
  local is_local, value = locals.get(name)
  if is_local then
    return value
  elseif name == "sms" then
    local good, sms = pcall(function() return _G.sms end)
    return good and sms or nil
  end
  return rawget(_G, name)
end

--- Splits `a.b[1].c:pre` into the value before the last name, and the name.
local function resolve(chain)
  local name, position = chain:match("^([%a_][%w_]*)()")
  if not name then
    return nil
  end
  local value = first(name)
  while value ~= nil do
    local key, after = chain:match("^%.([%a_][%w_]*)()", position)
    if key and after <= #chain then
      value, position = step(value, key), after
    else
      local number
      number, after = chain:match("^%[(%d+)%]()", position)
      if not number then
        break
      end
      if host.kind(value) == "list" then
        value, position = value[math.tointeger(number)], after
      else
        value, position = step(value, math.tointeger(number)), after
      end
    end
  end
  return value, chain:sub(position)
end

local function matching(names, start)
  local found = {}
  for name in pairs(names) do
    if name:sub(1, #start) == start and name:find("^[%a_][%w_]*$") then
      found[#found + 1] = name
    end
  end
  table.sort(found)
  return found
end

--- What the name at the end of a line may become.
-- @return how many bytes of the name are there, and the candidates
function console.complete(line)
  local chain = line:match("[%a_][%w_%.:%[%]]*$") or ""
  local start = chain:match("[%a_]?[%w_]*$")
  local names = {}
  if chain:find("[.:]") then
    local value, rest = resolve(chain)
    if value ~= nil and rest:find("^[.:][%a_]?[%w_]*$") then
      names = names_of(value)
    end
  else
    add_keys(names, _G)
    locals.add_names(names)
    names.sms = true
    for _, word in ipairs(keywords) do
      names[word] = true
    end
  end
  return #start, matching(names, start)
end

return console
