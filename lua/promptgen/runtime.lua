--- The runtime search path: the one place that knows where workflows, templates and partials come
--- from, and in which order.
---
--- Layers, first hit wins: `--runtime DIR`, `$PROMPTGEN_RUNTIME`, the workspace,
--- `$XDG_CONFIG_HOME/promptgen`, `<prefix>/share/promptgen`, embedded. Every layer holds files under
--- `workflows/`, `workflows/templates/` and `workflows/lib/`.
local embedded = require "promptgen.embedded"
local errors = require "promptgen.lazy" "promptgen.errors"

local runtime = {}

---@class promptgen.Runtime
---@field layers {name: string, dir: string, root?: table}[] in search order, without "embedded"
local Runtime = {}
Runtime.__index = Runtime

--- Largest script that is read.
runtime.max_source = 256 * 1024

--- Where a kind of script lives below a layer.
runtime.folders = { workflow = "workflows/", template = "workflows/templates/", lib = "workflows/lib/" }

--- The name on the search path of a script: `name_of("template", "review")` is
--- "workflows/templates/review.lua".
---@param kind "workflow"|"template"|"lib"
---@param name string
---@return string
function runtime.name_of(kind, name)
  return runtime.folders[kind] .. name .. (name:match("%.%w+$") and "" or ".lua")
end

--- Builds the search path.
---@class promptgen.RuntimeConfig directories, each optional
---@field runtime? string
---@field env_runtime? string
---@field workspace? string
---@field user? string
---@field system? string
---@field builtin? boolean leave the workspace out

---@param config promptgen.RuntimeConfig
---@return promptgen.Runtime
function runtime.new(config)
  local layers = {}
  local function add(name, dir)
    if dir and dir ~= "" then
      layers[#layers + 1] = { name = name, dir = dir }
    end
  end
  add("runtime", config.runtime)
  add("environment", config.env_runtime)
  if not config.builtin then
    add("workspace", config.workspace)
  end
  add("user", config.user)
  add("system", config.system)
  return setmetatable({ layers = layers, listed = {} }, Runtime)
end

--- Opens a layer's directory once; false when there is none.
local function root_of(layer)
  if layer.root == nil then
    layer.root = require("promptgen.fs").root(layer.dir) or false
  end
  return layer.root
end

local MAX_DEPTH, MAX_NAMES = 4, 4096

--- Adds the names of the scripts in a folder and below it.
local function add_names(root, folder, depth, names)
  for _, entry in ipairs(root:list(folder) or {}) do
    local name = folder .. "/" .. entry.name
    if entry.type ~= "dir" or require("promptgen.hooks").is_hook(name) then
      names[#names + 1] = name -- what stands in the place of a hook is refused, not passed over
    elseif depth < MAX_DEPTH and #names < MAX_NAMES then
      add_names(root, name, depth + 1, names)
    end
  end
end

--- Names of the scripts of a layer, sorted; empty when it has no `workflows/`.
local function names_of(layer)
  if layer.names then
    return layer.names
  end
  local names = {}
  if require("promptgen.host").exists(layer.dir .. "/workflows") and root_of(layer) then
    add_names(layer.root, "workflows", 1, names)
  end
  table.sort(names)
  layer.names, layer.has = names, {}
  for _, name in ipairs(names) do
    layer.has[name] = true
  end
  return names
end

--- True when any layer but the embedded one holds `name`.
function Runtime:is_overridden(name)
  for _, layer in ipairs(self.layers) do
    names_of(layer)
    if layer.has[name] then
      return true
    end
  end
  return false
end

--- Names held by layers other than the embedded one, as a set; what a worker must ask for.
---@return table<string, true>
function Runtime:overridden()
  local set = {}
  for _, layer in ipairs(self.layers) do
    for _, name in ipairs(names_of(layer)) do
      set[name] = true
    end
  end
  return set
end

--- The path by which messages name a script: workspace scripts as they are, others in full.
local function display(layer, name)
  return layer.name == "workspace" and name or layer.dir .. "/" .. name
end

--- True when a script's bytes, an origin line aside, are those of the embedded script of that name.
---@param name string
---@param source string
---@return boolean
function runtime.is_stock(name, source)
  local stock = embedded.source(name)
  return stock ~= nil and (stock == source or stock == require("promptgen.origin").strip(source))
end

local function read_layer(layer, name)
  local source, err = root_of(layer):read(name, runtime.max_source)
  if not source then
    err.path = display(layer, name)
    return nil, err
  end
  return {
    name = name, layer = layer.name, path = display(layer, name), source = source,
    stock = runtime.is_stock(name, source),
  }
end

local function embedded_script(name)
  local source = embedded.source(name)
  return source and { name = name, layer = "embedded", path = name, source = source, stock = true }
end

---@class promptgen.Script
---@field name string on the search path
---@field layer string "runtime", "environment", "workspace", "user", "system" or "embedded"
---@field path string for messages
---@field source string
---@field stock boolean the bytes are those of the embedded script

--- Every script of this name, first hit first.
---@param name string such as "workflows/next.lua"
---@return promptgen.Script[]? chain
---@return promptgen.Error? err a hit that cannot be read
function Runtime:chain(name)
  local chain = {}
  for _, layer in ipairs(self.layers) do
    names_of(layer)
    if layer.has[name] then
      local script, err = read_layer(layer, name)
      if not script then
        return nil, err
      end
      chain[#chain + 1] = script
    end
  end
  chain[#chain + 1] = embedded_script(name)
  return chain
end

--- Names of all scripts of a folder ("workflows/"), without subfolders, sorted.
---@param folder string with a final slash
---@return string[]
function Runtime:names(folder)
  local set, names = {}, {}
  local function add(name)
    if name:sub(1, #folder) == folder and not name:find("/", #folder + 1, true) and not set[name] then
      set[name] = true
      names[#names + 1] = name
    end
  end
  for _, layer in ipairs(self.layers) do
    for _, name in ipairs(names_of(layer)) do
      add(name)
    end
  end
  for _, name in ipairs(embedded.names(folder)) do
    add(name)
  end
  table.sort(names)
  return names
end

--- Scripts of `folder` with a name like that of `name`. The folder and the suffix are alike in all of
--- them, and would make everything look near.
local function near_scripts(folder, name, names)
  local function short(script)
    return (script:sub(#folder + 1):gsub("%.lua$", ""))
  end
  local short_names, full = {}, {}
  for i, script in ipairs(names) do
    short_names[i] = short(script)
    full[short_names[i]] = script
  end
  local near = errors.nearest(short(name), short_names)
  for i, found in ipairs(near) do
    near[i] = full[found]
  end
  return near
end

--- The first hit of a name, with the scripts it shadows.
---@param name string
---@return (promptgen.Script|{shadowed: promptgen.Script[]})? script
---@return promptgen.Error? err `not_found` with the nearest names, or a failed read
function Runtime:find(name)
  local chain, err = self:chain(name)
  if not chain then
    return nil, err
  end
  if #chain == 0 then
    local folder = name:match("^(.*/)") or ""
    local near = near_scripts(folder, name, self:names(folder))
    return nil, errors.new {
      code = "not_found", message = ("there is no script '%s' on the search path"):format(name),
      hint = #near > 0 and { "did you mean " .. table.concat(near, ", ") .. "?" }
        or { "promptgen paths lists the places that are searched" },
    }
  end
  local script = chain[1]
  script.shadowed = table.move(chain, 2, #chain, 1, {})
  return script
end

return runtime
