-- `promptgen execution @PLAN [create|continue|next]`: writes the prompt for carrying out a SUBPLAN.
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

--- States that each kind of work serves.
local KINDS = {
  create = { subplan_ready = "create_execution", subplan_complete = "create_execution" },
  continue = { executing = "continue_execution" },
  next = { execution_due = "create_next_execution", executed = "create_next_execution" },
}

--- Without a kind: what the state asks for.
local AUTO = {
  subplan_ready = "create_execution",
  executing = "continue_execution",
  execution_due = "create_next_execution",
}

local PURPOSES = {
  create = "begin to execute", continue = "continue", next = "execute after what is complete",
}

return workflow.define {
  name = "execution",
  summary = "Write the prompt that begins, continues or follows up an execution",
  arguments = {
    { "plan", "@NAME or path of a plan" },
    { "kind", "create, continue or next; default: what the state asks for", optional = true },
  },
  options = { target.achievement_option },
  check = function(args)
    if args.kind and not KINDS[args.kind] then
      return nil, ("there is no '%s' of an execution"):format(args.kind), "it is create, continue or next"
    end
    return true
  end,
  run = function(ctx)
    local kind = ctx.args.kind
    return target.prompt(ctx, kind and KINDS[kind] or AUTO, kind and PURPOSES[kind] or "execute")
  end,
}
