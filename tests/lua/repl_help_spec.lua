--- `:help` knows every function that scripts can call, from its docstring.
local source_dir = os.getenv "PROMPTGEN_SOURCE_DIR" or "."

package.preload["promptgen.reference"] = package.preload["promptgen.reference"] or function()
  local generate = assert(loadfile(source_dir .. "/src/host/embed/reference.lua"))
  return assert(load(generate(source_dir .. "/lua"), "=reference"))()
end

local help = require "promptgen.repl.help"

describe("the help of the REPL", function()
  local topics = {}
  for _, topic in ipairs(help.topics()) do
    topics[topic] = true
  end

  it("has a topic for every function of the modules that scripts may require", function()
    local file = assert(io.open(source_dir .. "/lua/promptgen/environment.lua"))
    local allowed = file:read "a"
    file:close()
    local count = 0
    for name in allowed:gmatch '%["promptgen%.(%w+)"%] = true' do
      local ok, module = pcall(require, "promptgen." .. name)
      assert.is_true(topics[name], "no help for the module " .. name)
      for key, value in pairs(ok and type(module) == "table" and module or {}) do
        if type(value) == "function" then
          count = count + 1
          assert.is_true(topics[name .. "." .. key], ("no help for %s.%s"):format(name, key))
        end
      end
    end
    assert.is_true(count > 60)
  end)

  it("has a topic for every method of what a workflow is given", function()
    for _, topic in ipairs { "workspace:plan", "workspace:plans", "workspace:read", "workspace:list",
      "workspace:document", "workspace:stat", "workspace:resolve", "ctx:prompt", "ctx:write", "ctx:env",
      "state:next", "state:all",
      "state:explain", "plan:text", "plan:section", "cache:get", "cache:stats", "cache:entries", "regex:match",
      "stopwatch:stop", "counter:inc", "histogram:observe", "engine:render" } do
      assert.is_true(topics[topic], "no help for " .. topic)
    end
  end)

  it("gives every topic a text of more than its name", function()
    for _, entry in ipairs(require "promptgen.reference") do
      assert.is_true(#entry[3] > #entry[1] + 10, entry[1])
      assert.is_nil(entry[3]:find "%-%-%-@", entry[1])
    end
  end)

  it("finds a topic by its name, by its end, in any case, and as it is written in code", function()
    assert.matches("^cache%.cached%(options%)\n\nA decorator", help.text "cache.cached")
    assert.equal(help.text "cache.cached", help.text "Cache.Cached")
    assert.equal(help.text "cache.cached", help.text "cached")
    assert.matches("^workspace:plan%(target%)", help.text "workspace:plan")
    assert.matches("ctx:prompt%(name, values%)", help.text "ctx:prompt(")
    assert.matches("promptgen%.regex", help.text "require 'promptgen.regex'")
    assert.matches("regex%.compile", help.text "regex")
  end)

  it("names what is near to an unknown topic", function()
    local text, err = help.text "cache.cachd"
    assert.is_nil(text)
    assert.equal("not_found", err.code)
    assert.matches("cache%.cached", err.hint)
  end)
end)
