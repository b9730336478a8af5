--- Where the files of a plan lie, and what their names mean.
---
--- A plan has a folder of its own ("nested"), or shares one with other plans ("flat"): then its
--- files lie in the `subplans/` and `execution/` folders of the work space, and every name carries
--- the feature, feedback included. An archived plan lies in `planning/` beside them.
local codes = require "promptgen.state.codes"

local layout = {}

---@class promptgen.Layout
---@field dir string folder of the PLAN file; "" is the workspace root
---@field options { shared?: boolean, numbers?: string[], parallel?: string } what `layout.of` was told beside names
---@field home string folder that holds `subplans/` and `execution/`
---@field feature string
---@field kind "nested"|"flat"
---@field parallel string path of its parallel.json; where plans share a folder, the feature is in the name
---@field subplan fun(number: string): string
---@field execution fun(number: string, n: integer): string
---@field approved fun(number: string): string
---@field fix fun(number: string): string
---@field resolution fun(number: string): string
---@field skipped fun(number: string): string

--- `name` below `dir`; "" is the workspace root.
---@param dir string
---@param name string
---@return string path
function layout.join(dir, name)
  return dir == "" and name or dir .. "/" .. name
end

--- Folder and last part of a path.
---@param path string
---@return string dir "" for a path without a slash
---@return string name
function layout.split(path)
  local dir, name = path:match("^(.*)/([^/]*)$")
  return dir or "", name or path
end

local PLACES = { planning = true, plans = true, ["backlog-plans"] = true }

--- True for the name of a folder that collects plans of several features.
local function collects_plans(name)
  return PLACES[name] or name:match("[-_]plans$") ~= nil
end

--- The folder above the one that collects plans; `dir` itself when no part of it collects any.
---@param dir string
---@return string
function layout.work_space(dir)
  local rest = dir
  while rest ~= "" do
    local parent, name = layout.split(rest)
    if collects_plans(name) then
      return parent
    end
    rest = parent
  end
  return dir
end

--- What the names alone tell about a plan's folder; nil when only its content can tell.
---@param plan_path string
---@param feature string
---@return "nested"|"flat"|"archived"|nil kind
function layout.guess(plan_path, feature)
  local dir = layout.split(plan_path)
  local parent, name = layout.split(dir)
  local _, above = layout.split(parent)
  if name:lower() == feature:lower() then
    return "nested"
  elseif name == "planning" or (collects_plans(name) and above:lower() == feature:lower()) then
    return "archived"
  elseif name == "" or collects_plans(name) then
    return "flat"
  end
end

--- Name of the parallel.json of one plan among several.
---@param feature string
---@return string name
function layout.tagged_parallel(feature)
  return ("parallel_%s.json"):format(feature)
end

--- The layout of a plan. `opts.shared` says whether other plans use its folder, where the names do
--- not tell; `opts.numbers` lists the numbers the plan defines, so that two which share a code are
--- spelled with their dots; `opts.parallel` is the parallel.json that was found to be the plan's.
---@param plan_path string workspace-relative
---@param feature string
---@param opts? { shared?: boolean, numbers?: string[], parallel?: string }
---@return promptgen.Layout
function layout.of(plan_path, feature, opts)
  local dir = layout.split(plan_path)
  local guess = layout.guess(plan_path, feature)
  local flat = guess == "flat"
  if guess == nil then
    flat = opts ~= nil and opts.shared == true
  end
  local home = dir
  if flat then
    home = layout.work_space(dir)
  elseif guess == "archived" then
    home = layout.split(dir)
  end
  local known = codes.new(opts and opts.numbers or {})
  local execution = layout.join(home, "execution")
  local feedbacks = layout.join(execution, "feedbacks")
  local tag = flat and feature .. "_" or ""

  local function named(folder, pattern)
    return function(number)
      return layout.join(folder, pattern:format(known:spell(number)))
    end
  end
  local literal = tag:gsub("%%", "%%%%")
  local subplan = named(layout.join(home, "subplans"),
    "SUBPLAN_" .. feature:gsub("%%", "%%%%") .. "_%s.md")
  return {
    options = opts or {},
    dir = dir,
    home = home,
    feature = feature,
    kind = flat and "flat" or "nested",
    parallel = opts and opts.parallel
      or layout.join(dir, flat and layout.tagged_parallel(feature) or "parallel.json"),
    subplan = subplan,
    execution = function(number, n)
      return layout.join(execution, ("EXECUTION_TASK_%s_%s_%02d.md")
        :format(feature, known:spell(number), n))
    end,
    approved = named(feedbacks, "APPROVED_" .. literal .. "%s.md"),
    fix = named(feedbacks, "FIX_" .. literal .. "%s.md"),
    resolution = named(feedbacks, "FIX_" .. literal .. "%s_RESOLUTION.md"),
    skipped = named(execution, "SKIPPED_" .. literal .. "%s.md"),
  }
end

return layout
