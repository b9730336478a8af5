--- What is written about a profile: table, folded stacks, speedscope, SVG, names.
local cjson = require "cjson"
local data = require "promptgen.profile.data"
local folded = require "promptgen.profile.folded"
local names = require "promptgen.profile.names"
local report = require "promptgen.profile.table"
local speedscope = require "promptgen.profile.speedscope"
local svg = require "promptgen.profile.svg"

local function parent()
  return data.read({
    start = 1000, ["end"] = 9001000, overhead = 0, lost = 0,
    functions = {
      { "lua", "main", "promptgen/main.lua", 3 }, { "lua", "again", "workflows/a.lua", 9 },
      { "c", "string.rep", "", 0 },
      { "span", "plan parsing", "", 0 }, { "c", "worker:next", "", 0 },
    },
    nodes = {
      -1, -1, 0, 0, -- /
      0, 0, 1, 1000000, -- main
      1, 1, 2, 500000, -- main;again
      2, 1, 4, 250000, -- main;again;again
      3, 2, 8, 2000000, -- main;again;again;string.rep
      1, 3, 1, 250000, -- main;[plan parsing]
      1, 4, 1, 5000000, -- main;worker:next
    },
    spans = { 3, 2000000, 2250000 },
  }, "parent")
end

local function worker()
  return data.read({
    start = 4001000, ["end"] = 9001000, functions = { { "lua", "run", "workflows/b.lua", 5 }, { "span", "s", "", 0 } },
    nodes = { -1, -1, 0, 100000, 0, 0, 1, 4000000 }, spans = { 1, 5000000, 6000000, 1, 5500000, 7000000 },
  }, "worker")
end

