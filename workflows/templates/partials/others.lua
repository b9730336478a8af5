-- The achievements round the one in hand: where the work ends.
local template = require "promptgen.template"

return template.define {
  summary = "The other achievements of the plan and their states",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% if #brief.others > 0 then %}
They are not part of this work; they show where it ends{{ brief.others.partly and " (the plan has more; these are the nearest)" or "" }}:

{% for _, item in ipairs(brief.others) do %}
- {{ item.label | inline }} ({{ item.state | code }}){{ item.needed and ", which this one builds on" or "" }}
{% end %}
{% end %}
]==],
}
