--- `promptgen` alone on a terminal, or `promptgen --interactive [@PLAN [--achievement N]]`.
local errors = require "promptgen.errors"
local host = require "promptgen.host"

return {
  name = "interactive",
  summary = "choose a plan and take its next prompt from menus",
  arguments = { { "plan", "@NAME or path of a plan; all plans without one", optional = true } },
  options = { { "--achievement", "value", "offer the prompt for this achievement of the plan first", metavar = "N" } },
  run = function(ctx)
    if ctx.json then
      return nil, errors.new { code = "usage", message = "--interactive and --json exclude each other" }
    elseif ctx.args.achievement and not ctx.args.plan then
      return nil, errors.new { code = "usage", message = "--interactive needs a plan for --achievement",
        hint = "promptgen --interactive @NAME --achievement " .. ctx.args.achievement }
    elseif not (host.isatty(0) and host.isatty(1)) then
      return nil, errors.new {
        code = "usage", message = "--interactive needs a terminal for input and output",
        hint = "promptgen next @PLAN prints the prompt",
      }
    end
    return require("promptgen.menu").run(ctx, ctx.args.plan, ctx.args.achievement)
  end,
}
