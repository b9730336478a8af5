-- The prompt for a plan whose achievements are all closed: check it once more and put it away.
local template = require "promptgen.template"

return template.define {
  summary = "Close a plan whose achievements are all approved or skipped",
  extends = "base",
  blocks = {
    heading = "Close the plan {{ brief.name | inline }}",
    intro = [==[
Every achievement of this plan is approved or skipped. Check the whole once, bring its papers up to date, and put it away. Change no code. All paths are relative to the root of the repository.
]==],
    caution = [==[
{% if #brief.warnings > 0 then %}
Where the papers do not agree yet (put the plan right; a review stays as it is):

{% for _, warning in ipairs(brief.warnings) do %}
- {{ warning.path | default(brief.plan.path) | code }}{{ warning.line and (" line " .. warning.line) or "" }}: {{ warning.message | inline }}
{% end %}
{% end %}
]==],
    findings = {
      title = "What the plan took",
      replace = '{% include("partials/statistics", { brief = brief }) %}\n',
    },
    read = [==[
{% for _, item in ipairs(brief.reading.items) do %}
- {{ item.path | code }}, lines {{ item.first }}-{{ item.last }} ({{ item.lines | plural("line") }}): {{ item.why }}
{% end %}
- the reviews, one for each achievement:
{% for _, item in ipairs(brief.closed) do %}
  - {{ item.label | inline }}: {{ item.state }}{{ item.path and ", " .. code(item.path) or "" }}
{% end %}
]==],
    steps = [==[
1. Compare the plan's goal and success criteria with what the reviews say was delivered. If something the goal promises is in none of them, say so and stop here: the plan needs another achievement.
2. Run the project's whole test suite.
3. In {{ brief.plan.path | code }}: set the `**Status**` at the top to `✅ Complete`, let the handoff section say that the plan is complete, and let it name no next achievement.
4. Add a section `## Key Learnings` to the plan, or complete it: what later plans should know, taken from the learning summaries of the executions. Where the plan keeps figures of its own (numbers of SUBPLANs and executions, hours), bring them to those above.
{% if brief.archived then %}
5. The plan lies in its archive already: leave it there.
{% elseif brief.archive_open then %}
5. Put the plan away with {{ (brief.commands.archive .. " --to DIR") | code }}, where DIR is the place the plan names for its archive{{ brief.archive_line and (" (line " .. brief.archive_line .. ")") or "" }}, {{ brief.archive | code }}, with what that leaves open filled in, such as the date. Correct the links that pointed to the moved files.
{% elseif brief.archive then %}
5. Put the plan away with {{ brief.commands.archive | code }}: it moves the plan and all its files to the place the plan names for its archive{{ brief.archive_line and (" (line " .. brief.archive_line .. ")") or "" }}, {{ brief.archive | code }}. Correct the links that pointed to the moved files.
{% else %}
5. The plan names no place for its archive. {{ brief.commands.archive | code }} moves it and all its files to a folder of its name below `documentation/archive/`; correct the links that pointed to the moved files.
{% end %}
]==],
    limits = [==[
- Do not change reviews, SUBPLANs or EXECUTION_TASKs: they are records.
- Do not start new work, however small.
]==],
    verify = [==[
- The test suite passes.
- Before the files are moved, {{ brief.commands.status | code }} shows the plan as `complete`, with no warning about the plan itself.
]==],
    closing = "Begin now by reading {{ brief.plan.path | code }}.\n",
  },
}
