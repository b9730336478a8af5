--- `promptgen explain @PLAN [N]`: why this answer: evidence, rule, blockers, what to run next.
local explain = require "promptgen.explain"
local overview = require "promptgen.overview"

return {
  name = "explain",
  counts = true,
  summary = "show why a plan or an achievement is where it is",
  usage = "@PLAN [N] [options]",
  arguments = {
    { "plan", "@NAME or path of a plan" },
    { "number", "an achievement; the next step without one", optional = true },
  },
  run = function(ctx)
    local found, err = overview.standing(ctx, ctx.args.plan)
    if not found then
      return nil, err
    end
    local explanation
    explanation, err = require("promptgen.state").reasons(found.status, ctx.args.number)
    if not explanation then
      return nil, err
    end
    if ctx.json then
      local command = explain.command(explanation.status, explanation.item)
      local object = require("promptgen.state.report").explanation(explanation, command)
      ctx.out(require("promptgen.json").encode(object) .. "\n")
    else
      ctx.out(explain.why(explanation, ctx.width))
    end
    found.save()
    return true
  end,
}
