--- `promptgen repl [@PLAN]`: an interactive Lua prompt on the live workspace.
local errors = require "promptgen.errors"

--- Interactive sessions have no time limit unless one was asked for: Ctrl-C is there.
local function seconds_of(ctx, is_interactive)
  local given = ctx.options.given and ctx.options.given.timeout
  return (given or not is_interactive) and ctx.options.timeout or nil
end

local function usage(message, hint)
  return nil, errors.new { code = "usage", message = message, hint = hint }
end

--- The plan, and whether standard input is to be read as it comes.
local function sort_arguments(ctx)
  local target, from_input = nil, false
  for _, argument in ipairs(ctx.args.what or {}) do
    if argument == "-" then
      from_input = true
    elseif target then
      return nil, ("unexpected argument '%s'"):format(argument)
    else
      target = argument
    end
  end
  return true, target, from_input
end

return {
  name = "repl",
  summary = "look into the workspace with a Lua prompt",
  usage = "[@PLAN] [-] [-e EXPR] [--load FILE]",
  arguments = {
    { "what", "@NAME or path of a plan; - reads chunks from standard input", optional = true, list = true },
  },
  options = {
    { "-e --eval", "list", "evaluate an expression, show its value and leave", metavar = "EXPR" },
    { "--load", "list", "run a Lua file first", metavar = "FILE" },
  },
  counts = true,
  run = function(ctx)
    local ok, target, from_input = sort_arguments(ctx)
    if not ok then
      return usage(target, "promptgen help repl shows what it accepts")
    end
    local expressions = ctx.args.eval and #ctx.args.eval > 0 and ctx.args.eval or nil
    if ctx.json and not expressions then
      return usage("--json needs an expression", "promptgen repl -e EXPR --json")
    end
    local host = require "promptgen.host"
    from_input = from_input or not (host.isatty(0) and host.isatty(1))
    local status, err = require("promptgen.repl").run(ctx.app, {
      target = target, expressions = expressions, load = ctx.args.load, input = from_input, json = ctx.json,
      seconds = seconds_of(ctx, not expressions and not from_input),
    })
    if type(status) == "string" then
      ctx.out(status)
      return true
    end
    return status, err
  end,
}
