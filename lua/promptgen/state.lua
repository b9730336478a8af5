--- Where a plan stands: the one resolver behind `next`, `status`, `explain` and `plans`.
---
--- It looks at names, contents and the dates written in documents, never at file times, so that a
--- copy, a clone and the original give the same answer. Each answer carries its evidence.
local context = require "promptgen.state.context"
local drafts = require "promptgen.state.drafts"
local evidence = require "promptgen.state.evidence"
local facts = require "promptgen.state.facts"
local states = require "promptgen.state.states"
local steps = require "promptgen.state.steps"

local state = {}

---@class promptgen.state.Options
---@field achievement? string ask about this one instead of choosing
---@field trust_plan? boolean the plan is right about what exists and what is done
---@field trust_filesystem? boolean the files are right about what exists
---@field skip_review? boolean go past achievements that only await review
---@field order? string[] rules of the next step, see promptgen.state.states

---@class promptgen.state.Item
---@field number string
---@field title string
---@field state string
---@field recommendation? string
---@field file? string path relative to the plan's folder where it lies below it
---@field path? string workspace-relative path of `file`
---@field evidence promptgen.state.Evidence[]
---@field dependencies? string[]
---@field blockers? string[] open achievements this one waits for
---@field claimed? boolean the plan's own text marks it as done

---@class promptgen.state.Step: promptgen.state.Item
---@field rule string
---@field achievement table the record's achievement
---@field subplan? string
---@field executions string[]
---@field replaced string[] those of them that a later version or a copy stands in for
---@field fix? string
---@field resolution? string
---@field execution_number? integer the execution to create, where one is due
---@field unclaimed? string with the warning claimed_done: the first the plan does not mark as done

---@class promptgen.state.Status
---@field feature string
---@field path string
---@field state "active"|"plan_complete"|"blocked"|"conflict"|"no_achievements"
---@field total integer
---@field approved integer
---@field skipped integer
---@field next? promptgen.state.Step nil when nothing can be done, and in a conflict
---@field achievements promptgen.state.Item[]
---@field conflicts promptgen.state.Conflict[]
---@field warnings promptgen.state.Warning[]
---@field considered promptgen.state.Considered[] rules tried for the next step
---@field says_complete boolean the plan's own header or handoff
---@field divided? table<string, promptgen.state.PlannedExecution[]> executions into which parallel.json divides some
---@field flags? string options that this answer rests on, such as " --trust-plan", for the next command
---@field plan table record
---@field layout? promptgen.Layout

local function fail(fields)
  return nil, require("promptgen.status").error(fields)
end

