--- The profile of one invocation: started after the options are known, reported when all is done.
local errors = require "promptgen.errors"
local host = require "promptgen.host"

local run = {}

--- Rows of the table on standard error; files hold everything.
run.max_rows = 40

local WRITERS = { folded = "folded", txt = "folded", svg = "svg", json = "speedscope" }

local function writer_of(path)
  local ending = path:match("%.(%w+)$")
  return ending and WRITERS[ending:lower()]
end

--- Whether the options make sense and can be served: the ending of --profile-out says what is written,
--- and where it is to be written that must be possible, before the run prints anything.
---@param app promptgen.App
---@return boolean? ok
---@return promptgen.Error? err `usage`, or of the file
function run.check(app)
  local path = app.options.profile_out
  if path and not writer_of(path) then
    return nil, errors.new {
      code = "usage", message = ("--profile-out cannot tell what to write into '%s'"):format(path),
      hint = "name a file that ends in .svg (flame graph), .folded or .txt (stacks) or .json (speedscope)",
    }
  elseif path then
    return require("promptgen.output_file").check(app, path)
  end
  return true
end

--- Starts measuring this process, and the workers it will start.
function run.start()
  require("promptgen.profile").start()
end

--- What the program did before its options were known.
local function add_start_up(profile)
  local own = profile.start - host.started_ns()
  if own > 0 then
    local fn = { kind = "span", name = "start-up", source = "", line = 0 }
    local node = { fn = fn, parent = profile.root, children = {}, calls = 1, own = own, total = own }
    table.insert(profile.nodes, 2, node)
    table.insert(profile.root.children, 1, node)
    table.insert(profile.functions, fn)
    table.insert(profile.spans, 1, { fn = fn, start = profile.start - own, stop = profile.start })
    profile.root.total, profile.start = profile.root.total + own, profile.start - own
  end
end

--- Source text of a script that took part, for the names of its functions.
local function source_of(app, file)
  local sources = app.profiled_sources or {}
  return sources[file] or require("promptgen.embedded").source(file)
end

local function collect(app)
  local parent = require("promptgen.profile").stop "parent"
  local list = { parent }
  if parent then
    add_start_up(parent)
  end
  for i, value in ipairs(app.worker_profiles or {}) do
    list[#list + 1] = require("promptgen.profile.data").read(value, i == 1 and "worker" or "worker " .. i)
  end
  require("promptgen.profile.names").apply(list, require("promptgen.embedded").source "function_names.txt",
    function(file) return source_of(app, file) end)
  return list
end

--- Stops measuring and reports: the table on standard error with --profile, a file with --profile-out.
---@param app promptgen.App
---@param title string
---@return boolean? ok
---@return promptgen.Error? err of the file
function run.finish(app, title)
  local options, profiles = app.options, collect(app)
  if options.profile then
    local text = require("promptgen.profile.table").render(profiles, options.profile, run.max_rows)
    host.write(2, "\n" .. text)
  end
  if options.profile_out then
    local writer = require("promptgen.profile." .. writer_of(options.profile_out))
    return require("promptgen.output_file").write(app, options.profile_out, writer.render(profiles, title))
  end
  return true
end

return run
