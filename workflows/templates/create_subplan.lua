-- The prompt for an achievement that has no SUBPLAN yet: design it, on paper only.
local template = require "promptgen.template"

return template.define {
  summary = "Write the SUBPLAN of an achievement",
  extends = "base",
  blocks = {
    heading = "Write the SUBPLAN for achievement {{ brief.label | inline }}",
    intro = [==[
You design one achievement of a plan. The result is one Markdown file, the SUBPLAN, from which somebody else can do the work without asking you anything. Change no other file. All paths are relative to the root of the repository.
]==],
    caution = [==[
{% if brief.claimed then %}
The plan's text marks this achievement as done, but no file shows it. Look first whether the work exists in the repository. If it does, let the SUBPLAN say what exists, where, and what is still missing.
{% end %}
]==],
    others = '{% include("partials/others", { brief = brief }) %}\n',
    steps = [==[
1. Work out what must be true when this achievement is done, from the plan's text above. Do not add to it and do not leave any of it out.
2. Look at the code and documents the work will touch. Note what exists, what can be reused, and which conventions to follow. Search for callers before you decide to change something.
3. Choose an approach. Write down the decisions that matter, each with its reason and the alternative you rejected.
4. Cut the work into executions. One is normal; make several only where each can be finished, tested and reviewed by itself.
{% if brief.divided then %}
   An analysis found these parts, which {{ brief.divided.path | code }} states. Plan them under the same codes, unless the design shows that they cannot be done apart; then say why under Approach:
{% for _, one in ipairs(brief.divided.executions) do %}
   - {{ one.code | code }}{{ one.about and (": " .. inline(one.about)) or "" }}{{ #one.waits > 0 and (", after " .. listing(one.waits)) or "" }}
{% end %}
{% end %}
5. Decide how each deliverable will be tested: which test file, which cases, which command.
6. Write the file described below.
]==],
    write = [==[
Create {{ brief.files.subplan | code }}, 100 to 300 lines{% block skeleton %}; {{ (brief.commands.new .. " subplan " .. brief.word .. " " .. brief.number) | code }} makes its skeleton{% endblock %}. It has these parts in this order:

- Title line: `# SUBPLAN: Achievement {{ brief.number }} - ` and the title of the achievement.
- Header, one line each: `**Plan**: ` with the name of the plan, `**Achievement**: {{ brief.number }}`, `**Status**: Ready`, `**Created**: ` with today's date (`date +%F`).
- `## Objective`: what will exist and work when this is done, in three sentences at most.
- `## Deliverables`: every file to create or change, with its full path and one line on what it will hold.
- `## Approach`: the decisions and their reasons; the steps in the order they should be taken.
- `## Planned Executions`: a table with the columns Execution, Delivers, Proved by, and one row for each execution. The first cell of the first row is `{{ brief.code }}_01`, of the second `{{ brief.code }}_02`, and so on.
- `## Tests`: test files with their paths, the cases each must cover (limits and failures too), and the command that runs them.{{ brief.tests and (" The plan has its own words on this, under " .. code(brief.tests.label) .. "; keep to them.") or "" }}
- `## Risks`: what could go wrong or collide with other work, and what to do then.
- `## Done When`: statements that can be checked with yes or no, at least one for each deliverable.

Write real content in every part; a part left in square brackets counts as unfinished.
]==],
    limits = [==[
- Write no code and create no EXECUTION_TASK now.
- Do not edit the plan, and do not plan work that belongs to another achievement; mention it under Risks instead.
- If the plan's text contradicts the repository, follow the repository, and say so under Risks.
]==],
    verify = [==[
- Every deliverable, test and success criterion in the plan's text has its place in the SUBPLAN.
- Every path in the SUBPLAN exists or is marked as new.
- {{ brief.commands.status | code }} shows achievement {{ brief.number }} as `subplan_ready`, and {{ brief.commands.lint | code }} finds nothing in the SUBPLAN.
]==],
    review = [==[
- The objective is the plan's goal, no more and no less.
- Somebody who knows only the SUBPLAN could carry it out.
- Each deliverable has a test or a check that could fail.
- The executions are independent of each other, or their order is stated.
]==],
    closing = "Begin now, and end by creating {{ brief.files.subplan | code }}.\n",
  },
}
