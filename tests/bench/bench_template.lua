-- What templates and prompts cost: compiling the texts of the longest stock prompt, loading them as
-- compiled at build time, the brief, and whole prompts. Prints name, operations and nanoseconds an
-- operation, tab-separated. With the reference data beside the checkout the largest prompt of a real
-- workspace is measured too.
-- usage: LUA_PATH='lua/?.lua;tests/?.lua' LUA_CPATH='build/release/lib/?.so' lua5.4 tests/bench/bench_template.lua

local prompt = require "promptgen.prompt"
local state = require "promptgen.state"
local support = require "lua.support.prompts"
local template = require "promptgen.template"
local timer = require "promptgen.timer"
local workspace = require "promptgen.workspace"

local ROUNDS = 9
local SHARED = (os.getenv "PROMPTGEN_SHARED" or "../shared") .. "/corpus/workspace"

--- Bytecode of a template as the program holds it.
local function embedded(path)
  local tool = assert(loadfile "src/host/embed/precompile.lua")
  local search, preload = package.path, package.preload["promptgen.status"]
  local source = tool("lua", path)
  package.path, package.preload["promptgen.status"] = search, preload
  return string.dump(assert(load(source, "@" .. path)))
end

local sources, codes = {}, {}

local function from_source(kind, name)
  sources[name] = sources[name] or assert(support.stock(kind, name))
  local hit = sources[name]
  return { source = hit.source, path = hit.path, layer = "embedded", shadowed = {} }
end

local function from_bytecode(kind, name)
  local hit = from_source(kind, name)
  codes[name] = codes[name] or embedded(hit.path)
  hit.chunk = load(codes[name], name, "b")
  return hit
end

local function report(name, ops, run)
  local best = math.huge
  run()
  for _ = 1, ROUNDS do
    collectgarbage()
    collectgarbage "stop" -- a run of the program collects nothing
    local start = timer.now()
    for _ = 1, ops do
      run()
    end
    best = math.min(best, (timer.now() - start) / ops)
    collectgarbage "restart"
  end
  print(("%s\t%d\t%.0f"):format(name, ops, best * 1e9))
end

local function measure(label, root, target)
  local ws = assert(workspace.open { root = root, snapshot = true })
  local plan = assert(ws:plan(target))
  local status = assert(state.resolve(ws, plan, {}))
  local step = status.next
  local name = step.recommendation
  local values = { plan = plan, step = step, status = status }
  local options = { workspace = ws }
  local made = assert(prompt.render(from_source, name, values, options))
  print(("# %s: %s, %d bytes, %d lines"):format(label, name, #made.text, made.lines))
  report(label .. ".compile_from_source", 20, function()
    template.engine({ loader = from_source }):describe(name)
  end)
  report(label .. ".load_compiled", 100, function()
    local engine = template.engine { loader = from_bytecode }
    require("promptgen.template.loader").load(engine, name)
  end)
  report(label .. ".brief", 100, function() prompt.brief(ws, plan, step, status) end)
  local engine = template.engine { loader = from_source, context = options }
  report(label .. ".render_loaded", 100, function() engine:pieces(name, values) end)
  report(label .. ".whole_from_source", 20, function()
    prompt.render(from_source, name, values, options)
  end)
  report(label .. ".whole_from_compiled", 100, function()
    prompt.render(from_bytecode, name, values, options)
  end)
end

measure("example", "tests/fixtures/example", "@CSV-IMPORT")
if io.open(SHARED .. "/work-space") then
  measure("real", SHARED, "@LLM-DASHBOARD-CLI")
end
