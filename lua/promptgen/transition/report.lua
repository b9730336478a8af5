--- What a command that changed files prints: the paths, or a difference with --dry-run, or JSON; and on
--- standard error, for a terminal, what comes next.
local report = {}

local function action_of(change)
  return require("promptgen.transition").action(change)
end

local function file_json(json, change)
  return json.object {
    { "action", action_of(change) }, { "path", change.path }, { "from", change.from },
    { "bytes", change.bytes and #change.bytes },
  }
end

local function scripts_json(json, used)
  local list = {}
  for i, script in ipairs(used) do
    list[i] = json.object {
      { "name", script.name }, { "source", script.layer }, { "path", script.path },
      { "stock", script.stock }, { "sha256", script.sha256 },
    }
  end
  return json.array(list)
end

local function step_json(json, status)
  local step = status and status.next
  return step and json.object {
    { "number", step.number }, { "state", step.state }, { "recommendation", step.recommendation },
    { "rule", step.rule }, { "file", step.file },
  } or json.null
end

--- One object; `extra` is what only a dry run or a finished one has.
local function to_json(run, decision, used, extra)
  local json = require "promptgen.json"
  local files, status = {}, extra.status
  for i, change in ipairs(decision.changes) do
    files[i] = file_json(json, change)
  end
  return json.encode(json.object {
    { "schema", "promptgen.transition/1" }, { "command", run.ctx.command.name }, { "root", run.home },
    { "dry_run", extra.diff ~= nil or extra.preview == true },
    { "achievements", decision.numbers and json.array(decision.numbers) },
    { "files", json.array(files) }, { "diff", extra.diff },
    { "feature", status and status.feature }, { "plan", status and status.path },
    { "state", status and status.state }, { "total", status and status.total },
    { "approved", status and status.approved }, { "skipped", status and status.skipped },
    { "next", status and step_json(json, status) },
    { "next_command", extra.command }, { "notes", decision.notes and json.array(decision.notes) },
    { "scripts", scripts_json(json, used) },
  }) .. "\n"
end

local function tell_notes(run, decision)
  for _, note in ipairs(decision.notes or {}) do
    run.ctx.app:log("info", note)
  end
end

--- The differences that a run would make.
local function differences(changes)
  local diff = require "promptgen.diff"
  local out = {}
  for i, change in ipairs(changes) do
    out[i] = change.from and diff.move(change.from, change.path)
      or diff.unified(change.path, change.old, change.bytes)
  end
  return table.concat(out)
end

--- Prints what would change.
---@param run promptgen.Transition
---@param decision promptgen.Decision
---@param used promptgen.UsedScript[]
---@return true
function report.dry(run, decision, used)
  local text = differences(decision.changes)
  run.ctx.out(run.ctx.json and to_json(run, decision, used, { diff = text }) or text)
  tell_notes(run, decision)
  return true
end

--- Prints what a run would make, before anybody has agreed to it.
---@param run promptgen.Transition
---@param decision promptgen.Decision
---@return true
function report.preview(run, decision)
  run.ctx.out(run.ctx.json and to_json(run, decision, {}, { preview = true }) or decision.preview(run.ctx.width))
  if not run.ctx.asks then
    run.ctx.app:log("info", "nothing is written yet: --yes writes it")
  end
  return true
end

--- Where the plan stands after the change, seen with fresh eyes; nil where that cannot be told.
local function status_now(run, target)
  local opened = target and require("promptgen.workspace").open {
    root = run.home, snapshot = true, patterns = run.workspace and run.workspace.patterns,
  }
  if not opened then
    return nil
  end
  local plan = opened:plan(target)
  local opts = require "promptgen.state_options"(run.ctx.options)
  local status = plan and require("promptgen.state").resolve(opened, plan, opts) or nil
  return status
end

--- Prints what has changed.
---@param run promptgen.Transition
---@param decision promptgen.Decision
---@param used promptgen.UsedScript[]
---@return true
function report.done(run, decision, used)
  local status = status_now(run, decision.target)
  local command = decision.next
    or status and require("promptgen.explain").command(status) or nil
  if decision.fill and command then
    command = ("fill in %s, then %s"):format(decision.fill, command)
  end
  if run.ctx.json then
    run.ctx.out(to_json(run, decision, used, { status = status, command = command }))
  else
    local out, prefix = {}, decision.prefix and decision.prefix:gsub("/*$", "/", 1) or ""
    for _, change in ipairs(decision.changes) do
      if not change.remove then
        out[#out + 1] = prefix .. change.path .. "\n"
      end
    end
    run.ctx.out(table.concat(out))
  end
  tell_notes(run, decision)
  if command then
    run.ctx.app:log("info", "next: " .. command)
  end
  return true
end

return report
