--- The program's entry: runs the command line, reports what failed, gives the exit status.
local main = {}

local function report(err, as_json)
  local errors = require "promptgen.errors"
  local host = require "promptgen.host"
  errors.advise(err)
  host.write(2, as_json and errors.to_json(err) or errors.format(err))
  return require("promptgen.status").exit(err.code)
end

local function wants_json(args)
  for _, arg in ipairs(args) do
    if arg == "--" then
      return false
    elseif arg == "--json" then
      return true
    end
  end
  return false
end

--- Runs the process's arguments.
---@return integer exit_status
function main.run()
  local host = require "promptgen.host"
  local args = host.args()
  local ok, result, err = host.protect(require("promptgen.cli").run, args)
  if ok and err == nil then
    return result
  end
  local errors = require "promptgen.errors"
  if not ok then
    err = errors.normalise(result, "internal")
  end
  if err.closed then
    return 0 -- the reader of a pipe went away: nothing to tell anybody
  end
  return report(err, wants_json(args))
end

return main
