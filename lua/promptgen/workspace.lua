--- The files of one workspace, as every other module sees them: read, list, parse, resolve.
---
--- Where they come from is the back end's affair (promptgen.direct in the parent, promptgen.remote in
--- a worker). What was read once is kept as long as its signature holds; a back end that cannot
--- compare signatures gives one snapshot. Records and listings are shared: do not change them.
local resolver = require "promptgen.resolver"

local workspace = {}

---@class promptgen.Workspace
---@field root string absolute path, without links
---@field cwd? string current directory of the user, absolute; paths are tried from there first
local Workspace = {}
Workspace.__index = Workspace
Workspace.__name, Workspace.__shown = "promptgen.workspace", { "cwd", "root" }

local MAX_DOCUMENTS = 4096
local MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
local MAX_LISTINGS = 65536
local MAX_CONTENTS = 256
local MAX_CONTENT_BYTES = 16 * 1024 * 1024

---@class (exact) promptgen.WorkspaceOptions
---@field root string absolute path
---@field cwd? string current directory of the user, absolute
---@field backend? promptgen.Backend default: the files themselves
---@field snapshot? boolean look at each file once: right for a command that ends soon
---@field patterns? promptgen.patterns.Config spellings beside the stock ones
---@field lookups? promptgen.Lookups where to count what was read, and what was found in the store
--- Keeps the index of plans between runs: `load` gives what `save` was given last, or nil.
---@field index_store? {load: (fun(): promptgen.PlanIndex?), save: fun(index: promptgen.PlanIndex)}

---@class promptgen.Lookups documents, listings and states asked for, by named cache
---@field hits table<string, integer> served from the store
---@field misses table<string, integer> read, or worked out, anew

--- The workspace's absolute path for an invocation; see promptgen.root.
---@param query promptgen.RootQuery
---@return string? path
---@return promptgen.Error? err
function workspace.find_root(query)
  return require("promptgen.root").find(query)
end

--- Opens a workspace.
---@param options promptgen.WorkspaceOptions
---@return promptgen.Workspace? workspace
---@return promptgen.Error? err `not_found`, `not_directory`, `permission`
function workspace.open(options)
  local backend, root = options.backend, options.root
  if not backend then
    backend, root = require("promptgen.direct").open(options.root)
    if not backend then
      return nil, root
    end
  end
  local cache = require "promptgen.cache"
  return setmetatable({
    root = root, cwd = options.cwd, backend = backend, patterns = options.patterns,
    index_store = options.index_store,
    documents = cache.new { name = "plan_cache", max_size = MAX_DOCUMENTS, max_bytes = MAX_DOCUMENT_BYTES },
    listings = cache.new { name = "directory_cache", max_size = MAX_LISTINGS },
    contents = cache.new { name = "content_cache", max_size = MAX_CONTENTS, max_bytes = MAX_CONTENT_BYTES },
    snapshot = options.snapshot, resolutions = {}, cleaned = {}, cleaned_count = 0,
    lookups = options.lookups or { hits = {}, misses = {} },
  }, Workspace)
end

--- Counts look-ups, for the totals of all runs.
---@param result "hits"|"misses"
---@param cache "plan_cache"|"directory_cache"|"status_cache" files, directories, states
---@param count? integer default 1
function Workspace:count(result, cache, count)
  local counts = self.lookups[result]
  counts[cache] = (counts[cache] or 0) + (count or 1)
end

--- Reaches the files in another way from now on; what was read before stays, unchecked unless the new
--- back end can check it.
---@param backend promptgen.Backend
function Workspace:use_backend(backend)
  self.backend = backend
end

--- Paths whose clean form is remembered, before all are forgotten.
local MAX_CLEANED = 4096

local function clean_form(self, path)
  local cleaned = path ~= "" and path:sub(1, 1) ~= "/" and not path:find("\0", 1, true) and resolver.clean(path)
  cleaned = cleaned or path == "" and "." or path -- what is wrong with a path, the back end says
  if self.cleaned_count == MAX_CLEANED then
    self.cleaned, self.cleaned_count = {}, 0
  end
  self.cleaned[path], self.cleaned_count = cleaned, self.cleaned_count + 1
  return cleaned
end

local function clean(self, path)
  local cleaned = self.cleaned[path] or clean_form(self, path)
  local permit = self.backend.permit
  if permit then
    local ok, err = permit(cleaned)
    if not ok then
      return nil, err
    end
  end
  return cleaned
