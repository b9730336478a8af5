--- Warns of skeletons that count although something in them is still to be written: achievements of
--- the plan, and reviews that ask for fixes. What they leave open is no fact.
local placeholder = require "promptgen.lazy" "promptgen.placeholder"

local drafts = {}

--- A quick look before the lines are taken apart.
local function may_have_some(text)
  return text:find("]\n", 1, true) or text:find("]\r", 1, true) or text:sub(-1) == "]"
end

local function check_achievements(ctx, items, is_closed)
  local numbers, first, plan = {}, nil, ctx.plan
  for i, achievement in ipairs(ctx.list) do
    local line, last = achievement.line, achievement.end_line
    if line and not achievement.defined_by and not is_closed(items[i]) and may_have_some(plan:text(line, last)) then
      local left = placeholder.left(plan, line, last)
      first = first or left
      numbers[#numbers + 1] = left and achievement.number
    end
  end
  if first then
    ctx.warnings:add("draft_achievement", plan.path, first.line,
      ("still to be written of %s: %s"):format(table.concat(numbers, ", "), first.says))
  end
end

--- Adds the warnings.
---@param ctx promptgen.state.Context
---@param items promptgen.state.Item[] in the order of `ctx.list`
---@param is_closed fun(item: promptgen.state.Item): boolean
function drafts.check(ctx, items, is_closed)
  check_achievements(ctx, items, is_closed)
  for _, item in ipairs(items) do
    local record = item.state == "needs_fix" and item.path and ctx:record(item.path)
    local left = record and record.placeholder
    if left then
      ctx.warnings:add("draft_fix", item.path, left.line,
        ("the review is a draft; this is still to be written: %s"):format(left.says))
    end
  end
end

return drafts
