--- `:help` knows every function that scripts can call, from its docstring.
local source_dir = os.getenv "PROMPTGEN_SOURCE_DIR" or "."

package.preload["promptgen.reference"] = package.preload["promptgen.reference"] or function()
  local generate = assert(loadfile(source_dir .. "/src/host/embed/reference.lua"))
  return assert(load(generate(source_dir .. "/lua"), "=reference"))()
end

local columns = require "promptgen.columns"
local help = require "promptgen.repl.help"

describe("the help of the REPL", function()
  local topics = {}
  for _, topic in ipairs(help.topics()) do
    topics[topic] = true
  end

  --- Names of the modules that a script may require; the module that has them needs the program.
  local function allowed_modules()
    local file = assert(io.open(source_dir .. "/lua/promptgen/environment.lua"))
    local text = file:read "a"
    file:close()
    return text:gmatch '%["promptgen%.(%w+)"%] = true'
  end

  it("has a topic for every function of the modules that scripts may require", function()
    local count = 0
    for name in allowed_modules() do
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

  it("knows the types that functions name, and their fields", function()
    for _, type_name in ipairs { "promptgen.plan.Record", "promptgen.Error" } do
      assert.matches("fields\n", (help.text(type_name)))
    end
    assert.matches("promptgen.plan.Record%?", (help.text "workspace:plan"))
    local text = help.text "plan.handoff"
    assert.matches("^promptgen.plan.Record\n\nfields\n  handoff +promptgen.plan.Range%?", text)
    assert.is_nil(text:find("handoff_next", 1, true))
    assert.is_nil((help.text "plan.no_such_field"))
  end)

  --- Functions that `path` declares for others, as they are written there.
  local function declared(path)
    local list = {}
    for line in io.lines(source_dir .. "/lua/promptgen/" .. path) do
      local owner, separator, name = line:match "^function ([%w_]+)([.:])([%w_]+)%("
      list[#list + 1] = owner and name:sub(1, 2) ~= "__" and { owner, separator, name } or nil
    end
    return list
  end

  local OBJECTS = { Context = "ctx", StateView = "state", Record = "plan", record = "plan", Logger = "log" }
  local INTERNAL = {
    ["context.new"] = true, ["context.loader"] = true, ["workspace:use_backend"] = true,
    ["comparison:add"] = true, ["comparison:excerpt"] = true,
  }

  it("has a topic for every function and method that the sources of the API declare", function()
    local files, count = { "context.lua", "workspace.lua" }, 0
    for name in allowed_modules() do
      files[#files + 1] = name .. ".lua"
      files[#files + 1] = "_meta/" .. name .. ".lua"
    end
    for _, path in ipairs(files) do
      local file = io.open(source_dir .. "/lua/promptgen/" .. path)
      for _, one in ipairs(file and declared(path) or {}) do
        local owner = OBJECTS[one[1]] or one[1]:sub(1, 1):lower() .. one[1]:sub(2)
        local topic = owner .. one[2] .. one[3]
        assert.is_true(topics[topic] or INTERNAL[topic], ("%s: no help for %s"):format(path, topic))
        count = count + 1
      end
      if file then
        file:close()
      end
    end
    assert.is_true(count > 150, tostring(count))
  end)

  it("has a topic for every method of the values of C modules", function()
    local cache, metrics, timer = require "promptgen.cache", require "promptgen.metrics", require "promptgen.timer"
    local registry = metrics.new_registry()
    local values = {
      cache = cache.new {}, regex = require("promptgen.regex").compile "a",
      plan = require("promptgen.plan").parse "# x\n",
      stopwatch = timer.start(), counter = registry.counter { name = "a_total", help = "a" },
      gauge = registry.gauge { name = "b", help = "b" }, histogram = registry.histogram { name = "c", help = "c" },
    }
    for object, value in pairs(values) do
      local _, methods = require("promptgen.inspect").members(value)
      assert.is_true(#methods > 0, object)
      for _, name in ipairs(methods) do
        assert.is_true(topics[object .. ":" .. name] or topics["metric:" .. name],
          ("no help for %s:%s"):format(object, name))
      end
    end
  end)

  it("tells the fields of the tables that a function takes, inherited ones too", function()
    local text = help.text "cache.cached"
    assert.matches("\npromptgen%.cache%.CachedOptions\n  key%?", text)
    assert.matches("\npromptgen%.cache%.Options\n  name%?", text)
    assert.matches("\n  policy%?[^\n]* What to give up", text)
  end)

  it("breaks paragraphs and lists at blanks, and leaves examples as they are", function()
    for _, width in ipairs { 40, 60, 100 } do
      for _, topic in ipairs(help.topics()) do
        local text = help.text(topic, width)
        assert.is_nil(text:find "```", topic)
        for line in text:gmatch "[^\n]+" do
          local is_one_word = not line:match "^%s*(.*)$":find "%S%s+%S"
          local is_example = line:find "^  " ~= nil
          assert.is_true(columns.width(line) <= width or is_one_word or is_example, ("%s: %s"):format(topic, line))
        end
      end
    end
  end)

  it("has a topic for every method of what a workflow is given", function()
    for _, topic in ipairs { "workspace:plan", "workspace:plans", "workspace:read", "workspace:list",
      "workspace:document", "workspace:stat", "workspace:resolve", "ctx:prompt", "ctx:write", "ctx:env",
      "state:next", "state:all",
      "state:explain", "plan:text", "plan:section", "cache:get", "cache:stats", "cache:entries", "regex:match",
      "cjson.encode", "cjson.decode", "stopwatch:stop", "counter:inc", "histogram:observe", "engine:render" } do
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
