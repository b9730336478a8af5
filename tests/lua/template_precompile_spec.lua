--- Stock templates are compiled when the program is built: both forms must do the same.
local prompt = require "promptgen.prompt"
local status = require "promptgen.status"
local support = require "lua.support.prompts"
local template = require "promptgen.template"

local source_dir = os.getenv "PROMPTGEN_SOURCE_DIR" or "."

--- The chunk a tool of the build makes of a template file.
local function precompiled(path, name)
  local tool = assert(loadfile(source_dir .. "/src/host/embed/" .. (name or "precompile") .. ".lua", "t"))
  local search, loaded = package.path, package.preload["promptgen.status"]
  local source = tool(source_dir .. "/lua", source_dir .. "/" .. path)
  package.path, package.preload["promptgen.status"] = search, loaded
  return assert(load(source, "@" .. path, "t"))
end

local chunks = {}

local function stock(kind, name)
  local hit, err = support.stock(kind, name)
  if hit then
    chunks[name] = chunks[name] or precompiled(hit.path)
    hit.chunk = chunks[name]
  end
  return hit, err
end

local PLAN = "p/PLAN_X.md"
local workspace = support.workspace {
  [PLAN] = "# P\n\n**Achievement 1.1**: One\n\n- **Goal**: Do\n",
  ["p/S_11.md"] = "# S\n", ["p/F.md"] = "# F\n\n## Issues\n\nx\n",
}

local ONE = { number = "1.1", label = "1.1, One", state = "no_subplan", phrase = "create it", blockers = {} }
local HANDOFF = {
  closed = 0, total = 1, percent = 0, done = {}, under_way = {}, blocked = {}, next = ONE, names = {},
  line = "- ⏳ Next: Achievement 1.1 (One)", dependencies = {}, outside = {},
}

--- What prompts take beside plan, step and status.
local EXTRA = {
  discover = { discovery = {
    level = 3, subjects = {}, others = {}, executions = {}, skeleton = "{}",
    parallel = { path = "p/parallel.json", exists = true, lines = 4, keys = { "notes" }, other = "p/x.json" },
  } },
  pause = { reason = "why", handoff = HANDOFF },
  resume = { handoff = HANDOFF },
  verified = { comparison = { checked = 2, findings = {} } },
  verify = { comparison = { checked = 2, findings = {
    { path = PLAN, line = 3, says = "**Status**: x", found = "1 of 2", mend = "set it" },
  } } },
}

local function values(recommendation, name)
  local plan = workspace:plan(PLAN)
  local given = {
    plan = plan,
    step = recommendation and {
      number = "1.1", achievement = plan.achievements[1], state = "s", recommendation = recommendation,
      subplan = "p/S_11.md", fix = "p/F.md", executions = {}, execution_number = 1, evidence = {},
      path = "p/S_11.md",
    },
    status = { state = "s", total = 1, achievements = {}, conflicts = {}, warnings = {} },
  }
  for key, value in pairs(EXTRA[name] or {}) do
    given[key] = value
  end
  return given
end

--- Stock prompts, and whether each is about a step.
local STOCK = {
  create_subplan = true, continue_subplan = true, create_execution = true, review = true,
  continue_execution = true, create_next_execution = true, synthesize = true, address_fixes = true,
  plan_complete = false, blocked = false, conflict = false, summary = false, discover = false,
  verify = false, verified = false, pause = false, resume = false,
}

