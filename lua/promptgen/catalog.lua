--- Names of scripts as people write them: "next", "review", "workflows/templates/review.lua".
local errors = require "promptgen.lazy" "promptgen.errors"

local catalog = {}

local KINDS = { "workflows/", "workflows/templates/", "workflows/lib/", "workflows/hooks/" }

--- Names on the search path that `name` may mean, workflows before templates before libraries.
---@param runtime promptgen.Runtime
---@param name string
---@return string[] full names, each with at least one hit
function catalog.expand(runtime, name)
  local found = {}
  local candidates = { name, name .. ".lua" }
  for _, folder in ipairs(KINDS) do
    candidates[#candidates + 1] = folder .. name .. ".lua"
    candidates[#candidates + 1] = folder .. name
  end
  local embedded = require "promptgen.embedded"
  for _, full in ipairs(candidates) do
    if full:match("^workflows/") and (embedded.source(full) or runtime:is_overridden(full)) then
      found[#found + 1] = full
    end
  end
  return found
end

--- The one script that `name` means, or an error with the nearest names.
---@param runtime promptgen.Runtime
---@param name string
---@return string? full
---@return promptgen.Error? err `not_found`
function catalog.one(runtime, name)
  local found = catalog.expand(runtime, name)
  if found[1] then
    return found[1]
  end
  local names = {}
  for _, folder in ipairs(KINDS) do
    for _, full in ipairs(runtime:names(folder)) do
      names[#names + 1] = full:sub(#folder + 1):gsub("%.lua$", "")
    end
  end
  local near = errors.nearest(name, names)
  return nil, errors.new {
    code = "not_found", message = ("there is no workflow or template '%s'"):format(name),
    hint = #near > 0 and { "did you mean " .. table.concat(near, ", ") .. "?" }
      or { "promptgen workflows and promptgen templates list them" },
  }
end

return catalog
