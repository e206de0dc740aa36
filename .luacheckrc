-- SPDX-License-Identifier: MIT
std = "lua54"
max_line_length = 80
exclude_files = { "build*" }

files["tests/bench/wrk-*.lua"] = { globals = { "wrk" } }

-- The shipped jobs get their arguments as the stock interpreter gives them.
files["scripts/*.lua"] = { read_globals = { "arg" } }
files["tests/lua/*.lua"] = { ignore = { "111/Test.*", "112/Test.*", "113/Test.*" } }

-- wrk is told what to send through its global.
files["tests/bench/wrk-*.lua"] = { globals = { "wrk" } }
