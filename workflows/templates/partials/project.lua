-- Project context from the file that the configuration names, quoted.
local template = require "promptgen.template"

return template.define {
  summary = "Parts of the configured project file, quoted",
  params = { project = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
From {{ project.path | code }}:

{% for i, part in ipairs(project.parts) do %}
{% if i > 1 then %}

{% end %}
{{ part.text | fence("markdown") }}
{% end %}
]==],
}
