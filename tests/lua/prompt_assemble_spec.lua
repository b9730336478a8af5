local assemble = require "promptgen.prompt.assemble"
local tokens = require "promptgen.prompt.tokens"

local function section(name, text, priority, more)
  local piece = { name = name, title = name:upper(), text = text, priority = priority }
  for key, value in pairs(more or {}) do
    piece[key] = value
  end
  return piece
end

describe("the text of a prompt", function()
  it("has one blank line between its pieces and none at its ends", function()
    local text = assemble.text {
      { text = "\n\n# Title\n\n\n" }, section("a", "\n one\n\n"), { text = "\n" }, { text = "end" },
    }
    assert.equal("# Title\n\n## A\n\n one\n\nend\n", text)
  end)

  it("leaves sections without text out, heading included", function()
    assert.equal("x\n", (assemble.text { { text = "x" }, section("a", " \n\n") }))
  end)

  it("keeps the blank lines inside a piece", function()
    assert.equal("a\n\n\nb\n", (assemble.text { { text = "a\n\n\nb" } }))
  end)
end)

describe("the budget of a prompt", function()
  local long = ("word "):rep(100)
  local pieces = {
    { text = "Goal." },
    section("must", long, 1, { keep = true }),
    section("low", long, 10, { instead = "Look into X." }),
    section("high", long, 90),
    section("middle", long, 50),
    { text = "Begin now." },
  }

  local function titles(dropped)
    local list = {}
    for i, entry in ipairs(dropped) do
      list[i] = entry.title
    end
    return list
  end

  it("drops nothing while the text fits", function()
    local text, dropped = assemble.text(pieces, 10000)
    assert.same({}, dropped)
    assert.is_nil(text:find("Left out", 1, true))
  end)

  it("drops the least priority first, and says so before the last line", function()
    local text, dropped = assemble.text(pieces, 480)
    assert.same({ "LOW" }, titles(dropped))
    assert.equal(10, dropped[1].priority)
    assert.truthy(text:find('Left out, to stay within 480 tokens: "LOW". Look into X.\n\nBegin now.\n', 1, true))
    assert.truthy(tokens.estimate(text) <= 480)
  end)

  it("drops more where less is allowed, and never what must stay", function()
    local text, dropped = assemble.text(pieces, 220)
    assert.same({ "LOW", "MIDDLE", "HIGH" }, titles(dropped))
    assert.truthy(text:find("Goal.", 1, true))
    assert.truthy(text:find("## MUST", 1, true))
    assert.truthy(text:find("Begin now.\n$"))
  end)

  it("fails rather than cut what must stay", function()
    local text, err = assemble.text(pieces, 100)
    assert.is_nil(text)
    assert.equal("limit", err.code)
    assert.matches("the budget is 100", err.message)
  end)

  it("keeps a budget of lines, alone or beside that of tokens", function()
    local whole = assemble.text(pieces)
    local _, lines = whole:gsub("\n", "\n")
    assert.equal(whole, (assemble.text(pieces, nil, lines)))
    local text, dropped = assemble.text(pieces, nil, lines - 1)
    assert.same({ "LOW" }, titles(dropped))
    assert.matches(('Left out, to stay within %d lines: "LOW".'):format(lines - 1), text, 1, true)
    assert.truthy(select(2, text:gsub("\n", "\n")) <= lines - 1)
    text = assemble.text(pieces, 480, lines)
    assert.matches(("Left out, to stay within 480 tokens and %d lines"):format(lines), text, 1, true)
    local none, err = assemble.text(pieces, nil, 2)
    assert.is_nil(none)
    assert.same({ "limit", "raise --max-lines" }, { err.code, err.hint[1] or err.hint })
    assert.matches("the prompt needs %d+ lines even without", err.message)
  end)

  it("puts back what fits again, the most important first, once a large section is gone", function()
    local function made(max)
      return assemble.text({
        { text = "x" }, section("large", long:rep(5), 80), section("one", "short", 50), section("rest", "brief", 60),
        section("medium", long, 40), { text = "y" },
      }, max)
    end
    local text, dropped = made(150)
    assert.same({ "MEDIUM", "LARGE" }, titles(dropped))
    assert.matches("## ONE\n\nshort\n\n## REST\n\nbrief", text, 1, true)
    assert.matches('Left out, to stay within 150 tokens: "MEDIUM", "LARGE".', text, 1, true)
    for max = 60, 900, 7 do
      text, dropped = made(max)
      assert.truthy(text == nil or tokens.estimate(text) <= max, max)
      assert.truthy(text == nil or #dropped <= 4)
    end
  end)

  it("drops the later one of two equals", function()
    local _, dropped = assemble.text({
      { text = "x" }, section("first", long, 50), section("second", long, 50), { text = "y" },
    }, 220)
    assert.same({ "SECOND" }, titles(dropped))
  end)
end)
