local host = require "promptgen.host"
local main = {}
function main.run()
  local args = host.args()
  if args[1] == "skeleton" then
    local w = assert(host.start_worker({}, function(report) return report end))
    local name, v = w:next()
    host.write(1, name .. " landlock " .. v.landlock .. " seccomp " .. v.seccomp .. "\n")
  end
  return 0
end
return main
