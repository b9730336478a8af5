--- The options of a run that decide where a plan stands.
local NAMES = { "order", "skip_review", "trust_filesystem", "trust_plan" }

--- Those of `options`, with `extra` over them.
---@param options table
---@param extra? table
---@return promptgen.state.Options options
---@return boolean changed something in `extra` makes a difference
return function(options, extra)
  local out, changed = {}, false
  for _, name in ipairs(NAMES) do
    out[name] = options[name]
  end
  for name, value in pairs(extra or {}) do
    changed = changed or out[name] ~= value
    out[name] = value
  end
  return out, changed
end
