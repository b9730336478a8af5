-- promptgen.lua of a new workspace: settings, as data.
local template = require "promptgen.template"

return template.define {
  summary = "The configuration of a new workspace",
  body = [==[
-- Settings of promptgen for this project. This file is data: strings, numbers, booleans and tables.
-- The folder it lies in is the root of the workspace; plans are found below work-space/plans/.
return {
  -- What prompts tell about the project: a file, and the headings whose text is quoted.
  -- project_context = { file = "README.md", headings = { "Overview", "Conventions" } },

  -- Rules that choose the next step, first to last.
  -- order = { "needs_fix_first", "handoff", "started", "first_open" },

  -- The time limit of a run in seconds; a workspace can lower it, not raise it.
  -- timeout = 5,
}
]==],
}
