-- The prompt that takes up a plan which was laid aside: first see that it is still true, then go on.
local template = require "promptgen.template"

return template.define {
  summary = "Take up a plan that was laid aside",
  extends = "base",
  params = {
    handoff = { required = true, type = "table", doc = "from promptgen.handoff: how the plan stands" },
    asked = { type = "string", doc = "the achievement to go on with, where one was asked for" },
  },
  blocks = {
    heading = "Take up the plan {{ brief.name | inline }} again",
    intro = [==[
This plan was laid aside. Find out whether what its papers say is still true, set it going again, and begin with its next step. Until the last point of the list below change nothing but papers. All paths are relative to the root of the repository.
]==],
    findings = {
      title = "How it stands",
      replace = [==[
- Closed: {{ handoff.closed }} of {{ handoff.total }} ({{ handoff.percent }} %)
- Next: {{ handoff.next.label | inline }} (`{{ handoff.next.state }}`), to do: {{ handoff.next.phrase | default("nothing") }}
{% if #handoff.dependencies > 0 then %}
{% local needs = {} for i, item in ipairs(handoff.dependencies) do needs[i] = ("%s (%s)"):format(item.number, item.state) end %}
- It depends on {{ needs | listing }}
{% end %}
{% for _, item in ipairs(handoff.under_way) do %}
{% if item.number ~= handoff.next.number then %}
- Begun too: {{ item.label | inline }} (`{{ item.state }}`), to do: {{ item.phrase | default("nothing") }}
{% end %}
{% end %}
{% for _, item in ipairs(handoff.blocked) do %}
- Blocked: {{ item.label | inline }} waits for {{ item.blockers | listing }}
{% end %}
{% if handoff.header then %}
- At the top of the plan, line {{ handoff.header.line }}, stands: {{ handoff.header.says | code }}
{% end %}
{% for _, warning in ipairs(brief.warnings) do %}
- To be cleared up: {{ warning.path | default(brief.plan.path) | code }}{{ warning.line and (" line " .. warning.line) or "" }}, {{ warning.message | inline }}
{% end %}
]==],
    },
    read = [==[
{% for _, item in ipairs(brief.reading.items) do %}
- {{ item.path | code }}, lines {{ item.first }}-{{ item.last }} ({{ item.lines | plural("line") }}): {{ item.why }}
{% end %}
{% if handoff.last then %}
- {{ handoff.last.path | code }} ({{ handoff.last.lines | plural("line") }}): the last execution, of achievement {{ handoff.last.number }}{{ handoff.last.complete and "" or ", not complete" }}{{ #handoff.last.parts > 0 and ". Start with:" or "" }}
{% for _, part in ipairs(handoff.last.parts) do %}
  - lines {{ part.first }}-{{ part.last }}, {{ part.title | code }}
{% end %}
{% end %}
{% for _, range in ipairs(handoff.outside) do %}
- {{ brief.plan.path | code }}, lines {{ range.first }}-{{ range.last }} ({{ plural(range.last - range.first + 1, "line") }}): what the plan depends on
{% end %}
{% if brief.register then %}
- {{ brief.register.path | code }} ({{ brief.register.count | plural("line") }}): the list of active plans
{% end %}

Leave alone the rest of the plan, which has {{ brief.plan.lines }} lines in all: the prompt of the last point below brings what the next step needs.
]==],
    steps = [==[
1. Read what is listed above: what the plan is for, where it stopped, and why.
2. Run {{ brief.commands.verify | code }}. It compares what the plan says with its files, and writes a prompt for what differs; do that first.
{% if #handoff.names == 0 then %}
3. Names: every file in the folders of the plan that looks like one of its papers has a name that can be read. Nothing is to be done.
{% else %}
3. Names: these are not what they ought to be, so that they are left out. Rename each with `git mv`, or leave it where it is and say why.
{% for _, entry in ipairs(handoff.names) do %}
   - {{ entry.path | code }}: {{ entry.message | inline }}
{% end %}
{% end %}
4. Dependencies: {{ #handoff.dependencies > 0 and "what the next achievement depends on is listed above; see that it exists in the repository and works." or "no achievement is stated that the next one depends on." }} See to what lies outside the plan too: other plans, libraries, services, access. Has anything changed since the plan was laid aside?
5. Before you begin: `git status --short` prints nothing; you are on the branch the work belongs to, with the newest state of the main one; the project builds; the whole test suite passes. Note what does not, before anything is changed: it is not yours, and it must not be lost among what is.
{% if handoff.last then %}
6. Look whether what {{ handoff.last.path | code }} says was done is there. {{ handoff.last.complete and "What it learnt holds for what comes." or "Where it stopped is where the work goes on." }}
{% else %}
6. Nothing was executed yet, so there is no log to go on from.
{% end %}
7. Set the plan going, as described below, and commit: {{ ("git commit -m " .. brief:shell_word(("plan: resume %s at %s"):format(inline(brief.name), handoff.next.number))) | code }}
8. Run {{ (brief.commands.next .. (asked and " --achievement " .. brief:shell_word(asked) or "")) | code }} and do what the prompt says that it prints.
]==],
    write = [==[
In {{ brief.plan.path | code }}:

{% if handoff.header then %}
- Line {{ handoff.header.line }}, the status at the top: `**Status**: 🚀 In Progress`
{% else %}
- At the top, below the title: `**Status**: 🚀 In Progress`
{% end %}
- In the handoff{{ handoff.range and (" (lines %d-%d)"):format(handoff.range.first, handoff.range.last) or ", a section `## Current Status & Handoff` that is still missing" }}: `**Last Updated**: ` with today's date (`date +%F`), `**Status**: In Progress`, and as what is next the line {{ handoff.line | code }}. What was in the way and is not any more goes.
{% if brief.register then %}

In {{ brief.register.path | code }}: this plan is in progress. If another one is too, say so and ask whether it is to be paused; only one ought to be.
{% end %}
]==],
    limits = [==[
- Change no code before the last point.
- Where the plan rests on something that is no longer so, do not bend it: say what has changed, and ask its owner.
- Write no review, and mark nothing as complete.
]==],
    verify = [==[
- {{ brief.commands.status | code }} shows achievement {{ handoff.next.number }} as the next{{ asked and ", or you can say why another one comes first" or "" }}, and no warning about the handoff.
- You know the result of the test suite from before your first change.
]==],
    closing = [==[
Begin now by reading {{ handoff.range and (code(brief.plan.path) .. ", lines " .. handoff.range.first .. "-" .. handoff.range.last) or code(brief.plan.path) }}.
]==],
  },
}
