-- The prompt for work that awaits its review.
local template = require "promptgen.template"

return template.define {
  summary = "Review the work on an achievement: approve it or ask for fixes",
  extends = "base",
  blocks = {
    heading = "Review achievement {{ brief.label | inline }}",
    intro = [==[
The work on one achievement of a plan is {{ brief.early and "to be judged before it is reported as done" or "reported as done" }}. You did not do it; find out whether it is true and good, and write exactly one file: an approval, or a request for fixes. Change nothing else. All paths are relative to the root of the repository.
]==],
    caution = [==[
{% if brief.state == "fix_resolved" then %}
An earlier review asked for fixes, and {{ brief.files.resolution | code }} says they were made. Check each of them first.
{% elseif #brief.evidence > 0 then %}
{{ brief.early and "It is not reported as done. Approve it only if nothing is missing all the same, whatever is still to be planned or written down. How it stands:" or "What speaks for its being done:" }}

{% for _, item in ipairs(brief.evidence) do %}
- {{ item.path | code }}{{ item.line and (" line " .. item.line) or "" }}: {{ item.says | inline }}
{% end %}
{% end %}
]==],
    others = '{% include("partials/others", { brief = brief }) %}\n',
    steps = [==[
{% if brief.state == "fix_resolved" then %}
1. For each issue of {{ brief.files.fix | code }}: find the change that {{ brief.files.resolution | code }} claims, in the code and not in the text about it, and decide whether it is solved.
{% else %}
1. List what must exist: every deliverable of the plan's text above and of the SUBPLAN.
{% end %}
2. Look at each deliverable in the repository. Does it exist, does it do what was asked, is anything of it a stub?
3. Run the tests yourself, the ones for this work and the whole suite. Note commands and results. Change something that a test ought to notice, see it fail, and change it back.
4. Look for what is missing: failures and limits nobody tested, work that belongs to another achievement, documents that no longer agree with the code.
5. Decide. Approve only if nothing has to change; a wish that can wait is a recommendation, not a fix.
]==],
    write = [==[
If the work is good, create {{ brief.files.approved | code }}. {{ ("%s %s --reviewer NAME%s"):format(brief.commands.approve, brief.number, brief.early and " --force" or "") | code }}, with your name, makes it with its header and its parts; write something for every text in square brackets:

- Title line: `# APPROVED: Achievement {{ brief.number }}`
- Header, one line each: `**Reviewer**: ` with your name, `**Review Date**: ` with today's date (`date +%F`), `**Status**: ✅ Approved`.
- `## Summary`: what was delivered, in a few sentences.
- `## Deliverables Verified`: each with its path, and how you verified it.
- `## Tests`: the commands you ran and their results.
- `## Recommendations`: what could be better later.

If anything has to change, {{ brief.state == "fix_resolved" and "replace the contents of" or "create" }} {{ brief.files.fix | code }}. {{ ("%s %s --reviewer NAME%s"):format(brief.commands.fix, brief.number, brief.early and " --force" or "") | code }} makes it {{ brief.state == "fix_resolved" and "anew and keeps the earlier round, answer included, where it no longer counts" or "with its header and its parts" }}; write something for every text in square brackets:

- Title line: `# FIX REQUIRED: Achievement {{ brief.number }}`
- Header as above, with `**Status**: ⚠️ Needs Fixes`.
- `## Summary`: what is wrong, in a few sentences.
- `## Issues Found`, with two parts below it. `### Critical Issues`: each issue under a heading of its own, `#### 1. **Its title**`, with file and line, what is wrong, how to see it, and what would be right. `### Minor Issues`: a list, one item for each, with file and line.
- `## What Worked Well`: what must stay as it is.
- `## Next Steps`: what to do, in order.
{% if brief.state == "fix_resolved" then %}

If you write it by hand, also delete {{ brief.files.resolution | code }}: it answered the earlier review, and while it lies there your new one counts as answered.
{% end %}
]==],
    limits = [==[
- Judge the work by the plan and the SUBPLAN, not by how you would have done it.
- Believe no claim that you have not checked. Ticked boxes and the word Complete prove nothing.
- Repair nothing yourself; leave code, logs and plan as they are.
]==],
    verify = [==[
- Every statement in your file names a path, a line or a command.
{% include("partials/tests", { brief = brief }) %}
- {{ brief.commands.status | code }} shows achievement {{ brief.number }} as `approved` or as `needs_fix`.
]==],
    closing = "Begin now. End by creating {{ brief.files.approved | code }} or {{ brief.files.fix | code }}, never both.\n",
  },
}
