-- A new SUBPLAN. Every text in square brackets is still to be written; while one is left, the
-- achievement counts as `subplan_draft`.
local template = require "promptgen.template"

return template.define {
  summary = "A new SUBPLAN",
  params = {
    plan = { required = true, type = "table", doc = "{name, path}" },
    achievement = { required = true, type = "table", doc = "{number, title, code, goal?, tests?, deliverables?, executions?}" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
  },
  body = [==[
# SUBPLAN: Achievement {{ achievement.number }} - {{ achievement.title | inline }}

**Plan**: {{ plan.name | inline }}
**Achievement**: {{ achievement.number }}
**Status**: Draft
**Created**: {{ date }}

## Objective

{% block objective %}
[What will exist and work when this is done, in three sentences at most]
{% if achievement.goal then %}

The plan states this goal:

{{ achievement.goal | fence("markdown") }}
{% end %}
{% endblock %}

## Deliverables

{% block deliverables %}
- [Every file to create or change, with its full path and one line on what it will hold]
{% if achievement.deliverables then %}

The plan asks for:

{{ achievement.deliverables | fence("markdown") }}
{% end %}
{% endblock %}

## Approach

{% block approach %}
[The decisions that matter with their reasons, then the steps in the order they should be taken]
{% endblock %}

## Planned Executions

{% block executions %}
| Execution | Delivers | Proved by |
|---|---|---|
{% if achievement.executions then %}
{% for _, one in ipairs(achievement.executions) do %}
| {{ one.code }} | {{ one.about and inline(one.about):gsub("|", "/") or "[What it creates and changes]" }} | [The tests that prove it]{{ #one.waits > 0 and ("; after " .. table.concat(one.waits, ", ")) or "" }} |
{% end %}
{% else %}
| {{ achievement.code }}_01 | everything | the tests below |
{% end %}
{% endblock %}

## Tests

{% block tests %}
[Test files with their paths, the cases each must cover, and the command that runs them]
{% if achievement.tests then %}

The plan says of tests:

{{ achievement.tests | fence("markdown") }}
{% end %}
{% endblock %}

## Risks

{% block risks %}
[What could go wrong or collide with other work, and what to do then]
{% endblock %}

## Done When

{% block done %}
- [A statement that can be checked with yes or no, at least one for each deliverable]
{% endblock %}
]==],
}
