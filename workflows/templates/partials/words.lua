-- The plan's own words on the achievement, quoted so that nothing in them is taken for this prompt.
local template = require "promptgen.template"

return template.define {
  summary = "The achievement as the plan states it, quoted",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% local words = brief.words %}
{% if words.whole then %}
This is the plan's own text, lines {{ words.first }}-{{ words.last }} ({{ words.count | plural("line") }}) of {{ brief.plan.path | code }}; there is no need to open it for this.
{% else %}
The plan says this in lines {{ words.first }}-{{ words.last }} ({{ words.count | plural("line") }}) of {{ brief.plan.path | code }}. That is too long to quote whole: read those lines first. Its main points:
{% end %}

{{ words.text | fence("markdown") }}
]==],
}
