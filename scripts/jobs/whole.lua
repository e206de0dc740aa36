-- SPDX-License-Identifier: MIT

-- Templates with all that the service holds of them: a list may show less, and
-- a field that isn't shown isn't empty.

local CONTENT = { "template_name", "template_type", "template_content",
  "country_codes" }
local SIGNATURE = { "sign_id", "sign_position", "sign_name", "sign_status" }
local AT_ONCE = 16

local whole = {}

local function shows_all(template)
  for _, name in ipairs(CONTENT) do
    if template[name] == nil then return false end
  end
  return true
end

local function shows_some(template)
  for _, name in ipairs(SIGNATURE) do
    if template[name] ~= nil then return true end
  end
  return false
end

-- Returns a function that tells of a template of `list`, which holds all that
-- there are, whether its signature isn't shown: there is a name or a place of
-- one, or the list shows none at all.
function whole.hiding(list)
  local shown = false
  for _, template in ipairs(list) do shown = shown or shows_some(template) end
  return function(template)
    local place = math.tointeger(template.sign_position) or 0
    return template.sign_id == nil
      and (not shown or place > 0 or (template.sign_name or "") ~= "")
  end
end

-- The templates, of which those that `hides` tells of, or whose content isn't
-- shown, are read by themselves. One that is gone by now is left out.
function whole.read(signet, sms, templates, hides)
  local found, partial = {}, {}
  for index, template in ipairs(templates) do
    found[index] = template
    if not shows_all(template) or hides(template) then
      partial[#partial + 1] = index
    end
  end
  local tasks = {}
  local next_one = 0
  for _ = 1, math.min(AT_ONCE, #partial) do
    tasks[#tasks + 1] = signet.spawn(function()
      while next_one < #partial do
        next_one = next_one + 1
        local index = partial[next_one]
        local good, result = pcall(sms.templates.get, sms.templates,
          templates[index].template_id)
        if not good and result.kind ~= "not_found" then error(result, 0) end
        found[index] = good and result or false
      end
    end)
  end
  signet.join(tasks)
  local list = {}
  for index = 1, #templates do
    if found[index] then list[#list + 1] = found[index] end
  end
  return list
end

return whole
