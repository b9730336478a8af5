--- Finds, reads and resolves templates: from a name to a template whose layers are known, whose
--- parameters are merged and whose texts are compiled.
---
--- A loader is given by the caller: `loader(kind, name)` with kind "template" (a Lua file) or
--- "body" (the text a `body_file` names) returns the first hit on the search path, {source=, path=,
--- layer=, shadowed={hit,...}}, or nil, err. The `shadowed` hits are those further down the path,
--- in order; a `source` may also be a function that returns the text.
local definition = require "promptgen.template.definition"
local nearest = require "promptgen.nearest"
local source = require "promptgen.template.source"
local status = require "promptgen.status"
local unit = require "promptgen.template.unit"

local loader = {}

local MAX_LAYERS = 64
local PARTS = { "replace", "prepend", "append" }

---@class promptgen.template.Loaded
---@field name string
---@field path string path of the most derived layer
---@field params table<string, promptgen.template.Param> of all layers
---@field param_names string[] sorted
---@field helpers table<string, any>
---@field body promptgen.template.Unit
---@field overrides table<string, table[]> block name -> changes, the most derived first
---@field prepares function[] base first

local function fail(code, message, path, hint, line)
  error(status.error { code = code, message = message, path = path, hint = hint, line = line }, 0)
end

--- Splits "path:line: message", the form of Lua's messages about a file; without a line when the
--- message is not about `path`.
---@param message string
---@param path string
---@return integer? line
---@return string message
function loader.split_position(message, path)
  local prefix = path .. ":"
  if message:sub(1, #prefix) == prefix then
    local line, rest = message:match("^(%d+): (.*)$", #prefix + 1)
    if line then
      return math.tointeger(tonumber(line)), rest
    end
  end
  return nil, message
end

--- Runs a template file and returns the definition it returns. A stock file also returns its texts,
--- compiled at build time (src/host/embed/precompile.lua).
local function evaluate(engine, hit)
  local chunk = hit.chunk
  if not chunk then
    local message
    chunk, message = engine.options.compile(hit.source, "@" .. hit.path, engine.options.env)
    if not chunk then
      local line, rest = loader.split_position(message, hit.path)
      fail("script_syntax", rest, hit.path, nil, line)
    end
  end
  definition.is_stock = hit.chunk ~= nil
  local ok, made, ready = pcall(chunk)
  definition.is_stock = false
  if not ok then
    if status.is_error(made) then
      error(made, 0)
    end
    local line, rest = loader.split_position(tostring(made), hit.path)
    fail("template_error", rest, hit.path, nil, line)
  elseif not definition.is(made) then
    fail("template_error", "the file does not return a template", hit.path,
      "end it with: return template.define { ... }")
  end
  hit.definition, hit.ready = made, ready
  return made
end

local function read_source(hit)
  if type(hit.source) == "function" then
    local text, err = hit.source()
    if not text then
      error(err, 0)
    end
    hit.source = text
  end
end

--- All hits for a name, first one first.
local function hits_for(engine, kind, name)
  local key = kind .. " " .. name
  local known = engine.hits[key]
  if known then
    return known
  end
  local hit, err = engine.options.loader(kind, name)
  if not hit then
    error(err, 0)
  end
  local hits = { hit }
  for i, shadowed in ipairs(hit.shadowed or {}) do
    hits[i + 1] = shadowed
  end
  engine.hits[key] = hits
  return hits
end

--- Records that a hit is used, for the caller's list of sources.
local function use(engine, kind, name, hit)
  read_source(hit)
  if not engine.used[hit] then
    engine.used[hit] = true
    engine.sources[#engine.sources + 1] = {
      kind = kind, name = name, path = hit.path, layer = hit.layer, source = hit.source,
      shadowed = hit.shadowed or {},
    }
  end
end

local function check_name(name)
  if type(name) ~= "string" then
    fail("template_error", "the name of a template is a string, not a " .. type(name))
  elseif not name:find("^[%w_][%w_%-./]*$") or name:find("..", 1, true) or name:find("//", 1, true)
  then
    fail("template_error", ("'%s' cannot name a template"):format(name))
  end
end

--- The layers of a template, the most derived first: definition, hit and name of each.
local function layers_of(engine, name)
  local layers, seen = {}, {}
  local index = 1
  while true do
    local key = name .. "#" .. index
    if seen[key] or #layers >= MAX_LAYERS then
      local chain = {}
      for i, layer in ipairs(layers) do
        chain[i] = layer.name
      end
      fail("template_error", "templates extend each other in a circle: "
        .. table.concat(chain, " -> ") .. " -> " .. name, layers[#layers].hit.path)
    end
    seen[key] = true
    check_name(name)
    local hit = hits_for(engine, "template", name)[index]
    if not hit then
      fail("not_found", ("it extends '%s', but shadows no template of that name"):format(name),
        layers[#layers].hit.path, "name another template, or give it a body")
    end
    use(engine, "template", name, hit)
    local spec = hit.definition or evaluate(engine, hit)
    layers[#layers + 1] = { name = name, hit = hit, spec = spec }
    if not spec.extends then
      return layers
    end
    index = spec.extends == name and index + 1 or 1
    name = spec.extends
  end
end

--- Texts compiled at build time stand behind this line, so that a message about one is not taken for
--- one about a line of the file itself (src/host/embed/precompile.lua).
local READY_FROM = 10000

local function count_lines(text)
  local _, count = text:gsub("\n", "")
  return count
end

--- The stock template that a hit takes the place of, evaluated; false without one.
local function replaced_stock(engine, hit)
  if hit.replaced == nil then
    hit.replaced = false
    local last = hit.shadowed and hit.shadowed[#hit.shadowed]
    if last and last.chunk and (#hit.source < READY_FROM or count_lines(hit.source) < READY_FROM) then
      local known = last.definition or pcall(evaluate, engine, last)
      hit.replaced = known and last.ready and last or false
    end
  end
  return hit.replaced
end

--- What a text of a stock template is, by its key.
local function stock_text(spec, key)
  if key == "body" then
    return spec.body
  end
  local name, part = key:match "^block (.*)%.(%l+)$"
  local block = spec.blocks and spec.blocks[name]
  if type(block) == "table" then
    return block[part]
  end
  return part == "replace" and block or nil
end

--- Texts compiled at build time that serve for a text of this hit: its own, or those of the stock
--- template it takes the place of, where it has left the text as it was.
local function ready_for(engine, hit, text, key)
  if hit.ready or not key then
    return hit.ready
  end
  local stock = replaced_stock(engine, hit)
  return stock and stock_text(stock.definition, key) == text and stock.ready or nil
end

local function compile_text(engine, text, hit, label, key)
  local ready = ready_for(engine, hit, text, key)
  engine.units[#engine.units + 1] = false
  local made, err = unit.compile({
    id = #engine.units, text = text, path = hit.path, file = hit.source, label = label,
    run = ready and ready[key], known_blocks = ready and ready.blocks[key],
  }, engine.options)
  if not made then
    error(err, 0)
  end
  engine.units[made.id] = made
  return made
end

local function base_body(engine, layer)
  local spec = layer.spec
  if spec.body then
    return compile_text(engine, spec.body, layer.hit, "body", "body")
  end
  check_name(spec.body_file)
  local hit = hits_for(engine, "body", spec.body_file)[1]
  use(engine, "body", spec.body_file, hit)
  return compile_text(engine, source.normal(hit.source), hit, "body")
end

--- Compiles one change to a block.
local function override(engine, layer, name, block)
  if type(block) == "string" then -- as in a stock template, which is not gone through
    block = { replace = block }
  end
  local made = { title = block.title, priority = block.priority, keep = block.keep }
  for _, part in ipairs(PARTS) do
    if block[part] then
      local label = "block " .. name
      made[part] = compile_text(engine, block[part], layer.hit, label, label .. "." .. part)
    end
  end
  return made
end

local function check_blocks(layers, known)
  for _, layer in ipairs(layers) do
    for _, name in ipairs(nearest.keys(layer.spec.blocks)) do
      if not known[name] then
        local near = nearest.of(name, nearest.keys(known))
        local list = nearest.keys(known)
        fail("template_error", ("there is no block '%s' in '%s'"):format(name,
          layers[#layers].name), layer.hit.path, near and ("did you mean '%s'?"):format(near)
            or #list > 0 and "its blocks are " .. table.concat(list, ", ") or "it has no blocks")
      end
    end
  end
end

--- Names of the blocks that the body and the changes to its blocks define.
local function known_blocks(body, overrides)
  local known = {}
  for name in pairs(unit.blocks(body)) do
    known[name] = true
  end
  for _, changes in pairs(overrides) do
    for _, made in ipairs(changes) do
      for _, part in ipairs(PARTS) do
        for name in pairs(made[part] and unit.blocks(made[part]) or {}) do
          known[name] = true
        end
      end
    end
  end
  return known
end

--- Compiles the changes of all layers. That each changes a block that exists is checked unless all
--- layers were compiled at build time.
local function overrides_of(engine, layers, body)
  local overrides, ready = {}, true
  for _, layer in ipairs(layers) do
    ready = ready and layer.hit.ready ~= nil
    for _, name in ipairs(nearest.keys(layer.spec.blocks)) do
      overrides[name] = overrides[name] or {}
      table.insert(overrides[name], override(engine, layer, name, layer.spec.blocks[name]))
    end
  end
  if not ready then
    check_blocks(layers, known_blocks(body, overrides))
  end
  return overrides
end

--- Loads a template: every layer read, merged and compiled. Raises errors.
---@param engine table
---@param name string
---@return promptgen.template.Loaded
function loader.load(engine, name)
  local known = engine.templates[name]
  if known then
    return known
  end
  local layers = layers_of(engine, name)
  local base = layers[#layers]
  local loaded = {
    name = name, path = layers[1].hit.path, params = {}, helpers = {}, prepares = {},
    layers = layers, summary = nil,
  }
  for i = #layers, 1, -1 do
    local spec = layers[i].spec
    loaded.summary = spec.summary or loaded.summary
    for key, param in pairs(spec.params or {}) do
      loaded.params[key] = param
    end
    for key, helper in pairs(spec.helpers or {}) do
      loaded.helpers[key] = helper
    end
    loaded.prepares[#loaded.prepares + 1] = spec.prepare
  end
  loaded.param_names = nearest.keys(loaded.params)
  loaded.body = base_body(engine, base)
  loaded.overrides = overrides_of(engine, layers, loaded.body)
  engine.templates[name] = loaded
  return loaded
end

return loader
