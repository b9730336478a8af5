--- Chooses the next step: the rules of promptgen.state.states, tried in their order.
local states = require "promptgen.state.states"

local choose = {}

---@class promptgen.state.Considered
---@field rule string
---@field outcome string why it did not pick anything, or what it picked
---@field number? string the achievement picked

local function is_open(item)
  return not states.is_closed(item)
end

local function offered(item, opts)
  return is_open(item) and not (opts.skip_review and item.recommendation == "review")
end

local function first(items, test)
  for _, item in ipairs(items) do
    if test(item) then
      return item
    end
  end
end

local pick = {}

function pick.needs_fix_first(items)
  local item = first(items, function(one) return one.state == "needs_fix" end)
  return item, "no review asks for fixes"
end

function pick.handoff(items, opts)
  local number = opts.handoff
  if not number then
    return nil, "the handoff names no achievement"
  end
  local item = first(items, function(one) return one.number == number end)
  if not item then
    return nil, ("the handoff names %s, which is not defined"):format(number)
  elseif not is_open(item) then
    return nil, ("the handoff names %s, which is %s"):format(number, item.state)
  elseif item.blockers then
    return nil, ("the handoff names %s, which waits for %s"):format(number,
      table.concat(item.blockers, ", "))
  elseif not offered(item, opts) then
    return nil, ("the handoff names %s, which awaits review"):format(number)
  end
  return item
end

function pick.started(items, opts)
  local item = first(items, function(one)
    return states.by_name[one.state].started and offered(one, opts) and not one.blockers
  end)
  return item, "nothing that is started is open and free"
end

function pick.first_open(items, opts)
  local item = first(items, function(one) return offered(one, opts) and not one.blockers end)
  return item, "every open achievement waits"
end

--- A rule of `order` that does not exist; nil when all do.
---@param order any[]
---@return string? unknown
function choose.unknown(order)
  for _, rule in ipairs(order) do
    if not pick[rule] then
      return tostring(rule)
    end
  end
end

--- The next step among the achievements of a plan, in file order.
---@param items table[] {number, state, recommendation, blockers?}
---@param opts { handoff?: string, skip_review?: boolean, order?: string[] }
---@return table? item
---@return string? rule
---@return promptgen.state.Considered[] considered
function choose.next(items, opts)
  local considered = {}
  for _, rule in ipairs(opts.order or states.order) do
    local item, why = pick[rule](items, opts)
    considered[#considered + 1] = {
      rule = rule, outcome = item and "picks " .. item.number or why, number = item and item.number,
    }
    if item then
      return item, rule, considered
    end
  end
  return nil, nil, considered
end

return choose
