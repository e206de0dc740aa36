-- SPDX-License-Identifier: MIT
-- The top-level locals of a REPL, which last from one chunk to the next.
--
-- A chunk is compiled as it stands, so that its locals mean what they mean in
-- a script. Behind each top-level `local` a call is put in that keeps a closure
-- over the variable; later chunks find it under its name before any global. A
-- function that was made in the chunk and a later line share the variable.
local error, load, pcall, rawget, type = error, load, pcall, rawget, type
local getmetatable, setupvalue = debug.getmetatable, debug.setupvalue
local globals = _G

local locals = {}

local kept = {}    -- by name: get, a closure over it; constant
local closing = {} -- the values of <close>, in their order

--- What the names of a chunk that are not its own stand for.
locals.environment = setmetatable({}, {
  __index = function(_, name)
    local variable = kept[name]
    if variable then
      return variable.get()
    end
    return globals[name]
  end,
  __newindex = function(_, name, value)
    local variable = kept[name]
    if variable == nil then
      globals[name] = value
    elseif variable.constant then
      error("attempt to assign to const variable '" .. name .. "'", 2)
    else
      setupvalue(variable.get, 1, value)
    end
  end,
})

---------------------------------------------------------------- tokens

local function skip_quoted(text, position)
  local quote = text:sub(position, position)
  local found = text:find("[\\" .. quote .. "]", position + 1)
  while text:sub(found, found) == "\\" do
    found = text:find("[\\" .. quote .. "]", found + 2)
  end
  return found + 1
end

--- As Lua's own reader does: a sign belongs to it behind an exponent only.
local function skip_number(text, position)
  local exponent = text:find("^0[xX]", position) and "^[pP][+-]?"
    or "^[eE][+-]?"
  position = text:find("^0[xX]", position) and position + 2 or position
  while true do
    local _, finish = text:find(exponent, position)
    if not finish then
      _, finish = text:find("^[%w_.]", position)
    end
    if not finish then
      return position
    end
    position = finish + 1
  end
end

--- @return where the long bracket at this position ends; nil: there is none
local function skip_long(text, position)
  local level = text:match("^%[(=*)%[", position)
  if not level then
    return nil
  end
  local _, finish = text:find("]" .. level .. "]", position, true)
  return finish + 1
end

local function skip_comment(text, position)
  return skip_long(text, position + 2)
    or text:find("\n", position, true) or #text + 1
end

--- @return where the token at this position ends, and its kind: "word",
-- "value" (a number), "text", or "sign"
local function next_token(text, position)
  local first = text:sub(position, position)
  if first:find("[%a_]") then
    return text:find("[^%w_]", position) or #text + 1, "word"
  elseif first == '"' or first == "'" then
    return skip_quoted(text, position), "text"
  elseif text:find("^%.?%d", position) then
    return skip_number(text, position), "value"
  end
  local long = skip_long(text, position)
  if long then
    return long, "text"
  end
  local signs = text:match("^%.%.%.?", position)
    or text:match("^[=~<>]=", position) or text:match("^//", position)
    or text:match("^<<", position) or text:match("^>>", position)
    or text:match("^::", position) or first
  return position + #signs, "sign"
end

--- The tokens of a text that Lua has accepted: kind, word, first, last.
local function read_tokens(text)
  local tokens, position = {}, 1
  while true do
    position = text:find("%S", position)
    if not position then
      return tokens
    end
    if text:find("^%-%-", position) then
      position = skip_comment(text, position)
    else
      local after, kind = next_token(text, position)
      tokens[#tokens + 1] = { kind = kind, first = position, last = after - 1,
        word = text:sub(position, after - 1) }
      position = after
    end
  end
end

---------------------------------------------------------------- statements

local opens = { ["function"] = 1, ["do"] = 1, ["if"] = 1, ["repeat"] = 1,
  ["end"] = -1, ["until"] = -1 }
local brackets = { ["("] = 1, ["["] = 1, ["{"] = 1, [")"] = -1, ["]"] = -1,
  ["}"] = -1 }

local function word_at(tokens, index)
  local token = tokens[index]
  return token and token.kind ~= "text" and token.word or nil
end

--- Behind what begins here, by a table of what opens and closes.
local function skip_balanced(tokens, index, depths)
  local depth = 0
  repeat
    depth = depth + (depths[word_at(tokens, index)] or 0)
    index = index + 1
  until depth == 0
  return index
end

--- Behind the calls and fields that follow a name or a parenthesis.
local function skip_suffixes(tokens, index)
  while true do
    local token, word = tokens[index], word_at(tokens, index)
    if word == "(" or word == "[" or word == "{" then
      index = skip_balanced(tokens, index, brackets)
    elseif word == "." or word == ":" then
      index = index + 2
    elseif token and token.kind == "text" then
      index = index + 1
    else
      return index
    end
  end
end

local prefixes = { ["not"] = true, ["-"] = true, ["#"] = true, ["~"] = true }
local plain = { ["nil"] = true, ["true"] = true, ["false"] = true,
  ["..."] = true }
