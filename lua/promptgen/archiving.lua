--- Where the files of a plan go when it is archived: the PLAN to `planning/`, the rest to the folders
--- of the names they had.
local errors = require "promptgen.errors"
local layout = require "promptgen.layout"

local archiving = {}

local MAX_FILES, MAX_DEPTH = 10000, 32

local function bad_input(path, message, hint)
  return nil, errors.new { code = "bad_input", path = path, message = message, hint = hint }
end

--- The folder a plan goes to: the one asked for, the one it states, or one of its name.
---@param status promptgen.state.Status
---@param asked? string
---@return string? folder workspace-relative
---@return promptgen.Error? err `bad_input` for a placeholder, or a folder outside the workspace;
--- `permission` for one that no script may touch either, such as `.git`
function archiving.folder(status, asked)
  local plan = status.plan
  local stated = plan.archive_location
  local folder = asked or stated or "documentation/archive/" .. status.feature:lower()
  if not asked and stated and (stated:find "[%[%]<>*?{}]" or stated:find "YYYY") then
    return nil, errors.new { code = "bad_input", path = plan.path, line = plan.archive_line,
      message = ("the archive location is not filled in: %s"):format(stated),
      hint = "--to DIR names the folder" }
  end
  local cleaned = folder:sub(1, 1) ~= "/" and require("promptgen.resolver").clean(folder)
  if not cleaned or cleaned == "." then
    return bad_input(plan.path, ("'%s' is not a folder below the workspace"):format(folder),
      "--to DIR names another one")
  elseif require("promptgen.permissions").is_secret(cleaned) then
    return nil, errors.new { code = "permission", path = plan.path, line = not asked and plan.archive_line or nil,
      message = ("'%s' is no place for a plan: promptgen moves nothing there"):format(folder),
      hint = "--to DIR names another one" }
  end
  return (cleaned:gsub("/planning$", "")) -- some plans state the folder of the PLAN itself
end

--- All files below a folder and all folders, each folder before what is in it.
local function walk(workspace, home)
  local files, folders, at = {}, { { path = home, depth = 0 } }, 1
  while folders[at] do
    local folder = folders[at]
    local entries, err = workspace:list(folder.path)
    if not entries then
      return nil, err
    end
    for _, entry in ipairs(entries) do
      local path = layout.join(folder.path, entry.name)
      if entry.type == "dir" then
        folders[#folders + 1] = { path = path, depth = folder.depth + 1 }
      else
        files[#files + 1] = path
      end
    end
    if #files > MAX_FILES or folder.depth > MAX_DEPTH then
      return nil, errors.new { code = "too_large", path = home,
        message = ("there are more than %d files, or folders deeper than %d"):format(MAX_FILES, MAX_DEPTH) }
    end
    at = at + 1
  end
  return files, folders
end

--- A plan with a folder of its own: everything in it.
local function from_own_folder(workspace, status, folder)
  local home = status.layout.home
  local files, folders = walk(workspace, home)
  if not files then
    return nil, folders
  end
  local moves, emptied = {}, {}
  for i, path in ipairs(files) do
    local rest = path:sub(#home + 2)
    local place = rest:find("/", 1, true) and rest or "planning/" .. rest
    moves[i] = { from = path, path = layout.join(folder, place) }
  end
  for i = #folders, 1, -1 do
    emptied[#emptied + 1] = folders[i].path
  end
  return moves, emptied
end

--- A plan that shares its folders: the files that bear its name.
local function from_shared_folders(workspace, status, folder)
  local names = require "promptgen.state.names"
  local home, features = status.layout.home, { status.feature }
  local _, own = layout.split(status.path)
  local moves = { { from = status.path, path = ("%s/planning/%s"):format(folder, own) } }
  for _, place in ipairs { "subplans", "execution", "execution/feedbacks" } do
    local dir = layout.join(home, place)
    local entries, err = workspace:list(dir)
    if not entries and err.code ~= "not_found" then
      return nil, err
    end
    for _, entry in ipairs(entries or {}) do
      local read = entry.type ~= "dir" and names.read(entry.name, features)
      if read and read.tagged then
        moves[#moves + 1] = { from = dir .. "/" .. entry.name, path = ("%s/%s/%s"):format(folder, place, entry.name) }
      end
    end
  end
  return moves, {}
end

--- The moves that archive a plan.
---@param workspace promptgen.Workspace
---@param status promptgen.state.Status
---@param folder string workspace-relative
---@return promptgen.Change[]? moves
---@return string[]|promptgen.Error emptied folders that are empty then, the deepest first; `bad_input`
function archiving.moves(workspace, status, folder)
  local places = status.layout
  if layout.guess(status.path, status.feature) == "archived" then
    return bad_input(status.path, "the plan is archived already")
  elseif places.kind == "nested" and (folder .. "/"):sub(1, #places.home + 1) == places.home .. "/" then
    return bad_input(status.path, ("'%s' lies in the plan's own folder"):format(folder), "--to DIR names another one")
  end
  local collect = places.kind == "nested" and from_own_folder or from_shared_folders
  return collect(workspace, status, folder)
end

--- Places where something is already; they must be free.
---@param workspace promptgen.Workspace
---@param moves promptgen.Change[]
---@return string[] taken
function archiving.taken(workspace, moves)
  local taken, seen = {}, {}
  for _, move in ipairs(moves) do
    if seen[move.path] or workspace:stat(move.path) then
      taken[#taken + 1] = move.path
    end
    seen[move.path] = true
  end
  return taken
end

return archiving
