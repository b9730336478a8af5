-- The issues of a review as a list to work through, what it praises, and the files it names.
local template = require "promptgen.template"

return template.define {
  summary = "The issues of a review with their lines, what worked, and the files it names",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% local fix = brief.fix %}
{% if fix and #fix.issues > 0 then %}

The review{{ fix.reviewer and (" by " .. inline(fix.reviewer)) or "" }}{{ fix.date and (" of " .. inline(fix.date)) or "" }} has {{ #fix.issues | plural("issue") }}{{ fix.minor > 0 and fix.critical > 0 and (" (%d critical, %d minor)"):format(fix.critical, fix.minor) or "" }}:

{% for i, issue in ipairs(fix.issues) do %}
{{ i }}. {{ issue.weight == "issue" and "" or issue.weight == "critical" and "Critical: " or "Minor: " }}{{ issue.title | inline }} ({{ issue.line == issue.end_line and ("line " .. issue.line) or ("lines %d-%d"):format(issue.line, issue.end_line) }})
{% end %}
{% end %}
{% if #(brief.named or {}) > 0 then %}
{% local files = {} for i, path in ipairs(brief.named) do files[i] = code(path) end %}

Files it names: {{ files | join }}
{% end %}
{% if #(brief.missing or {}) > 0 then %}

Paths it names where no file lies (to be created, or written relative to another folder): {{ brief.missing | join }}
{% end %}
{% if fix and #fix.passages > 0 then %}
{% local passages = {} for i, passage in ipairs(fix.passages) do passages[i] = code(passage) end %}

Passages of code that were copied into it (language and lines): {{ passages | join }}
{% end %}
{% if fix and #fix.worked > 0 then %}

It praises this, so keep it:

{% for _, entry in ipairs(fix.worked) do %}
- {{ entry.title | inline }}
{% end %}
{% end %}
]==],
}
