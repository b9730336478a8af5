-- The prompt for a SUBPLAN that plans more executions than there are files.
local template = require "promptgen.template"

return template.define {
  summary = "Carry out the next planned execution of a SUBPLAN",
  extends = "create_execution",
  blocks = {
    heading = "Carry out the next execution of achievement {{ brief.label | inline }}",
    intro = [==[
A SUBPLAN says how one achievement of a plan is to be done, in several executions. {{ #brief.executions | plural("execution file") }} {{ #brief.executions == 1 and "is" or "are" }} complete; do the work of the next one, and keep a log of it, the EXECUTION_TASK. All you need to know stands here or in the files named here. All paths are relative to the root of the repository.
]==],
    share = [==[
Yours is the execution with the code `{{ brief.execution_code }}`{{ brief.unplanned and ", which the SUBPLAN does not plan. Compare what the earlier ones delivered with the SUBPLAN and the plan's text; what is missing or was found wanting is your work, and if nothing is, say so and stop." or "; find it in the SUBPLAN's list of executions." }} The earlier ones are done: build on them, do not redo them.]==],
    limits = {
      prepend = "- Do not change what earlier executions delivered, except where a test shows that it is wrong.\n",
    },
  },
}
