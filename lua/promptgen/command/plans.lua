--- `promptgen plans`: every plan of the workspace, one a line.
local explain = require "promptgen.explain"
local overview = require "promptgen.overview"

local function as_json(ctx)
  local report = require "promptgen.state.report"
  local text, err = overview.json(ctx, "promptgen.plans/1", function(path, status, why)
    return status and report.summary(status) or report.failure(path, why)
  end)
  if not text then
    return nil, err
  end
  ctx.out(text)
  return true
end

return {
  name = "plans",
  counts = true,
  summary = "list all plans with state, progress and next step",
  usage = "[options]",
  arguments = {},
  run = function(ctx)
    if ctx.json then
      return as_json(ctx)
    end
    local rows, err = overview.values(ctx, "rows", explain.row)
    if not rows then
      return nil, err
    end
    ctx.out(explain.plans(rows, ctx.width))
    return true
  end,
}
