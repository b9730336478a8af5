-- What the plan itself says of tests, as a point of a list.
local template = require "promptgen.template"

return template.define {
  summary = "What the plan says of tests",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% local tests = brief.tests %}
{% if tests and tests.none then %}
- The plan names no tests for this achievement ({{ tests.text | inline }}): check every deliverable against the plan's text instead.
{% elseif tests and tests.text then %}
- The plan asks for this in particular: {{ tests.text | sentence }}
{% elseif tests then %}
- Do what the plan's text says under {{ tests.label | code }}.
{% end %}
]==],
}
