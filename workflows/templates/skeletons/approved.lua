-- A review that approves an achievement.
local template = require "promptgen.template"

return template.define {
  summary = "An approval",
  params = {
    plan = { required = true, type = "table", doc = "{name, path}" },
    achievement = { required = true, type = "table", doc = "{number, title, goal?, deliverables?}" },
    reviewer = { required = true, type = "string", doc = "who approves" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
    summary = { type = "string", doc = "what the reviewer says" },
    recommendations = { type = "list", default = {}, doc = "what could be better later" },
    reviewed = { type = "list", default = {}, doc = "paths of the files that were reviewed" },
  },
  body = [==[
# APPROVED: Achievement {{ achievement.number }}

**Achievement**: {{ achievement.number }} {{ achievement.title | inline }}
**Reviewer**: {{ reviewer | inline }}
**Review Date**: {{ date }}
**Status**: ✅ Approved

## Summary

{% block summary %}
{{ summary and trim(summary) or "Approved." }}
{% endblock %}

{% block deliverables %}
{% if achievement.deliverables then %}
## Deliverables

The plan asked for:

{{ achievement.deliverables | fence("markdown") }}
{% end %}
{% endblock %}

## Files Reviewed

{% block reviewed %}
{% for _, path in ipairs(reviewed) do %}
- {{ path | code }}
{% end %}
{% if #reviewed == 0 then %}
There is no SUBPLAN and no EXECUTION_TASK of this achievement.
{% end %}
{% endblock %}

## Recommendations

{% block recommendations %}
{% for _, text in ipairs(recommendations) do %}
- {{ text | inline }}
{% end %}
{% if #recommendations == 0 then %}
None.
{% end %}
{% endblock %}
]==],
}
