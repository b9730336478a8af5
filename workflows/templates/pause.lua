-- The prompt that lays a plan aside: its handoff is brought up to date, and nothing is left half done.
local template = require "promptgen.template"

return template.define {
  summary = "Lay a plan aside so that anybody can take it up again",
  extends = "base",
  params = {
    handoff = { required = true, type = "table", doc = "from promptgen.handoff: how the plan stands" },
    reason = { type = "string", doc = "why it is laid aside" },
  },
  blocks = {
    heading = "Lay the plan {{ brief.name | inline }} aside",
    intro = [==[
Work on this plan stops for now. Leave it so that somebody who was not there can go on without asking you anything: nothing half done, nothing unsaid, and a handoff that is true. Start nothing new. All paths are relative to the root of the repository.
]==],
    caution = [==[
{% if reason then %}
It is laid aside because: {{ reason | sentence }}
{% end %}
]==],
    findings = {
      title = "How it stands",
      replace = [==[
{% local numbers = {} for i, item in ipairs(handoff.done) do numbers[i] = item.number end %}
- Closed: {{ handoff.closed }} of {{ handoff.total }} ({{ handoff.percent }} %){{ #numbers > 0 and ": " .. listing(numbers) or "" }}
{% for _, item in ipairs(handoff.under_way) do %}
- Begun: {{ item.label | inline }} (`{{ item.state }}`), to do: {{ item.phrase | default("nothing") }}{{ item.path and (", in " .. code(item.path)) or "" }}
{% end %}
{% if handoff.next then %}
- Next: {{ handoff.next.label | inline }}, to do: {{ handoff.next.phrase | default("nothing") }}
{% end %}
{% for _, item in ipairs(handoff.blocked) do %}
- Blocked: {{ item.label | inline }} waits for {{ item.blockers | listing }}
{% end %}
]==],
    },
    read = [==[
{% if handoff.range then %}
- {{ brief.plan.path | code }}, lines {{ handoff.range.first }}-{{ handoff.range.last }} ({{ plural(handoff.range.last - handoff.range.first + 1, "line") }}): the handoff as it is now
{% end %}
{% if handoff.last then %}
- {{ handoff.last.path | code }} ({{ handoff.last.lines | plural("line") }}): the last execution{{ handoff.last.complete and "" or ", which is not complete" }}
{% end %}
{% if brief.register then %}
- {{ brief.register.path | code }} ({{ brief.register.count | plural("line") }}): the list of active plans{{ #brief.register.lines > 0 and ("; this one stands in line " .. listing(brief.register.lines)) or ", which does not name this one" }}
{% end %}
{% if not (handoff.range or handoff.last or brief.register) then %}
- {{ brief.plan.path | code }} ({{ brief.plan.lines | plural("line") }}): it has no handoff yet
{% end %}
]==],
    steps = [==[
1. Bring what is in your hands to a point where it holds: finish the smallest piece, or take back what does not work. Run the tests and note the result.
2. See that nothing is left half written: `git status --short` shows only files you can explain. What belongs to the work will be committed below; what does not is taken away, or named in the handoff where it is not yours.
{% if #handoff.under_way > 0 then %}
3. In the papers of every achievement that is begun say where it stopped: a log gets an entry `### Iteration N` with what is done, what failed and what would have come next; a SUBPLAN with open parts says which.
{% else %}
3. No achievement is begun and open, so there is no log to bring up to date.
{% end %}
4. Write the handoff as described below.
5. Run {{ brief.commands.verify | code }}: it compares what the plan says with its files. Mend what it shows, as far as it concerns the words of the plan.
6. Stage what belongs to the plan and its work, and commit it: {{ ("git commit -m " .. brief:shell_word(("plan: pause %s at %d of %d%s"):format(inline(brief.name), handoff.closed, handoff.total, handoff.next and ", next " .. handoff.next.number or ""))) | code }}
]==],
    write = [==[
In {{ brief.plan.path | code }}:

{% if handoff.header then %}
- Line {{ handoff.header.line }}, the status at the top: `**Status**: ⏸️ Paused`
{% else %}
- At the top, below the title: `**Status**: ⏸️ Paused`
{% end %}
- {{ handoff.range and "The section with the handoff, brought up to date; leave no old statement in it that is not true any more:" or "A new section `## Current Status & Handoff`, before the last one, with these parts:" }}
  - `**Last Updated**: ` with today's date (`date +%F`)
  - `**Status**: Paused`{{ reason and ", and the reason" or "" }}
  - `**Progress**: {{ handoff.closed }} of {{ handoff.total }} achievements closed ({{ handoff.percent }} %)`
  - `**What's Done**`: a line for each achievement that is closed, and what exists now because of it
  - `**What's Next**`: {{ handoff.line and "with the line " .. code(handoff.line) .. ", and what is the first thing to do" or "what has to be cleared before anything can go on; name no achievement as next" }}
  - `**Blockers**`: what is in the way, with what would clear it{{ #handoff.blocked > 0 and ": the ones above, and" or ", also" }} what no file knows: people, access, decisions. `none` if there is nothing
  - `**Worth Knowing**`: what you know and nobody could read anywhere: what was tried and given up, what looks wrong and is right, what is about to change
{% if brief.register then %}

In {{ brief.register.path | code }}: the plan is paused, with today's date.
{% end %}
]==],
    limits = [==[
- Start no achievement and finish none in a hurry: what is not tested is not done.
- Mark nothing as complete that is not, and write no review.
- Change no figure that you have not counted.
]==],
    verify = [==[
- After the commit `git status --short` prints nothing but files that the handoff names.
- {{ brief.commands.status | code }} shows {{ handoff.next and ("achievement %s as the next"):format(handoff.next.number) or "the plan as blocked" }}, and no warning about the handoff.
- {{ brief.commands.verify | code }} finds no difference in what the plan says of itself.
- {{ brief.commands.resume | code }} writes a prompt with which a stranger could go on.
]==],
    closing = [==[
Begin now with `git status --short`.
]==],
  },
}
