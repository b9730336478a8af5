--- `promptgen status [@PLAN|--all]`: where a plan stands, or all of them.
local explain = require "promptgen.explain"
local json = require "promptgen.json"
local overview = require "promptgen.overview"
local report = require "promptgen.state.report"

local function one(ctx, target)
  local status, err = overview.resolve(ctx, target)
  if not status then
    return nil, err
  end
  if ctx.json then
    ctx.out(json.encode(report.status(status, {
      { "schema", "promptgen.status/1" }, { "root", ctx.workspace.root },
    })) .. "\n")
  else
    ctx.out(explain.status(status, ctx.workspace.root, ctx.width))
  end
  return true
end

local function all(ctx)
  local list, err = overview.all(ctx)
  if not list then
    return nil, err
  end
  if ctx.json then
    local objects = {}
    for i, entry in ipairs(list) do
      objects[i] = entry.status and report.status(entry.status, {}) or report.failure(entry.path, entry.err)
    end
    ctx.out(json.encode(json.object {
      { "schema", "promptgen.statuses/1" }, { "root", ctx.workspace.root },
      { "plans", json.array(objects) },
    }) .. "\n")
    return true
  end
  ctx.out("root " .. ctx.workspace.root .. "\n\n" .. explain.plans(list, ctx.width))
  for _, entry in ipairs(list) do
    local status = entry.status
    if status and (#status.conflicts > 0 or #status.warnings > 0) then
      ctx.out("\n" .. explain.findings(status, ctx.width))
    end
  end
  return true
end

return {
  name = "status",
  summary = "show where a plan stands, or all of them",
  usage = "[@PLAN | --all] [options]",
  arguments = { { "plan", "@NAME or path of a plan; all plans without one", optional = true } },
  options = overview.options { { "--all", "flag", "all plans" } },
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
