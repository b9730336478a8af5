-- The note that an achievement is left out on purpose.
local template = require "promptgen.template"

return template.define {
  summary = "A note that an achievement is skipped",
  params = {
    plan = { required = true, type = "table", doc = "{name, path}" },
    achievement = { required = true, type = "table", doc = "{number, title}" },
    reviewer = { required = true, type = "string", doc = "who decided" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
    reason = { required = true, type = "string", doc = "why" },
  },
  body = [==[
# SKIPPED: Achievement {{ achievement.number }}

**Achievement**: {{ achievement.number }} {{ achievement.title | inline }}
**Decided by**: {{ reviewer | inline }}
**Date**: {{ date }}
**Status**: Skipped

## Reason

{{ reason | trim }}
]==],
}
