-- A new EXECUTION_TASK: the log of one execution of a SUBPLAN.
local template = require "promptgen.template"

return template.define {
  summary = "A new EXECUTION_TASK",
  params = {
    plan = { required = true, type = "table", doc = "{name, path}" },
    achievement = { required = true, type = "table", doc = "{number, title, code}" },
    execution = { required = true, type = "table", doc = "{number, code}: the second of 1.1 is {2, \"11_02\"}" },
    subplan = { required = true, type = "string", doc = "path of the SUBPLAN" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
  },
  body = [==[
# EXECUTION_TASK: Achievement {{ achievement.number }} - {{ achievement.title | inline }}

**SUBPLAN**: {{ subplan:match("[^/]+$") | code }}
**Execution**: {{ execution.code }}
**Status**: In Progress
**Started**: {{ date }}

## What We Build

{% block scope %}
[The share of the SUBPLAN that this execution delivers, in a few lines]
{% endblock %}

## Iteration Log

{% block iterations %}
### Iteration 1

**Tried**: [What was done, and why]
**Result**: [What came of it, with the command and its output]
**Next**: [What follows from it]
{% endblock %}

## Learning Summary

{% block learning %}
[What the next person should know]
{% endblock %}

## Future Work

{% block future %}
[What was noticed and does not belong here]
{% endblock %}

## Completion Status

{% block evidence %}
[Each deliverable with its path, each test command with its result, below a line with the status, as at the top]
{% endblock %}
]==],
}