end

---@class promptgen.Kept what a cache of the workspace holds
---@field value any nil for a known absence
---@field err? promptgen.Error why there is no value
---@field signature? string
---@field hash? string of the content
---@field revive? fun(): any makes the value when it is first asked for
---@field bytes? fun(): string the value's stored form

--- Whether the bytes of a file are those its entry was made of; a new signature is then kept.
local function same_content(self, path, kept)
  if not kept.hash then
    return false
  end
  local bytes, signature = self.backend.read(path)
  if not bytes or require("promptgen.fs").hash(bytes) ~= kept.hash then
    return false
  end
  kept.signature = signature
  return true
end

--- The kept entry if it still holds. Where the signature of a file does not prove it, its content is
--- compared.
local function still_valid(self, name, key, path, is_file)
  local cache = self[name]
  if self.touched then
    self.touched[name][key] = path
  end
  local kept = cache:get(key)
  local check = kept and not self.snapshot and self.backend.check
  if check and (not kept.signature or check(path, kept.signature, name) ~= "fresh")
    and not (is_file and same_content(self, path, kept)) then
    cache:reject(key)
    return nil
  end
  return kept
end

--- Keeps an absence only where it can be checked, or where everything is a snapshot.
local function keep_absence(self, cache, key, err)
  local absent = self.backend.absent
  if err.code == "not_found" and (absent or not self.backend.check) then
    cache:set(key, { err = err, signature = absent })
  end
end

--- Entries of a directory, in byte order.
---@param dir string
---@return promptgen.fs.Entry[]? entries shared; do not change them
---@return promptgen.Error? err
function Workspace:list(dir)
  local path, err = clean(self, dir)
  if not path then
    return nil, err
  end
  local kept = still_valid(self, "listings", path, path)
  if kept then
    return kept.value, kept.err
  end
  local entries, signature = self.backend.list(path)
  if not entries then
    keep_absence(self, self.listings, path, signature)
    return nil, signature
  end
  self:count("misses", "directory_cache")
  self.listings:set(path, { value = entries, signature = signature })
  return entries
end

--- What a path names, or nil and why not.
---@param path string
---@return promptgen.fs.Stat? stat
---@return promptgen.Error? err
function Workspace:stat(path)
  local cleaned, err = clean(self, path)
  if not cleaned then
    return nil, err
  end
  return self.backend.stat(cleaned)
end

--- Documents come from `reader` from now on, where it has them; nil ends that.
---@param reader? promptgen.ahead.Reader
function Workspace:read_ahead(reader)
  if self.ahead then
    self.ahead:close()
  end
  self.ahead = reader
end

local function load_document(self, path, opts)
  if self.ahead then
    local record, signature, hash = self.ahead:take(path, opts and opts.extent)
    if record then
      return record, signature, hash
    end
  end
  if self.backend.document then
    return self.backend.document(path, opts)
  end
  local bytes, signature = self.backend.read(path)
  if not bytes then
    return nil, signature
  end
  local record, err = require("promptgen.plan").parse(bytes, {
    path = path, patterns = self.patterns, extent = opts and opts.extent,
  })
  if not record then
    err.path = err.path or path
    return nil, err
  end
  return record, signature, require("promptgen.fs").hash(bytes)
end

