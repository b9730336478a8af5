-- The prompt that finds out which work can go on at the same time, and records it.
local template = require "promptgen.template"

return template.define {
  summary = "Find what can be worked on at the same time, and record it",
  extends = "base",
  params = {
    discovery = { required = true, type = "table", doc = "from promptgen.discovery: what to compare" },
  },
  blocks = {
    heading = [==[
{% if discovery.level == 1 then %}Find parallel work inside achievement {{ brief.label | inline }}{% else %}Find parallel work in the plan {{ brief.name | inline }}{% end %}]==],
    intro = [==[
{% if discovery.level == 1 then %}
Find out whether this achievement can be done by several people or agents at the same time, and record the answer. All you need to know stands here or in the files named here.
{% else %}
Find out which achievements {{ discovery.level == 2 and "of one priority of this plan" or "of this plan" }} can be worked on at the same time and which have to wait for others, and record it in a file that promptgen reads.
{% end %}
This is an analysis. You write {{ discovery.parallel.path | code }}{{ discovery.level == 1 and brief.step.subplan and (" and, where it must agree with that, the list of planned executions in " .. code(brief.files.subplan)) or "" }}, and nothing else: no code, no plan, no review. All paths are relative to the root of the repository.
]==],
    caution = [==[
{% if discovery.priority then %}
In question: {{ discovery.priority | inline }}.
{% end %}
]==],
    findings = {
      title = "What to compare",
      replace = [==[
{% if discovery.level > 1 then %}
{% for _, subject in ipairs(discovery.subjects) do %}
- {{ subject.label | inline }} ({{ subject.state | code }}){{ subject.effort and (", " .. inline(subject.effort)) or "" }}{{ subject.line and (": %s, lines %d-%d (%s)"):format(code(brief.plan.path), subject.line, subject.end_line, plural(subject.end_line - subject.line + 1, "line")) or "" }}
{% if subject.subplan then %}
  - designed in {{ subject.subplan | code }}
{% end %}
{% if #subject.dependencies > 0 then %}
  - depends on {{ subject.dependencies | listing }}, as {{ discovery.parallel.path | code }} has it today
{% end %}
{% end %}
{% if #discovery.others > 0 then %}
{% local closed, outside = {}, {} %}
{% for _, subject in ipairs(discovery.others) do table.insert(subject.closed and closed or outside, subject.number) end %}
{% if #closed > 0 then %}
- Closed already, so that nothing waits for {{ #closed == 1 and "it" or "them" }}: {{ closed | listing }}
{% end %}
{% if #outside > 0 then %}
- Open, but of another priority: {{ outside | listing }}. Others may wait for {{ #outside == 1 and "it" or "them" }}; what {{ #outside == 1 and "it waits" or "they wait" }} for stays as it is.
{% end %}
{% end %}
{% end %}
]==],
    },
    read = [==[
{% if discovery.level == 1 then %}
{% include("partials/reading", { brief = brief }) %}
{% if discovery.parallel.lines then %}

Also {{ discovery.parallel.path | code }} ({{ discovery.parallel.lines | plural("line") }}): what was found before.
{% end %}
{% else %}
- {{ brief.plan.path | code }}: the lines given above, and no others
{% if discovery.parallel.lines then %}
- {{ discovery.parallel.path | code }} ({{ discovery.parallel.lines | plural("line") }}): what was found before
{% end %}
- the SUBPLANs named above, where there are any: what they create and change
- the code that is named there, as far as you must see whether two achievements touch the same place
{% end %}
]==],
    steps = [==[
{% if discovery.level == 1 then %}
1. List what the achievement delivers. Cut it into the smallest parts that could each be built, tested and reviewed alone.
2. For every two parts go through the list below. Where one answer is no, they are one part, or one of them has to wait.
3. Decide: yes, when at least two parts can begin at once and the time saved is more than it costs to divide the work, to agree on what lies between the parts and to bring the results together; otherwise no.
4. If the answer is no, write nothing, and say why. That is a good result: most achievements are best done in one piece.
5. If it is yes, write the file below.{{ brief.step.subplan and (" In " .. code(brief.files.subplan) .. " its list of planned executions must have the same codes; correct it if it has others.") or " The prompt for the SUBPLAN, and its skeleton, take the executions from it." }}
{% else %}
1. For each achievement write down what it needs to exist, what it creates, and what it changes: files, interfaces, tables, settings.
2. For every two of them go through the list below. Where all answers are yes, they can go on at the same time.
3. Where one is no, one of the two has to wait. Enter the number of the one that must be closed first into the `dependencies` of the other. Where only a place they share stands between them and the order does not matter, let the smaller one go first.
4. Enter direct dependencies only: what follows from a chain of others is not written down again. There must be no circle. A wish about the order is no dependency.
5. Keep a dependency that the file has today unless you can say why it is not needed.
{% if discovery.level == 3 then %}
6. Look across the priorities too: a priority says what matters more, not what is needed first. Take the longest chain and ask of each link whether an interface that is written down beforehand would make it unnecessary.
7. Count how many can begin today, and how long the longest chain is in hours; compare that with the sum. If there are not hands enough for all, the longest chain goes first.
{% else %}
6. Count how many of them can begin today, and compare the longest chain in hours with the sum.
{% end %}
{% end %}

{% block checklist %}
Independence, to be answered for every two of them:

- The code
  - They change no file, table or setting in common.
  - Neither uses what the other has still to build.
  - What lies between them is there today, or can be written down before both begin.
  - Neither moves, renames or deletes what the other relies on.
- The tests
  - Each has tests that can pass while the other is unfinished.
  - They share nothing that a test run changes: no fixture, database, port or account.
  - The order of their tests makes no difference.
  - A test that fails shows which of the two is at fault.
- Bringing them together
  - Merged in either order they give the same result.
  - Neither regenerates, reformats or renumbers files of the other: lock files, migrations, indexes.
  - Each can be reviewed and approved alone.
  - If one is given up, the other is still whole.
- What they rest on
  - Neither needs a result, a measurement or a decision of the other.
  - Whatever each needs from outside is there: data, access, libraries, people.
  - What is learnt in one would not change the design of the other.
  - All that both build on is closed.
{% endblock %}
]==],
    write = [==[
{% if discovery.parallel.other then %}
Leave {{ discovery.parallel.other | code }} as it is: it is another plan's.

{% end %}
{{ discovery.parallel.exists and "Change" or "Create" }} {{ discovery.parallel.path | code }}{{ discovery.parallel.exists and ", so that it holds the keys below" or "" }}. {{ discovery.level == 1 and "Give each execution its code, and the codes it waits for; take away the ones there are too many of, or add more in the same form." or "Fill in the `dependencies`; they are shown as they are known today." }} Leave everything else below as it stands:

{{ discovery.skeleton | fence("json") }}

- `dependencies` of an achievement holds numbers of achievements, such as `"{{ brief.record.achievements[1].number }}"`; `[]` means that nothing has to wait.
- Add `"created_date"` with today's date (`date +%F`), and `"notes"`: a few sentences on why what waits has to wait.
{% if #(discovery.parallel.keys or {}) > 0 then %}
{% local keys = {} for i, key in ipairs(discovery.parallel.keys) do keys[i] = code(key) end %}
- Keep the other keys that the file has today, and correct in them what is not true any more: {{ keys | listing }}.
{% end %}
]==],
    limits = [==[
- Where you are not sure that two are independent, one waits. A dependency too many costs time; one too few costs work.
- Take nothing as independent because the plan says so, and nothing as dependent because it stands later in the plan.
- Start none of the work.
]==],
    verify = [==[
- The file, if you wrote it, is valid JSON; `python3 -m json.tool` with its name tells.
- {{ brief.commands.status | code }} shows no warning about it, and {{ brief.commands.lint | code }} no error in it: no circle, no number that the plan does not define.
{% if discovery.level > 1 then %}
- Every achievement in question has its line in the file, and you can give a reason for each dependency and each empty list.
{% end %}
]==],
    report = [==[
When you are done, answer in a few lines: {{ discovery.level == 1 and "yes or no, with the reason; the parts, and which of them can begin at once;" or "which achievements can begin today, which wait for what and why;" }} the hours with and without working in parallel; what you were not sure of.
]==],
    closing = "Begin now by reading {{ discovery.level == 1 and \"the plan's text above\" or \"the lines given above of \" .. code(brief.plan.path) }}.\n",
  },
}
