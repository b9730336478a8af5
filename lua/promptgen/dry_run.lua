--- What a run with `--dry-run` tells: the scripts it used, the files and folders it looked at, and
--- what it would write.
local dry_run = {}

---@class promptgen.DryRun
---@field uses string[] scripts, with the place they come from
---@field reads string[] files, relative to the workspace, in byte order; then those outside of it
---@field lists string[] folders, the same way
---@field writes {path: string, bytes: integer}[] in the order they were staged

--- The paths under which `cache` holds something, of those that were asked for.
local function found(cache, asked, seen, out)
  for key, path in pairs(asked or {}) do
    local kept = cache:peek(key)
    if kept and not kept.err and not seen[path] then
      seen[path] = true
      out[#out + 1] = path
    end
  end
  table.sort(out)
end

--- Adds absolute paths of a set, in byte order.
local function add_outside(set, out)
  local paths = {}
  for path in pairs(set) do
    paths[#paths + 1] = path
  end
  table.sort(paths)
  table.move(paths, 1, #paths, #out + 1, out)
end

--- What `job` looked at and staged. The run must have gone without the cache of plans, which answers
--- for files that are then not read.
---@param job table of promptgen.run, before it is finished
---@param outcome table
---@return promptgen.DryRun
function dry_run.of(job, outcome)
  local workspace = job.workspace
  local touched, seen = workspace.touched or {}, {}
  local told = { uses = {}, reads = {}, lists = {}, writes = {} }
  found(workspace.documents, touched.documents, seen, told.reads)
  found(workspace.contents, touched.contents, seen, told.reads)
  found(workspace.listings, touched.listings, {}, told.lists)
  if job.outside then
    add_outside(job.outside.reads, told.reads)
    add_outside(job.outside.lists, told.lists)
  end
  for i, script in ipairs(outcome.used or {}) do
    told.uses[i] = ("%s (%s)"):format(script.path, script.layer)
  end
  for i, file in ipairs(job.staged or {}) do
    told.writes[i] = { path = file.path, bytes = #file.bytes }
  end
  return told
end

--- The same in lines, for standard error.
---@param told promptgen.DryRun
---@return string
function dry_run.text(told)
  local escape, out = require("promptgen.errors").escape_controls, {}
  local function add(words, path, more)
    out[#out + 1] = ("promptgen: %s %s%s\n"):format(words, escape(path), more or "")
  end
  for _, script in ipairs(told.uses) do
    add("uses", script)
  end
  for _, dir in ipairs(told.lists) do
    add("lists", dir)
  end
  for _, path in ipairs(told.reads) do
    add("reads", path)
  end
  for _, file in ipairs(told.writes) do
    add("would write", file.path, (" (%d bytes)"):format(file.bytes))
  end
  return table.concat(out)
end

return dry_run
