--- Completion of names: by raw access only, bounded.
local names = require "promptgen.repl.names"

local function trap()
  error "a metamethod was called"
end

describe("completion of names", function()
  local env

  before_each(function()
    env = {
      plan = { achievements = { { number = "0.1", title = "x" } }, title = "t", text = function() end },
      print = print, pairs = pairs, string = string, ["not a name"] = 1, _hidden = 1,
    }
  end)

  local function complete(before)
    return (names.complete(env, before))
  end

  it("completes globals and keywords", function()
    assert.same({ "pairs", "plan", "print" }, complete "p")
    assert.same({ "plan" }, complete "x = pl")
    assert.same({ "while" }, complete "wh")
    assert.same({ "pairs", "plan", "print" }, complete "1 .. p")
    assert.same({ "_hidden" }, complete "_")
    assert.equal(1, select(2, names.complete(env, "p")))
  end)

  it("completes fields along a path of names, numbers and quoted keys", function()
    assert.same({ "text", "title" }, complete "plan.t")
    assert.same({ "number", "title" }, complete "f(plan.achievements[1].")
    assert.same({ "title" }, complete 'plan["achievements"][1].t')
    assert.same({ "achievements", "text", "title" }, complete "plan.")
  end)

  it("completes only what can be called behind a colon", function()
    assert.same({ "text" }, complete "plan:t")
    env.s = "text"
    assert.same({ "reverse", "rep" }, { complete "s:reve"[1], complete "s:rep"[1] })
  end)

  it("gives nothing where no name can be known", function()
    for _, before in ipairs { "f().", "plan.nothing.", "1.", "('x'):", "x..", "plan.text.", "::", "a b[i].", "''." } do
      local list = complete(before)
      assert.is_true(#list == 0 or before == "x..", before)
    end
  end)

  it("follows chains of __index tables and never calls an __index function", function()
    local base = { inherited = 1 }
    env.child = setmetatable({ own = 1 }, { __index = base, __metatable = "locked", __pairs = trap, __len = trap })
    env.wild = setmetatable({ own = 1 }, { __index = trap })
    env.loop = setmetatable({}, {})
    getmetatable(env.loop).__index = env.loop
    assert.same({ "inherited", "own" }, complete "child.")
    assert.same({ "own" }, complete "wild.")
    assert.same({}, complete "wild.nothing.")
    assert.same({}, complete "loop.")
    assert.same({}, complete "loop.x.")
  end)

  it("knows the methods of a userdata of a C module", function()
    env.watch = require("promptgen.timer").new()
    assert.same({ "elapsed" }, complete "watch:el")
    assert.same({ "running" }, complete "watch.ru")
    assert.same({}, complete "watch.elapsed.")
  end)

  it("looks at a bounded part of a chain of huge tables", function()
    local chain = {}
    for _ = 1, 10 do
      local part = {}
      for i = 1, 9000 do
        part["key" .. i .. tostring(part):gsub("%W", "")] = i
      end
      chain = setmetatable(part, { __index = chain })
    end
    env.chain = chain
    local began = os.clock()
    assert.equal(500, #complete "chain.")
    assert.is_true(os.clock() - began < 0.2)
  end)

  it("looks at a bounded part of a huge table", function()
    local big = {}
    for i = 1, 1000000 do
      big["key" .. i] = i
    end
    env.big = big
    local began = os.clock()
    local list = complete "big."
    assert.is_true(os.clock() - began < 0.2)
    assert.is_true(#list <= 500)
  end)
end)
