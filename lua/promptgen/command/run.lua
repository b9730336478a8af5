--- `promptgen run WORKFLOW [@PLAN|PATH] [options]`: runs a workflow and prints its prompt.
local errors = require "promptgen.lazy" "promptgen.errors"

local run = {
  name = "run",
  summary = "run a workflow and print its prompt",
  usage = "WORKFLOW [@PLAN|PATH] [workflow options]",
  raw_arguments = true,
}

local EXIT_STATES = { plan_complete = 10, blocked = 11 }

local function exit_status(ctx, job)
  local state = job.target_status and job.target_status.state
  return ctx.options.exit_state and EXIT_STATES[state] or 0
end

--- Writes what the workflow staged, or tells with --dry-run what was read and would be written.
local function commit(ctx, job, outcome)
  if ctx.options.dry_run then
    local dry_run = require "promptgen.dry_run"
    job.told = dry_run.of(job, outcome)
    if not ctx.json then
      require("promptgen.host").write(2, dry_run.text(job.told))
    end
    return true
  end
  local staged = job.staged
  if not staged then
    return true
  end
  local fs = require "promptgen.fs"
  local files = {}
  for i, file in ipairs(staged) do
    local root, err = fs.root(file.place.dir or job.workspace.root)
    if not root then
      return nil, err
    end
    files[i] = { root = root, path = file.place.path, bytes = file.bytes }
  end
  return require("promptgen.staging").commit(files, {
    state_dir = ctx.state_dir, home = job.workspace.root,
  })
end

--- Copies the prompt for who sees it on a terminal, or asked for that.
local function copy(ctx, text)
  local options = ctx.options
  local wanted = options.clipboard or require("promptgen.host").isatty(1)
  if wanted and not options.no_clipboard and text ~= "" then
    require("promptgen.clipboard").offer(ctx.app, text)
  end
end

--- Runs `name` with the rest of the command line. The caller ends the run (promptgen.run.finish) when
--- the outcome is out.
---@param ctx table
---@param name string
---@param list string[]
---@return table? outcome
---@return table|promptgen.Error job
function run.produce(ctx, name, list)
  local outcome, job = require("promptgen.run").workflow(ctx.app, name, list)
  if not outcome then
    return nil, job
  end
  local ok, err = commit(ctx, job, outcome)
  if not ok then
    require("promptgen.run").finish(ctx.app, job)
    return nil, err
  end
  return outcome, job
end

--- Runs `name` with the rest of the command line and prints the outcome.
---@param ctx table
---@param name string
---@param list string[]
---@return integer? exit_status
---@return promptgen.Error? err
function run.workflow(ctx, name, list)
  local outcome, job = run.produce(ctx, name, list)
  if not outcome then
    return nil, job
  end
  local text
  if ctx.json then
    text = require("promptgen.run.outcome_json").encode(outcome, job)
  else
    text = table.concat(job.output) .. outcome.text
    text = text:sub(-1) == "\n" and text or text .. "\n"
  end
  ctx.out(text)
  require("promptgen.run").finish(ctx.app, job)
  copy(ctx, outcome.text)
  return exit_status(ctx, job)
end

function run.run(ctx)
  local list = ctx.args
  local name = table.remove(list, 1)
  if not name or name == "--" then
    return nil, errors.new {
      code = "usage", message = "run needs the name or path of a workflow",
      hint = { "promptgen run workflows/next.lua @FEATURE", "promptgen workflows lists them" },
    }
  end
  return run.workflow(ctx, name, list)
end

return run
