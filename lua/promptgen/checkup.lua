--- What works on this machine and in this workspace, and what does not: for `promptgen doctor`.
local host = require "promptgen.host"

local checkup = {}

---@class promptgen.checkup.Finding
---@field name string what was looked at
---@field result "ok"|"note"|"problem" a note is something that is not there and not needed
---@field says string
---@field hint? string
---@field error? promptgen.Error of a problem

local function ok(says)
  return { result = "ok", says = says }
end

local function note(says, hint)
  return { result = "note", says = says, hint = hint }
end

local function problem(err, hint)
  hint = hint or type(err.hint) == "table" and err.hint[1] or err.hint
  return { result = "problem", says = (err.path and err.path .. ": " or "") .. err.message, hint = hint, error = err }
end

local checks = {}

checks[#checks + 1] = { "workspace", function(app)
  local root, err = app:root()
  if not root then
    return app.options.root and problem(err) or note("none here", "promptgen init makes one; --root names one")
  end
  local workspace
  workspace, err = app:workspace()
  local paths, skipped = nil, err
  if workspace then
    paths, skipped = workspace:plans()
  end
  if not paths then
    return problem(skipped)
  elseif skipped then
    return problem(skipped[1])
  end
  return ok(("%s, %d plan%s"):format(root, #paths, #paths == 1 and "" or "s"))
end }

checks[#checks + 1] = { "configuration", function(app)
  local found = {}
  local root = app:root()
  for _, dir in ipairs { root or false, app.config_dir() or false } do
    if dir and host.exists(dir .. "/promptgen.lua") then
      found[#found + 1] = dir .. "/promptgen.lua"
    end
  end
  app:config() -- raises what is wrong
  return #found > 0 and ok(table.concat(found, ", ")) or note "none; everything is as it comes"
end }

--- Scripts of the workspace or the user in the place of stock ones.
checks[#checks + 1] = { "scripts", function(app)
  local runtime, changed, stale = app:runtime(), 0, {}
  for name in pairs(runtime:overridden()) do
    local stock = require("promptgen.embedded").source(name)
    local found = stock and runtime:find(name)
    if found and not found.stock then
      changed = changed + 1
      local origin, sha256 = require("promptgen.origin").of(found.source)
      if origin and sha256 ~= require("promptgen.digest").sha256(stock) then
        stale[#stale + 1] = found.path
      end
    end
  end
  table.sort(stale)
  if #stale > 0 then
    return note("the stock script has changed since it was copied: " .. table.concat(stale, ", "),
      "promptgen which NAME tells more")
  end
  return ok(changed == 0 and "stock ones only" or ("%d in the place of stock ones"):format(changed))
end }

checks[#checks + 1] = { "sandbox", function()
  local worker <close>, err = host.start_worker({ timeout = 5, memory = 16 << 20 }, function(report)
    return report
  end)
  if not worker then
    return problem(err)
  end
  local name, report = worker:next()
  if name ~= "result" then
    return problem(type(report) == "table" and report
      or require("promptgen.errors").new { code = "worker_crash", message = "the worker gave no answer" })
  end
  local lacking = {}
  lacking[#lacking + 1] = report.landlock == 0 and "Landlock" or nil
  lacking[#lacking + 1] = report.seccomp == 0 and "seccomp" or nil
  if #lacking > 0 then
    return note(("a worker runs; this kernel lacks %s"):format(table.concat(lacking, " and ")),
      "closed descriptors, resource limits and no_new_privs hold without it")
  end
  return ok(("a worker runs, with Landlock (version %d) and seccomp"):format(report.landlock))
end }

--- Whether files can be made in a directory of promptgen's own.
local function check_directory(dir)
  if not dir then
    return note("none: HOME is not set", "HOME, or XDG_CACHE_HOME and XDG_STATE_HOME, name one")
  end
  local fs = require "promptgen.fs"
  local top <close>, err = fs.root "/"
  local made
  if top then
    made, err = top:make_dirs(dir:sub(2))
  end
  local root <close> = made and assert(fs.root(dir)) or nil
  local name = (".doctor-%d"):format(host.started_ns() % 1000000)
  local written
  if root then
    written, err = root:write(name, "")
  end
  if not written then
    err.path = dir
    return problem(err, "without it promptgen works, but remembers nothing")
  end
  root:remove(name)
  return ok(dir)
end

checks[#checks + 1] = { "cache", function(app)
  if app.options.no_cache then
    return note "left alone: --no-cache"
  end
  return check_directory(app.cache_dir())
end }

checks[#checks + 1] = { "totals", function(app) return check_directory(app.state_dir()) end }

checks[#checks + 1] = { "clipboard", function()
  local takers = require("promptgen.clipboard").takers()
  if #takers == 0 then
    return note("nothing takes a prompt",
      "wl-copy, xclip, xsel or pbcopy on PATH does, or a terminal that knows OSC 52")
  end
  return ok(table.concat(takers, ", then "))
end }

checks[#checks + 1] = { "terminal", function(app)
  if not host.isatty(1) then
    return note "standard output is none"
  end
  local term = host.getenv "TERM"
  local said = ("%s, %d columns, %s"):format(term and term ~= "" and term or "TERM is not set", host.columns(1) or 80,
    app:color(1) and "colour" or "no colour")
  if term == nil or term == "" or term == "dumb" then
    return note(said, "menus ask for numbers instead of moving a mark")
  end
  return ok(said)
end }

checks[#checks + 1] = { "name", function()
  local name = host.getenv "USER" or host.getenv "LOGNAME"
  return name and name:find "%S" and ok(name .. " signs reviews")
    or note("nobody: USER is not set", "approve, fix and skip need --reviewer NAME")
end }

--- Looks at everything.
---@param app promptgen.App
---@return promptgen.checkup.Finding[]
function checkup.all(app)
  local out = {}
  for i, check in ipairs(checks) do
    local fine, found = host.protect(check[2], app)
    if not fine then
      found = problem(require("promptgen.errors").normalise(found, "internal"))
    end
    found.name = check[1]
    out[i] = found
  end
  return out
end

return checkup
