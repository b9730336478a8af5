--- The frame of every command that changes files of a plan: take the workspace's lock, see how things
--- stand, decide, render, write all or nothing, say what is next.
---
--- Deciding happens under the lock, and each write compares with what was seen, so that of two runs
--- that want the same thing one wins and the other is told what the first one wrote.
local errors = require "promptgen.errors"

local transition = {}

---@class promptgen.Change one file; a change without a document, bytes, remove or from is no change
---@field path string workspace-relative
---@field document? promptgen.Document rendered into the new content
---@field bytes? string new content
---@field remove? boolean
---@field from? string the file moves from there
---@field old? string content that is replaced or removed
---@field expected? string signature of that content; without it nothing may be there yet

---@class promptgen.Decision
---@field changes promptgen.Change[]
---@field target? string plan whose state is told afterwards
---@field numbers? string[] achievements that are concerned
---@field emptied? string[] directories to remove if they are empty then
---@field folders? string[] directories to make
---@field prefix? string put before the paths that are printed
---@field preview? fun(room?: integer): string shown instead of writing anything
---@field fill? string file that is to be filled in by hand before anything else
---@field next? string what to do next, where the state of a plan does not tell
---@field notes? string[] what else to say

---@class promptgen.Transition what a decision is made with
---@field ctx table command context
---@field home string absolute path of the workspace
---@field workspace? promptgen.Workspace
local Transition = {}
Transition.__index = Transition

--- Status of a plan, with everything known of one achievement when a number is given. A plan in
--- conflict is refused: which of both sides is right decides what the change would mean.
---@param target string
---@param number? string
---@return promptgen.state.Status?
---@return promptgen.Error? err `conflict`, `no_achievements`, `not_found` with the numbers there are
function Transition:status(target, number)
  local plan, err = self.workspace:plan(target)
  if not plan then
    return nil, err
  end
  local opts = require "promptgen.state_options"(self.ctx.options, { achievement = number })
  local status
  status, err = require("promptgen.state").resolve(self.workspace, plan, opts)
  if not status then
    return nil, err
  elseif status.state == "no_achievements" then
    return nil, require "promptgen.no_achievements"(plan.path, plan)
  elseif status.state == "conflict" then
    local first = status.conflicts[1]
    local place = first.evidence[1] or {}
    return nil, errors.new {
      code = "conflict", path = place.path or plan.path, line = place.line, message = first.message,
      hint = { ("promptgen explain %s shows the ways out"):format(require("promptgen.explain").target(status)),
        "--trust-plan or --trust-filesystem goes on with one side" },
    }
  end
  return status
end

--- Content of a file that is to be replaced or removed, as a part of a change.
---@param path string
---@return {old: string, expected: string}?
---@return promptgen.Error? err
function Transition:seen(path)
  local root <close>, err = require("promptgen.fs").root(self.home)
  if not root then
    return nil, err
  end
  local bytes, signature = root:read(path)
  if not bytes then
    return nil, signature
  end
  return { old = bytes, expected = signature }
end

local FACTS = { "Reviewer", "Executor", "Decided by", "Review Date", "Date", "Status", "Started", "Created" }

