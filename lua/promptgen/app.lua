--- One invocation of the program: its options, streams, workspace, search path and permissions, each
--- made when first asked for.
local errors = require "promptgen.lazy" "promptgen.errors"
local host = require "promptgen.host"

local app = {}

---@class promptgen.App
---@field options table<string, any> promptgen's own options
---@field lookups promptgen.Lookups of this process, not yet added to the totals
---@field lasts? boolean a process that others may change files under: its own memory is a cache
---@field about table<string, string> what log entries say of the run: workflow, plan, achievement
local App = {}
App.__index = App

---@param options table
---@return promptgen.App
function app.new(options)
  return setmetatable({ options = options, about = {}, lookups = { hits = {}, misses = {} } }, App)
end

--- The current directory, or an error.
function App:cwd()
  if not self.current then
    local err
    self.current, err = host.cwd()
    if not self.current then
      return nil, err
    end
  end
  return self.current
end

--- The workspace's absolute root; `not_found` says how to name one.
function App:root()
  if self.root_path then
    return self.root_path
  end
  local cwd, err = self:cwd()
  if not cwd then
    return nil, err
  end
  local found
  found, err = require("promptgen.workspace").find_root {
    explicit = self.options.root, env = host.getenv "PROMPTGEN_ROOT", cwd = cwd,
  }
  self.root_path = found
  return found, err
end

local LIMITS = { "timeout", "mem", "out_max" }

