-- A review that asks for fixes. Each critical issue is a heading of level 4 with its number; the rest
-- are lists. `promptgen next` and `promptgen fix --resolution` read this layout.
local template = require "promptgen.template"

return template.define {
  summary = "A request for fixes",
  params = {
    plan = { required = true, type = "table", doc = "{name, path, target}" },
    achievement = { required = true, type = "table", doc = "{number, title}" },
    reviewer = { required = true, type = "string", doc = "who asks" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
    summary = { type = "string", doc = "what is wrong, in a few sentences" },
    critical = { type = "list", default = {}, doc = "titles of what must be fixed" },
    minor = { type = "list", default = {}, doc = "what should be fixed" },
    positives = { type = "list", default = {}, doc = "what must stay as it is" },
    earlier = { type = "list", default = {}, doc = "paths of the earlier rounds" },
  },
  helpers = {
    --- The titles given, or one to be written.
    titles = function(list)
      return #list > 0 and list or { "[What is wrong, in a few words]" }
    end,
  },
  body = [==[
# FIX REQUIRED: Achievement {{ achievement.number }}

**Achievement**: {{ achievement.number }} {{ achievement.title | inline }}
**Reviewer**: {{ reviewer | inline }}
**Review Date**: {{ date }}
**Status**: ⚠️ Needs Fixes

## Summary

{% block summary %}
{{ summary and trim(summary) or "[What is wrong, in a few sentences]" }}
{% endblock %}
{% if #earlier > 0 then %}

Earlier rounds of this review:

{% for _, path in ipairs(earlier) do %}
- {{ path | code }}
{% end %}
{% end %}

## Issues Found

### Critical Issues

{% block critical %}
{% for i, title in ipairs(titles(critical)) do %}
{% if i > 1 then %}

{% end %}
#### {{ i }}. **{{ title | inline }}**

- **Where**: [File and lines]
- **Problem**: [What is wrong, and how to see it]
- **Impact**: [What it breaks]
- **Fix**: [What would be right]
{% end %}
{% endblock %}

### Minor Issues

{% block minor %}
{% for _, text in ipairs(minor) do %}
- {{ text | inline }}
{% end %}
{% if #minor == 0 then %}
- [What should be better, or remove this line]
{% end %}
{% endblock %}

## What Worked Well

{% block positives %}
{% for _, text in ipairs(positives) do %}
- {{ text | inline }}
{% end %}
{% if #positives == 0 then %}
- [What must stay as it is]
{% end %}
{% endblock %}

## Next Steps

{% block next %}
1. Fix the critical issues, each with a test that failed before.
2. Write the answer: {{ ("promptgen fix " .. plan.target .. " " .. achievement.number .. " --resolution") | code }} makes its skeleton.
3. Ask for another review.
{% endblock %}
]==],
}
