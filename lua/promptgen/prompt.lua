--- Prompts: templates rendered for a step of a plan, measured, and made to fit a budget.
local prompt = {}

---@class promptgen.prompt.Options
---@field workspace promptgen.Workspace? what `brief` reads
---@field max_lines integer? budget of lines, kept the same way
---@field max_tokens integer? budget; sections of least priority are left out to keep it
---@field hook { notes: string[], values: table }? what hooks give
---@field project table? project context: {file=, headings={...}, max_lines=}
---@field compile function? see promptgen.template.Options
---@field env table? globals of templates
---@field stock function? see promptgen.template.Options
---@field engine promptgen.template.Engine? used instead of a new one

---@class promptgen.Prompt
---@field text string ends with a newline
---@field lines integer
---@field tokens integer estimate, see promptgen.prompt.tokens
---@field dropped promptgen.prompt.Dropped[] sections left out to fit the budget
---@field sources { kind: string, name: string, path: string, layer: string?, source: string }[]
---@field template string

--- Parameters of the stock templates; see docs/templates.md.
prompt.params = {
  plan = { required = true, type = "record", doc = "the plan, from ctx.workspace:plan" },
  step = { type = "table", doc = "the next step, from ctx.state:next; absent when there is none" },
  status = { type = "table", doc = "where the plan stands, from ctx.state:all" },
}

--- `prepare` of the stock templates: adds `brief`, and `project` when there is project context.
---@param values { plan: promptgen.plan.Record, step: table?, status: table? }
---@param context { workspace: promptgen.Workspace, project: table? }
---@return table? names
---@return promptgen.Error? err
function prompt.prepare(values, context)
  if not context.workspace then
    error("the template needs a workspace: render it with ctx:prompt", 0)
  end
  local brief = require("promptgen.prompt.brief").of(context.workspace, values.plan, values.step,
    values.status)
  return {
    brief = brief, project = prompt.project(context.workspace, context.project) or false,
    hook = context.hook or { notes = {}, values = {} },
  }
end

--- The brief of a step: the facts and paths prompts are made of.
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@param step promptgen.state.Step?
---@param status promptgen.state.Status?
---@return promptgen.prompt.Brief
function prompt.brief(workspace, plan, step, status)
  return require("promptgen.prompt.brief").of(workspace, plan, step, status)
end

--- Project context as configured, or nil.
function prompt.project(workspace, spec)
  return spec and require("promptgen.prompt.project").read(workspace, spec)
end

--- Estimated number of tokens of a text.
---@param text string
---@return integer
function prompt.tokens(text)
  return require("promptgen.prompt.tokens").estimate(text)
end

--- Number of lines of a text.
---@param text string
---@return integer
function prompt.lines(text)
  local count, at = 0, 0
  repeat
    at = text:find("\n", at + 1, true)
    count = count + 1
  until not at
  return count - 1
end

local function check_budget(name, value)
  if value ~= nil and (math.type(value) ~= "integer" or value < 1) then
    error(name .. " is a positive integer", 3)
  end
end

--- Renders a template into a prompt.
---@param loader function see promptgen.template.Options
---@param name string of the template
---@param values table its parameters
---@param opts promptgen.prompt.Options?
---@return promptgen.Prompt? prompt
---@return promptgen.Error? err those of templates; `limit` when the budget is too small
function prompt.render(loader, name, values, opts)
  opts = opts or {}
  check_budget("max_tokens", opts.max_tokens)
  check_budget("max_lines", opts.max_lines)
  local engine = opts.engine or require("promptgen.template").engine {
    loader = loader, compile = opts.compile, env = opts.env, stock = opts.stock,
    context = {
      workspace = opts.workspace, project = opts.project, hook = opts.hook, max_tokens = opts.max_tokens,
    },
  }
  local pieces, err = engine:pieces(name, values)
  if not pieces then
    return nil, err
  end
  local text, dropped = require("promptgen.prompt.assemble").text(pieces, opts.max_tokens, opts.max_lines)
  if not text then
    return nil, dropped
  end
  return {
    text = text, lines = prompt.lines(text), tokens = prompt.tokens(text), dropped = dropped,
    sources = engine.sources, template = name,
  }
end

return prompt
