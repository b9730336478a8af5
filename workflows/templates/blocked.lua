-- The prompt for a plan on which nothing can be done: name what is in the way and clear it.
local template = require "promptgen.template"

return template.define {
  summary = "Clear what blocks a plan on which nothing can be done",
  extends = "base",
  blocks = {
    heading = "Clear what blocks the plan {{ brief.name | inline }}",
    intro = [==[
No open achievement of this plan can be worked on: each waits for something. Find out why and clear it. Change no code. All paths are relative to the root of the repository.
]==],
    findings = {
      title = "What waits for what",
      replace = [==[
{% for _, item in ipairs(brief.waiting) do %}
- {{ item.label | inline }} (`{{ item.state }}`): {{ #item.blockers > 0 and ("waits for " .. listing(item.blockers)) or "waits for its review" }}
{% end %}
]==],
    },
    read = [==[
{% if brief.parallel then %}
- {{ brief.parallel | code }}: the dependencies between the achievements
{% end %}
- {{ brief.plan.path | code }} ({{ brief.plan.lines | plural("line") }}): what the achievements really need from each other
]==],
    steps = [==[
{% if brief.parallel then %}
1. Follow each chain of the list above to its end. Where it comes back to an achievement already in it, the dependencies form a circle, and none of them can ever start.
2. Read in the plan what those achievements need from each other. In every circle at least one dependency is too strong or wrong.
3. Correct it in {{ brief.parallel | code }}: take the number that is not needed out of `dependencies`. Change nothing else in the file.
4. If an achievement waits for work that lies outside this plan, change nothing; say what it is and who can do it.
5. If an achievement waits for its review, have somebody who did not do the work review it; `{{ brief.commands.next }} --achievement N` prints the prompt for that.
{% else %}
1. Have each achievement of the list above reviewed by somebody who did not do the work; `{{ brief.commands.next }} --achievement N` prints the prompt for that, with the achievement's number for N.
2. If nobody can review now, change nothing, and say which reviews are missing.
{% end %}
]==],
    limits = [==[
{% if brief.parallel then %}
- Remove no dependency only to get on; say for each change why the plan does not need it.
{% end %}
- Do not edit the plan, and write no review.
]==],
    verify = [==[
{% if brief.parallel then %}
- {{ brief.parallel | code }} is still valid JSON.
{% end %}
- {{ brief.commands.status | code }} shows a next step.
- {{ brief.commands.explain | code }} shows what still waits, and for what.
]==],
    closing = "Begin now by reading {{ brief.parallel or brief.plan.path | code }}.\n",
  },
}
