-- parallel.json of the example plan: what depends on what.
local template = require "promptgen.template"

return template.define {
  summary = "The dependencies of the example plan",
  params = {
    name = { required = true, type = "string", doc = "as in PLAN_NAME.md" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
  },
  body = [==[
{
  "plan_name": "PLAN_{{ name }}",
  "parallelization_level": "level_3",
  "created_date": "{{ date }}",
  "achievements": [
    { "achievement_id": "1.1", "title": "Count the words of one file", "dependencies": [], "status": "not_started", "estimated_hours": 0.5 },
    { "achievement_id": "1.2", "title": "Count the words of several files", "dependencies": ["1.1"], "status": "not_started", "estimated_hours": 0.5 },
    { "achievement_id": "2.1", "title": "Tell people how to use it", "dependencies": ["1.1", "1.2"], "status": "not_started", "estimated_hours": 0.25 }
  ]
}
]==],
}
