-- What a plan took and what is left of it, in a few lines for people.
local prompt = require "promptgen.prompt"
local template = require "promptgen.template"

return template.define {
  summary = "The figures of a plan, what is open, and what comes next, for people",
  params = prompt.params,
  prepare = prompt.prepare,
  body = [==[
{% local open = #brief.waiting %}
{% block heading %}{{ open == 0 and "COMPLETE" or "OPEN" }}: {{ brief.name | inline }}, {{ brief.progress.closed }} of {{ brief.progress.total | plural("achievement") }} closed{% endblock %}

{% block figures %}
{% include("partials/statistics", { brief = brief }) %}
{% endblock %}

{% block left %}
{% if open > 0 then %}
Left to do:

{% for _, item in ipairs(brief.waiting) do %}
- {{ item.label | inline }} ({{ item.state }}){{ #item.blockers > 0 and (", waits for " .. listing(item.blockers)) or "" }}
{% end %}

{% end %}
{% endblock %}
{% block next %}
Next:

{% if open > 0 then %}
- {{ brief.commands.next | code }} writes the prompt for the next step
{% else %}
- {{ brief.commands.next | code }} writes the prompt that checks the whole and brings the plan's papers up to date
{% if brief.archived then %}
- it lies in its archive already
{% elseif brief.archive_open then %}
- `{{ brief.commands.archive }} --to DIR` puts it away; the place it names is {{ brief.archive | code }}, with a part left open
{% else %}
- {{ brief.commands.archive | code }} puts it away{{ brief.archive and (", in " .. code(brief.archive)) or "" }}
{% end %}
{% if brief.register then %}
- {{ brief.register.path | code }} still has to say that it is complete
{% end %}
{% end %}
{% endblock %}
]==],
}
