-- SPDX-License-Identifier: MIT
-- signet.each: a fixed number of workers pull items, so that a list of any
-- length costs only as many coroutines as may run at once.
local signet, internal = ...

local await, worker_task = internal.await, internal.worker
local park, unpark, current = internal.park, internal.unpark, internal.current
local stopped, count = internal.stopped, internal.count
local traceback, wrote = internal.traceback, internal.wrote
local error, getmetatable, pairs, pcall = error, getmetatable, pairs, pcall
local setmetatable, tostring, type = setmetatable, tostring, type
local xpcall = xpcall
local math_type, remove = math.type, table.remove

local skip_mark = { __name = "signet.skip" }
local caught_mark = {}

function signet.skip(reason, how)
  if how ~= nil and how ~= "waiting" then
    error("signet.skip: an entry that is left alone may be \"waiting\", and "
      .. "nothing else", 2)
  end
  return setmetatable({ reason = reason ~= nil and tostring(reason) or "",
    how = how or "skipped" }, skip_mark)
end

-- Runs where the error was raised: later there is no stack to describe.
local function catch(value)
  return setmetatable({ value = value, traceback = traceback(value) },
    caught_mark)
end

local function caught(problem)
  if getmetatable(problem) == caught_mark then
    return problem
  end
  return { value = problem } -- no memory for catch, or an error in it
end

-- Whether tostring says no more of it than an address.
local function is_nameless(item)
  local metatable = getmetatable(item)
  local kind = type(metatable)
  return (type(item) == "table" or type(item) == "function")
    and (kind == "nil" or kind == "table"
      and not (metatable.__tostring or metatable.__name))
end

-- "987654321 Company Name" of a record, the place of what has no name, else
-- tostring.
local function describe_item(item, index)
  local is_record, id, name = pcall(function()
    return item.template_id or item.sign_id,
      item.template_name or item.sign_name
  end)
  if is_record and id ~= nil then
    return internal.shown(tostring(id)
      .. (name ~= nil and " " .. tostring(name) or ""))
  end
  return is_nameless(item) and "item " .. index
    or internal.shown(tostring(item))
end

