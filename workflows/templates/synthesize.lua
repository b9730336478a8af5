-- The prompt for an achievement with several complete executions that nobody has brought together.
local template = require "promptgen.template"

return template.define {
  summary = "Bring the results of several executions together in the SUBPLAN",
  extends = "base",
  blocks = {
    heading = "Bring together the executions of achievement {{ brief.label | inline }}",
    intro = [==[
{{ #brief.executions == 1 and "The one execution of this achievement is complete. Bring its results" or ("All %d executions of this achievement are complete. Bring their results together"):format(#brief.executions) }} in the SUBPLAN, so that a reviewer can judge the whole from one place. Change no other file. All paths are relative to the root of the repository.
]==],
    steps = [==[
1. Read the results of every execution.
2. Check them against the repository: the deliverables they name exist, the tests they name pass. Run the tests.
3. Compare the executions: where they agree, where they contradict each other, which result holds and why.
4. Find what is missing: compare what was delivered with the SUBPLAN and with the plan's text.
5. Write the synthesis described below.
]==],
    write = [==[
Add to {{ brief.files.subplan | code }} a section `## Execution Results Synthesis` with:

- A table, one row for each execution: its code, what it delivered, how it was tested, what it found.
- What holds for the whole achievement, and the evidence for it.
- Contradictions between executions, and how they are settled.
- What was learnt that later work should know.
- What is left open; "nothing" if that is so.

If nothing is left open, set the `**Status**` line at the top of the SUBPLAN to `✅ Complete`. If something is, leave the status alone and say plainly what is missing.
]==],
    limits = [==[
- Write no code, and change no EXECUTION_TASK: they are records.
- Do not claim what you have not seen in the repository.
- Write no file under a `feedbacks` folder: reviews come from somebody else.
]==],
    verify = [==[
- Every execution appears in the table, and every deliverable of the SUBPLAN is accounted for.
- {{ brief.commands.status | code }} shows achievement {{ brief.number }} as `executed`, and `{{ brief.commands.explain }} {{ brief.number }}` shows `to do: review the work`.
]==],
    closing = "Begin now by reading the results listed above, and end by writing the synthesis into {{ brief.files.subplan | code }}.\n",
  },
}