--- Content of a regular file.
---@param path string
---@return string? bytes
---@return promptgen.Error? err
function Workspace:read(path)
  local cleaned, err = clean(self, path)
  if not cleaned then
    return nil, err
  end
  local kept = still_valid(self, "contents", cleaned, cleaned, true)
  if kept then
    return kept.value, kept.err
  end
  local bytes, signature = self.backend.read(cleaned)
  if not bytes then
    keep_absence(self, self.contents, cleaned, signature)
    return nil, signature
  end
  self:count("misses", "plan_cache")
  local hash = self.backend.check and require("promptgen.fs").hash(bytes)
  self.contents:set(cleaned, { value = bytes, signature = signature, hash = hash }, nil, #bytes)
  return bytes
end

--- The record of a Markdown file.
---@param path string
---@param opts? {extent?: string} see promptgen.plan
---@return promptgen.plan.Record? record
---@return promptgen.Error? err
function Workspace:document(path, opts)
  local cleaned, err = clean(self, path)
  if not cleaned then
    return nil, err
  end
  local key = opts and opts.extent and cleaned .. "\0" .. opts.extent or cleaned
  local kept = still_valid(self, "documents", key, cleaned, true)
  if kept and kept.revive then
    kept.value, kept.revive = kept.revive(), nil
  end
  if kept and (kept.value or kept.err) then
    return kept.value, kept.err
  end
  local record, signature, hash = load_document(self, cleaned, opts)
  if not record then
    keep_absence(self, self.documents, key, signature)
    return nil, signature
  end
  self:count("misses", "plan_cache")
  local entry = { value = record, signature = signature, hash = hash }
  self.documents:set(key, entry, nil, record.bytes or 0)
  return record
end

--- The file a target means: `@NAME`, `@FILE.md`, or a path.
---@param target string
---@return string? path
---@return promptgen.Error? err `not_found` and `ambiguous` list `candidates`
function Workspace:resolve(target)
  local known = self.snapshot and self.resolutions[target]
  if known then
    return known
  end
  local path, err
  if self.backend.resolve then
    path, err = self.backend.resolve(target)
  else
    path, err = resolver.resolve(self, target)
  end
  self.resolutions[target] = path
  return path, err
end

--- The record of the plan a target means.
---@param target string
---@return promptgen.plan.Record? record
---@return promptgen.Error? err
function Workspace:plan(target)
  if self.documents:peek(target) then -- a path, known already: nothing to resolve
    return self:document(target)
  end
  local path, err = self:resolve(target)
  if not path then
    return nil, err
  end
  return self:document(path)
end

--- The index of plans as the files are now.
---@return promptgen.PlanIndex? index
---@return promptgen.Error? err `limit`
function Workspace:index()
  local store = self.index_store
  local old = self.known_index or store and store.load()
  local index, err = require("promptgen.plan_index").refresh(self.backend, old)
  if not index then
    return nil, err
  end
  if index.changed and store then
    store.save(index)
  end
  self.known_index = index
  return index
end

--- Paths of all plans, in byte order.
---@return string[]? paths
---@return promptgen.Error[]|promptgen.Error|nil skipped folders that could not be searched, when any
function Workspace:plans()
  if self.backend.plans then
    return self.backend.plans()
  end
  local index, err = self:index()
  if not index then
    return nil, err
  end
  local paths = {}
  for i, plan in ipairs(index.plans) do
    paths[i] = plan.path
  end
  return paths, #index.skipped > 0 and index.skipped or nil
end

--- Writes a file as a whole; see Root:write of promptgen.fs.
---@param path string
---@param bytes string
---@param opts? promptgen.fs.WriteOptions
---@return string? signature
---@return promptgen.Error? err
function Workspace:write(path, bytes, opts)
  local cleaned, err = clean(self, path)
  if not cleaned then
    return nil, err
  end
  return self.backend.write(cleaned, bytes, opts)
end

--- An absolute path without links, as far as the back end can tell.
---@param path string absolute
---@return string? path
function Workspace:canonical(path)
  return self.backend.canonical and self.backend.canonical(path)
end

--- Notes from now on which entries of which cache are used, until `stop_noting`.
function Workspace:start_noting()
  self.touched = { documents = {}, listings = {}, contents = {} }
end

--- What was used since `start_noting`: cache name to key to path.
---@return table<"documents"|"listings"|"contents", table<string, string>> touched
function Workspace:stop_noting()
  local touched = self.touched
  self.touched = nil
  return touched
end

--- Lets go of what nobody will ask for again: documents, contents, and the listings of a folder and
--- what is below it. Other listings stay, since plans share them.
---@param touched table of `stop_noting`
---@param folder string of the plan
function Workspace:drop(touched, folder)
  for _, name in ipairs { "documents", "contents" } do
    for key in pairs(touched[name] or {}) do
      self[name]:delete(key)
    end
  end
  local below = folder .. "/"
  for key in pairs(touched.listings or {}) do
    if key == folder or key:sub(1, #below) == below then
      self.listings:delete(key)
    end
  end
end

--- Lets go of everything; again is fine.
function Workspace:close()
  self:read_ahead(nil)
  self.documents:close()
  self.listings:close()
  self.contents:close()
  if self.backend.close then
    self.backend.close()
  end
end

return workspace
