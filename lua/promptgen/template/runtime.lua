--- Runs compiled templates: scopes, output, includes, blocks, sections, and the errors of all that.
---
--- One run is one rendering. Its frames, outermost first, are the include chain; each knows which
--- of its tags is being run, so that an error can name its place without the debug library. After
--- an error the frames stand as they stood when it was raised.
local blocks = require "promptgen.template.blocks"
local loader = require "promptgen.template.loader"
local params = require "promptgen.template.params"
local trouble = require "promptgen.template.trouble"
local values = require "promptgen.template.values"

local runtime = {}

local Run = {}
Run.__index = Run

function Run:write(text)
  local count, bytes = self.count + 1, self.bytes + #text
  self.buffer[count] = text
  self.count, self.bytes = count, bytes
  if bytes > self.max_output then
    trouble.fail("limit", ("the output is larger than %d bytes"):format(self.max_output))
  end
end

--- Runs `content` with an empty output and returns what it wrote.
function Run:capture(content, ...)
  local buffer, count, capturing = self.buffer, self.count, self.capturing
  self.buffer, self.count, self.capturing = {}, 0, true
  content(...)
  local text = table.concat(self.buffer, "", 1, self.count)
  self.buffer, self.count, self.capturing = buffer, count, capturing
  return text
end

--- Ends the piece of output collected so far; what follows belongs to `section`, or to none.
function Run:cut(section)
  local pieces = self.pieces
  local text = table.concat(self.buffer, "", 1, self.count)
  if self.section or text ~= "" then
    local piece = self.section or {}
    piece.text = text
    pieces[#pieces + 1] = piece
  end
  self.buffer, self.count, self.section = {}, 0, section
end

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
  code.run(scope, self.writer, self.valuer, self.fielder, self.checker, frame, self.blocker,
    self.sectioner)
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
  local depth, buffer, count = self.depth, self.buffer, self.count
  local section, capturing = self.section, self.capturing
  local results = table.pack(pcall(called, ...))
  if not results[1] then
    results[2] = trouble.locate(self, results[2])
    self.depth, self.buffer, self.count = depth, buffer, count
    self.section, self.capturing = section, capturing
  end
  return table.unpack(results, 1, results.n)
end

local function new_run(engine)
  local limits = engine.options
  local run = setmetatable({
    engine = engine, buffer = {}, count = 0, bytes = 0, pieces = {}, frames = {}, depth = 0,
    scopes = {}, max_output = limits.max_output, max_depth = limits.max_depth,
  }, Run)
  run.writer = function(text) return run:write(text) end
  run.valuer = function(value) return values.write(run, value) end
  run.fielder = function(object, key) return values.field(run, object, key) end
  run.checker = function(value) return values.defined(run, value) end
  run.blocker = function(name, args, content) return blocks.run(run, name, args, content) end
  run.sectioner = function(name, args, content) return blocks.section(run, name, args, content) end
  run.include = function(name, args) run:template(name, args or {}) end
  run.pcall = function(called, ...) return run:protected(called, ...) end
  run.render = function(name, args)
    return (run:capture(run.template, run, name, args or {}):gsub("\n$", ""))
  end
  return run
end

---@class promptgen.template.Piece
---@field text string
---@field name string? the section's name; nil for text outside sections
---@field title string?
---@field priority number?
---@field keep boolean?

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
    run:cut(nil)
  end)
  if ok then
    return run.pieces
  end
  return nil, trouble.locate(run, raised)
end

return runtime
