--- Documents that will be needed soon, parsed on all cores before anybody asks for them.
local preload = {}

--- Fewer than this many are parsed as fast by one thread.
preload.least = 4

--- Parses those of `paths` that the workspace does not hold yet into its document cache. A file that
--- cannot be parsed is left to whoever asks for it, error and all.
---@param workspace promptgen.Workspace
---@param paths string[] relative to the root
---@return integer parsed
function preload.documents(workspace, paths)
  local handle = workspace.backend.handle
  local missing = {}
  for _, path in ipairs(paths) do
    if not workspace.documents:peek(path) then
      missing[#missing + 1] = path
    end
  end
  if not handle or #missing < preload.least then
    return 0
  end
  local results = require("promptgen.pool").parse(handle, missing, { patterns = workspace.patterns })
  local parsed = 0
  for i, result in ipairs(results or {}) do
    local record = result.record
    if record then
      workspace.documents:set(missing[i], {
        value = record, signature = result.signature, hash = result.hash,
      }, nil, record.bytes or 0)
      parsed = parsed + 1
    end
  end
  workspace:count("misses", "plan_cache", parsed)
  return parsed
end

return preload
