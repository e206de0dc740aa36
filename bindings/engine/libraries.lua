-- SPDX-License-Identifier: MIT
-- What differs from stock Lua in a state of the engine's own: text chunks only,
-- output as events, os.exit ends the run, no relative entry in package.path.
local host = ...

local error, ipairs, pcall, select, type = error, ipairs, pcall, select, type
local tostring = tostring
local load, loadfile = load, loadfile
local concat, find, gmatch, gsub, sub =
  table.concat, string.find, string.gmatch, string.gsub, string.sub

-- Bytecode can crash the interpreter: nothing may load it.

function _G.load(chunk, name, mode, ...)
  if mode ~= nil and not tostring(mode):find("t", 1, true) then
    return nil, "attempt to load bytecode, which is refused here"
  end
  return load(chunk, name, "t", ...)
end

-- A file of Lua text, as the job began with it. nil, why: there is none, or it
-- holds no Lua. One that has changed since ends the call.
local function load_kept(path, ...)
  local good, text = pcall(host.module, path)
  if not good then
    if type(text) == "table" and text.kind == "refused" then
      error(text, 0)
    end
    return nil, tostring(text)
  end
  text = gsub(text, "^\xEF\xBB\xBF", "")
  if find(text, "^%s*<[%a!?]") then
    return nil, "this is HTML or XML, not Lua"
  end
  return load(gsub(text, "^#[^\n]*", ""), "@" .. path, "t", ...)
end

function _G.loadfile(path, mode, ...)
  if mode ~= nil and not tostring(mode):find("t", 1, true) then
    return nil, "attempt to load bytecode, which is refused here"
  end
  if type(path) ~= "string" then
    return loadfile(path, "t", ...)
  end
  return load_kept(path, ...)
end

function _G.dofile(path)
  local chunk, problem = _G.loadfile(path)
  if not chunk then
    error(problem, 0)
  end
  return chunk()
end

-- Output.

_G.print = host.print

local function redirect(io)
  local stdout, output = io.stdout, io.output
  local methods = getmetatable(stdout).__index
  local write = methods.write

  local function text_of(...)
    for index = 1, select("#", ...) do
      local kind = type((select(index, ...)))
      if kind ~= "string" and kind ~= "number" then
        error("bad argument #" .. index
          .. " to 'write' (string expected, got " .. kind .. ")", 3)
      end
    end
    return concat({ ... })
  end

  function methods.write(file, ...)
    if file ~= stdout then
      return write(file, ...)
    end
    host.write(text_of(...))
    return file
  end

  function io.write(...)
    local file = output()
    if file ~= stdout then
      return write(file, ...)
    end
    host.write(text_of(...))
    return file
  end
end

if host.loaded.io then
  redirect(host.loaded.io)
end

if host.loaded.os then
  host.loaded.os.exit = host.exit
end

-- Modules.

-- A path's entries that don't depend on the current directory.
local function absolute(path)
  local kept = {}
  for entry in gmatch(path, "[^;]+") do
    if sub(entry, 1, 1) == "/" then
      kept[#kept + 1] = entry
    end
  end
  return concat(kept, ";")
end

-- The script options' library, wherever Debian or LuaRocks put it.
function host.preload.argparse(...)
  for entry in gmatch(absolute(host.default_path), "[^;]+") do
    local chunk = loadfile((gsub(entry, "%?", "argparse")), "t")
    if chunk then
      return chunk(...)
    end
  end
  error("argparse is not installed (Debian: lua-argparse)", 0)
end

-- What stands in these folders is the machine's. A job that is resumed goes on
-- with all other modules that it began with.
local function is_system(path)
  for entry in gmatch(absolute(host.default_path), "[^;]+") do
    local folder = gsub(entry, "%?.*", "")
    if sub(path, 1, #folder) == folder then
      return true
    end
  end
  return false
end

local function load_module(path)
  if is_system(path) then
    return loadfile(path, "t")
  end
  return load_kept(path)
end

local function search_text(package)
  return function(name)
    local path, problem = package.searchpath(name, package.path)
    if not path then
      return problem
    end
    local chunk, broken = load_module(path)
    if not chunk then
      error("error loading module '" .. name .. "' from file '" .. path
        .. "':\n\t" .. broken, 0)
    end
    return chunk, path
  end
end

local package = host.loaded.package
if package then
  package.searchers[2] = search_text(package)
  if not host.path_given then
    package.path = absolute(package.path)
  end
  package.cpath = absolute(package.cpath)
  if host.script_path then
    package.path = gsub(host.script_path, ";;", ";" .. package.path .. ";")
  end
else
  local allowed = { "signet", "cjson", "cjson.safe", "argparse" }
  function _G.require(name)
    if host.loaded[name] ~= nil then
      return host.loaded[name]
    end
    for _, one in ipairs(allowed) do
      if one == name then
        host.loaded[name] = host.preload[name](name, ":preload:")
        return host.loaded[name]
      end
    end
    error("module '" .. tostring(name) .. "' can't be loaded here: there are "
      .. concat(allowed, ", "), 2)
  end
end
