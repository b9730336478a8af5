-- `promptgen subplan @PLAN [create|continue|synthesize]`: writes the prompt for work on a SUBPLAN.
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

--- States that each kind of work serves.
local KINDS = {
  create = { no_subplan = "create_subplan" },
  continue = { subplan_draft = "continue_subplan", subplan_ready = "continue_subplan" },
  synthesize = { executed = "synthesize" },
}

--- Without a kind: what the state asks for.
local AUTO = {
  no_subplan = "create_subplan",
  subplan_draft = "continue_subplan",
  executed = function(item)
    return item.recommendation == "synthesize" and "synthesize" or nil
  end,
}

local PURPOSES = {
  create = "design", continue = "finish in a SUBPLAN", synthesize = "bring together",
}

return workflow.define {
  name = "subplan",
  summary = "Write the prompt that creates, finishes or completes a SUBPLAN",
  arguments = {
    { "plan", "@NAME or path of a plan" },
    { "kind", "create, continue or synthesize; default: what the state asks for", optional = true },
  },
  options = { target.achievement_option },
  check = function(args)
    if args.kind and not KINDS[args.kind] then
      return nil, ("there is no '%s' of a SUBPLAN"):format(args.kind), "it is create, continue or synthesize"
    end
    return true
  end,
  run = function(ctx)
    local kind = ctx.args.kind
    return target.prompt(ctx, kind and KINDS[kind] or AUTO, kind and PURPOSES[kind]
      or "do on a SUBPLAN")
  end,
}
