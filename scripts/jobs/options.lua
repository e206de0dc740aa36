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

-- A converter for an option that takes a Lua pattern. The option's value is a
-- function that tells whether a text matches.
function options.matcher(parser, option)
  return function(pattern)
    return function(text)
      local ok, found = pcall(string.find, text, pattern)
      if not ok then parser:error(("%s: %s"):format(option, found)) end
      return found ~= nil
    end
  end
end

return options
