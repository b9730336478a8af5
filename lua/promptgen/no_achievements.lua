--- The error for a plan that defines no achievement: the one place that words it.
local status = require "promptgen.status"

--- Longest list of what was nearly a definition.
local SHOWN = 3

--- What of the plan's own text looks like a definition and is none, for the hint.
local function near_misses(plan)
  local hint, line = {}, nil
  for _, warning in ipairs(plan and plan.warnings or {}) do
    if warning.code == "malformed_number" and #hint < SHOWN then
      line = line or warning.line
      hint[#hint + 1] = warning.message
    end
  end
  return hint, line
end

--- A path as one word of a command line.
local function quoted(path)
  return path:find("^[%w_./@%%+=:,-]+$") and path or "'" .. path:gsub("'", "'\\''") .. "'"
end

--- The error.
---@param path string of the plan
---@param plan? promptgen.plan.Record its record, where it is at hand
---@return promptgen.Error err `no_achievements`
return function(path, plan)
  local hint, line = near_misses(plan)
  hint[#hint + 1] = "an achievement is defined by a line such as: **Achievement 1.1**: Title"
  hint[#hint + 1] = "promptgen parse " .. quoted(path) .. " shows what is found in the file"
  return status.error {
    code = "no_achievements", path = path, line = line, message = "the plan defines no achievement", hint = hint,
  }
end
