-- The prompt for a plan whose words and files differ: mend the words.
local template = require "promptgen.template"

return template.define {
  summary = "Mend the differences between what a plan says and what its files show",
  extends = "base",
  params = {
    comparison = { required = true, type = "table", doc = "from promptgen.comparison: what differs" },
  },
  blocks = {
    heading = "Bring the plan {{ brief.name | inline }} in line with its files",
    intro = [==[
{{ #comparison.findings | plural("statement") }} of this plan or of the papers beside it {{ #comparison.findings == 1 and "does" or "do" }} not agree with what the files show; {{ comparison.checked | plural("statement") }} {{ comparison.checked == 1 and "was" or "were" }} compared. Mend each, so that whoever reads the plan next can rely on it. Change no code. All paths are relative to the root of the repository.
]==],
    findings = {
      title = "What does not agree",
      replace = [==[
{% for i, finding in ipairs(comparison.findings) do %}
{{ i }}. {{ finding.path | code }}{{ finding.line and (" line " .. finding.line) or "" }}{{ finding.says and (": " .. code(finding.says)) or "" }}
   - the files: {{ finding.found | inline }}
   - to mend it: {{ finding.mend }}
{% end %}
]==],
    },
    read = [==[
- the places above, each with a few lines round it
{% if brief.record.handoff then %}
- {{ brief.plan.path | code }}, lines {{ brief.record.handoff.line }}-{{ brief.record.handoff.end_line }} ({{ plural(brief.record.handoff.end_line - brief.record.handoff.line + 1, "line") }}): the handoff
{% end %}
]==],
    steps = [==[
1. Go through the list. For each, see for yourself what is true: look at the file, and at its history (`git log --follow`) where something ought to be there and is not.
2. Where the files are right, correct the words in the place that is named, and wherever else the same document repeats them. Change as little as possible; leave the history of the plan as it is.
3. Where the words are right, correct the files: a file that was moved or misnamed goes back with `git mv`.
4. Where work is marked as done and no review closes it, do not decide it yourself. Name it in your answer, so that it gets reviewed.
5. Where you cannot tell which side is right, leave both and say so.
6. Run {{ brief.commands.verify | code }} again. What it still shows must be what you left on purpose.
]==],
    limits = [==[
- Write no review, and change none: `APPROVED` and `FIX` files come from reviewers.
- In SUBPLANs and EXECUTION_TASKs change a status line or a name at most; they are records.
- Invent no figure: count.
- Start no work on an achievement.
]==],
    verify = [==[
- {{ brief.commands.verify | code }} shows nothing but what you left on purpose.
- {{ brief.commands.status | code }} gives the same next step as before, unless a file was put back.
]==],
    closing = "Begin now with the first statement of the list.\n",
  },
}
