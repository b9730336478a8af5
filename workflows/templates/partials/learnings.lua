-- What earlier executions of an achievement learnt, quoted.
local template = require "promptgen.template"

return template.define {
  summary = "Learnings of earlier executions, quoted with their lines",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% for i, learning in ipairs(brief.learnings) do %}
{% if i > 1 then %}

{% end %}
Lines {{ learning.first }}-{{ learning.last }} ({{ learning.count | plural("line") }}) of {{ learning.path | code }}{{ learning.whole and "" or (", of which the first %d are quoted; read the rest there"):format(learning.shown) }}:

{{ learning.text | fence("markdown") }}
{% end %}
]==],
}
