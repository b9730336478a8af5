--- What a run sends back: its prompt as data, or the description of a workflow or of templates.
local errors = require "promptgen.lazy" "promptgen.errors"

local outcome = {}

--- The description of a workflow for help and listings: data only.
---@param def promptgen.Workflow
---@return table description
function outcome.of_definition(def)
  local out = { name = def.name, summary = def.summary, options = {}, arguments = def.arguments }
  for i, option in ipairs(def.options or {}) do
    out.options[i] = { option[1], option[2], option[3], metavar = option.metavar,
      default = type(option.default) ~= "table" and option.default or nil }
  end
  return out
end

--- What the job's scripts were, without their text.
---@param job table of the worker
---@return table[] used
function outcome.used_scripts(job)
  local used = {}
  for i, found in ipairs(job.used) do
    used[i] = { name = found.name, layer = found.layer, path = found.path, stock = found.stock }
  end
  return used
end

--- What a prompt carries for --json, beside its text. Raises an error that names `path` where it cannot be
--- shown.
---@param data any
---@param path string of the script that has made it
---@return table? data
function outcome.checked_data(data, path)
  if data == nil then
    return nil
  end
  local ok, why = pcall(require("promptgen.json").encode, data)
  if not (ok and type(data) == "table") then
    error(errors.new { code = "workflow_error", path = path,
      message = "the data of the prompt cannot be shown as JSON: " .. (ok and "it is no table" or tostring(why)) }, 0)
  end
  return data
end

--- The text and the description of what `run` returned.
---@param job table of the worker
---@param def promptgen.Workflow
---@param value any what it returned
---@param err any and what with it
---@return table outcome raises an error where there is no prompt
function outcome.of_run(job, def, value, err)
  if value == nil then
    if err ~= nil then
      error(errors.normalise(err, "workflow_error"), 0)
    end
    error(errors.new { code = "workflow_error", path = job.script.path,
      message = "run returned nothing", hint = "return ctx:prompt(…) or a string" }, 0)
  end
  local result = type(value) == "string" and { text = value } or value
  if type(result) ~= "table" or type(rawget(result, "text")) ~= "string" then
    error(errors.new { code = "workflow_error", path = job.script.path,
      message = ("run returned a %s, not a prompt"):format(type(value)),
      hint = "return ctx:prompt(…) or a string" }, 0)
  end
  return {
    workflow = def.name, text = result.text, step = result.step, lines = result.lines,
    tokens = result.tokens, dropped = result.dropped, template = result.template,
    data = outcome.checked_data(rawget(result, "data"), job.script.path),
    used = outcome.used_scripts(job),
  }
end

--- What each template of `job.templates` is, by name: its description, or what is wrong with it.
---@param job table of the worker
---@param ctx promptgen.Context
---@return { templates: table[] }
function outcome.of_templates(job, ctx)
  local engine = require("promptgen.template").engine { loader = ctx.loader, env = job.env }
  local out = {}
  for i, name in ipairs(job.templates) do
    local described, err = engine:describe(name)
    out[i] = described and {
      name = name, path = described.path, summary = described.summary, params = described.params,
      blocks = described.blocks, layers = described.layers,
    } or { name = name, error = tostring(err) }
  end
  return { templates = out }
end

return outcome
