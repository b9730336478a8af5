-- The template of a new workflow.
local template = require "promptgen.template"

return template.define {
  summary = "The template of a new workflow",
  params = { name = { required = true, type = "string", doc = "name of the workflow" } },
  body = [==[
-- The prompt of workflows/{{ name }}.lua.
{% raw %}
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
{% endraw %}
]==],
}
