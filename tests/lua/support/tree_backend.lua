--- A workspace back end in memory: a set of file paths. It counts listings, so that a spec can say
--- what must not be looked at. Signatures are counters; `touch` makes one stale.
local tree_backend = {}

local function split(path)
  local dir, name = path:match("^(.*)/([^/]+)$")
  return dir or ".", name or path
end

local function not_found(path)
  return nil, require("promptgen.errors").new { code = "not_found", path = path, message = "there is nothing" }
end

--- `files`: list of paths, or path → content; a path that ends in '/' is an empty folder.
function tree_backend.new(files)
  local contents, dirs = {}, { ["."] = {} }
  local function add_dir(path)
    if dirs[path] then
      return
    end
    dirs[path] = {}
    local parent, name = split(path)
    add_dir(parent)
    dirs[parent][name] = "dir"
  end
  local self = { listed = {}, read_count = {}, stamps = {}, errors = {} }
  function self.add(path, content)
    if path:sub(-1) == "/" then
      return add_dir(path:sub(1, -2))
    end
    local parent, name = split(path)
    add_dir(parent)
    dirs[parent][name] = "file"
    contents[path] = content or ""
    self.touch(parent)
    self.touch(path)
  end
  function self.remove(path)
    local parent, name = split(path)
    dirs[parent][name], contents[path] = nil, nil
    self.touch(parent)
  end
  function self.touch(path)
    self.stamps[path] = (self.stamps[path] or 0) + 1
  end
  function self.stamp(path)
    return (dirs[path] or contents[path]) and tostring(self.stamps[path] or 0) or "absent"
  end
  function self.list(path)
    self.listed[path] = (self.listed[path] or 0) + 1
    if self.errors[path] then
      return nil, self.errors[path]
    elseif not dirs[path] then
      return not_found(path)
    end
    local entries = {}
    for name, type in pairs(dirs[path]) do
      entries[#entries + 1] = { name = name, type = type }
    end
    table.sort(entries, function(a, b) return a.name < b.name end)
    return entries, self.stamp(path)
  end
  function self.read(path)
    self.read_count[path] = (self.read_count[path] or 0) + 1
    if not contents[path] then
      return not_found(path)
    end
    return contents[path], self.stamp(path)
  end
  function self.stat(path)
    if dirs[path] then
      return { type = "dir" }
    elseif contents[path] then
      return { type = "file" }
    end
    return not_found(path)
  end
  self.absent = "absent"
  function self.check(path, signature)
    return self.stamp(path) == signature and "fresh" or "stale"
  end
  for key, value in pairs(files) do
    self.add(type(key) == "number" and value or key, type(key) ~= "number" and value or nil)
  end
  return self
end

--- A workspace at /ws over these files, and its back end.
function tree_backend.workspace(files)
  local backend = tree_backend.new(files)
  return assert(require("promptgen.workspace").open { root = "/ws", cwd = "/ws", backend = backend }), backend
end

return tree_backend
