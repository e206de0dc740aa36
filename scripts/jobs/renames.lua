-- SPDX-License-Identifier: MIT

-- Decides which signature gets which name, and in what order. Nothing here
-- talks to the service: `signs` is the account's list, read once.
--
-- A step is one signature that is named in the map or that the rule changes:
--   id, old, new  its id, its name now, its new name
--   line          of the map, nil for a rule
--   status, templates   as in the record: status, related_template_count
--   done          true: it has the new name already
--   after         the step that must give up the name `new` first
-- A problem is what forbids the whole job: `text`, and `line` for a map.

local signet = require "signet"
local csv = require "jobs.csv"
local names = require "jobs.names"
local text = require "jobs.text"

local renames = {}

local function problem_list()
  local problems = {}
  return problems, function(line, sentence, ...)
    problems[#problems + 1] = { line = line, text = sentence:format(...) }
  end
end

-- The signatures by id and by name; names are unique, but an account that
-- breaks the rule must not be guessed at, so each name has a list.
local function index_signs(signs)
  local by_id, by_name = {}, {}
  for _, sign in ipairs(signs) do
    local id = tostring(sign.sign_id)
    by_id[id] = sign
    if sign.sign_name then -- of an odd entry the service may show none
      local same = by_name[sign.sign_name] or {}
      by_name[sign.sign_name] = same
      same[#same + 1] = sign
    end
  end
  return by_id, by_name
end

local function new_step(sign, new, line)
  return {
    id = tostring(sign.sign_id), old = sign.sign_name or "", new = new,
    line = line, status = sign.status, templates = sign.related_template_count,
    done = sign.sign_name == new or nil,
  }
end

-- Steps for rows of sign_id,sign_name.
local function steps_by_id(rows, by_id, problem)
  local steps, first = {}, {}
  for _, row in ipairs(rows) do
    local id, new = row[1], row[2]
    if not id:find("^%d+$") or #id > 19 then
      problem(row.line, "sign_id %s is not 1 to 19 digits; a spreadsheet may "
        .. "have rewritten it", text.quote(id))
    elseif first[id] then
      problem(row.line, "sign_id %s is also in line %d", id, first[id])
    elseif not by_id[id] then
      problem(row.line, "no signature has the sign_id %s", id)
    else
      steps[#steps + 1] = new_step(by_id[id], new, row.line)
    end
    first[id] = first[id] or row.line
  end
  return steps
end

-- Rows of old_name,new_name as chains: a list of their first rows, each with
-- `next`, the row that frees its new name. Rows that go round in a circle are
-- in none.
local function link_rows(rows, problem)
  local by_old, heads, unique = {}, {}, {}
  for _, row in ipairs(rows) do
    local same = by_old[row[1]]
    if same then
      problem(row.line, "old_name %s is also in line %d", text.quote(row[1]),
        same.line)
    else
      by_old[row[1]] = row
      unique[#unique + 1] = row
    end
  end
  for _, row in ipairs(unique) do
    local following = by_old[row[2]]
    if following and following ~= row and not following.linked then
      row.next = following
      following.linked = true
    end
  end
  for _, row in ipairs(unique) do
    if not row.linked then heads[#heads + 1] = row end
  end
  return heads, unique
end

-- Which signature may have been meant by a name that none has.
local function describe_alike(name, by_skeleton)
  local sign = names.alike(name, nil, by_skeleton)
  if not sign then return "" end
  if signet.same_text(name, sign.sign_name) then
    return ("; signature %s has that name in another Unicode form"):format(
      sign.sign_id)
  end
  return ("; signature %s is named %s, which looks the same"):format(
    sign.sign_id, text.quote(sign.sign_name))
end

-- Finds out for one row whose name it changes. A row whose old name is gone and
-- whose new name is there has been carried out by an earlier run; then the
-- holder of the new name is not the signature that the next row means.
-- Returns the step and whether the row was carried out before.
local function resolve_row(row, taken_over, by_name, alike, problem)
  local old, new = by_name[row[1]], by_name[row[2]]
  row.seen = true
  if old and #old > 1 then
    problem(row.line, "%d signatures are named %s: use sign_id,sign_name",
      #old, text.quote(row[1]))
  elseif old and not taken_over then
    return new_step(old[1], row[2], row.line), false
  elseif new then
    return new_step(new[1], row[2], row.line), true
  else
    problem(row.line, "no signature is named %s%s%s", text.quote(row[1]),
      taken_over and " except the one that got the name from the row before it"
      or "", describe_alike(row[1], alike))
  end
end

-- Steps for rows of old_name,new_name.
local function steps_by_name(rows, by_name, alike, problem)
  local steps = {}
  local heads, unique = link_rows(rows, problem)
  local function walk(row)
    local taken_over = false
    while row and not row.seen do
      local step
      step, taken_over = resolve_row(row, taken_over, by_name, alike, problem)
      steps[#steps + 1] = step
      row = row.next
    end
  end
  for _, row in ipairs(heads) do walk(row) end
  for _, row in ipairs(unique) do walk(row) end
  table.sort(steps, function(a, b) return a.line < b.line end)
  return steps
end

-- Reads a map. Returns its steps and every problem in it.
function renames.read_map(content, signs)
  local by_id, by_name = index_signs(signs)
  local problems, problem = problem_list()
  local records, broken = csv.parse(content)
  table.move(broken, 1, #broken, 1, problems)
  local header = table.concat(table.remove(records, 1) or {}, ",")
  if header == "sign_id,sign_name" then
    return steps_by_id(records, by_id, problem), problems
  elseif header == "old_name,new_name" then
    return steps_by_name(records, by_name, names.by_skeleton(signs), problem),
      problems
  end
  if #problems == 0 then
    problem(1, "the header must be sign_id,sign_name or old_name,new_name, "
      .. "it is %s", text.quote(header))
  end
  return {}, problems
end

-- Applies `rule`, a function from name to name, to `signs`. A rule that would
-- change the names that it made is a problem: run twice, it renames twice.
function renames.apply_rule(rule, signs)
  local problems, problem = problem_list()
  local steps = {}
  for _, sign in ipairs(signs) do
    local new = rule(sign.sign_name)
    if new ~= sign.sign_name then
      steps[#steps + 1] = new_step(sign, new)
      local again = rule(new)
      if again ~= new and #problems == 0 then
        problem(nil, "the rule makes %s of %s, and a second run would make %s "
          .. "of that: anchor the pattern with ^ or $, or use a map",
          text.quote(new), text.quote(sign.sign_name), text.quote(again))
      end
    end
  end
  return steps, problems
end

-- "line 3", "signature 987654321": where a step comes from.
local function place(step)
  return step.line and ("line %d"):format(step.line)
    or ("signature %s"):format(step.id)
end

-- Notes for each step which other one must give up its new name first, and
-- finds the names that nobody gives up.
local function link_steps(steps, signs, problem)
  local _, by_name = index_signs(signs)
  local by_id, first = {}, {}
  for _, step in ipairs(steps) do by_id[step.id] = step end
  for _, step in ipairs(steps) do
    local same = first[step.new]
    if same then
      problem(step, "the name %s is given in %s too", text.quote(step.new),
        place(same))
    end
    first[step.new] = same or step
    for _, holder in ipairs(not step.done and by_name[step.new] or {}) do
      local other = by_id[tostring(holder.sign_id)]
      if not other or other.done then
        problem(step, "the name %s is that of signature %s, which keeps it",
          text.quote(step.new), holder.sign_id)
      else
        step.after = other
      end
    end
  end
end

-- "'A' → 'B' → 'A'"
local function show_circle(step)
  local pieces = { text.quote(step.old) }
  local current = step
  repeat
    pieces[#pieces + 1] = text.quote(current.new)
    current = current.after
  until current == step
  return table.concat(pieces, " → ")
end

-- Tells of each circle of names once.
local function find_circles(steps, problem)
  local walked = {}
  for _, start in ipairs(steps) do
    local step = start
    while step and not walked[step] do
      walked[step] = start
      step = step.after
    end
    if step and walked[step] == start then
      problem(step, "the names %s go round in a circle: each can only be freed "
        .. "by the next, so it takes a third name and three rounds of review; "
        .. "rename one of them to a name of its own first", show_circle(step))
    end
  end
end

-- Checks the new names, of each step and of all together, links the steps, and
-- returns every problem.
function renames.check(steps, signs)
  local problems, add = problem_list()
  local function problem(step, sentence, ...)
    local prefix = step.line and "" or ("signature %s: "):format(step.id)
    add(step.line, "%s%s", prefix, sentence:format(...))
  end
  for _, step in ipairs(steps) do
    local wrong = names.problem(step.new)
    if wrong then problem(step, "%s %s", text.quote(step.new), wrong) end
  end
  link_steps(steps, signs, problem)
  if #problems == 0 then find_circles(steps, problem) end
  return problems
end

-- The steps as waves: the names that a wave needs are given up in the waves
-- before it. Checked steps only, which hold no circle.
function renames.waves(steps)
  local depths, waves = {}, {}
  for _, start in ipairs(steps) do
    local path, step = {}, start
    while step and not depths[step] do
      path[#path + 1] = step
      step = step.after
    end
    local depth = step and depths[step] or 0
    for index = #path, 1, -1 do
      depth = depth + 1
      depths[path[index]] = depth
    end
  end
  for _, step in ipairs(steps) do
    local depth = depths[step]
    waves[depth] = waves[depth] or {}
    table.insert(waves[depth], step)
  end
  return waves
end

return renames
