-- The test of a new workflow.
local template = require "promptgen.template"

return template.define {
  summary = "The test of a new workflow",
  params = { name = { required = true, type = "string", doc = "name of the workflow" } },
  body = [==[
-- Tests of workflows/{{ name }}.lua. Run them: promptgen test {{ name }}
return {
  {
    name = "names the next achievement and what to do",
    workflow = "{{ name }}",
    root = "workflows/tests/fixtures/{{ name }}",
    args = { "@SAMPLE" },
    contains = { "Next is achievement 1.1, First Step: create_subplan.", "0 of 2 achievements" },
  },
  {
    name = "says which achievements there are when asked for another one",
    workflow = "{{ name }}",
    root = "workflows/tests/fixtures/{{ name }}",
    args = { "@SAMPLE", "--achievement", "9.9" },
    status = 4,
    contains = { "it defines 1.1, 1.2" },
  },
}
]==],
}
