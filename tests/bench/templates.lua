-- SPDX-License-Identifier: MIT
-- Writes the reply to a list call with COUNT templates, about 440 bytes each,
-- the same each time. Statuses go round: one in four is rejected.
local count = tonumber(arg[1])
local statuses = { 2, 3, 2, 1 }
local remarks = { "", "The content does not match the declared use.", "", "" }
local words = { "Your", "code", "is", "{{code}},", "valid", "for", "minutes.",
  "Order", "{{order}}", "has", "left", "our", "warehouse", "and", "arrives",
  "within", "days.", "Thank", "you", "for", "your", "trust." }

-- The words of one template's content, a different stretch for each.
local function content(number)
  local text = {}
  for i = 1, 22 do
    text[i] = words[(number + i) % #words + 1]
  end
  return table.concat(text, " ")
end

io.write("[")
for number = 1, count do
  local turn = number % 4 + 1
  io.write(number > 1 and "," or "", string.format(
    '{"template_id":"%d","template_name":"Template %d",'
    .. '"template_type":"utility","template_content":"%s",'
    .. '"country_codes":"CN,US,DE","status":%d,"sign_id":"%d",'
    .. '"sign_name":"Company %d","sign_position":1,"sign_status":2,'
    .. '"audit_remark":"%s","created_time":%d,"updated_time":%d}',
    100000000 + number, number, content(number), statuses[turn],
    900000000 + number % 200, number % 200, remarks[turn],
    1700000000 + number, 1710000000 + number))
end
io.write("]\n")
