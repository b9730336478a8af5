--- `promptgen plans`: every plan of the workspace, one a line.
local explain = require "promptgen.explain"
local json = require "promptgen.json"
local overview = require "promptgen.overview"
local report = require "promptgen.state.report"

return {
  name = "plans",
  summary = "list all plans with state, progress and next step",
  usage = "[options]",
  arguments = {},
  options = overview.options {},
  run = function(ctx)
    local list, err = overview.all(ctx)
    if not list then
      return nil, err
    end
    if not ctx.json then
      ctx.out(explain.plans(list, ctx.width))
      return true
    end
    local objects = {}
    for i, entry in ipairs(list) do
      objects[i] = entry.status and report.summary(entry.status) or report.failure(entry.path, entry.err)
    end
    ctx.out(json.encode(json.object {
      { "schema", "promptgen.plans/1" }, { "root", ctx.workspace.root }, { "plans", json.array(objects) },
    }) .. "\n")
    return true
  end,
}
