-- What a plan took, in figures; what no paper states is left out.
local template = require "promptgen.template"

return template.define {
  summary = "Achievements, SUBPLANs, executions and hours of a plan",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
{% local figures = brief.statistics %}
{% if figures then %}
- Achievements: {{ figures.achievements }}, of which {{ figures.approved }} approved{{ figures.skipped > 0 and (", %d skipped"):format(figures.skipped) or "" }}{{ figures.open > 0 and (", %d open (%d %% closed)"):format(figures.open, figures.percent) or "" }}
{% if figures.subplans > 0 then %}
- SUBPLANs: {{ figures.subplans }}
{% end %}
{% if figures.executions > 0 then %}
- EXECUTION_TASKs: {{ figures.executions }}
{% end %}
{% if figures.recorded then %}
- Hours, as the EXECUTION_TASKs state them: {{ ("%.1f"):format(figures.recorded.hours) }}{{ figures.recorded.of < figures.executions and (" (stated by %d of %d)"):format(figures.recorded.of, figures.executions) or "" }}
{% end %}
{% if figures.planned then %}
- Hours planned: {{ figures.planned.low == figures.planned.high and ("%.4g"):format(figures.planned.low) or ("%.4g to %.4g"):format(figures.planned.low, figures.planned.high) }}{{ figures.planned.of < figures.achievements and (" (stated for %d of %d achievements)"):format(figures.planned.of, figures.achievements) or "" }}
{% end %}
{% end %}
]==],
}
