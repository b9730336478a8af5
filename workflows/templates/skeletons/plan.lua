-- A new PLAN. It defines an achievement for each title that is given, else none: then `promptgen
-- next` says how one is defined.
local template = require "promptgen.template"

return template.define {
  summary = "A new PLAN",
  params = {
    name = { required = true, type = "string", doc = "as in PLAN_NAME.md" },
    title = { required = true, type = "string" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
    goal = { type = "string", doc = "one sentence" },
    achievements = { type = "list", default = {}, doc = "titles" },
    archive = { required = true, type = "string", doc = "folder for the time after" },
  },
  body = [==[
# PLAN: {{ title | inline }}

**Status**: Planning
**Priority**: [HIGH, MEDIUM or LOW]
**Created**: {{ date }}
**Goal**: {{ goal and inline(goal) or "[What will be true when this plan is done, in one sentence]" }}

## 🎯 Goal

{% block goal %}
{{ goal and trim(goal) or "[What will be true when this plan is done, and for whom]" }}
{% endblock %}

## Problem Statement

{% block problem %}
[What is wrong or missing today, with figures where there are some]
{% endblock %}

## Success Criteria

{% block criteria %}
**Must have**:

- [A statement that can be checked with yes or no]

**Should have**:

- [What makes it better, and can wait]
{% endblock %}

## Scope

{% block scope %}
**In scope**:

- [What belongs to this plan]

**Out of scope**:

- [What does not, and why]
{% endblock %}

## Constraints

{% block constraints %}
- [What the work must respect: interfaces, versions, time]
{% endblock %}

## Desirable Achievements

{% block achievements %}
{% if #achievements == 0 then %}
Below a priority, each achievement begins with a line of its own: its number and its title, as in the
comment here. The lines of its list say what it is.

<!--
### Priority 1: HIGH - Foundations

**Achievement 1.1**: A short title

- **Goal**: what is true when it is done
- **Effort**: 2-3 hours
- **Deliverables**:
  - `path/of/a/file` with what it holds
- **Tests**: what must be tested, and how
-->
{% else %}
### Priority 1: HIGH

{% for i, title in ipairs(achievements) do %}
{% if i > 1 then %}

{% end %}
**Achievement 1.{{ i }}**: {{ title | inline }}

- **Goal**: [What is true when it is done]
- **Effort**: [Hours]
- **Deliverables**:
  - [A file with its path, and what it holds]
- **Tests**: [What must be tested, and how]
{% end %}
{% end %}
{% endblock %}

## 📝 Current Status & Handoff

{% block handoff %}
`promptgen status @{{ name }}` shows where the work stands, `promptgen next @{{ name }}` what is next.

**Blockers**: none
{% endblock %}

## Related Plans

{% block related %}
- None
{% endblock %}

## Archive

**Archive Location**: `{{ archive }}`
]==],
}
