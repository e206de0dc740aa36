-- SPDX-License-Identifier: MIT

-- Ends a job with one sentence: an error object like those of signet's calls,
-- so it comes without a traceback and decides the exit status. `kind` is
-- "validation" for bad input, "refused" where a check of the job said no,
-- "unsupported" for what the account's API doesn't have.

local problem = {}

function problem:__tostring() return self.message end

return function(kind, sentence, ...)
  local message = sentence:format(...)
  error(setmetatable({ kind = kind, message = message }, problem), 0)
end
