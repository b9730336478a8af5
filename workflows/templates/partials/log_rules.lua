-- How an EXECUTION_TASK is kept and finished, so that people and promptgen read it alike.
local template = require "promptgen.template"

return template.define {
  summary = "How to keep and finish an execution log",
  params = { brief = { required = true, type = "table", doc = "from promptgen.prompt" } },
  body = [==[
- After each round of work add a section `### Iteration N`: what you tried, what happened (with the figures or the error text), what you do next. Keep it to a few lines.
- If three iterations in a row do not get further, stop, write down what blocks you, and say so instead of trying a fourth time.
- When the work is done, write `## Learning Summary` (what the next person should know) and then `## Completion Status`, which holds the line `**Status**: ✅ Complete` and the evidence: each deliverable with its path, each test command with its result. Change the `**Status**` at the top of the file to the same. The skeleton has these sections: fill them in and add none twice; leave no text in square brackets.
- Do not write Complete while a deliverable is missing or a test fails. What you cannot do yourself (a trial with people, a service you cannot reach) stays open: write down exactly what is left and who can do it.
]==],
}
