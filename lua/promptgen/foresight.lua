--- What a cold run reads with a second thread, while this one loads modules and looks at folders.
---
--- It guesses by the names of files, and a wrong guess costs time only: what was read in vain is
--- dropped, what was not guessed is read when it is asked for. Nothing here decides an answer.
local layout = require "promptgen.layout"
local names = require "promptgen.state.names"

local foresight = {}

--- Adds the files of a folder that an achievement can have: code -> kind -> paths.
local function sort_files(slots, order, entries, dir, features)
  for _, entry in ipairs(entries or {}) do
    local file = entry.type == "file" and names.read(entry.name, features)
    if file then
      if not slots[file.code] then
        slots[file.code] = {}
        order[#order + 1] = file.code
      end
      local paths = slots[file.code][file.kind] or {}
      slots[file.code][file.kind] = paths
      paths[#paths + 1] = layout.join(dir, entry.name)
    end
  end
end

--- The files beside a plan, by the code of their achievement, and the codes in order.
local function look(workspace, plan_path)
  local slots, order = {}, {}
  local dir, name = layout.split(plan_path)
  local features = { name:match "^PLAN_(.+)%.md$" }
  local has = {}
  for _, entry in ipairs(workspace:list(dir) or {}) do
    has[entry.name] = entry.type == "dir"
  end
  if has.execution then
    local execution = layout.join(dir, "execution")
    local feedbacks = layout.join(execution, "feedbacks")
    local entries = workspace:list(execution) or {}
    sort_files(slots, order, workspace:list(feedbacks), feedbacks, features)
    sort_files(slots, order, entries, execution, features)
  end
  if has.subplans then
    local subplans = layout.join(dir, "subplans")
    sort_files(slots, order, workspace:list(subplans), subplans, features)
  end
  table.sort(order)
  return slots, order
end

--- The files of what is most likely the next step: one to fix, or the first open one.
local function likely(slots, order)
  local open
  for _, code in ipairs(order) do
    local slot = slots[code]
    local closed = slot.approved or slot.skipped
    if slot.fix and not slot.resolution and not closed then
      return slot
    end
    open = open or not closed and slot or nil
  end
  return open or {}
end

--- Begins to read the plan; nil where nothing can be read ahead. What this and `want` take belongs to
--- parsing, and a profile shows it there (promptgen.profile.points): they start and wake the thread.
function foresight.start(workspace, handle, path)
  local reader = require("promptgen.ahead").new(handle)
  if not reader or not reader:want(path) then
    return nil
  end
  if not reader:prepare { patterns = workspace.patterns } then
    reader:close() -- reading the plan tells why
    return nil
  end
  return reader
end

function foresight.want(reader, paths, extent)
  for _, path in ipairs(paths or {}) do
    reader:want(path, extent)
  end
end

--- Most achievements whose reviews the second thread reads.
local MAX_SHARED = 12

--- Shares the reviews: this thread takes them from the first on, the other one from the last on.
local function share_reviews(reader, slots, order)
  for i = #order, math.max(1, #order - MAX_SHARED + 1), -1 do
    foresight.want(reader, slots[order[i]].approved, "header")
    foresight.want(reader, slots[order[i]].fix, "header")
  end
end

local HEADER = { extent = "header" }

--- Reads headers of reviews until the plan is there.
local function read_reviews(workspace, reader, plan_path, slots, order)
  for _, code in ipairs(order) do
    for _, kind in ipairs { "approved", "fix" } do
      for _, path in ipairs(slots[code][kind] or {}) do
        if reader:ready(plan_path) then
          return
        end
        workspace:document(path, HEADER)
      end
    end
  end
end

--- Begins to read a plan, and what its state and the prompt for its next step will ask for. Returns
--- when the plan is there, or nothing is left to do until it is.
---@param workspace promptgen.Workspace
---@param path string of the plan
---@param meanwhile fun() called beside it, or not at all
function foresight.begin(workspace, path, meanwhile)
  local handle = workspace.backend.handle
  if not handle or workspace.backend.permit or workspace.documents:peek(path) then
    return
  end
  local reader = foresight.start(workspace, handle, path)
  if not reader then
    return
  end
  workspace:read_ahead(reader)
  meanwhile()
  local noted = workspace:stop_noting() -- nothing depends on a guess
  local slots, order = look(workspace, path)
  share_reviews(reader, slots, order)
  local next_step = likely(slots, order)
  foresight.want(reader, next_step.fix)
  foresight.want(reader, next_step.resolution)
  foresight.want(reader, next_step.subplan)
  foresight.want(reader, next_step.execution)
  reader:finish()
  read_reviews(workspace, reader, path, slots, order)
  workspace.touched = noted
end

return foresight
