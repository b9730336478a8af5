local markdown = require "promptgen.markdown"

local TEXT = table.concat({
  "# Title", "", "**Status**: open", "", "## Part", "- Effort: 3h", "", "  ```lua", "  x", "  ```",
  "", "| A | B |", "|---|---|", "| 1 | 2 |", "",
}, "\n")

describe("promptgen.markdown", function()
  it("lists the blocks of a kind, or of a depth", function()
    local doc = markdown.parse("# A\n\nText\n\n- one\n- two\n  - three\n\nEnd\n")
    local function lines(...)
      local out = {}
      for i, block in ipairs(doc:blocks(...)) do
        out[i] = block.line
      end
      return out
    end
    assert.same({ 5, 6, 7 }, lines "item")
    assert.same({ 5, 6 }, lines("item", 1))
    assert.same({ 3, 9 }, lines("paragraph", 0))
    assert.same({ 1, 3, 5, 9 }, lines(nil, 0))
    assert.same({}, lines("item", 7))
    assert.equal(#doc:blocks(), #lines())
    assert.error_matches(function() doc:blocks "page" end, "a kind of block expected")
  end)

  it("lists the blocks with their spans and parents", function()
    local doc = assert(markdown.parse(TEXT))
    local kinds = {}
    for i, block in ipairs(doc:blocks()) do
      kinds[i] = ("%s %d-%d"):format(block.kind, block.line, block.end_line)
    end
    assert.same({ "heading 1-1", "paragraph 3-3", "heading 5-5", "list 6-10", "item 6-10",
      "paragraph 6-6", "code 8-10", "paragraph 12-14" }, kinds)
    local blocks = doc:blocks()
    assert.equal("Part", blocks[3].text)
    assert.equal(2, blocks[3].level)
    assert.equal(4, blocks[5].parent)
    assert.is_nil(blocks[4].parent)
    assert.is_true(blocks[7].fenced)
    assert.equal("lua", blocks[7].info)
  end)

  it("lists sections, fields and tables", function()
    local doc = assert(markdown.parse(TEXT))
    assert.same({
      { level = 1, title = "Title", line = 1, end_line = 14 },
      { level = 2, title = "Part", line = 5, end_line = 14 },
    }, doc:sections())
    assert.same({
      { label = "Status", value = "open", line = 3, bold = true },
      { label = "Effort", value = "3h", line = 6, bold = false },
    }, doc:fields())
    assert.same({ { line = 12, end_line = 14, header = { "A", "B" }, rows = { { "1", "2" } } } },
      doc:tables())
  end)

  it("gives back lines, clamped", function()
    local doc = assert(markdown.parse("a\r\nb\rc"))
    assert.equal(3, doc:line_count())
    assert.equal("a\nb\nc", doc:text())
    assert.equal("b\nc", doc:text(2))
    assert.equal("b", doc:text(2, 2))
    assert.equal("", doc:text(3, 2))
    assert.equal("a", doc:text(-5, 1))
    assert.equal("", doc:text(9, math.maxinteger))
  end)

  it("tells malformed bytes", function()
    assert.same({ 0 }, { assert(markdown.parse("ok")):invalid() })
    assert.same({ 2, 2, 3 }, { assert(markdown.parse("ok\n\xff\xfe")):invalid() })
  end)

  it("returns nil and an error for a text over the limit", function()
    local doc, err = markdown.parse(("x"):rep((16 << 20) + 1))
    assert.is_nil(doc)
    assert.equal("too_large", err.code)
  end)

  it("raises for a wrong argument", function()
    assert.has_error(function() markdown.parse(12) end)
    assert.has_error(function() markdown.parse() end)
    local doc = assert(markdown.parse("x"))
    assert.has_error(function() doc.text({}) end)
    assert.has_error(function() doc:text("one") end)
  end)
end)
