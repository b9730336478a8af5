-- A review that approves an achievement. What the reviewer does not say is left in square brackets: the
-- approval counts all the same, and claims nothing that nobody said.
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
    verified = { type = "list", default = {}, doc = "deliverables, and how each was verified" },
    tests = { type = "list", default = {}, doc = "commands that were run, and their results" },
  },
  helpers = {
    --- What was said, or what is to be written.
    lines = function(list, instead)
      return #list > 0 and list or { instead }
    end,
  },
  body = [==[
# APPROVED: Achievement {{ achievement.number }}

**Achievement**: {{ achievement.number }} {{ achievement.title | inline }}
**Reviewer**: {{ reviewer | inline }}
**Review Date**: {{ date }}
**Status**: ✅ Approved

## Summary

{% block summary %}
{{ summary and trim(summary) or "[What was delivered, in a few sentences]" }}
{% endblock %}

## Deliverables Verified

{% block deliverables %}
{% for _, text in ipairs(lines(verified, "[Each deliverable with its path, and how it was verified]")) do %}
- {{ text | inline }}
{% end %}
{% if achievement.deliverables then %}

The plan asks for:

{{ achievement.deliverables | fence("markdown") }}
{% end %}
{% endblock %}

## Tests

{% block tests %}
{% for _, text in ipairs(lines(tests, "[The commands that were run, and their results]")) do %}
- {{ text | inline }}
{% end %}
{% endblock %}

## Recommendations

{% block recommendations %}
{% for _, text in ipairs(lines(recommendations, "[What could be better later, or None]")) do %}
- {{ text | inline }}
{% end %}
{% endblock %}
]==],
}
