-- SPDX-License-Identifier: MIT

-- What the jobs' options have in common: a mistake on the command line is one
-- sentence and exit status 2, and patterns are checked before they are used.

local argparse = require "argparse"

local options = {}

-- A parser for the job `name`. `example` is shown below the options by --help.
function options.parser(name, description, example)
  local parser = argparse("signet run " .. name, description, example)
  parser:help_max_width(80)
  function parser.error(_, sentence)
    local likely
    sentence, likely = sentence:gsub("\nDid", "; did") -- you mean …?
    if likely == 0 and sentence:find "^unknown option" then
      sentence = sentence .. "; signet's own options stand before " .. name
    end
    io.stderr:write(("%s: %s (see signet run %s --help)\n"):format(
      name, sentence, name))
    os.exit(2)
  end
  return parser
end

-- Calls a function of patterns, with one that an operator wrote.
local function try(parser, option, pattern, fn, ...)
  local ok, result = pcall(fn, ...)
  if not ok then
    parser:error(("%s: '%s' is no Lua pattern, %s; %%( stands for a bracket "
      .. "itself"):format(option, pattern, result))
  end
  return result
end

-- A converter for an option that takes a Lua pattern. The option's value is a
-- function that tells whether a text matches.
function options.matcher(parser, option)
  return function(pattern)
    local function matches(text)
      return try(parser, option, pattern, string.find, text, pattern) ~= nil
    end
    matches("")
    return matches
  end
end

-- A function that replaces what `pattern` matches in a text. In a replacement,
-- % stands before a capture's number or another %.
function options.replacer(parser, option, pattern, replacement)
  local rest = replacement:gsub("%%[%%%d]", "")
  if rest:find("%", 1, true) then
    parser:error(("%s: in '%s', %% must stand before a digit or another %%")
      :format(option, replacement))
  end
  local function replace(text)
    try(parser, option, pattern, string.find, text, pattern) -- sees more
    return try(parser, option, pattern, string.gsub, text, pattern, replacement)
  end
  replace("")
  return replace
end

return options
