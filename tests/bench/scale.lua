-- SPDX-License-Identifier: MIT
-- Writes a sandbox's state file with COUNT signatures and as many templates.
-- One template in two shows signature 1, the others one of their own; one in
-- four is rejected.
local count = tonumber(arg[1])
io.write(string.format('{"version":1,"next_id":"%d","signs":[\n',
  2 * count + 1))
for id = 1, count do
  io.write(string.format('{"sign_id":"%d","sign_name":"Company %d",'
    .. '"status":2,"audit_remark":"","created_time":1700000000,'
    .. '"updated_time":1700000000}%s\n', id, id, id < count and "," or ""))
end
io.write('],\n"templates":[\n')
for number = 1, count do
  io.write(string.format('{"template_id":"%d","template_name":"Template %d",'
    .. '"template_type":"utility","template_content":"Your code is {{code}}",'
    .. '"country_codes":"CN","status":%d,"sign_id":"%d","sign_position":1,'
    .. '"audit_remark":"","created_time":1700000000,'
    .. '"updated_time":1700000000}%s\n', count + number, number,
    number % 4 == 0 and 3 or 2, number % 2 == 0 and 1 or number,
    number < count and "," or ""))
end
io.write("]}\n")
