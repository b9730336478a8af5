-- The frame of every stock prompt: its sections, their order and priorities. A prompt extends this
-- one and fills the blocks; docs/templates.md lists them.
local prompt = require "promptgen.prompt"
local template = require "promptgen.template"

return template.define {
  summary = "The frame that the other prompts fill",
  params = prompt.params,
  prepare = prompt.prepare,
  body = [==[
# {% block heading %}{{ brief.name | inline }}{% endblock %}

{% block intro %}
{% endblock %}

{% block facts %}
{% include("partials/facts", { brief = brief }) %}
{% endblock %}

{% block caution %}
{% endblock %}

{% section findings { title = "What the review found", keep = true } %}
{% endsection %}

{% section words { title = "What the plan asks for", priority = 65, instead = brief.words
  and ("Read what the plan asks for: lines %d-%d of `%s`."):format(brief.words.first,
    brief.words.last, brief.plan.path) or nil } %}
{% if brief.words then %}
{% include("partials/words", { brief = brief }) %}
{% end %}
{% endsection %}

{% local learnt = {} %}
{% for i, one in ipairs(brief.learnings or {}) do learnt[i] = ("lines %d-%d of %s"):format(one.first, one.last, code(one.path)) end %}
{% section learnings { title = "What was learnt before", priority = 60, instead = #learnt > 0
  and ("Read what the executions before it learnt: %s."):format(table.concat(learnt, ", ")) or nil } %}
{% if brief.learnings then %}
{% include("partials/learnings", { brief = brief }) %}
{% end %}
{% endsection %}

{% section read { title = "What to read", priority = 90 } %}
{% include("partials/reading", { brief = brief }) %}
{% endsection %}

{% section others { title = "The other achievements", priority = 40 } %}
{% endsection %}

{% section steps { title = "What to do", keep = true } %}
{% endsection %}

{% section write { title = "What to write", keep = true } %}
{% endsection %}

{% section limits { title = "Limits", priority = 70 } %}
{% endsection %}

{% section verify { title = "Before you finish", priority = 75 } %}
{% endsection %}

{% section review { title = "What the reviewer will check", priority = 50 } %}
{% endsection %}

{% section notes { title = "Also to be observed", priority = 85 } %}
{% for _, note in ipairs(hook.notes) do %}
- {{ note | inline }}
{% end %}
{% endsection %}

{% section project { title = "About this project", priority = 20, instead = project
  and ("The project is described in `%s`."):format(project.path) or nil } %}
{% if project then %}
{% include("partials/project", { project = project }) %}
{% end %}
{% endsection %}

{% block extra %}
{% endblock %}

{% block report %}
When you are done, answer in a few lines: the files you created or changed, the commands you ran with their results, and what is still open.
{% endblock %}

{% block closing %}
{% endblock %}
]==],
}
