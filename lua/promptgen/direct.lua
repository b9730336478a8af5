--- The workspace's back end in the parent and in tests: files through promptgen.fs.
local direct = {}

--- The absolute path without links of something that exists, or nil.
local function canonical(path)
  local folder, base = path:match("^(.*)/([^/]*)$")
  local handle = folder and require("promptgen.fs").root(folder == "" and "/" or folder)
  if not handle then
    return nil
  end
  local parent = handle:path()
  handle:close()
  return (parent == "/" and "" or parent) .. "/" .. base
end

---@class promptgen.Backend how a workspace reaches its files; paths are relative to its root
---@field read fun(path: string): string?, any bytes and signature, or nil and an error
---@field list fun(path: string): promptgen.fs.Entry[]?, any entries and signature
---@field stat? fun(path: string): promptgen.fs.Stat?, promptgen.Error?
--- Record of a document and its signature; without it, the workspace reads and parses.
---@field document? fun(path: string, opts: table?): promptgen.plan.Record?, any
---@field resolve? fun(target: string): string?, promptgen.Error? answers instead of the resolver
---@field plans? fun(): string[]?, promptgen.Error? answers instead of the index
--- Compares with an earlier signature; without it, what was read once stays as it was.
---@field handle? promptgen.fs.Root the root itself, where the back end has one
---@field check? fun(path: string, signature: string, cache: string): "fresh"|"doubtful"|"stale"
---@field absent? string signature of what does not exist
---@field permit? fun(path: string): true?, promptgen.Error? asked before every access
---@field write? fun(path: string, bytes: string, opts: table?): string?, promptgen.Error?
---@field canonical? fun(path: string): string? absolute path without links
---@field close? fun()

--- Opens `root`.
---@param root string absolute path
---@param options? promptgen.fs.RootOptions
---@return promptgen.Backend? backend
---@return string|promptgen.Error root without links
function direct.open(root, options)
  local fs = require "promptgen.fs"
  local handle, err = fs.root(root, options)
  if not handle then
    return nil, err
  end
  return {
    handle = handle,
    absent = fs.absent,
    canonical = canonical,
    read = function(path) return handle:read(path) end,
    list = function(path) return handle:list(path) end,
    stat = function(path) return handle:stat(path) end,
    check = function(path, signature) return handle:check(path, signature) end,
    write = function(path, bytes, opts) return handle:write(path, bytes, opts) end,
    close = function() handle:close() end,
  }, handle:path()
end

return direct
