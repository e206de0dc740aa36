-- SPDX-License-Identifier: MIT
-- Writes a sandbox's state file with COUNT approved signatures.
local count = tonumber(arg[1])
local signs = {}
for id = 1, count do
  signs[id] = string.format('{"sign_id":"%d","sign_name":"Company %d",'
    .. '"status":2,"audit_remark":"","created_time":1700000000,'
    .. '"updated_time":1700000000}', id, id)
end
io.write(string.format('{"version":1,"next_id":"%d","signs":[\n%s],\n'
  .. '"templates":[]}\n', count + 1, table.concat(signs, ",\n")))
