--- Folded stacks: "process;caller;callee nanoseconds" lines, as flame graph tools read them.
local data = require "promptgen.profile.data"
local label = require "promptgen.profile.label"

local folded = {}

local function frame(fn)
  return (label.frame(fn):gsub(";", ","))
end

--- All processes, each beneath its name; lines sorted, so that two profiles can be compared.
---@param profiles promptgen.profile.Data[]
---@return string text
function folded.render(profiles)
  local out = {}
  for _, profile in ipairs(profiles) do
    local stacks = { [0] = profile.process }
    data.walk(profile, function(node, depth, own)
      if depth > 0 then
        stacks[depth] = stacks[depth - 1] .. ";" .. frame(node.fn)
      end
      if own > 0 then
        out[#out + 1] = ("%s %d"):format(stacks[depth], own)
      end
    end)
  end
  table.sort(out)
  return #out > 0 and table.concat(out, "\n") .. "\n" or ""
end

return folded
