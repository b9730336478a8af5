--- `promptgen status [@PLAN|--all]`: where a plan stands, or all of them.
local explain = require "promptgen.explain"
local json = require "promptgen.json"
local overview = require "promptgen.overview"
local report = require "promptgen.state.report"

local function one(ctx, target)
  local found, err = overview.standing(ctx, target)
  if not found then
    return nil, err
  end
  if ctx.json then
    ctx.out(json.encode(report.status(found.status, {
      { "schema", "promptgen.status/1" }, { "root", ctx.workspace.root },
    })) .. "\n")
  else
    ctx.out(explain.status(found.status, ctx.workspace.root, ctx.width))
  end
  found.save()
  return true
end

local function all(ctx)
  if ctx.json then
    local text, err = overview.json(ctx, "promptgen.statuses/1", function(path, status, why)
      return status and report.status(status, {}) or report.failure(path, why)
    end)
    if not text then
      return nil, err
    end
    ctx.out(text)
    return true
  end
  local rows, findings = {}, {}
  local ok, err = overview.each(ctx, function(path, status, why)
    rows[#rows + 1] = explain.row(path, status, why)
    if status and (#status.conflicts > 0 or #status.warnings > 0) then
      findings[#findings + 1] = "\n" .. explain.findings(status, ctx.width)
    end
  end)
  if not ok then
    return nil, err
  end
  ctx.out("root " .. ctx.workspace.root .. "\n\n" .. explain.plans(rows, ctx.width)
    .. table.concat(findings))
  return true
end

return {
  name = "status",
  counts = true,
  summary = "show where a plan stands, or all of them",
  usage = "[@PLAN | --all] [options]",
  arguments = { { "plan", "@NAME or path of a plan; all plans without one", optional = true } },
  options = { { "--all", "flag", "all plans" } },
  run = function(ctx)
    if ctx.args.plan and ctx.args.all then
      return nil, require("promptgen.errors").new {
        code = "usage", message = "status takes a plan or --all, not both",
      }
    elseif ctx.args.plan then
      return one(ctx, ctx.args.plan)
    end
    return all(ctx)
  end,
}
