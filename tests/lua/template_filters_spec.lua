local filters = require "promptgen.template.filters"

describe("template filters", function()
  it("make one line of a text", function()
    assert.equal("a b c", filters.inline(" a\n\tb \r\n\0c "))
    assert.equal("3", filters.inline(3))
  end)

  it("delimit code by more backticks than it holds", function()
    assert.equal("`a`", filters.code("a"))
    assert.equal("``a`b``", filters.code("a`b"))
    assert.equal("`` `a` ``", filters.code("`a`"))
    assert.equal("", filters.code(" \n"))
  end)

  it("fence a text by more backticks than it holds", function()
    assert.equal("```\na\n```", filters.fence("a\n\n"))
    assert.equal("`````lua\n````\n`````", filters.fence("````", "lua"))
    assert.equal("```ab\nx\n```", filters.fence("x", "a`\n b"))
    assert.equal("```\n```", filters.fence(""))
  end)

  it("quote every line", function()
    assert.equal("> a\n> \n> b", filters.quote("a\n\nb\n"))
  end)

  it("indent every line but the first and the blank ones", function()
    assert.equal("a\n  b\n\n  c", filters.indent("a\nb\n\nc", 2))
  end)

  it("trim, change case and stand in for what is missing", function()
    assert.equal("a b", filters.trim("\n a b "))
    assert.equal("AB", filters.upper("ab"))
    assert.equal("ab", filters.lower("AB"))
    assert.equal("x", filters.default(nil, "x"))
    assert.equal("x", filters.default("", "x"))
    assert.equal("y", filters.default("y", "x"))
  end)

  it("count things", function()
    assert.equal("1 file", filters.plural(1, "file"))
    assert.equal("0 files", filters.plural(0, "file"))
    assert.equal("2 entries", filters.plural(2, "entry", "entries"))
  end)

  it("join lists", function()
    assert.equal("a, b", filters.join({ "a", "b" }))
    assert.equal("a, b and c", filters.listing({ "a", "b", "c" }))
    assert.equal("a or b", filters.listing({ "a", "b" }, "or"))
    assert.equal("a", filters.listing({ "a" }))
    assert.equal("", filters.listing({}))
  end)

  it("end a sentence once", function()
    assert.equal("A b.", filters.sentence("A b"))
    for _, done in ipairs { "A b.", "A b!", "A b?", "A b:", "(A b.)", 'Say "b."', "" } do
      assert.equal(done, filters.sentence(done))
    end
  end)

  it("refuse values that are no text", function()
    for _, name in ipairs { "upper", "inline", "code", "fence", "quote", "trim" } do
      assert.has_error(function() filters[name]({}) end)
      assert.has_error(function() filters[name](nil) end)
    end
  end)
end)
