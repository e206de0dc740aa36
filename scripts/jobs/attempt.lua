-- SPDX-License-Identifier: MIT

-- A write that the service's rules may forbid for the time being. Its result is
-- nil where the write worked and the reason where it may not be done now;
-- whatever else went wrong is raised again.

local FORBIDDEN = {
  pending = "waits for review",
  in_use = "used by a pending or running message plan",
}

-- `more` adds reasons by kind of error.
return function(write, more)
  local ok, problem = pcall(write)
  if ok then return nil end
  local kind = type(problem) == "table" and problem.kind or ""
  -- Not a taken name: somebody else changed the entry, and nothing was sent.
  if kind == "conflict" and problem.outcome == "not_sent" then
    error(problem, 0)
  end
  local reason = FORBIDDEN[kind] or more and more[kind]
  if not reason then error(problem, 0) end
  return reason
end
