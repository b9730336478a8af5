local columns = require "promptgen.columns"

describe("promptgen.columns", function()
  it("counts cells as a terminal does", function()
    for text, width in pairs {
      [""] = 0, abc = 3, ["é"] = 1, ["✅"] = 2, ["日本"] = 4, ["e\u{301}"] = 1, ["⚠\u{FE0F}"] = 1,
      ["🚀 go"] = 5, ["\xff\xfe"] = 2, ["→"] = 1, ["\xe2\x9c"] = 2,
    } do
      assert.equal(width, columns.width(text), text)
    end
  end)

  it("cuts at a character and says so", function()
    assert.equal("abcdef", columns.cut("abcdef", 6))
    assert.equal("abcd…", columns.cut("abcdef", 5))
    assert.equal("日…", columns.cut("日本語", 4))
    assert.equal("日本語", columns.cut("日本語", nil))
    assert.equal("a…", columns.cut("a   b", 4))
    assert.equal("", columns.cut("abc", 0))
  end)

  it("keeps the end of what is too long where that is wanted", function()
    assert.equal("abcdef", columns.tail("abcdef", 6))
    assert.equal("…cdef", columns.tail("abcdef", 5))
    assert.equal("…語", columns.tail("日本語", 4))
    assert.equal("…", columns.tail("abc", 1))
    local rows = { { "KEY", "SIZE" }, { "plans/A/PLAN_A.md", "10 B" }, { "B", "2 B" } }
    assert.equal("KEY         SIZE\n…PLAN_A.md  10 B\nB           2 B\n", columns.table(rows, 16, { { 1, 8, "end" } }))
    assert.equal(columns.table(rows, nil, {}), columns.table(rows, 40, { { 1, 8, "end" } }))
  end)

  it("wraps words and never loses one", function()
    assert.equal("  one two three four\n  five\n", columns.wrap("one two three four five", 22, "  "))
    assert.equal("> a b\n", columns.wrap("a b", nil, "> "))
    assert.equal((" "):rep(2) .. ("x"):rep(90) .. "\n  y\n", columns.wrap(("x"):rep(90) .. " y", 60, "  "))
  end)

  it("fits a table into the width, column by column", function()
    local rows = { { "PLAN", "STATE", "NEXT" }, { "A-LONG-FEATURE-NAME", "active", "1.1 create the SUBPLAN" } }
    assert.equal("PLAN                 STATE   NEXT\nA-LONG-FEATURE-NAME  active  1.1 create the SUBPLAN\n",
      columns.table(rows, nil, {}))
    for width = 24, 60 do
      for line in columns.table(rows, width, { { 3, 6 }, { 1, 6 } }):gmatch "[^\n]+" do
        assert.is_true(columns.width(line) <= width, line)
      end
    end
  end)

  it("leaves out a column without content", function()
    assert.equal("a  c\n", columns.table({ { "a", "", "c" } }, nil, {}))
    assert.equal("", columns.table({}, 80, {}))
  end)
end)