--- Path as shown beside a plan: relative to its folder when it lies below it.
local function beside(ctx, path)
  local dir = ctx.layout.kind == "nested" and ctx.layout.home or ctx.layout.dir
  if dir ~= "" and path:sub(1, #dir + 1) == dir .. "/" then
    return path:sub(#dir + 2)
  end
  return path
end

--- Metatable of the items of one resolution. Evidence is words for people: it is made when somebody
--- asks for it.
local function new_item_type(facts_of)
  return { __index = function(item, key)
    if key == "evidence" then
      local list = evidence.of(facts_of[item], item.state)
      rawset(item, key, list)
      return list
    end
  end }
end

--- Decides one achievement by the table of states.
local function judge(ctx, achievement, slot)
  local f = facts.new(ctx, achievement.number, slot)
  for _, row in ipairs(states.list) do
    if row.when(f) then
      local recommendation = row.recommendation
      if type(recommendation) == "function" then
        recommendation = recommendation(f)
      end
      local file = row.file and f[row.file]
      local path = file and not file.is_plan and file.path or nil
      local item = {
        number = achievement.number, title = achievement.title, state = row.name,
        recommendation = recommendation, path = path, file = path and beside(ctx, path),
        claimed = ctx.text_claims[achievement.number] ~= nil or nil,
      }
      ctx.facts_of[item] = f
      return setmetatable(item, ctx.item_type)
    end
  end
end

--- Adds to each item what it depends on, and to each open one what it waits for.
local function add_blockers(items, by_number, dependencies)
  for _, item in ipairs(items) do
    local waits = {}
    for _, number in ipairs(dependencies[item.number] or {}) do
      if not states.is_closed(by_number[number]) then
        waits[#waits + 1] = number
      end
    end
    item.dependencies = dependencies[item.number]
    item.blockers = #waits > 0 and not states.is_closed(item) and waits or nil
  end
end

local function count(items, name)
  local n = 0
  for _, item in ipairs(items) do
    n = n + (item.state == name and 1 or 0)
  end
  return n
end

local function unknown_achievement(path, number, numbers)
  return fail {
    code = "not_found", path = path,
    message = number:find("%S") and ("the plan defines no achievement %s"):format(number)
      or "the number of the achievement is empty",
    hint = "it defines " .. table.concat(numbers, ", "),
  }
end

--- The status of a plan, or a document, that defines no achievement.
---@param path string
---@param feature? string
---@return promptgen.state.Status
function state.empty(path, feature)
  return {
    feature = feature or path:match "PLAN_([^/]+)%.md$", path = path, state = "no_achievements",
    total = 0, approved = 0, skipped = 0, achievements = {}, conflicts = {}, warnings = {},
    considered = {}, says_complete = false,
  }
end

local function plan_state(status)
  if #status.conflicts > 0 then
    return "conflict"
  elseif status.approved + status.skipped == status.total then
    return "plan_complete"
  end
  return status.next and "active" or "blocked"
end

local FLAGS = { "skip_review", "trust_filesystem", "trust_plan" }

local function flags_of(opts)
  local out = ""
  for _, name in ipairs(FLAGS) do
    out = opts[name] and out .. " --" .. name:gsub("_", "-") or out
  end
  return out ~= "" and out or nil
end

--- Where `plan` stands. A plan without achievements gives the state "no_achievements", never
--- "plan_complete".
---@param ws table workspace
---@param plan table record of the plan
---@param opts? promptgen.state.Options
---@return promptgen.state.Status?
---@return promptgen.Error? err not_found for an unknown achievement, usage for trust in both sides,
--- config for an unknown rule
function state.resolve(ws, plan, opts)
  opts = opts or {}
  if opts.trust_plan and opts.trust_filesystem then
    return fail { code = "usage", message = "only one side of a conflict can be trusted",
                  hint = "give --trust-plan or --trust-filesystem" }
  end
  local unknown = opts.order and require("promptgen.state.choose").unknown(opts.order)
  if unknown then
    return fail { code = "config", message = ("there is no rule %q for the next step"):format(unknown),
                  hint = "the rules are " .. table.concat(states.order, ", ") }
  elseif #plan.achievements == 0 then
    return state.empty(plan.path, plan.feature)
  end
  local ctx = context.new(ws, plan, opts)
  local found = ctx:look()
  if opts.achievement and not ctx.by_number[opts.achievement] then
    return unknown_achievement(plan.path, opts.achievement, ctx.numbers)
  end
  ctx.facts_of = {}
  ctx.item_type = new_item_type(ctx.facts_of)
  local items, by_number = {}, {}
  for i, achievement in ipairs(ctx.list) do
    local number = achievement.number
    local item = judge(ctx, achievement, found.slots[number] or { executions = {} })
    items[i], by_number[number] = item, item
  end
  local dependencies, divided
  if found.parallel then
    dependencies, divided = require("promptgen.state.parallel").of(ctx, found)
  end
  add_blockers(items, by_number, dependencies or {})
  if ctx.trust then
    ctx.conflicts:settle(ctx.warnings)
  end
  local status = {
    flags = flags_of(opts), feature = plan.feature, path = plan.path, total = #items, achievements = items,
    approved = count(items, "approved"), skipped = count(items, "skipped"),
    conflicts = ctx.conflicts.list, warnings = ctx.warnings.list,
    divided = divided, says_complete = ctx.says_complete, considered = {}, plan = plan, layout = ctx.layout,
  }
  drafts.check(ctx, items, states.is_closed)
  steps.check_handoff(ctx, by_number)
  if ctx.says_complete and not found.has_feedback then
    local header = plan.header_status
    ctx.warnings:add("complete_without_approvals", plan.path,
      header and header.complete and header.line or plan.handoff_complete_line,
      "the plan says it is complete, but no review file exists: approve --all, or --trust-plan")
  end
  if #status.conflicts == 0 then
    status.next = steps.next(ctx, status, by_number, opts)
  end
  status.state = plan_state(status)
  return status
end

---@class promptgen.state.Explanation
---@field status promptgen.state.Status
---@field item? promptgen.state.Item
---@field chosen boolean the item is the next step
---@field passed string[] what was looked for, in vain, before its state was found

--- Why one achievement of a status is where it is. Without a number: the next step, or the first
--- open achievement when nothing can be done.
---@param status promptgen.state.Status
---@param number? string
---@return promptgen.state.Explanation?
---@return promptgen.Error? err not_found
function state.reasons(status, number)
  local item = not number and status.next or nil
  for _, one in ipairs(status.achievements) do
    if number and one.number == number or not (number or item) and not states.is_closed(one) then
      item = one
      break
    end
  end
  if number and not item and status.total > 0 then
    return unknown_achievement(status.path, number, state.numbers(status))
  end
  local passed = {}
  for _, row in ipairs(states.list) do
    if not item or row.name == item.state then
      break
    end
    passed[#passed + 1] = not row.is_lack and row.means or nil
  end
  local chosen = status.next ~= nil and item ~= nil and status.next.number == item.number
  return { status = status, item = item, chosen = chosen, passed = passed }
end

--- Resolves a plan and tells the reasons; see `state.resolve` and `state.reasons`.
---@param ws table workspace
---@param plan table record of the plan
---@param number? string
---@param opts? promptgen.state.Options
---@return promptgen.state.Explanation?
---@return promptgen.Error? err
function state.explain(ws, plan, number, opts)
  local status, err = state.resolve(ws, plan, opts)
  if not status then
    return nil, err
  end
  return state.reasons(status, number)
end

--- The numbers of a status, in file order.
---@param status promptgen.state.Status
---@return string[]
function state.numbers(status)
  local numbers = {}
  for i, item in ipairs(status.achievements) do
    numbers[i] = item.number
  end
  return numbers
end

return state