--- What a file is, in one line: title, author and date as they stand in it.
---@param path string
---@return string? text nil when it cannot be read
function Transition:describe(path)
  local seen = self:seen(path)
  local record = seen and require("promptgen.plan").parse(seen.old, { path = path, extent = "header" })
  if not record then
    return nil
  end
  local parts = { record.title and ('"%s"'):format(record.title) or ("%d bytes"):format(record.bytes) }
  for _, label in ipairs(FACTS) do
    for _, field in ipairs(record.fields) do
      if field.label == label and field.value ~= "" then
        parts[#parts + 1] = ("%s: %s"):format(label, field.value)
        break
      end
    end
  end
  return table.concat(parts, ", ")
end

--- The error of a change that came too late, or that something stands against: what this run wanted,
--- and what is there.
---@param path string
---@param message string what this run wanted, and why it cannot be
---@param hint? string what to do
---@return nil
---@return promptgen.Error err `conflict`
function Transition:lost(path, message, hint)
  local there = self:describe(path)
  local hints = { there and "there now: " .. there or hint, there and hint }
  return nil, errors.new { code = "conflict", path = path, message = message, hint = hints }
end

local function render(run, changes)
  local documents, owners = {}, {}
  for _, change in ipairs(changes) do
    if change.document then
      documents[#documents + 1] = change.document
      owners[#documents] = change
    end
  end
  if #documents == 0 then
    return {}
  end
  local texts, used = require("promptgen.rendering").texts(run.ctx.app, documents)
  if not texts then
    return nil, used
  end
  for i, change in ipairs(owners) do
    change.bytes = texts[i]:sub(-1) == "\n" and texts[i] or texts[i] .. "\n"
  end
  return used
end

local WANTED = {
  create = "was to be created", replace = "was to be replaced", remove = "was to be removed",
  move = "was to be moved here",
}

--- What a change does to its file.
---@param change promptgen.Change
---@return "create"|"replace"|"remove"|"move"
function transition.action(change)
  return change.from and "move" or change.remove and "remove" or change.old and "replace" or "create"
end

local function explain_conflict(run, changes, err)
  if err.code ~= "conflict" then
    return err
  end
  for _, change in ipairs(changes) do
    if change.path == err.path or change.from == err.path then
      local message = ("the file %s, but %s"):format(WANTED[transition.action(change)], err.message)
      local _, lost = run:lost(err.path, message, "another process was faster: look at its work, then decide again")
      return lost
    end
  end
  return err
end

local function commit(run, decision, lock)
  local fs = require "promptgen.fs"
  local root <close>, err = fs.root(run.home)
  if not root then
    return nil, err
  end
  local files = {}
  for i, change in ipairs(decision.changes) do
    local expected = change.expected
    if not expected and not change.from then
      expected = fs.absent
    end
    files[i] = { root = root, path = change.path, bytes = change.bytes, remove = change.remove,
      from = change.from, expected = expected }
  end
  local ok
  ok, err = require("promptgen.staging").commit(files, {
    state_dir = run.ctx.state_dir, home = run.home, lock = lock,
  })
  if not ok then
    return nil, explain_conflict(run, decision.changes, err)
  end
  for _, dir in ipairs(decision.emptied or {}) do
    root:remove_dir(dir) -- one that is not empty stays
  end
  for _, dir in ipairs(decision.folders or {}) do
    ok, err = root:make_dirs(dir)
    if not ok then
      err.path = dir
      return nil, err
    end
  end
  return true
end

local function open_lock(run)
  if run.ctx.options.dry_run then
    return false -- it only looks
  end
  local lock, err = require("promptgen.staging").lock(run.home, run.ctx.options.timeout)
  if lock == nil then
    return nil, err
  end
  if require("promptgen.staging").repair(run.home, run.ctx.state_dir, lock) then
    run.ctx.app:log("warning", "an earlier run was killed while it wrote; its files have been put back")
  end
  return lock
end

--- Runs a command that changes files. `decide` sees the workspace as it is while the lock is held.
---@param ctx table command context
---@param decide fun(run: promptgen.Transition): promptgen.Decision?, promptgen.Error?
---@param home? string absolute path, for a workspace that is still to be made
---@return boolean? ok
---@return promptgen.Error? err
function transition.run(ctx, decide, home)
  local err
  local given = home ~= nil
  if not home then
    home, err = ctx.app:root()
    if not home then
      return nil, err
    end
  end
  local run = setmetatable({ ctx = ctx, home = home }, Transition)
  local lock <close>, failed = open_lock(run)
  if lock == nil then
    return nil, failed
  end
  run.workspace = not given and ctx.workspace or nil
  local decision
  decision, err = decide(run)
  if not decision then
    return nil, err
  end
  local report = require "promptgen.transition.report"
  if decision.preview then
    return report.preview(run, decision)
  end
  local used
  used, err = render(run, decision.changes)
  if not used then
    return nil, err
  end
  if ctx.options.dry_run then
    return report.dry(run, decision, used)
  end
  require("promptgen.host").deadline(0) -- a write that has begun is finished
  local ok
  ok, err = commit(run, decision, lock)
  if not ok then
    return nil, err
  end
  if lock then
    lock:close()
  end
  return report.done(run, decision, used)
end

return transition
