--- `promptgen new workflow NAME`: a working skeleton with its template and a test.
local errors = require "promptgen.errors"

local WORKFLOW = [==[
-- Run it: promptgen run %s @PLAN
local workflow = require "promptgen.workflow"

return workflow.define {
  name = "%s",
  summary = "Says what the next step of a plan is",
  options = {
    { "--achievement", "value", "ask about this achievement instead of the next one", metavar = "N" },
  },
  run = function(ctx)
    local plan, err = ctx.workspace:plan(ctx.args.plan)
    if not plan then
      return nil, err
    end
    local status
    status, err = ctx.state:all(plan, { achievement = ctx.args.achievement })
    if not status then
      return nil, err
    end
    return ctx:prompt("%s", { plan = plan, status = status })
  end,
}
]==]

local TEMPLATE = [==[
local template = require "promptgen.template"

return template.define {
  summary = "The next step of a plan in a few lines",
  params = {
    plan = { type = "any", doc = "the plan's record" },
    status = { type = "table", doc = "where the plan stands" },
  },
  body = [[
# {{ plan.title }}

{% if status.next then %}
Next is achievement {{ status.next.number }}, {{ status.next.title }}: {{ status.next.recommendation }}.
{% else %}
There is no next step: the plan is {{ status.state }}.
{% end %}

{{ status.approved }} of {{ status.total }} achievements are approved.
]],
}
]==]

local function files(name)
  return {
    { "workflows/" .. name .. ".lua", WORKFLOW:format(name, name, name) },
    { "workflows/templates/" .. name .. ".lua", TEMPLATE },
  }
end

local function write_all(ctx, root, list)
  local out = {}
  for _, file in ipairs(list) do
    if ctx.options.dry_run then
      out[#out + 1] = ("would write %s\n"):format(file[1])
    else
      local signature, err = root:write(file[1], file[2], { no_replace = true, parents = true })
      if not signature then
        err.path = file[1]
        return nil, err
      end
      out[#out + 1] = file[1] .. "\n"
    end
  end
  ctx.out(table.concat(out))
  return true
end

local function new_workflow(ctx, name)
  if not name:match("^[%w_-]+$") then
    return nil, errors.new { code = "usage", message = ("'%s' is not a workflow name"):format(name),
      hint = "use letters, digits, - and _" }
  end
  local dir, err = ctx.app:root()
  if not dir then
    return nil, err
  end
  local root
  root, err = require("promptgen.fs").root(dir)
  if not root then
    return nil, err
  end
  local list = files(name)
  for _, file in ipairs(list) do
    if root:stat(file[1]) then
      return nil, errors.new { code = "conflict", path = file[1], message = "the file is there already",
        hint = "choose another name" }
    end
  end
  return write_all(ctx, root, list)
end

local MAKERS = { workflow = new_workflow }

return {
  name = "new",
  summary = "make a skeleton: new workflow NAME",
  arguments = { { "kind", "workflow" }, { "name", "its name" } },
  run = function(ctx)
    local make = MAKERS[ctx.args.kind]
    if not make then
      return nil, errors.new { code = "usage", message = ("new makes no '%s'"):format(ctx.args.kind),
        hint = "promptgen new workflow NAME" }
    end
    return make(ctx, ctx.args.name)
  end,
}
