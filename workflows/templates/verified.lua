-- What `verify` says of a plan that agrees with its files.
local prompt = require "promptgen.prompt"
local template = require "promptgen.template"

local params = { comparison = { required = true, type = "table", doc = "from promptgen.comparison" } }
for name, param in pairs(prompt.params) do
  params[name] = param
end

return template.define {
  summary = "A plan that agrees with its files",
  params = params,
  prepare = prompt.prepare,
  body = [==[
{% block text %}
The plan {{ brief.name | inline }} agrees with its files: {{ comparison.checked | plural("statement") }} compared, no difference.

- Plan: {{ brief.plan.path | code }}
- Progress: {{ brief.progress.closed }} of {{ brief.progress.total | plural("achievement") }} closed
- {{ brief.commands.next | code }} writes the prompt for the next step
{% endblock %}
]==],
}
