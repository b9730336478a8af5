-- The lines that say which plan and which achievement a prompt is about.
local template = require "promptgen.template"

return template.define {
  summary = "Plan, achievement, goal, effort, priority and progress",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
- Plan: {{ brief.name | inline }}, in {{ brief.plan.path | code }} ({{ brief.plan.lines | plural("line") }})
{% if brief.number then %}
- Achievement: {{ brief.number }}{{ brief.title and ", " .. inline(brief.title) or "" }}
{% end %}
{% if brief.goal then %}
- Goal: {{ brief.goal | sentence }}
{% end %}
{% if brief.objective then %}
- Objective, as the SUBPLAN puts it: {{ brief.objective.text | sentence }}
{% end %}
{% if brief.effort then %}
- Effort planned: {{ brief.effort | inline }}
{% end %}
{% if brief.priority then %}
- Priority: {{ brief.priority | inline }}
{% end %}
{% if brief.unwritten then %}
- Still to be written in the plan: {{ brief.unwritten.says | code }} in line {{ brief.unwritten.line }}{{ brief.unwritten.count > 1 and (", and %d more"):format(brief.unwritten.count - 1) or "" }}. A text in square brackets states nothing: take none for a fact, and name them all when you answer
{% end %}
{% if brief.progress then %}
- Progress: {{ brief.progress.closed }} of {{ brief.progress.total | plural("achievement") }} closed
{% end %}
]==],
}
