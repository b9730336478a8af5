--- Runs compiled templates: scopes, output, includes, blocks, sections, and the errors of all that.
---
--- One run is one rendering. Its frames, outermost first, are the include chain; each knows which
--- of its tags is being run, so that an error can name its place without the debug library. After
--- an error the frames stand as they stood when it was raised.
local blocks = require "promptgen.template.blocks"
local loader = require "promptgen.template.loader"
local output = require "promptgen.template.output"
local params = require "promptgen.template.params"
local trouble = require "promptgen.template.trouble"
local values = require "promptgen.template.values"

local runtime = {}

local Run = {}
Run.__index = Run

function Run:enter(frame)
  local depth = self.depth + 1
  self.depth = depth
  self.frames[depth] = frame
  if depth > self.max_depth then
    trouble.fail("template_error", ("templates include each other more than %d deep"):format(
      self.max_depth))
  end
end

--- Runs a unit in a frame of its own.
function Run:execute(code, template, scope)
  local frame = { unit = code, template = template, scope = scope, at = 0 }
  self:enter(frame)
  code.run(scope, self.write, self.value, self.field, self.defined, frame, self.block,
    self.section, code.texts)
  self.depth = self.depth - 1
end

--- Checks the values, lets the template prepare more, and runs its body.
function Run:template(name, given)
  local template = loader.load(self.engine, name)
  local scope, err = params.check(template, given)
  if not scope then
    error(err, 0)
  end
  for _, prepare in ipairs(template.prepares) do
    local more, problem = prepare(scope, self.engine.options.context or {})
    if problem then
      error(problem, 0)
    end
    for key, value in pairs(more or {}) do
      scope[key] = value
    end
  end
  self:execute(template.body, template, setmetatable(scope,
    values.scope_metatable(self, template)))
end

--- `pcall` for templates: after an error, frames and output are as they were before the call.
function Run:protected(called, ...)
  local depth, state = self.depth, self.output.state()
  local results = table.pack(pcall(called, ...))
  if not results[1] then
    results[2] = trouble.locate(self, results[2])
    self.depth = depth
    self.output.restore(state)
  end
  return table.unpack(results, 1, results.n)
end

--- The functions a compiled text is handed, and those a template can name.
local function add_functions(run)
  local capture = run.output.capture
  run.write = run.output.write
  run.value = values.writer(run)
  run.field = function(object, key)
    if object ~= nil then
      local value = object[key]
      if value ~= nil then
        return value
      end
    end
    return values.missing_field(run, object, key)
  end
  run.defined = function(value) return values.defined(run, value) end
  run.block = function(name, args, content) return blocks.run(run, name, args, content) end
  run.section = function(name, args, content) return blocks.section(run, name, args, content) end
  run.include = function(name, args) run:template(name, args or {}) end
  run.pcall = function(called, ...) return run:protected(called, ...) end
  run.render = function(name, args)
    return (capture(run.template, run, name, args or {}):gsub("\n$", ""))
  end
end

local function new_run(engine)
  local limits = engine.options
  local run = setmetatable({
    engine = engine, frames = {}, depth = 0, scopes = {}, max_depth = limits.max_depth,
    output = output.new(limits.max_output),
  }, Run)
  add_functions(run)
  return run
end

---@class promptgen.template.Piece
---@field text string
---@field name string? the section's name; nil for text outside sections
---@field title string?
---@field priority number?
---@field keep boolean? never left out to fit a budget
---@field instead string? what to tell the reader when it is left out

--- Renders a template to the pieces it is made of, in order.
---@param engine table
---@param name string
---@param given table<string, any>
---@return promptgen.template.Piece[]? pieces
---@return promptgen.Error? err
function runtime.render(engine, name, given)
  local run = new_run(engine)
  local ok, raised = pcall(function()
    run:template(name, given)
    run.output.cut(nil)
  end)
  if ok then
    return run.output.pieces
  end
  return nil, trouble.locate(run, raised)
end

return runtime
