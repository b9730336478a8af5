--- Texts in square brackets that a skeleton leaves: what counts as one, and what does not.
local placeholder = require "promptgen.placeholder"
local plan = require "promptgen.plan"

describe("promptgen.placeholder", function()
  it("takes a whole value in brackets that begins with a letter", function()
    for _, value in ipairs { "[Hours]", "**[What is true]**", " [What is true when it is done]. ", "[A\nb]" } do
      assert.is_true(placeholder.is(value), value)
    end
  end)

  it("takes no link, footnote, tick box, list of values, nor text with a bracket in it", function()
    for _, value in ipairs { "[a](b.md)", "[Text][ref]", "[[Page]]", "[^1]", "[1]", "[x]", "[ ]", "[]", "a [b]",
                             "[b] c", "", "Nothing" } do
      assert.is_false(placeholder.is(value), value)
    end
    assert.is_false(placeholder.is(nil))
  end)

  it("finds it as a line, as an item, and after a label in bold", function()
    assert.equal("[What is so]", placeholder.of_line "[What is so]")
    assert.equal("[A file]", placeholder.of_line "    - [A file]  ")
    assert.equal("[A file]", placeholder.of_line "- [ ] [A file]")
    assert.equal("[Hours]", placeholder.of_line "- **Effort**: [Hours]")
    assert.equal("[Hours]", placeholder.of_line "**Effort:** [Hours]\r")
    for _, line in ipairs { "- [x] done", "- [ ] open", "- [a](b)", "- Algorithm: [one, two]", "see [this]",
                            "- **Effort**: 2 [hours]", "    - [Page](x.md)", "" } do
      assert.is_nil(placeholder.of_line(line), line)
    end
  end)

  it("counts what is left between two lines, outside code", function()
    local record = assert(plan.parse("# A\n\n```\n[In code]\n```\n\n- **Goal**: [One]\n  - [Two]\n\n[Three]\n"))
    assert.same({ line = 7, says = "[One]", count = 2 }, placeholder.left(record, 1, 9))
    assert.equal(3, placeholder.left(record, 1, 10).count)
    assert.is_nil(placeholder.left(record, 1, 6))
  end)

  it("takes such lines out of a text, and leaves nothing of one that has no others", function()
    assert.equal("- `a.c`\n", placeholder.without "- `a.c`\n- [A file]\n")
    assert.equal("as it is", placeholder.without "as it is")
    assert.is_nil(placeholder.without "- [A file]\n- [Another]")
    assert.is_nil(placeholder.without "[What is true]")
    assert.is_nil(placeholder.without(nil))
  end)
end)
