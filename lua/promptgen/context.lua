--- `ctx`, the one argument of a workflow's `run`. See docs/workflows.md.

local context = {}

---@class promptgen.Context
---@field args table<string, any> arguments and options of this run
---@field workspace promptgen.Workspace reads, lists, plans, documents
---@field state promptgen.StateView where plans stand
---@field workflow string name of the workflow that runs
---@field notes string[] what hooks want every prompt to say
---@field values table<string, any> what hooks give to workflows and templates
---@field options table promptgen's own options that concern prompts and states
---@field log promptgen.log.Logger
local Context = {
  __name = "promptgen.context", __shown = { "args", "notes", "options", "state", "values", "workspace" },
}

--- The log is opened by its first use: most runs write none.
function Context:__index(key)
  if key == "log" then
    self.log = self.open_log()
    return self.log
  end
  return Context[key]
end

--- State of plans with this run's options; the answer for the run's own plan comes from the parent.
---@class promptgen.StateView
local StateView = { __name = "promptgen.state", __shown = { "options" } }
StateView.__index = StateView

local state_options = require "promptgen.state_options"

--- Everything known of a plan: the `promptgen.status/1` shape.
---@param plan promptgen.plan.Record
---@param opts? table achievement, skip_review, trust_plan, trust_filesystem
---@return table? status
---@return promptgen.Error? err
function StateView:all(plan, opts)
  local merged, changed = state_options(self.options, opts)
  local known = self.resolved[plan.path]
  if known and not changed then
    return require("promptgen.state.frozen").thaw(known, plan)
  end
  local status, err = require("promptgen.state").resolve(self.workspace, plan, merged)
  if status and not changed then
    self.resolved[plan.path] = status
  end
  return status, err
end

--- The next step of a plan. nil and no error when the plan is complete or blocked: see `:all`.
---@param plan promptgen.plan.Record
---@param opts? table as of `:all`
---@return promptgen.state.Step? step
---@return promptgen.Error? err
function StateView:next(plan, opts)
  local status, err = self:all(plan, opts)
  if not status then
    return nil, err
  end
  return status.next
end

--- Why an achievement is in its state: the evidence for it, and what was looked for and not found.
---@param plan promptgen.plan.Record
---@param number? string of the achievement; default: that of the next step
---@param opts? table as of `:all`
---@return promptgen.state.Explanation? explanation
---@return promptgen.Error? err
function StateView:explain(plan, number, opts)
  return require("promptgen.state").explain(self.workspace, plan, number, (state_options(self.options, opts)))
end

--- Renders a template by name into a prompt.
---@param name string such as "review"; looked up as workflows/templates/<name>.lua
---@param values table parameters of the template
---@return table? prompt {text, lines, tokens, dropped, sources, template, step}
---@return promptgen.Error? err
function Context:prompt(name, values)
  local prompt, err = require("promptgen.prompt").render(self.loader, name, values, {
    max_tokens = self.options.max_tokens, max_lines = self.options.max_lines, workspace = self.workspace,
    project = self.options.project_context, compile = require("promptgen.guard").chunk,
    hook = { notes = self.notes, values = self.values },
    env = self.script_env, stock = self.stock,
  })
  if not prompt then
    return nil, err
  end
  prompt.template = prompt.template or name
  prompt.step = prompt.step or self:describe_step(values)
  return prompt
end

Context.prompt = require("promptgen.guard").located(Context.prompt)

--- The step of a prompt, or where it is about no step of its own the plan's next one, as plain data, for
--- `--json`.
function Context:describe_step(values)
  local step = type(values) == "table" and values.step
  if step == nil and type(values.status) == "table" then
    step = values.status.next
  end
  if type(step) ~= "table" then
    return nil
  end
  local out = {}
  for _, key in ipairs { "number", "title", "state", "recommendation", "rule", "file" } do
    out[key] = type(step[key]) ~= "table" and step[key] or nil
  end
  return out
end

--- Stages a file: written after the run has succeeded, if the permissions allow it.
---@param path string
---@param bytes string
---@return boolean? ok
---@return promptgen.Error? err `permission`
function Context:write(path, bytes)
  return self.request { op = "write", path = path, bytes = bytes }
end

--- An environment variable that --allow-env names.
function Context:env(name)
  local value, err = self.request { op = "env", name = name }
  return value or nil, err
end

--- A hit for the template engine; stock scripts bring their compiled chunk.
local function as_hit(spec, found)
  local hit = { source = found.source, path = found.path, layer = found.layer }
  if found.stock and found.name:match("%.lua$") then
    hit.chunk = require("promptgen.embedded").load(found.name, spec.job.env)
  end
  return hit
end

--- The loader of the template engine: names below workflows/templates/, through the search path. A
--- name that nothing overrides is here already; for another one the parent gives all its layers.
---@param spec {job: table, find: function, request: function}
---@return fun(kind: string, name: string): table?, promptgen.Error?
function context.loader(spec)
  local runtime = require "promptgen.runtime"
  return function(_, name)
    local full = runtime.name_of("template", name)
    if not spec.job.overridden[full] then
      local found, err = spec.find(full)
      return found and as_hit(spec, found), err
    end
    local chain, err = spec.request { op = "script_chain", name = full }
    if not chain then
      return nil, err
    end
    local first = as_hit(spec, chain[1])
    first.shadowed = {}
    for i = 2, #chain do
      first.shadowed[i - 1] = as_hit(spec, chain[i])
    end
    spec.job.used[#spec.job.used + 1] = chain[1]
    return first
  end
end

--- Stock prompts as one function each, where nothing they are made of is overridden.
local function new_stock(spec)
  local runtime, embedded = require "promptgen.runtime", require "promptgen.embedded"
  return function(name)
    if type(name) ~= "string" or spec.job.overridden[runtime.name_of("template", name)] then
      return nil
    end
    local chunk = embedded.load("whole/" .. name, spec.job.env)
    local whole = chunk and chunk()
    for _, part in ipairs(whole and whole.needs or {}) do
      if spec.job.overridden[runtime.name_of("template", part)] then
        return nil
      end
    end
    for _, part in ipairs(whole and whole.needs or {}) do
      spec.find(runtime.name_of("template", part))
    end
    return whole
  end
end

---@param spec {args: table, job: table, find: function, request: function, open_log: function}
---@return promptgen.Context
function context.new(spec)
  local job = spec.job
  local workspace = job.workspace
  local self = setmetatable({
    args = spec.args, notes = {}, values = {}, workspace = workspace, options = job.options, request = spec.request,
    open_log = spec.open_log, loader = context.loader(spec), script_env = job.env, stock = new_stock(spec),
  }, Context)
  self.state = setmetatable({
    workspace = workspace, options = job.options, resolved = job.resolved,
  }, StateView)
  return self
end

return context
