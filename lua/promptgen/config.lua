--- Configuration: `promptgen.lua` of the workspace and of the user, as data.
---
--- A configuration file is Lua that returns a table of strings, numbers, booleans and tables. It is
--- evaluated in a worker with no names at all; a function in it is an error. A workspace's file may
--- lower limits and describe the project; only the user's own file may grant permissions.
local errors = require "promptgen.lazy" "promptgen.errors"

local config = {}

config.file = "promptgen.lua"

local function check_warm(list)
  for key, target in pairs(list) do
    if math.type(key) ~= "integer" or type(target) ~= "string" then
      return false, "setting 'warm' is a list of plans, each @NAME or a path"
    end
  end
  return true
end

--- What a configuration may hold: key → {type, from?, help}. `from = "user"` marks what a workspace
--- may not set.
config.schema = {
  project_context = { "table", help = "file and headings that prompts include as project context" },
  patterns = { "table", help = "spellings beside the stock ones, such as \"Milestone\"" },
  order = { "table", help = "rules that choose the next step, first to last" },
  lint = { "table", help = "levels of rules and limits of `promptgen lint`",
    check = function(value) return require("promptgen.lint").check_settings(value) end },
  warm = { "table", help = "plans that `promptgen cache warm` loads, each @NAME or a path", check = check_warm },
  timeout = { "number", help = "time limit of a run in seconds" },
  mem = { "number", help = "memory limit of a run in bytes" },
  out_max = { "number", help = "output limit of a run in bytes" },
  allow_read = { "table", from = "user", help = "directories that workflows may read" },
  allow_write = { "table", from = "user", help = "directories that workflows may write" },
  allow_env = { "table", from = "user", help = "environment variables that workflows may see" },
}

local function fail(path, message, hint)
  return nil, errors.new { code = "config", path = path, message = message, hint = hint }
end

--- Checks names and types of a configuration.
---@param values any what the file returned
---@param path string for messages
---@param origin "workspace"|"user"
---@return table? values
---@return promptgen.Error? err `config`
function config.check(values, path, origin)
  if type(values) ~= "table" then
    return fail(path, "the configuration is not a table", "end the file with: return { … }")
  end
  local known = {}
  for key in pairs(config.schema) do
    known[#known + 1] = key
  end
  for key, value in pairs(values) do
    local rule = config.schema[key]
    if not rule then
      local near = type(key) == "string" and errors.nearest(key, known) or {}
      return fail(path, ("unknown setting '%s'"):format(tostring(key)),
        #near > 0 and "did you mean " .. table.concat(near, ", ") .. "?" or nil)
    elseif type(value) ~= rule[1] then
      return fail(path, ("setting '%s' is a %s, not a %s"):format(key, type(value), rule[1]))
    elseif rule.check and not rule.check(value) then
      local _, message = rule.check(value)
      return fail(path, message)
    elseif rule.from == "user" and origin ~= "user" then
      return fail(path, ("a workspace may not set '%s'"):format(key),
        "only your own configuration and the command line grant permissions")
    end
  end
  return values
end

--- Evaluates a configuration's text in a worker of its own.
---@param source string
---@param path string for messages
---@return any? values
---@return promptgen.Error? err `config`, `limit`
function config.evaluate(source, path)
  local host = require "promptgen.host"
  local worker, err = host.start_worker({ timeout = 1, memory = 16 << 20 }, function()
    local chunk, message = require("promptgen.guard").chunk(source, "@" .. path, {})
    if not chunk then
      error(message, 0)
    end
    return { value = chunk() }
  end)
  if not worker then
    return nil, err
  end
  local name, value
  repeat
    name, value = worker:next()
  until name == "result" or name == "error" or not name
  worker:close()
  if name == "result" and type(value) == "table" then
    return value.value
  elseif name == "error" then
    err = errors.normalise(value, "config")
    err.code = err.code == "limit" and "limit" or "config"
    err.path = err.path or path
    return nil, err
  end
  return fail(path, "the configuration could not be evaluated", tostring(value))
end

--- Evaluated configurations between runs: an unchanged file costs no process.
---@param cache_dir? string
---@return promptgen.store.Store? store
function config.open_store(cache_dir)
  if not cache_dir then
    return nil
  end
  local store = require "promptgen.store"
  local schema = tonumber(require("promptgen.fs").hash("config 1" .. store.program_version()):sub(1, 15), 16)
  return (store.open(cache_dir .. "/config", { schema = schema, max_records = 100 }))
end

local function stored(store, root)
  local record = store and store:fetch("config\0" .. root:path(), root)
  return record and require("promptgen.pack").decode(record:payload())
end

local function keep(store, root, values, signature, source)
  if store then
    store:put("config\0" .. root:path(), root, { {
      path = config.file, kind = "file", signature = signature, hash = require("promptgen.fs").hash(source),
    } }, (require("promptgen.pack").encode(values)))
  end
end

--- The configuration in one directory; an empty table when it has none.
---@param dir string absolute
---@param origin "workspace"|"user"
---@param cache_dir? string absolute
---@return table? values
---@return promptgen.Error? err
function config.read(dir, origin, cache_dir)
  local root = require("promptgen.host").exists(dir .. "/" .. config.file) and require("promptgen.fs").root(dir)
  if not root then
    return {}
  end
  local store = config.open_store(cache_dir)
  local known = stored(store, root)
  if known then
    return known
  end
  local source, signature = root:read(config.file, 64 * 1024)
  local err = not source and signature or nil
  local path = origin == "workspace" and config.file or dir .. "/" .. config.file
  if not source then
    if err.code == "not_found" then
      return {}
    end
    err.path = path
    return nil, err
  elseif not source:find("%S") then
    return {}
  end
  local values
  values, err = config.evaluate(source, path)
  if err then
    return nil, err
  end
  values, err = config.check(values, path, origin)
  if values then
    keep(store, root, values, signature, source)
  end
  return values, err
end

local LIMITS = { "timeout", "mem", "out_max" }

--- Both configurations, the user's over the workspace's; limits take the lower value.
---@param workspace_dir? string
---@param user_dir? string
---@param cache_dir? string
---@return table? values
---@return promptgen.Error? err
function config.load(workspace_dir, user_dir, cache_dir)
  local merged, err = {}, nil
  if workspace_dir then
    merged, err = config.read(workspace_dir, "workspace", cache_dir)
  end
  local own
  if merged and user_dir then
    own, err = config.read(user_dir, "user", cache_dir)
  end
  if not merged or (user_dir and not own) then
    return nil, err
  end
  for key, value in pairs(own or {}) do
    merged[key] = value
  end
  for _, key in ipairs(LIMITS) do
    local a = own and own[key]
    local b = merged[key]
    merged[key] = a and b and math.min(a, b) or b
  end
  return merged
end

return config
