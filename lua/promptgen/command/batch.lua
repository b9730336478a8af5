--- `promptgen batch @PLAN subplans|executions`: makes the files of a whole level of dependency.
local errors = require "promptgen.errors"

return {
  name = "batch",
  summary = "make all SUBPLANs or EXECUTION_TASKs of a level of dependency",
  usage = "@PLAN subplans|executions [--level N] [--yes]",
  arguments = { { "plan", "@NAME or path of a plan" }, { "kind", "subplans or executions" } },
  options = {
    { "--level", "value", "this level (the lowest that lacks something)", metavar = "N" },
    { "--yes", "flag", "write the files; without it they are only listed" },
    { "--date", "value", "date the documents bear (today)", metavar = "YYYY-MM-DD" },
  },
  run = function(ctx)
    local batch, args = require "promptgen.scaffold.batch", ctx.args
    local level = args.level and args.level:match "^%d%d?%d?$" and math.tointeger(tonumber(args.level))
    if not batch.is_kind(args.kind) then
      return nil, errors.new { code = "usage", message = ("batch makes no '%s'"):format(args.kind),
        hint = "promptgen batch @PLAN subplans, or executions" }
    elseif args.level and not level then
      return nil, errors.new { code = "usage", message = ("'%s' is not a level"):format(args.level),
        hint = "levels are counted from 0" }
    end
    return require("promptgen.transition").run(ctx, function(run)
      return batch.decide(run, {
        plan = args.plan, kind = args.kind, level = level, date = args.date, yes = args.yes or ctx.options.dry_run,
      })
    end)
  end,
}
