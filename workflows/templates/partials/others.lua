-- The achievements round the one in hand: where the work ends.
local template = require "promptgen.template"

return template.define {
  summary = "The other achievements of the plan and their states",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% if #brief.others > 0 then %}
They are not part of this work, and show where it ends{{ brief.others.partly and "; those nearest in the plan" or "" }}:

{% for _, item in ipairs(brief.others) do %}
- {{ item.label | inline }} ({{ item.state | code }}){{ item.needed and ", which this one builds on" or "" }}
{% end %}
{% end %}
]==],
}
