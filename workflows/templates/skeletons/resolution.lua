-- The answer to a request for fixes. While a text in square brackets is left, the request counts as
-- not answered.
local template = require "promptgen.template"

return template.define {
  summary = "The answer to a request for fixes",
  params = {
    plan = { required = true, type = "table", doc = "{name, path}" },
    achievement = { required = true, type = "table", doc = "{number, title}" },
    executor = { required = true, type = "string", doc = "who answers" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
    fix = { required = true, type = "string", doc = "path of the FIX file" },
    issues = { type = "list", default = {}, doc = "{title, line} of each issue of the review" },
    minor = { type = "list", default = {}, doc = "minor issues, as the review words them" },
  },
  helpers = {
    --- The issues that were found, or one for a review that has no list of them.
    entries = function(list)
      return #list > 0 and list or { { title = "The issues of the review" } }
    end,
  },
  body = [==[
# RESOLUTION: Achievement {{ achievement.number }}

**Achievement**: {{ achievement.number }} {{ achievement.title | inline }}
**Executor**: {{ executor | inline }}
**Date**: {{ date }}
**Status**: [Resolved, once every issue below is]

This answers {{ fix | code }}.

## Issues

{% block issues %}
{% for i, issue in ipairs(entries(issues)) do %}
{% if i > 1 then %}

{% end %}
### {{ i }}. {{ issue.title | inline }}

- **Was wrong**: [The cause]
- **Changed**: [Files and lines]
- **Proved by**: [The test or the command, and its result]
{% end %}
{% endblock %}

## Minor Issues

{% block minor %}
{% for _, text in ipairs(minor) do %}
- {{ text | inline }}
  - **Done**: [What was changed, or why it stays]
{% end %}
{% if #minor == 0 then %}
None.
{% end %}
{% endblock %}

## Tests

{% block tests %}
[The commands that were run, and their results]
{% endblock %}
]==],
}
