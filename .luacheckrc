-- SPDX-License-Identifier: MIT
std = "lua54"
max_line_length = 80
exclude_files = { "build*" }

files["tests/bench/wrk-*.lua"] = { globals = { "wrk" } }

-- The shipped jobs get their arguments as the stock interpreter gives them.
files["scripts/*.lua"] = { read_globals = { "arg" } }
-- luaunit finds the tests in globals, and calls them as methods.
files["tests/lua"] = {
  ignore = { "11[123]/Test.*", "212/self" },
}
