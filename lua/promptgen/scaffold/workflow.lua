--- `promptgen new workflow NAME`: a workflow that runs, its template, its test and the plan that the
--- test reads.
local errors = require "promptgen.errors"

local workflow = {
  usage = "workflow NAME",
  arguments = { "name" },
  options = {},
}

local FILES = {
  { "workflows/%s.lua", "skeletons/workflow" },
  { "workflows/templates/%s.lua", "skeletons/workflow_template" },
  { "workflows/tests/%s.lua", "skeletons/workflow_test" },
  { "workflows/tests/fixtures/%s/work-space/plans/SAMPLE/PLAN_SAMPLE.md", "skeletons/workflow_fixture" },
}

---@param run promptgen.Transition
---@param args {name: string}
---@return promptgen.Decision?
---@return promptgen.Error? err `usage` for a name that is none, `conflict` when a file is there
function workflow.decide(run, args)
  local name = args.name
  if not name:match "^[%w_-]+$" then
    return nil, errors.new { code = "usage", message = ("'%s' is not a workflow name"):format(name),
      hint = "use letters, digits, - and _" }
  elseif require("promptgen.cli").command(name) then
    return nil, errors.new { code = "usage", message = ("'%s' is a command of promptgen"):format(name),
      hint = { "choose another name", "promptgen copy NAME copies a stock workflow, to change it" } }
  end
  local changes = {}
  for i, file in ipairs(FILES) do
    local path = file[1]:format(name)
    if run:seen(path) then
      return nil, errors.new { code = "conflict", path = path, message = "the file is there already",
        hint = "choose another name" }
    end
    changes[i] = { path = path, document = { template = file[2], values = { name = name } } }
  end
  return { changes = changes, next = ("promptgen run %s @PLAN"):format(changes[1].path) }
end

return workflow