--- Fails unless `text` is well-formed XML: tags balanced, markup characters escaped, valid UTF-8.
local function check_xml(text)
  assert.is_truthy(utf8.len(text))
  assert.is_nil(text:find "[%z\1-\8\11\12\14-\31]")
  local open = {}
  text = text:gsub("<!%[CDATA%[.-%]%]>", "")
  for closing, name, attributes, single in text:gmatch "<(/?)(%a+)([^<>]-)(/?)>" do
    if closing == "/" then
      assert.equal(table.remove(open), name)
    else
      assert.equal("", (attributes:gsub('%s+[%w:-]+="[^"<>]*"', ""):gsub("%s", "")))
      open[#open + (single == "" and 1 or 0)] = single == "" and name or open[#open]
    end
  end
  assert.same({}, open)
  local content = text:gsub("<[^<>]*>", "")
  assert.is_nil(content:find "[<>]")
  assert.is_nil(content:gsub("&%a+;", ""):find "&")
end

describe("the table", function()
  it("counts a recursion like cProfile: all calls / primitive calls, time once", function()
    local text = report.render({ parent() }, "cumtime")
    assert.matches("\n +ncalls +tottime +percall +cumtime +percall +process where\n", text)
    assert.matches("\n +6/2 +0%.750 +0%.125 +2%.750 +1%.375  parent  workflows/a%.lua:9%(again%)\n", text)
    assert.matches("\n +8 +2%.000 +0%.250 +2%.000 +0%.250  parent  {string%.rep}\n", text)
    assert.matches("\n +1 +1%.000 +1%.000 +9%.000 +9%.000  parent  promptgen/main%.lua:3%(main%)\n", text)
    assert.matches("\n +1 +0%.250 +0%.250 +0%.250 +0%.250  parent  %[plan parsing%]\n", text)
    assert.matches("^parent 9%.000 ms; 17 calls %(13 primitive%)", text)
  end)

  it("is ordered as asked for, equal rows by name", function()
    assert.matches("ordered by cumulative time.-main.lua:3.-{worker:next.-workflows/b.lua:5.-workflows/a.lua:9",
      report.render({ parent(), worker() }, "cumtime"))
    assert.matches("ordered by own time.-{worker:next.-workflows/b.lua:5.-{string.rep}",
      report.render({ parent(), worker() }, "self"))
    assert.matches("ordered by number of calls.- 8 .- 6/2 .- 1 ", report.render({ parent(), worker() }, "calls"))
  end)

  it("shows named work also below the last row that fits", function()
    local text = report.render({ parent() }, "self", 1)
    assert.matches("%[plan parsing%]\n +%d+ further functions", text)
  end)

  it("has room for each process, and tells how many rows it left out", function()
    local text = report.render({ parent(), worker() }, "self", 2)
    assert.matches("\n +2 further functions; %-%-profile%-out writes them all\n$", text) -- one has a name
    text = report.render({ parent(), worker() }, "self", 1)
    assert.matches("{worker:next.-  worker  workflows/b.lua:5%(run%)\n", text)
  end)

  it("says that a profile is full", function()
    local measured = parent()
    measured.lost = 12
    assert.matches("; 12 reports lost: the profile is full\n", report.render({ measured }, "self"))
  end)
end)

describe("folded stacks", function()
  it("are one line a stack beneath the process, with its own nanoseconds", function()
    assert.equal(table.concat({
      "parent;main promptgen/main.lua:3 1000000",
      "parent;main promptgen/main.lua:3;[plan parsing] 250000",
      "parent;main promptgen/main.lua:3;again workflows/a.lua:9 500000",
      "parent;main promptgen/main.lua:3;again workflows/a.lua:9;again workflows/a.lua:9 250000",
      "parent;main promptgen/main.lua:3;again workflows/a.lua:9;again workflows/a.lua:9;string.rep [C] 2000000",
      "parent;main promptgen/main.lua:3;worker:next (waits for the worker) [C] 5000000",
      "worker 100000",
      "worker;run workflows/b.lua:5 4000000",
    }, "\n") .. "\n", folded.render { parent(), worker() })
  end)

  it("keep hostile names on one line and in one frame", function()
    local measured = worker()
    measured.functions[1].name = "a;b\nc 7\27"
    assert.equal("worker 100000\nworker;a,b?c 7? workflows/b.lua:5 4000000\n", folded.render { measured })
  end)
end)

describe("the speedscope file", function()
  local file

  before_each(function()
    file = cjson.decode(speedscope.render({ parent(), worker() }, "next @X"))
  end)

  it("has calls and spans of both processes", function()
    local kinds = {}
    for i, item in ipairs(file.profiles) do
      kinds[i] = item.name .. " " .. item.type
    end
    assert.same({
      "parent: calls sampled", "worker: calls sampled", "parent: spans evented", "worker: spans evented",
    }, kinds)
    assert.equal("https://www.speedscope.app/file-format-schema.json", file["$schema"])
    assert.equal("next @X", file.name)
  end)

  it("has samples that name frames and weigh as much as the profile", function()
    for i = 1, 2 do
      local item, sum = file.profiles[i], 0
      assert.equal(#item.samples, #item.weights)
      for j, stack in ipairs(item.samples) do
        sum = sum + item.weights[j]
        for _, frame in ipairs(stack) do
          assert.is_truthy(file.shared.frames[frame + 1])
        end
      end
      assert.equal(item.endValue, sum)
    end
  end)

  it("has events that nest and never go back in time, on one clock", function()
    for i = 3, 4 do
      local open, last = {}, file.profiles[i].startValue
      for _, event in ipairs(file.profiles[i].events) do
        assert.is_true(event.at >= last)
        last = event.at
        if event.type == "O" then
          open[#open + 1] = event.frame
        else
          assert.equal(table.remove(open), event.frame)
        end
      end
      assert.same({}, open)
      assert.is_true(last <= file.profiles[i].endValue)
    end
    assert.equal(0, file.profiles[3].startValue)
    assert.equal(4000000, file.profiles[4].startValue)
  end)
end)

describe("the flame graph", function()
  it("is well-formed and shows both processes without their waiting", function()
    local text = svg.render({ parent(), worker() }, "promptgen next @X")
    check_xml(text)
    assert.matches("<title>main promptgen/main.lua:3\n4.000 ms %(49.4 %%%), own 1.000 ms, 1 call</title>", text)
    assert.matches("<title>worker\n4.100 ms", text)
    assert.matches("5.000 ms of waiting for each other is left out", text)
    assert.is_nil(text:find "worker:next")
    assert.matches("<title>%[plan parsing%]\nfrom 1.999 ms, 0.250 ms long</title>", text)
  end)

  it("holds hostile names as text", function()
    local measured = worker()
    measured.functions[1].name = "]]><script>alert(1)</script>&\0\27\xff\xed\xa0\x80\xef\xbf\xbe\""
    measured.functions[2].name = "</svg>\"'<a href='x'>"
    local text = svg.render({ measured }, "</text><script>" .. "\1\xfe")
    check_xml(text)
    local _, scripts = text:gsub("<script>", "")
    assert.equal(1, scripts)
  end)

  it("draws a profile without time", function()
    local empty = { start = 5, ["end"] = 5, functions = {}, nodes = { -1, -1, 0, 0 }, spans = {} }
    check_xml(svg.render({ data.read(empty, "parent") }, ""))
  end)
end)

describe("names", function()
  it("are found where functions are defined", function()
    local found = names.of(table.concat({
      "local function a(x)", "function M.b.c(y)", "function M:d()", "  e = function(z)", "local f=function ()",
      'handlers["g h"] = function()', "pcall(function() end)", "-- nothing", "return function(...)",
    }, "\n"))
    assert.same({ "a", "M.b.c", "M:d", "e", "f", "g h" }, found)
  end)

  it("replace what a call happened to be named, in modules and scripts", function()
    local measured = parent()
    names.apply({ measured }, names.list("\n\nlocal function start()", "promptgen/main.lua"), function(file)
      return file == "workflows/a.lua" and ("\n"):rep(8) .. "local function walk(n)" or nil
    end)
    assert.equal("start", measured.functions[1].name)
    assert.equal("walk", measured.functions[2].name)
    assert.equal("string.rep", measured.functions[3].name)
  end)
end)