describe("a template compiled at build time", function()
  for name, recommendation in pairs(STOCK) do
    it("prints what its source prints: " .. name, function()
      local given = values(recommendation and name or nil, name)
      local compiled = 0
      local made = assert(prompt.render(stock, name, given, {
        workspace = workspace,
        compile = function() compiled = compiled + 1 end,
      }))
      local from_source = assert(prompt.render(support.stock, name, given, { workspace = workspace }))
      assert.equal(0, compiled)
      assert.equal(from_source.text, made.text)
    end)
  end

  for name, recommendation in pairs(STOCK) do
    it("prints the same as one function: " .. name, function()
      local given = values(recommendation and name or nil, name)
      local whole = precompiled("workflows/templates/" .. name .. ".lua", "flatten")()
      local pieces = require("promptgen.template.stock").pieces(name, whole, given, {
        context = { workspace = workspace }, env = _G, max_output = 1 << 20,
      })
      local usual = assert(template.engine {
        loader = support.stock, context = { workspace = workspace },
      }:pieces(name, given))
      assert.same(usual, pieces)
    end)
  end

  it("is left to the usual way when one function fails", function()
    local whole = precompiled("workflows/templates/review.lua", "flatten")()
    local calls = 0
    local engine = template.engine {
      loader = support.stock, context = { workspace = workspace },
      stock = function() calls = calls + 1 return whole end,
    }
    local given = values("review")
    given.step.evidence = { { path = "p", says = false } }
    local pieces, err = engine:pieces("review", given)
    assert.equal(1, calls)
    assert.is_nil(pieces)
    assert.equal("workflows/templates/review.lua", err.path)
    assert.matches("inline takes a string", err.message)
    given = values("review")
    given.stray = 1
    pieces, err = engine:pieces("review", given)
    assert.is_nil(pieces)
    assert.matches("no parameter 'stray'", err.message)
  end)

  it("can be extended and changed by source text", function()
    local engine = template.engine {
      context = { workspace = workspace },
      loader = function(kind, name)
        local hit, err = stock(kind, name)
        if name == "review" then
          return { source = 'return require("promptgen.template").define {\n'
            .. 'extends = "review", blocks = { intro = "Mine {{ brief.number }}\\n" } }',
            path = "w/review.lua", layer = "workspace", shadowed = { hit } }
        end
        return hit, err
      end,
    }
    assert.matches("Mine 1.1\n", engine:render("review", values("review")))
  end)

  it("still names the place of an error, though it was compiled long ago", function()
    local made, err = prompt.render(stock, "partials/facts", { brief = { name = "x" } })
    assert.is_nil(made)
    assert.equal("undefined_name", err.code)
    assert.equal("workflows/templates/partials/facts.lua", err.path)
    assert.equal(8, err.line)
  end)

  it("still names the place of an error that Lua finds", function()
    local made, err = prompt.render(stock, "partials/reading", { brief = { reading = {} } })
    assert.is_nil(made)
    assert.equal("workflows/templates/partials/reading.lua", err.path)
    assert.equal(9, err.line)
    assert.matches("^attempt to index a nil value", err.message)
  end)

  --- An engine whose `name` is `source` in the place of the stock one, and a count of what is compiled.
  local function replaced(name, source)
    local compiled = { texts = 0, files = 0 }
    return template.engine {
      context = { workspace = workspace },
      compile = function(text, chunk, env)
        local kind = chunk:find("^=%[template") and "texts" or "files"
        compiled[kind] = compiled[kind] + 1
        return load(text, chunk, "t", env or _G)
      end,
      loader = function(kind, asked)
        local hit, err = stock(kind, asked)
        if asked ~= name then
          return hit, err
        end
        return { source = source, path = hit.path, layer = "workspace", shadowed = { hit } }
      end,
    }, compiled
  end

  local function source_of(name)
    return (support.stock("template", name)).source
  end

  it("serves for a copy in its place, where the copy has left a text as it was", function()
    local usual = assert(template.engine { loader = support.stock, context = { workspace = workspace } }
      :render("review", values("review")))
    local engine, compiled = replaced("review", "-- mine\n\n" .. source_of "review")
    assert.equal(usual, assert(engine:render("review", values("review"))))
    assert.same({ texts = 0, files = 1 }, compiled)
    engine, compiled = replaced("review", (source_of("review"):gsub("intro = %[==%[\n", "%0Mine. ")))
    assert.matches("Mine. ", assert(engine:render("review", values("review"))))
    assert.same({ texts = 1, files = 1 }, compiled)
  end)

  it("names the lines of the copy it serves for, however long that is", function()
    local copy = ("\n"):rep(500) .. source_of "partials/reading" .. ("\n"):rep(500)
    local engine, compiled = replaced("partials/reading", copy)
    local made, err = engine:render("partials/reading", { brief = { reading = {} } })
    assert.is_nil(made)
    assert.same({ "workflows/templates/partials/reading.lua", 509 }, { err.path, err.line })
    assert.equal(0, compiled.texts)
    engine, compiled = replaced("partials/reading", ("\n"):rep(20000) .. source_of "partials/reading")
    made, err = engine:render("partials/reading", { brief = { reading = {} } })
    assert.is_nil(made)
    assert.equal(20009, err.line)
    assert.equal(1, compiled.texts)
  end)

  it("still refuses a change to a block that does not exist", function()
    local _, err = template.engine({
      loader = function(kind, name)
        if name == "mine" then
          return { source = 'return require("promptgen.template").define {\n'
            .. 'extends = "review", blocks = { intor = "" } }', path = "w/mine.lua", shadowed = {} }
        end
        return stock(kind, name)
      end,
    }):render("mine", values("review"))
    assert.truthy(status.is_error(err))
    assert.matches("did you mean 'intro'", err.hint)
  end)
end)
