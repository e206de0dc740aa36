-- SPDX-License-Identifier: MIT
-- Joining, and steps that are decided once: policy over the primitives of
-- task.c.
local signet, internal = ...

local await, pending = internal.await, internal.pending
local error, getmetatable, type = error, getmetatable, type
local pack, unpack = table.pack, table.unpack
local task_mark = internal.task_mark

-- What await() gave: results, or the error again.
local function settle(worked, ...)
  if not worked then
    error((...), 0)
  end
  return ...
end

-- Every task is waited for before the first failure is raised, so that nothing
-- goes on behind the caller's back.
local function join_list(tasks)
  local results, failure = { n = #tasks }, nil
  for index = 1, #tasks do
    local ended = pack(await(tasks[index]))
    if ended[1] then
      results[index] = ended[2]
    elseif failure == nil then
      failure = { ended[2] }
    end
  end
  if failure then
    error(failure[1], 0)
  end
  return results
end

local function join_all()
  local tasks = pending()
  while #tasks > 0 do
    join_list(tasks)
    tasks = pending()
  end
end

function signet.join(...)
  local tasks = ...
  if select("#", ...) == 0 then
    return join_all()
  end
  if getmetatable(tasks) == task_mark then
    return settle(await(tasks))
  end
  if type(tasks) ~= "table" then
    error("signet.join: a task or a list of tasks is needed, not "
      .. type(tasks), 2)
  end
  return join_list(tasks)
end

local join, spawn = signet.join, signet.spawn

-- Decides a step, or takes what an earlier run of the job decided. Without a
-- job every result is passed on; a journal keeps the first one, as JSON.
local function decide(name, fn)
  local found, value = internal.recall(name)
  if found then
    return value
  end
  local results = pack(fn())
  internal.keep(name, { results[1] })
  return unpack(results, 1, results.n)
end

-- Steps run as tasks: who asks for one that is under way waits for it.
function signet.step(name, fn)
  if type(name) ~= "string" then
    error("signet.step: a name is needed, not " .. type(name), 2)
  end
  local steps = internal.steps()
  local task = steps[name]
  if task == nil then
    if type(fn) ~= "function" then
      error("signet.step: a function is needed, not " .. type(fn), 2)
    end
    task = spawn(decide, name, fn)
    steps[name] = task
  end
  local ended = pack(await(task))
  if not ended[1] then
    steps[name] = nil -- a failure is no decision
    error(ended[2], 0)
  end
  return unpack(ended, 2, ended.n)
end

local files = {}

-- A file is read once in a run of a job, and kept with the job.
function signet.file(path)
  if type(path) ~= "string" then
    error("signet.file: a path is needed, not " .. type(path), 2)
  end
  local content = files[path]
  if content == nil then
    local kept
    content, kept = internal.file(path)
    files[path] = kept and content or nil
  end
  return content
end

return join
