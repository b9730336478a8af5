--- One open handle of every type that the C modules give to Lua, for the tests of the boundary: type
--- name → {module, owner = variable of its class in the stub, make, static = methods work without a
--- handle}. A type with methods that is missing here fails those tests.
local handles = {}

local function add(type, module, owner, make)
  handles[type] = { module = module, owner = owner, make = make }
end

local function lazily(module)
  return setmetatable({}, { __index = function(_, key) return require("promptgen." .. module)[key] end })
end

local ahead = lazily "ahead"
local cache, fs, markdown, metrics = lazily "cache", lazily "fs", lazily "markdown", lazily "metrics"
local regex, store, timer = lazily "regex", lazily "store", lazily "timer"

local store_dir

--- A store in a directory that lasts until `clean_up`.
local function open_store()
  if not store_dir then
    store_dir = os.tmpname()
    os.remove(store_dir)
  end
  return assert(store.open(store_dir))
end

--- A record with these bytes.
---@return promptgen.store.Record
function handles.store_record(key, payload)
  local kept <close> = open_store()
  local root <close> = assert(fs.root "/proc/self")
  assert(kept:put(key, root, {}, payload), kept:problem())
  return assert(kept:get(key))
end

local dirs = {}

--- A directory of its own, until `clean_up`.
local function new_dir()
  local dir = os.tmpname()
  os.remove(dir)
  assert(assert(fs.root "/"):make_dirs(dir:sub(2)))
  dirs[#dirs + 1] = dir
  return dir
end

function handles.clean_up()
  for _, dir in ipairs(dirs) do
    os.remove(dir)
  end
  dirs = {}
  if store_dir then
    os.execute("rm -rf '" .. store_dir .. "'")
    store_dir = nil
  end
end

local function new_metric(kind)
  local name = ({ counter = "x_total", gauge = "x", histogram = "x_seconds" })[kind]
  local registry = metrics.new_registry()
  return registry[kind](registry, { name = name, help = "x" })
end

add("promptgen.ahead", "ahead", "Reader", function() return assert(ahead.new(assert(fs.root "/proc/self"))) end)
add("promptgen.cache", "cache", "Cache", function() return cache.new() end)
add("promptgen.fs.root", "fs", "Root", function() return assert(fs.root "/proc/self") end)
add("promptgen.fs.lock", "fs", "Lock", function() return assert(assert(fs.root(new_dir())):lock(".", 0)) end)
add("promptgen.markdown", "markdown", "document", function() return markdown.parse "# Title" end)
for kind, owner in pairs { counter = "Counter", gauge = "Gauge", histogram = "Histogram" } do
  add("promptgen.metrics." .. kind, "metrics", owner, function() return new_metric(kind) end)
end
add("promptgen.metrics.timer", "metrics", "Timer", function() return new_metric("histogram"):time() end)
add("promptgen.metrics.registry", "metrics", "metrics", function() return metrics.new_registry() end)
handles["promptgen.metrics.registry"].static = true -- its methods are the functions of the module too
add("promptgen.metrics_store", "metrics_store", "Store", function()
  return assert(require("promptgen.metrics_store").open "/nowhere")
end)
add("promptgen.regex", "regex", "Regex", function() return assert(regex.compile "x") end)
add("promptgen.store", "store", "Store", open_store)
add("promptgen.store.dependencies", "store", "Dependencies", function() return store.dependencies() end)
add("promptgen.store.record", "store", "Record", function() return handles.store_record("k", "x") end)
add("promptgen.timer.clock", "timer", "Clock", function() return timer.manual() end)
add("promptgen.timer.stopwatch", "timer", "Stopwatch", function() return timer.new() end)
add("promptgen.timer.deadline", "timer", "Deadline", function() return timer.deadline(1) end)

return handles
