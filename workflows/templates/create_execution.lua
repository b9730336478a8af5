-- The prompt for a SUBPLAN that is ready: do its first execution.
local template = require "promptgen.template"

return template.define {
  summary = "Carry out the first execution of a SUBPLAN",
  extends = "base",
  blocks = {
    heading = "Carry out achievement {{ brief.label | inline }}",
    intro = [==[
A SUBPLAN says how one achievement of a plan is to be done. Do the work of its first execution, and keep a log of it, the EXECUTION_TASK. All you need to know stands here or in the files named here. All paths are relative to the root of the repository.
]==],
    steps = [==[
1. Read the SUBPLAN {{ brief.files.subplan | code }}. {% block share %}If it plans several executions, yours is the one whose code ends in `_01`; leave the others alone.{% endblock %}
2. Create the log {{ brief.files.execution | code }} as described below, before you change anything else.
3. Write the tests first where the SUBPLAN names them, and see them fail.
4. Do the work in small steps, and run the tests after each. Follow the approach of the SUBPLAN; where it turns out to be wrong, do what is right and write the reason into the log.
5. Check every deliverable against the SUBPLAN and the plan's text, then finish the log.
]==],
    write = [==[
The log {{ brief.files.execution | code }}, not more than 200 lines; {{ ("%s execution %s %s%s"):format(brief.commands.new, brief.word, brief.number, brief.unplanned and (" %d"):format(brief.step.execution_number) or "") | code }} makes its skeleton. It has:

- Title line: `# EXECUTION_TASK: Achievement {{ brief.number }} - ` and what this execution delivers.
- Header, one line each: `**SUBPLAN**: ` with its file name, `**Status**: In Progress`, `**Started**: ` with today's date (`date +%F`).
- `## What We Build`: the share of the SUBPLAN that this execution delivers, in a few lines.
- `## Iteration Log`, with one entry for each round of work.

Keep it and finish it like this:

{% include("partials/log_rules", { brief = brief }) %}

Besides the log: the deliverables and the tests, at the paths the SUBPLAN gives.
]==],
    limits = [==[
- Work on achievement {{ brief.number }} only. Write other things that you notice into the log, under `## Future Work`.
- Do not edit the plan or the SUBPLAN, and write no file under a `feedbacks` folder: reviews come from somebody else.
- Do not weaken or delete a test to make it pass.
{% if brief.side_by_side then %}
- The SUBPLAN lets its executions go on at the same time, so others may be at work now: touch no file that belongs to another execution, wait for none, and leave it to the synthesis to compare and bring together what they deliver.
{% end %}
]==],
    verify = [==[
- Run the tests that the SUBPLAN names, and then the project's whole test suite; both pass.
{% include("partials/tests", { brief = brief }) %}
- Every deliverable exists at the path the SUBPLAN gives: list them with `ls -l`.
- {{ brief.commands.status | code }} shows achievement {{ brief.number }} as `executed`, or as `execution_due` if the SUBPLAN plans more executions, and {{ brief.commands.lint | code }} finds nothing in the log.
]==],
    review = [==[
- Every deliverable of the plan's text and of the SUBPLAN exists and does what it says.
- The tests cover the cases the SUBPLAN lists, and pass when the reviewer runs them.
- Nothing was built that belongs to another achievement.
- The log is true: what it says was done can be found in the repository.
]==],
    closing = "Begin now by creating {{ brief.files.execution | code }}.\n",
  },
}
