--- The list of active plans that some projects keep, and what it says of one plan.
local quote = require "promptgen.prompt.quote"

local register = {}

register.name = "ACTIVE_PLANS.md"

--- Folders in which it is kept, the most usual first.
local FOLDERS = { "", "work-space/", "work-space/plans/", "docs/", "documentation/", "LLM/" }

--- Most lines that are told of.
local MAX_LINES = 8

--- Finds the register.
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@return { path: string, lines: integer[], count: integer }? found path, lines that name the plan, and
--- how many lines the file has
function register.find(workspace, plan)
  for _, folder in ipairs(FOLDERS) do
    local path = folder .. register.name
    local record = quote.is_file(workspace, path) and workspace:document(path)
    if record then
      local lines = {}
      for number = 1, record.lines do
        local line = #lines < MAX_LINES and plan.feature and record:text(number, number) or ""
        if line:find(plan.feature, 1, true) then
          lines[#lines + 1] = number
        end
      end
      return { path = path, lines = lines, count = record.lines }
    end
  end
end

return register