-- One worker at a time is inside the script's iterator, which may wait itself.
local function pull_function(next_item)
  local busy, over, index, waiting = false, false, 0, {}

  local function leave()
    busy = false
    local first = remove(waiting, 1)
    if first then
      unpark(first)
    end
  end

  return function()
    while busy do
      waiting[#waiting + 1] = current()
      park()
    end
    if over then
      leave()
      return nil
    end
    busy = true
    local worked, item = pcall(next_item)
    over = not worked or item == nil
    leave()
    if not worked then
      error(item, 0)
    end
    if over then
      return nil
    end
    index = index + 1
    return index, item
  end
end

local function pull_sequence(items)
  local index, total = 0, #items

  return function()
    if index < total then
      index = index + 1
      return index, items[index]
    end
    return nil
  end, total
end

local option_types = {
  concurrency = "number",
  label = "string",
  describe = "function",
}

local function check_options(options)
  if options == nil then
    return {}
  end
  if type(options) ~= "table" then
    error("signet.each: options are a table, not " .. type(options), 3)
  end
  for name, value in pairs(options) do
    local wanted = option_types[name]
    if wanted == nil then
      error("signet.each: there is no option \"" .. tostring(name)
        .. "\"; it takes concurrency, label, describe", 3)
    elseif type(value) ~= wanted then
      error("signet.each: " .. name .. " must be a " .. wanted .. ", not "
        .. type(value), 3)
    end
  end
  local concurrency = options.concurrency
  if concurrency
    and (math_type(concurrency) ~= "integer" or concurrency < 1) then
    error("signet.each: concurrency must be a whole number from 1", 3)
  end
  return options
end

local function check_items(items)
  local kind = type(items)
  if kind ~= "table" and kind ~= "userdata" and kind ~= "function" then
    error("signet.each: a list, a table or an iterator function is needed, "
      .. "not " .. kind, 3)
  end
end

-- Errors that no other item can escape: going on would only repeat them.
local fatal =
  { auth = true, configuration = true, store = true, locked = true }

local function kind_of(value)
  if type(value) ~= "table" then
    return nil
  end
  local worked, kind, operation = pcall(function()
    return value.kind, value.op
  end)
  if worked then
    return kind or nil, operation
  end
end

-- Whether the item has done what it could, and its review goes on.
local function is_review(operation)
  return operation == "signs:wait" or operation == "templates:wait"
end

local function skipped(run, item, index, reason, how)
  local result = run.result
  how = how or "skipped"
  result[how] = result[how] + 1
  result.skips[#result.skips + 1] = { item = item, reason = reason }
  count(how, run.label, run.describe(item, index), reason)
end

local function failed(run, item, index, problem)
  local result, value = run.result, problem.value
  local kind, operation = kind_of(value)
  if kind == "cancelled" and stopped() then
    if is_review(operation) then
      return skipped(run, item, index, "waits for a review", "waiting")
    elseif not wrote() then
      return skipped(run, item, index, "interrupted")
    end
  end
  if kind == "locked" then -- of the run, not of so many items
    run.fatal = run.fatal or problem
    return
  end
  local how = kind == "unknown_outcome" and "unknown" or "failed"
  result[how] = result[how] + 1
  result.failures[#result.failures + 1] =
    { item = item, error = value, traceback = problem.traceback }
  count(how, run.label, run.describe(item, index), value)
  if fatal[kind] and run.fatal == nil then
    run.fatal = problem
  end
end

local function work(run)
  local pull, fn, result = run.pull, run.fn, run.result
  local results, label = result.results, run.label
  local done, progress = internal.done, internal.progress
  local over = stopped()
  while run.fatal == nil and not over do
    local index, item = pull()
    if index == nil then
      break
    end
    run.pulled = index
    wrote()
    local worked, value = xpcall(fn, catch, item, index)
    if worked and (value == nil or getmetatable(value) ~= skip_mark) then
      result.done = result.done + 1
      results[index] = value
      over = done(result, label, run.total or run.pulled)
    else
      if worked then
        skipped(run, item, index, value.reason, value.how)
      else
        failed(run, item, index, caught(value))
      end
      progress(result, label, run.total or run.pulled)
      over = stopped()
    end
  end
end

local function describer(describe)
  return function(item, index)
    local worked, text = pcall(describe, item, index)
    return worked and tostring(text) or tostring(item)
  end
end

-- More items than requests that may be in flight: while the writes of some
-- wait for the journal, those of others keep the network busy. One at a time
-- stays one at a time.
local function usual_items()
  local requests = internal.concurrency()
  return requests > 1 and 8 * requests or 1
end

function signet.each(items, fn, options)
  check_items(items)
  if type(fn) ~= "function" then
    error("signet.each: a function is needed, not " .. type(fn), 2)
  end
  options = check_options(options)
  local run = {
    fn = fn, pulled = 0,
    label = options.label or "",
    describe = describer(options.describe or describe_item),
    result = {
      done = 0, failed = 0, skipped = 0, unknown = 0, waiting = 0,
      failures = {}, skips = {}, results = {},
    },
  }
  if type(items) == "function" then
    run.pull = pull_function(items)
  else
    run.pull, run.total = pull_sequence(items)
  end
  local workers = options.concurrency or usual_items()
  if run.total and run.total < workers then
    workers = run.total
  end
  local tasks, broken = {}, nil
  for index = 1, workers do
    tasks[index] = worker_task(function()
      work(run)
    end)
  end
  for index = 1, workers do
    local worked, problem = await(tasks[index])
    if not worked and broken == nil then
      broken = { problem }
    end
  end
  local result = run.result
  internal.progress(result, run.label, run.total or run.pulled, true)
  if run.fatal then
    error(run.fatal.value, 0)
  elseif broken then
    error(broken[1], 0)
  end
  result.interrupted = stopped()
  return result
end

return describe_item
