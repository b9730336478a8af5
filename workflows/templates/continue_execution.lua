-- The prompt for an EXECUTION_TASK that is not complete.
local template = require "promptgen.template"

return template.define {
  summary = "Continue an EXECUTION_TASK that is not complete",
  extends = "base",
  blocks = {
    heading = "Continue achievement {{ brief.label | inline }}",
    intro = [==[
The work on one achievement of a plan was begun and is not complete. Its log, the EXECUTION_TASK, is {{ brief.execution | code }}. Take it up where it stopped and finish it. All you need to know stands here or in the files named here. All paths are relative to the root of the repository.
]==],
    caution = [==[
Where it stands:

{% for _, item in ipairs(brief.evidence) do %}
- {{ item.path | code }}{{ item.line and (" line " .. item.line) or "" }}: {{ item.says | inline }}
{% end %}
{% if brief.last_iteration then %}
- The last iteration of the log is in lines {{ brief.last_iteration.first }}-{{ brief.last_iteration.last }}: {{ brief.last_iteration.title | code }}{{ brief.last_iteration.empty and ", which is not filled in yet" or "" }}
{% end %}
]==],
    steps = [==[
1. Read the log. Find out what is done, what was tried and failed, and what is left. Believe the repository where the log and the repository differ: check each deliverable the log claims.
2. Run the tests that exist for this work, to see where it really stands.
3. Say in the iteration log what you found and what you do next: fill in the first entry that is still empty, or add one.
4. Finish what is left, in small steps, with the tests after each. Where no test covers a deliverable, write one.
5. Check every deliverable against the SUBPLAN and the plan's text, then finish the log.
]==],
    write = [==[
Keep the log {{ brief.execution | code }}; do not start another file. Fill in what is empty or still in square brackets; leave what is recorded as it is. Go on like this:

{% include("partials/log_rules", { brief = brief }) %}
]==],
    limits = [==[
- Work on achievement {{ brief.number }} only. Write other things that you notice into the log, under `## Future Work`.
- Do not edit the plan or the SUBPLAN, and write no file under a `feedbacks` folder: reviews come from somebody else.
- Do not weaken or delete a test to make it pass.
]==],
    verify = [==[
- Run the tests for this work, and then the project's whole test suite; both pass.
{% include("partials/tests", { brief = brief }) %}
- Every deliverable exists: list them with `ls -l`.
- {{ brief.commands.status | code }} shows achievement {{ brief.number }} as `executed`, or as `execution_due` if the SUBPLAN plans more executions, and {{ brief.commands.lint | code }} finds nothing in the log.
]==],
    review = [==[
- Every deliverable of the plan's text and of the SUBPLAN exists and does what it says.
- The tests pass when the reviewer runs them.
- Nothing was built that belongs to another achievement.
- The log is true: what it says was done can be found in the repository.
]==],
    closing = "Begin now by reading {{ brief.execution | code }}.\n",
  },
}
