--- Blocks and sections: named parts of a template that other templates change.
---
--- The changes to a block are layers, the most derived first; the last layer is the text the block
--- has where it is written.
local trouble = require "promptgen.template.trouble"
local values = require "promptgen.template.values"

local blocks = {}

local fail = trouble.fail

--- Runs `content`, the text a block has where it is written, in the frame it was written in.
local function run_content(run, frame, content)
  run:enter(frame)
  local at = frame.at
  content()
  frame.at = at
  run.depth = run.depth - 1
end

--- Runs layer `index` of the changes to a block; the last layer is the text of the block itself.
local function run_layer(run, frame, overrides, index, args, content)
  local change = overrides and overrides[index]
  if not change then
    return run_content(run, frame, content)
  end
  local function below()
    run_layer(run, frame, overrides, index + 1, args, content)
  end
  local function part(text)
    if text then
      local scope = { super = below }
      for key, value in pairs(args or {}) do
        scope[key] = value
      end
      run:execute(text, frame.template, values.inner_scope(frame.scope, scope))
    end
  end
  part(change.prepend)
  if change.replace then
    part(change.replace)
  else
    below()
  end
  part(change.append)
end

--- Runs a block: `content` writes the text it has where it is written; `args` are more names for
--- the changes to it.
function blocks.run(run, name, args, content)
  local frame = run.frames[run.depth]
  local overrides = frame.template.overrides[name]
  if overrides then
    run_layer(run, frame, overrides, 1, args, content)
  else
    content()
  end
end

--- A change to a field of a section by the most derived layer that makes one.
local function section_field(overrides, args, field)
  for _, change in ipairs(overrides or {}) do
    if change[field] ~= nil then
      return change[field]
    end
  end
  return args[field]
end

--- Runs a section: a block whose text becomes a piece of the output of its own.
function blocks.section(run, name, args, content)
  local outer = run.output.section()
  if outer or run.output.is_capturing() then
    fail("template_error", ("the section '%s' stands inside %s"):format(name,
      outer and "the section '" .. outer.name .. "'" or "a rendered text"))
  elseif type(args) ~= "table" then
    fail("template_error", ("the section '%s' is described by a table"):format(name))
  end
  local overrides = run.frames[run.depth].template.overrides[name]
  local section = {
    name = name,
    title = section_field(overrides, args, "title"),
    priority = section_field(overrides, args, "priority") or 50,
    keep = section_field(overrides, args, "keep") or false,
    instead = section_field(overrides, args, "instead"),
  }
  if type(section.title) ~= "string" or type(section.priority) ~= "number" then
    fail("template_error", ("the section '%s' has no title, or a priority that is no number")
      :format(name))
  end
  run.output.cut(section)
  blocks.run(run, name, args, content)
  run.output.cut(nil)
end

return blocks
