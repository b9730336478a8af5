--- What may not reach a terminal, made visible.
local errors = require "promptgen.errors"

describe("errors.escape_controls", function()
  local escape = errors.escape_controls

  it("leaves text as it is, and tabs", function()
    for _, text in ipairs { "", "plain ~ text\twith a tab", "Grüße 🔴 — “x” \u{85fa}" } do
      assert.equal(text, escape(text))
    end
  end)

  it("shows control characters of ASCII and of Unicode", function()
    assert.equal("\\x1b[31m\\x00\\x7f\\x0d", escape "\27[31m\0\127\r")
    assert.equal("a\\u{9b}b\\u{85}", escape "a\u{9b}b\u{85}")
    assert.equal("\\u{202e}\\u{202a}\\u{2066}é", escape "\u{202e}\u{202a}\u{2066}é")
  end)

  it("shows bytes that are not UTF-8, which terminals may take for control characters", function()
    assert.equal("a\\x9b31mé\\xff\\xc3", escape "a\x9b31mé\xff\xc3")
    assert.equal("\\xe2\\x82 €", escape "\xe2\x82 €")
    assert.equal("\\xc0\\x9b\\xed\\xa0\\x80", escape "\xc0\x9b\xed\xa0\x80")
    assert.equal("\\x9b\\x1b", escape "\x9b\27")
  end)

  it("takes time in proportion to the text", function()
    assert.equal(4 * 2 ^ 18, #escape(("\x9b"):rep(2 ^ 18)))
  end)
end)
