-- The reading list: files, lines, counts and reasons; then what not to read.
local template = require "promptgen.template"

return template.define {
  summary = "What to read, with lines and reasons, and what not to read",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% local list = brief.reading %}
{% for _, item in ipairs(list.items) do %}
{% if item.first then %}
- {{ item.path | code }}, lines {{ item.first }}-{{ item.last }} ({{ item.lines | plural("line") }}): {{ item.why | inline }}
{% elseif item.partial then %}
- {{ item.path | code }}: {{ item.why | inline }}. It is long; these {{ item.lines | plural("line") }} of it matter:
{% else %}
- {{ item.path | code }} ({{ item.lines | plural("line") }}): {{ item.why | inline }}{{ item.parts and ". Start with:" or "" }}
{% end %}
{% for _, part in ipairs(item.parts or {}) do %}
  - lines {{ part.first }}-{{ part.last }}, {{ part.title | code }}
{% end %}
{% end %}
{% if #brief.existing > 0 then %}
{% local files = {} for i, path in ipairs(brief.existing) do files[i] = code(path) end %}
- What exists already of the files the plan names: {{ files | join }}
{% end %}
{% if #list.items > 1 then %}
- In all: {{ list.lines | plural("line") }} of {{ list:files() | plural("file") }}{{ #brief.existing > 0 and ", and of the files that exist what the work touches" or "" }}
{% end %}
{% if #list.items == 0 and #brief.existing == 0 then %}
The plan's text above is all that you must read.
{% end %}
{% if #list.optional > 0 then %}

If the work touches them, also these sections of {{ brief.plan.path | code }}:

{% for _, item in ipairs(list.optional) do %}
- lines {{ item.first }}-{{ item.last }} ({{ item.lines | plural("line") }}), {{ item.title | code }}: {{ item.why }}
{% end %}
{% end %}

Leave alone: {{ list.avoid | join("; ") }}; anything in an archive folder.
]==],
}