--- Adds what configuration says to the options that the command line did not give.
local function apply(options, values)
  for _, key in ipairs(LIMITS) do
    if values[key] and not options.given[key] then
      options[key] = math.min(options[key], values[key])
    end
  end
  for _, key in ipairs { "allow_read", "allow_write", "allow_env" } do
    local list = options[key] or {}
    options[key] = table.move(values[key] or {}, 1, #(values[key] or {}), #list + 1, list)
  end
  options.order = values.order
  options.project_context = not options.no_project_context and values.project_context or nil
end

local function is_configured(dir)
  return dir ~= nil and host.exists(dir .. "/promptgen.lua")
end

--- The configuration of the workspace and the user, applied to the options; raises an error value
--- when a file of it is wrong.
---@return table
function App:config()
  if not self.configuration then
    local values, err = {}, nil
    if is_configured((self:root())) or is_configured(App.config_dir()) then
      values, err = require("promptgen.config").load((self:root()), App.config_dir(),
        not self.options.no_cache and App.cache_dir() or nil)
    end
    if not values then
      error(err, 0)
    end
    self.configuration = values
    apply(self.options, values)
  end
  return self.configuration
end

--- The workspace of this invocation.
---@return promptgen.Workspace? workspace
---@return promptgen.Error? err
function App:workspace()
  if not self.opened then
    local root, err = self:root()
    if not root then
      return nil, err
    end
    self.opened, err = require("promptgen.workspace").open {
      root = root, cwd = self.current, snapshot = true, patterns = self:config().patterns,
      lookups = self.lookups,
      index_store = {
        load = function()
          local cache = self:folder_cache()
          return cache and cache:load_index()
        end,
        save = function(index)
          local cache = self:folder_cache()
          return cache and cache:save_index(index)
        end,
      },
    }
    if not self.opened then
      return nil, err
    end
    local state_dir = App.state_dir()
    local opened = self.opened.root
    -- the name of promptgen.undo, which is loaded only where there is such a log
    local killed = state_dir and host.exists(("%s/undo/%s.log"):format(state_dir, require("promptgen.fs").hash(opened)))
    if killed and require("promptgen.staging").repair(opened, state_dir) then
      self:log("warning", "an earlier run was killed while it wrote; its files have been put back")
    end
  end
  return self.opened
end

--- Looks at the files anew from now on: for commands that stay while others change them.
function App:reopen()
  self.opened, self.cache = nil, nil
  collectgarbage() -- the descriptors of before
end

--- The cache of plans between runs; nil with --no-cache and where none can be had. With
--- --require-cache the lack of it raises an error value.
---@return promptgen.FolderCache?
function App:folder_cache()
  if self.cache == nil then
    local err
    self.cache = false
    if not self.options.no_cache then
      self.cache, err = require("promptgen.folder_cache").open(self.opened, App.cache_dir())
    end
    if self.cache and self.options.require_cache and not self.cache:probe() then
      err = errors.new { code = "io", message = self.cache:problem() or "it cannot be written" }
      self.cache = false
    end
    if not self.cache and self.options.require_cache then
      error(errors.new { code = "io", message = "the cache cannot be used", cause = err }, 0)
    elseif err then
      self:log("warning", "working without the cache: " .. err.message)
    end
    self.cache = self.cache or false
  end
  return self.cache or nil
end

--- Tells, once, that the cache was damaged (a warning) or could not be written (a warning, or an error
--- with --require-cache).
---@return promptgen.Error? err
function App:check_cache()
  local problem = self.cache and self.cache:problem()
  local damaged = self.cache and self.cache:damaged() or 0
  if damaged > (self.damage_told or 0) then
    self.damage_told = damaged
    self:log("warning", damaged == 1 and "a damaged record of the cache was passed over"
      or ("%d damaged records of the cache were passed over"):format(damaged))
  end
  if not problem or self.cache_checked then
    return nil
  end
  self.cache_checked = true
  if self.options.require_cache then
    return errors.new { code = "io", path = App.cache_dir(), message = problem }
  end
  self:log("warning", "nothing is kept for the next run: " .. problem)
end

local function xdg(variable, fallback)
  local dir = host.getenv(variable)
  if dir and dir:sub(1, 1) == "/" then
    return dir .. "/promptgen"
  end
  local home = host.getenv "HOME"
  return home and home:sub(1, 1) == "/" and home .. fallback .. "/promptgen" or nil
end

--- Directories of the user's own files; nil when HOME is not set.
function App.config_dir()
  return xdg("XDG_CONFIG_HOME", "/.config")
end

function App.cache_dir()
  return xdg("XDG_CACHE_HOME", "/.cache")
end

function App.state_dir()
  return xdg("XDG_STATE_HOME", "/.local/state")
end

--- `<prefix>/share/promptgen` of an installed program; nil from a build tree.
local function system_dir()
  local exe = host.executable()
  local prefix = exe and exe:match("^(.*)/bin/[^/]+$")
  return prefix and prefix .. "/share/promptgen" or nil
end

--- The runtime search path of this invocation. Without a workspace it lacks that layer.
function App:runtime()
  if not self.search_path then
    self.search_path = require("promptgen.runtime").new {
      runtime = self.options.runtime, env_runtime = host.getenv "PROMPTGEN_RUNTIME",
      workspace = (self:root()), user = App.config_dir(), system = system_dir(),
      builtin = self.options.builtin,
    }
  end
  return self.search_path
end

--- Directories from which a script path on the command line is looked up.
function App:script_dirs()
  local dirs = { self:cwd() }
  local root = self:root()
  if root and root ~= dirs[1] then
    dirs[#dirs + 1] = root
  end
  return dirs
end

function App:permissions()
  if not self.granted then
    local cwd = self:cwd() or "/"
    local function absolute(list)
      local out = {}
      for i, dir in ipairs(list or {}) do
        out[i] = dir:sub(1, 1) == "/" and dir or cwd .. "/" .. dir:gsub("^%./", "")
        out[i] = out[i]:gsub("/%.$", "")
      end
      return out
    end
    self.granted = require("promptgen.permissions").new {
      read = absolute(self.options.allow_read), write = absolute(self.options.allow_write),
      env = self.options.allow_env,
    }
  end
  return self.granted
end

--- True when a stream should carry colour.
function App:color(fd)
  local when = self.options.color
  if when ~= "auto" then
    return when == "always"
  end
  local no_color = host.getenv "NO_COLOR"
  return (no_color == nil or no_color == "") and host.isatty(fd) and host.getenv "TERM" ~= "dumb"
end

--- Width of the terminal on standard output; nil when it is none.
function App:width()
  return host.columns(1)
end

--- The log of this invocation, opened by its first entry, or at the start for --log-file.
---@return promptgen.log.Output? output
---@return promptgen.Error? err
function App:open_log()
  if not self.log_output then
    local err
    self.log_output, err = require("promptgen.log.output").open(self.options, self.about)
    if not self.log_output then
      return nil, err
    end
  end
  return self.log_output
end

--- Writes a log entry: warnings and errors always go to standard error, chatter for a terminal or
--- with -v, all as --log-level says.
---@param level promptgen.log.Level
---@param message string
---@param fields? table<string, any>
function App:log(level, message, fields)
  self:open_log()
  require("promptgen.log")[level](message, fields)
end

local function asks_for_log(options)
  return options.verbose or options.log_level or options.log_file
end

--- The same for what only a reader of logs wants to know: nothing without -v or an option of the log.
function App:note(level, message, fields)
  if asks_for_log(self.options) then
    self:log(level, message, fields)
  end
end

--- The level below which the entries of a worker are not wanted.
---@return promptgen.log.Level
function App:log_level()
  if asks_for_log(self.options) then
    return self:open_log():widest()
  end
  return host.isatty(2) and "info" or "warning"
end

--- A prompt steers an agent: a script of the workspace that shadows a shipped one, or runs round every
--- workflow, is named in one line.
function App.notice_shadow(_, script)
  if script.layer ~= "workspace" and script.layer ~= "path" then
    return
  end
  local words
  if require("promptgen.hooks").is_hook(script.name) then
    words = ("runs %s every workflow"):format(script.name:match("([^/]+)%.lua$"))
  elseif not script.stock and require("promptgen.embedded").source(script.name) then
    words = "is used in place of the stock one"
  end
  if words then
    host.write(2, ("promptgen: notice: %s of this workspace %s (--builtin ignores it)\n")
      :format(errors.escape_controls(script.path), words))
  end
end

--- Writes to standard output: control bytes are escaped on a terminal, passed unchanged elsewhere.
---@param text string
---@return boolean? ok
---@return promptgen.Error? err `io`
function App.out(_, text)
  if host.isatty(1) then
    text = text:gsub("[^\n]+", errors.escape_controls)
  end
  return host.write(1, text)
end

return app
