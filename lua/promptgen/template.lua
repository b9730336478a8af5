--- Templates: text with Lua in it. The language is described in docs/templates.md.
---
--- A template file returns `template.define { params = ..., body = [==[...]==] }`. An engine
--- renders templates it finds through a loader; it reads no files itself. Compiling needs one
--- function, `compile(source, chunkname, env)`, so that the same engine runs in a sandbox and in a
--- plain Lua.
local template = {}

local DEFAULTS = {
  max_bytes = 256 * 1024, -- of one text
  max_tags = 10000, -- of one text
  max_depth = 100, -- frames: includes and changed blocks
  max_output = 4 * 1024 * 1024, -- bytes of one rendering
}

--- The globals a template may use where the caller gives no environment.
local SAFE = {
  "assert", "error", "ipairs", "math", "next", "pairs", "pcall", "select", "string", "table",
  "tonumber", "tostring", "type", "utf8", "require",
}

local function default_env()
  local env = {}
  for _, name in ipairs(SAFE) do
    env[name] = _G[name]
  end
  return env
end

local function default_compile(source, chunkname, env)
  return load(source, chunkname, "t", env)
end

---@class promptgen.template.Options
---@field loader (fun(kind: string, name: string): table?, promptgen.Error?)? finds templates
---@field compile (fun(source: string, chunkname: string, env: table): function?, string?)?
---@field env table? globals of template files and bodies
---@field stock (fun(name: string): table?)? the flattened form of a template none of whose parts is
--- overridden, see promptgen.template.stock
---@field context table? handed to `prepare` functions
---@field max_bytes integer? bytes of one text (262144)
---@field max_tags integer? tags of one text (10000)
---@field max_depth integer? nested includes and blocks (100)
---@field max_output integer? bytes of one rendering (4194304)

---@class promptgen.template.Engine
---@field options promptgen.template.Options
---@field sources { kind: string, name: string, path: string, layer: string?, source: string }[]
local Engine = {}
Engine.__index = Engine

--- Checks a template specification and marks it; what a template file returns. Raises when the
--- specification is wrong, naming the field.
---@param spec promptgen.template.Spec
---@return promptgen.template.Spec definition
function template.define(spec)
  return require("promptgen.template.definition").define(spec)
end

--- Makes an engine. Templates are read and compiled once per engine.
---@param options promptgen.template.Options?
---@return promptgen.template.Engine
function template.engine(options)
  local all = {}
  for key, value in pairs(DEFAULTS) do
    all[key] = value
  end
  for key, value in pairs(options or {}) do
    all[key] = value
  end
  all.env = all.env or default_env()
  all.compile = all.compile or default_compile
  all.loader = all.loader or function(_, name)
    return nil, require("promptgen.status").error {
      code = "not_found", message = ("there is no template '%s'"):format(tostring(name)),
    }
  end
  return setmetatable({
    options = all, templates = {}, hits = {}, units = {}, used = {}, sources = {},
  }, Engine)
end

--- Gives an engine a definition under a name, before the loader is asked.
local function register(engine, name, spec)
  engine.hits["template " .. name] = { { path = name, source = "", definition = spec } }
  engine.templates[name] = nil
end

--- Renders a template into the pieces it is made of: sections, and the text between them.
---@param name string|promptgen.template.Spec name, or a definition
---@param values table<string, any>?
---@return promptgen.template.Piece[]? pieces
---@return promptgen.Error? err
function Engine:pieces(name, values)
  local whole = self.options.stock and self.options.stock(name)
  local pieces = whole
    and require("promptgen.template.stock").pieces(name, whole, values or {}, self.options)
  if pieces then
    return pieces
  elseif require("promptgen.template.definition").is(name) then
    register(self, "inline", name)
    name = "inline"
  end
  return require("promptgen.template.runtime").render(self, name, values or {})
end

--- Renders a template. A section is printed as a heading of level 2 and its text; one without text
--- is not printed.
---@param name string|promptgen.template.Spec name, or a definition
---@param values table<string, any>?
---@return string? text
---@return promptgen.Error? err
function Engine:render(name, values)
  local pieces, err = self:pieces(name, values)
  if not pieces then
    return nil, err
  end
  local parts = {}
  for _, piece in ipairs(pieces) do
    if not piece.title then
      parts[#parts + 1] = piece.text
    elseif piece.text:find("%S") then
      parts[#parts + 1] = "## " .. piece.title .. "\n\n" .. piece.text
    end
  end
  return table.concat(parts)
end

--- What a template is: for listings. Compiles it.
---@param name string
---@return { name: string, path: string, summary: string?, params: table, blocks: table }? described
---@return promptgen.Error? err
function Engine:describe(name)
  local ok, loaded = pcall(require("promptgen.template.loader").load, self, name)
  if not ok then
    if require("promptgen.status").is_error(loaded) then
      return nil, loaded
    end
    error(loaded, 0)
  end
  local layers = {}
  for i, layer in ipairs(loaded.layers) do
    layers[i] = { name = layer.name, path = layer.hit.path, layer = layer.hit.layer }
  end
  return { name = name, path = loaded.path, summary = loaded.summary, params = loaded.params,
           blocks = require("promptgen.template.unit").blocks(loaded.body), layers = layers }
end

--- Renders a definition, or a template the loader of `options` finds.
---@param name string|promptgen.template.Spec
---@param values table<string, any>?
---@param options promptgen.template.Options?
---@return string? text
---@return promptgen.Error? err
function template.render(name, values, options)
  return template.engine(options):render(name, values)
end

return template
