-- A new workflow: it runs as it is.
local template = require "promptgen.template"

return template.define {
  summary = "A new workflow",
  params = { name = { required = true, type = "string", doc = "letters, digits, - and _" } },
  body = [==[
-- Run it: promptgen run workflows/{{ name }}.lua @PLAN
local workflow = require "promptgen.workflow"

return workflow.define {
  name = "{{ name }}",
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
    return ctx:prompt("{{ name }}", { plan = plan, status = status })
  end,
}
]==],
}
