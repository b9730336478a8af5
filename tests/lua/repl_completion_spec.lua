--- What Tab does with a line.
local completion = require "promptgen.repl.completion"

describe("completion", function()
  local complete
  local asked

  before_each(function()
    asked = nil
    complete = completion.new {
      commands = { ":cache", ":caches", ":help", ":quit" },
      arguments = { help = function() return { "plan", "profile", "workspace" } end },
      expressions = { time = true },
      names = function(before)
        asked = before
        local prefix = before:match "[%w_]*$"
        local list = {}
        for _, name in ipairs { "pairs", "plan", "print" } do
          list[#list + 1] = name:sub(1, #prefix) == prefix and name or nil
        end
        return list, #prefix
      end,
      plans = function() return { "@CSV-IMPORT", "@CSV-EXPORT", "@MONTHLY-REPORT" } end,
      templates = function() return { "review", "resume" } end,
      width = function() return 40 end,
      modules = function() return { "lib.common", "promptgen.plan", "promptgen.regex" } end,
      paths = function(text)
        return text:find "^docs/" and { "docs/PROJECT.md", "docs/api/" } or { "docs/", "README.md" }
      end,
    }
  end)

  local function result(before, after)
    return table.pack(complete(before, after or ""))
  end

  it("inserts a single candidate", function()
    assert.same({ 3, "print", "", n = 3 }, result "pri")
    assert.same({ 1, ":quit ", "", n = 3 } and { 2, ":quit ", "", n = 3 }, result ":q")
    assert.same({ 2, "workspace", "", n = 3 }, result ":help wo")
  end)

  it("inserts what several have in common, then lists them", function()
    assert.same({ 2, ":cache", "", n = 3 }, result ":c")
    local erase, insert, listing = complete(":cache", "")
    assert.same({ 0, "", ":cache   :caches\n" }, { erase, insert, listing })
    assert.equal("pairs  plan   print\n", select(3, complete("p", "")))
  end)

  it("completes plans and templates inside quotes, and closes them", function()
    assert.same({ 2, '@MONTHLY-REPORT"', "", n = 3 }, result 'workspace:plan "@M')
    assert.same({ 2, "@MONTHLY-REPORT", "", n = 3 }, result('f("@M', '")'))
    assert.same({ 2, "@CSV-", "", n = 3 }, result "workspace:plan '@c")
    assert.same({ 3, 'review"', "", n = 3 }, result 'ctx:prompt("rev')
    assert.same({ 0, "", "", n = 3 }, result 'x = "')
    assert.same({ 0, "", "", n = 3 }, result 'x = "a\\"b')
  end)

  it("completes paths of files, and leaves the quote open behind a directory", function()
    assert.same({ 2, "docs/", "", n = 3 }, result 'workspace:read "do')
    assert.same({ 1, 'README.md"', "", n = 3 }, result 'workspace:document("R')
    assert.same({ 6, "docs/api/", "", n = 3 }, result "x = 'docs/a")
    assert.same({ 6, "docs/PROJECT.md'", "", n = 3 }, result "x = 'docs/P")
  end)

  it("completes modules behind require", function()
    assert.same({ 2, 'lib.common"', "", n = 3 }, result 'require "li')
    assert.same({ 12, "promptgen.plan'", "", n = 3 },
      result "require('promptgen.pl")
    assert.same({ 2, "promptgen.", "", n = 3 }, result 'local r = require("pr')
  end)

  it("completes the expression of a command", function()
    assert.same({ 2, "plan", "", n = 3 }, result ":time pl")
    assert.equal("pl", asked)
    assert.same({ 0, "", "", n = 3 }, result ":quit p")
  end)

  it("indents where nothing was typed", function()
    assert.same({ 0, "  ", "", n = 3 }, result "")
    assert.same({ 0, "  ", "", n = 3 }, result "  ")
    assert.same({ 0, "  ", "", n = 3 }, result "for i = 1, 2 do\n")
  end)

  it("lists in columns that fit, and a bounded number", function()
    local many = {}
    for i = 1, 1000 do
      many[i] = ("name%04d"):format(i)
    end
    local listing = completion.listing(many, 80)
    assert.matches("… 800 more\n$", listing)
    for line in listing:gmatch "[^\n]+" do
      assert.is_true(#line <= 80)
    end
    assert.matches("^name0001  name0026", listing)
    assert.equal("aaaaaaa…\nb\n", completion.listing({ ("a"):rep(50), "b" }, 10))
  end)
end)