local between = {}
for word in ("+ - * / // % ^ & | ~ << >> .. == ~= < <= > >= and or ,")
  :gmatch("%S+") do
  between[word] = true
end

local function skip_operand(tokens, index)
  while prefixes[word_at(tokens, index)] do
    index = index + 1
  end
  local token, word = tokens[index], word_at(tokens, index)
  if word == "function" then
    return skip_balanced(tokens, index, opens)
  elseif word == "{" then
    return skip_balanced(tokens, index, brackets)
  elseif word == "(" then
    return skip_suffixes(tokens, skip_balanced(tokens, index, brackets))
  elseif token.kind == "word" and not plain[word] then
    return skip_suffixes(tokens, index + 1)
  end
  return index + 1
end

--- Behind a list of expressions.
local function skip_expressions(tokens, index)
  index = skip_operand(tokens, index)
  while between[word_at(tokens, index)] do
    index = skip_operand(tokens, index + 1)
  end
  return index
end

--- Reads `local a <const>, b = ...` or `local function f() ... end`.
-- @return its variables (name, attribute: a token), and the index behind it
local function read_local(tokens, index)
  index = index + 1
  if word_at(tokens, index) == "function" then
    return { { name = tokens[index + 1].word } },
      skip_balanced(tokens, index, opens)
  end
  local variables = {}
  repeat
    local variable = { name = tokens[index].word }
    index = index + 1
    if word_at(tokens, index) == "<" then
      variable.attribute = tokens[index + 1]
      index = index + 3
    end
    variables[#variables + 1] = variable
    local more = word_at(tokens, index) == ","
    index = more and index + 1 or index
  until not more
  if word_at(tokens, index) == "=" then
    index = skip_expressions(tokens, index + 1)
  end
  return variables, index
end

--- Calls take(variables, last token) for each top-level local statement.
local function each_local(tokens, take)
  local depth, index = 0, 1
  while index <= #tokens do
    local word = word_at(tokens, index)
    if word == "local" and depth == 0 then
      local variables
      variables, index = read_local(tokens, index)
      take(variables, tokens[index - 1])
    else
      depth = depth + (opens[word] or 0)
      index = index + 1
    end
  end
end

---------------------------------------------------------------- keeping

--- A name that the text does not hold.
local function free_name(text)
  local name = "signet_keep"
  while text:find(name, 1, true) do
    name = name .. "_"
  end
  return name
end

--- The text with a call behind each top-level local. Lines keep their numbers.
-- What is to be closed lasts as well: it is a constant until the REPL ends.
local function with_calls(text, keep)
  local parts, position = {}, 1
  local function add(last, more)
    parts[#parts + 1] = text:sub(position, last) .. more
    position = last + 1
  end
  each_local(read_tokens(text), function(variables, last)
    local calls = ";"
    for _, variable in ipairs(variables) do
      local name, attribute = variable.name, variable.attribute
      if attribute and attribute.word == "close" then
        add(attribute.first - 1, "const")
        position = attribute.last + 1
      end
      if name ~= "_ENV" then
        calls = calls .. keep .. '("' .. name .. '",function()return ' .. name
          .. " end" .. (attribute and ',"' .. attribute.word .. '"' or "")
          .. ");"
      end
    end
    add(last.last, calls)
  end)
  return table.concat(parts) .. text:sub(position)
end

local function check_closable(name, value)
  local meta = getmetatable(value)
  if type(meta) ~= "table" or rawget(meta, "__close") == nil then
    error("variable '" .. name .. "' got a non-closable value", 3)
  end
  closing[#closing + 1] = value
end

local function keep(name, get, attribute)
  local value = get()
  if attribute == "close" and value then
    check_closable(name, value)
  end
  kept[name] = { get = get, constant = attribute ~= nil }
end

--- Compiles statements that load() has accepted in the same environment, so
-- that their top-level locals last.
function locals.compile(text, name)
  local keep_name = free_name(text)
  local make, message = load("local " .. keep_name .. " = ... return function"
    .. "(...) " .. with_calls(text, keep_name) .. "\nend", name, "t",
    locals.environment)
  if make then
    return make(keep)
  end
  return nil, message
end

--- @return whether there is a local of that name, and its value
function locals.get(name)
  local variable = kept[name]
  return variable ~= nil, variable and variable.get()
end

--- Adds the names of the locals to a table's keys.
function locals.add_names(names)
  for name in pairs(kept) do
    names[name] = true
  end
end

--- Whether anything is to be closed at the end.
function locals.wait_for_close()
  return #closing > 0
end

--- Closes what is to be closed, the last first; raises the last error.
function locals.close()
  local good, problem = true, nil
  while #closing > 0 do
    local value = table.remove(closing)
    local worked, message = pcall(getmetatable(value).__close, value, problem)
    if not worked then
      good, problem = false, message
    end
  end
  if not good then
    error(problem, 0)
  end
end

return locals
