--- Hooks: `workflows/hooks/before.lua` and `after.lua`, run in the worker round every workflow. Those of
--- every place on the search path run, the ones furthest from the workspace first.
local errors = require "promptgen.lazy" "promptgen.errors"

local hooks = {}

---@alias promptgen.Hook fun(ctx: promptgen.Context, prompt: promptgen.HookedPrompt?): false?, promptgen.Error?

---@class promptgen.HookedPrompt what `after` sees of the outcome; it may change `text` and `data`
---@field text string
---@field lines integer?
---@field tokens integer?
---@field template string?
---@field step table?
---@field data table?

hooks.names = { before = "workflows/hooks/before.lua", after = "workflows/hooks/after.lua" }

--- Whether a name on the search path is that of a hook.
---@param name string
---@return boolean
function hooks.is_hook(name)
  return name == hooks.names.before or name == hooks.names.after
end

--- Whether any hook is on the search path.
---@param overridden table<string, true> names held by places other than the program
---@return boolean
function hooks.present(overridden)
  return overridden[hooks.names.before] or overridden[hooks.names.after] or false
end

local function fail(found, message, hint)
  error(errors.new { code = "workflow_error", path = found.path, message = message, hint = hint }, 0)
end

--- The functions of one kind, in the order in which they run.
local function load_all(job, kind, protected)
  if not job.overridden[hooks.names[kind]] then
    return {}
  end
  local chain, err = job.port.request { op = "script_chain", name = hooks.names[kind] }
  if not chain then
    error(err, 0)
  end
  local list = {}
  for i = #chain, 1, -1 do
    local found = chain[i]
    job.used[#job.used + 1] = found
    local chunk
    chunk, err = require("promptgen.script").load(found, job.env)
    if not chunk then
      error(err, 0)
    end
    local run = protected(chunk)
    if type(run) ~= "function" then
      fail(found, ("the hook returns a %s, not a function"):format(type(run)),
        kind == "before" and "end the file with: return function(ctx) … end"
          or "end the file with: return function(ctx, prompt) … end")
    end
    list[#list + 1] = { run = run, found = found }
  end
  return list
end

local function call(hook, protected, ...)
  local value, err = protected(hook.run, ...)
  if err ~= nil then
    err = errors.normalise(err, "workflow_error")
    err.path = err.path or hook.found.path
    error(err, 0)
  elseif value == false then
    fail(hook.found, "the hook refuses the run: it returned false", "return nil and a text says why")
  end
end

local function check_notes(ctx, hook)
  if type(ctx.notes) ~= "table" or type(ctx.values) ~= "table" then
    fail(hook.found, "ctx.notes and ctx.values are tables")
  end
  for i, note in ipairs(ctx.notes) do
    if type(note) ~= "string" then
      fail(hook.found, ("note %d is a %s, not a text"):format(i, type(note)))
    end
  end
end

--- Counts a text that a hook has changed, and holds it against the budget.
local function count_again(ctx, prompt, before, found)
  if type(prompt.text) ~= "string" then
    fail(found, ("the hook leaves a %s as the text of the prompt"):format(type(prompt.text)))
  elseif prompt.text == before then
    return
  end
  local counted = require "promptgen.prompt"
  prompt.lines, prompt.tokens = counted.lines(prompt.text), counted.tokens(prompt.text)
  local problem = require("promptgen.prompt.assemble").over(prompt.text, ctx.options.max_tokens,
    ctx.options.max_lines)
  if problem then
    error(errors.new { code = problem.code, path = found.path, hint = problem.hint,
      message = ("with what the hook adds the prompt needs %s; the budget is %d"):format(problem.needs, problem.most),
    }, 0)
  end
end

--- Runs a workflow with the hooks round it. Raises what a hook raises or returns as an error.
---@param job table of the worker
---@param run fun(ctx: promptgen.Context): any, any of the workflow
---@param ctx promptgen.Context
---@param protected fun(f: function, ...): any calls user code; raises an error with a place
---@return any value
---@return any err
function hooks.around(job, run, ctx, protected)
  for _, hook in ipairs(load_all(job, "before", protected)) do
    call(hook, protected, ctx)
    check_notes(ctx, hook)
  end
  local value, err = protected(run, ctx)
  local prompt = type(value) == "string" and { text = value } or value
  if type(prompt) ~= "table" or type(rawget(prompt, "text")) ~= "string" then
    return value, err -- refused, or no prompt: told as without hooks
  end
  local after, checked = load_all(job, "after", protected), require("promptgen.run.outcome").checked_data
  if #after > 0 then
    checked(rawget(prompt, "data"), job.script.path) -- so that no hook is blamed for what the workflow did
  end
  for _, hook in ipairs(after) do
    local before = prompt.text
    call(hook, protected, ctx, prompt)
    count_again(ctx, prompt, before, hook.found)
    checked(rawget(prompt, "data"), hook.found.path)
  end
  return prompt
end

return hooks
