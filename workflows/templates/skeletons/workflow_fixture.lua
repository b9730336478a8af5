-- The plan that the test of a new workflow reads.
local template = require "promptgen.template"

return template.define {
  summary = "The plan that the test of a new workflow reads",
  params = { name = { required = true, type = "string", doc = "name of the workflow" } },
  body = [==[
# PLAN: Sample for {{ name }}

**Status**: In Progress

## Achievements

**Achievement 1.1**: First Step

- **Goal**: The first thing works
- **Effort**: 1 hour

**Achievement 1.2**: Second Step

- **Goal**: The second thing works
- **Effort**: 2 hours
]==],
}
