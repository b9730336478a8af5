--- `promptgen graph @PLAN`: which achievement waits for which, and what can be worked on now.
local errors = require "promptgen.errors"

local function number_or_null(json, value)
  return value == nil and json.null or value
end

local function to_json(found, status, graph)
  local json = require "promptgen.json"
  local nodes, levels = {}, {}
  for i, node in ipairs(found.nodes) do
    nodes[i] = json.object {
      { "number", node.number }, { "title", number_or_null(json, node.title) }, { "state", node.state },
      { "level", number_or_null(json, node.level) }, { "needs", json.array(node.needs) },
      { "opens", json.array(node.opens) }, { "blockers", json.array(node.blockers) },
      { "hours", number_or_null(json, node.hours) },
    }
  end
  for i, level in ipairs(found.levels) do
    levels[i] = json.array(level)
  end
  return json.encode(json.object {
    { "schema", "promptgen.graph/1" }, { "feature", number_or_null(json, status.feature) }, { "path", status.path },
    { "state", status.state }, { "total", status.total }, { "approved", status.approved },
    { "skipped", status.skipped }, { "next", status.next and status.next.number or json.null },
    { "achievements", json.array(nodes) }, { "levels", json.array(levels) },
    { "circle", found.circle and json.array(found.circle) or json.null }, { "free", json.array(found.free) },
    { "hours", found.hours and json.object {
      { "one_by_one", found.hours.one_by_one }, { "at_once", found.hours.at_once },
    } or json.null },
    { "mermaid", graph.mermaid(found) }, { "dot", graph.dot(found, status.feature or status.path) },
  }) .. "\n"
end

local FORMATS = { tree = true, mermaid = true, dot = true }

return {
  name = "graph",
  summary = "show which achievement waits for which, and what is free",
  usage = "@PLAN [--format tree|mermaid|dot]",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = { { "--format", "value", "tree (default), mermaid or dot", metavar = "F" } },
  counts = true,
  run = function(ctx)
    local format = ctx.args.format or "tree"
    if not FORMATS[format] then
      return nil, errors.new { code = "usage", message = ("there is no format '%s'"):format(format),
        hint = "tree, mermaid or dot" }
    end
    require("promptgen.host").deadline(ctx.options.timeout)
    local found, err = require("promptgen.overview").standing(ctx, ctx.args.plan)
    if not found then
      return nil, err
    end
    local status, graph = found.status, require "promptgen.graph"
    local plan
    plan, err = ctx.workspace:document(status.path)
    if not plan then
      return nil, err
    end
    local drawn = graph.of(status, plan)
    if ctx.json then
      ctx.out(to_json(drawn, status, graph))
    elseif format == "mermaid" then
      ctx.out(graph.mermaid(drawn))
    elseif format == "dot" then
      ctx.out(graph.dot(drawn, status.feature or status.path))
    else
      ctx.out(graph.text(drawn, status, ctx.width))
    end
    found.save()
    return true
  end,
}
