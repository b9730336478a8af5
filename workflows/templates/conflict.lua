-- The prompt for a plan and files that contradict each other: settle it before any work goes on.
local template = require "promptgen.template"

return template.define {
  summary = "Settle a conflict between a plan and the files beside it",
  extends = "base",
  blocks = {
    heading = "Settle the conflicts of the plan {{ brief.name | inline }}",
    intro = [==[
This plan and the files beside it contradict each other, so that nobody can tell what comes next. Find out which side is right and correct the other. Change no code. All paths are relative to the root of the repository.
]==],
    findings = {
      title = "What contradicts what",
      replace = [==[
{% for i, conflict in ipairs(brief.conflicts) do %}
{{ i }}. {{ conflict.message | sentence }}
{% for _, item in ipairs(conflict.evidence or {}) do %}
   - {{ item.path | code }}{{ item.line and (" line " .. item.line) or "" }}: {{ item.says | inline }}
{% end %}
{% if conflict.cause then %}
   - Likely cause: {{ conflict.cause | sentence }}
{% end %}
{% if conflict.resolution then %}
   - Way out: {{ conflict.resolution | sentence }}
{% end %}
{% end %}
]==],
    },
    read = [==[
- {{ brief.plan.path | code }} ({{ brief.plan.lines | plural("line") }}): the achievements it defines
- the files named above
]==],
    steps = [==[
1. For each conflict, look at both sides, and at their history (`git log --follow` on the files).
2. Decide which side is right. A number the plan lost in an edit belongs back into the plan; a file that was named wrongly is renamed with `git mv`; a review that was overtaken keeps its date, and the one that is wrong is corrected.
3. Make the smallest change that settles it. Delete no review.
4. Where you cannot tell which side is right, change nothing and ask the owner of the plan.
]==],
    limits = [==[
- Settle the conflicts above and nothing else; start no work on an achievement.
- Invent no review, and give none a date it does not have.
]==],
    verify = [==[
- {{ brief.commands.status | code }} shows no conflict.
]==],
    closing = "Begin now by reading {{ brief.plan.path | code }}.\n",
  },
}
