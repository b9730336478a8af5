--- What can be worked on at the same time: the graph of dependencies, prompts for what is free, batches.
local parallel = {}

local function free_items(status, drawn)
  local is_free, items = {}, {}
  for _, number in ipairs(drawn.free) do
    is_free[number] = true
  end
  for _, item in ipairs(status.achievements) do
    items[#items + 1] = is_free[item.number] and item or nil
  end
  return items
end

--- Shows the graph and what can be done with it until the user goes back.
---@param menu promptgen.Menu
---@param path string of the plan
---@param parts {ask: fun(name: string, status: table, list: string[]): string?, label: fun(item: table): string}
---@return "back"|"eof"|"interrupted"|promptgen.Error why
function parallel.stay(menu, path, parts)
  local graph, files = require "promptgen.graph", require "promptgen.menu.files"
  while true do
    local status, err = menu:look(path)
    if not status then
      return err
    end
    local drawn = graph.of(status, (menu.ctx.workspace:document(path)))
    menu.screen:put("\n" .. graph.text(drawn, status, menu:room()))
    local labels, actions = {}, {}
    local function add(label, action)
      labels[#labels + 1], actions[#actions + 1] = label, action
    end
    for _, item in ipairs(free_items(status, drawn)) do
      add("prompt for " .. parts.label(item), function()
        return parts.ask("next", status, { "--achievement", item.number })
      end)
    end
    if status.state ~= "conflict" and status.state ~= "plan_complete" then
      add("prompt that finds what can be done at the same time", function()
        return parts.ask("discover", status, {})
      end)
      add("make the SUBPLANs of a level", function() return files.batch(menu, status, "subplans") end)
      add("make the EXECUTION_TASKs of a level", function() return files.batch(menu, status, "executions") end)
    end
    add("back", function() return "leave" end)
    local index, why = menu:choose(labels)
    if not index then
      return why
    end
    local result = actions[index]()
    if result == "leave" then
      return "back"
    elseif result == "eof" or result == "interrupted" or type(result) == "table" then
      return result
    end
  end
end

return parallel
