--- The states of an achievement and the rules that choose the next step, as data.
---
--- `list` is in the order of decision: the first row whose `when` holds is the state. `when` sees
--- the facts of one achievement (promptgen.state.facts), which are looked up only when asked for.
--- `closed` rows need no more work; `started` rows have at least a SUBPLAN. `file` names the fact
--- that holds the path a step is about.
local states = {}

---@class promptgen.state.Row
---@field name string
---@field recommendation? string|fun(facts: table): string
---@field closed? boolean
---@field started? boolean
---@field file? string
---@field means string
---@field is_lack? boolean `means` is that something is not there
---@field when fun(facts: table): any

---@type promptgen.state.Row[]
states.list = {
  {
    name = "approved", closed = true, file = "approved",
    means = "an APPROVED file that is not empty",
    when = function(f) return f.approved end,
  },
  {
    name = "skipped", closed = true, file = "skipped",
    means = "a SKIPPED file",
    when = function(f) return f.skipped end,
  },
  {
    name = "needs_fix", recommendation = "address_fixes", started = true, file = "fix",
    means = "a FIX file that no RESOLUTION answers",
    when = function(f) return f.fix and not f.resolution end,
  },
  {
    name = "fix_resolved", recommendation = "review", started = true, file = "resolution",
    means = "a FIX file with a RESOLUTION",
    when = function(f) return f.fix end,
  },
  {
    name = "no_subplan", recommendation = "create_subplan",
    means = "no SUBPLAN file", is_lack = true,
    when = function(f) return not f.subplan end,
  },
  {
    name = "subplan_draft", recommendation = "continue_subplan", started = true, file = "subplan",
    means = "a SUBPLAN that is empty or has placeholders left",
    when = function(f) return not f.has_executions and f.draft end,
  },
  {
    name = "subplan_complete", recommendation = "review", started = true, file = "subplan",
    means = "a SUBPLAN that says complete, without an execution file",
    when = function(f) return not f.has_executions and f.subplan_says_complete end,
  },
  {
    name = "subplan_ready", recommendation = "create_execution", started = true, file = "subplan",
    means = "a SUBPLAN without an execution file",
    when = function(f) return not f.has_executions end,
  },
  {
    name = "executing", recommendation = "continue_execution", started = true, file = "incomplete",
    means = "an execution file that is not complete",
    when = function(f) return f.incomplete end,
  },
  {
    name = "execution_due", recommendation = "create_next_execution", started = true,
    file = "last_execution",
    means = "all execution files complete, and the SUBPLAN plans more",
    when = function(f) return f.due end,
  },
  {
    name = "executed", started = true, file = "last_execution",
    recommendation = function(f) return f.needs_synthesis and "synthesize" or "review" end,
    means = "all execution files complete",
    when = function() return true end,
  },
}

---@type table<string, promptgen.state.Row>
states.by_name = {}
for _, row in ipairs(states.list) do
  states.by_name[row.name] = row
end

--- True for an item that needs no more work.
---@param item { state: string }
---@return boolean
function states.is_closed(item)
  return states.by_name[item.state].closed == true
end

--- Rules of the next step, in their usual order.
states.order = { "needs_fix_first", "handoff", "started", "first_open" }

--- What each rule picks.
states.rules = {
  needs_fix_first = "the first achievement whose review asks for fixes, even a blocked one",
  handoff = "the achievement the handoff names, when it is open and not blocked",
  started = "the first achievement already started that is not blocked",
  first_open = "the first open achievement whose dependencies are closed",
}

--- What a step asks for, as a short phrase.
states.phrases = {
  address_fixes = "address the review's fixes",
  review = "review the work",
  create_subplan = "create the SUBPLAN",
  continue_subplan = "finish the SUBPLAN",
  create_execution = "create the first EXECUTION_TASK",
  continue_execution = "continue the EXECUTION_TASK",
  create_next_execution = "create the next EXECUTION_TASK",
  synthesize = "write the synthesis of the executions",
}

return states
