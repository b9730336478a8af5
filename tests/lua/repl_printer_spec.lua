--- How values are shown: bounded, escaped, in order, and without asking them.
local printer = require "promptgen.repl.printer"

local function text(value, options)
  return printer.text(value, options)
end

describe("the printer", function()
  it("shows plain values as Lua writes them", function()
    assert.equal("nil", text(nil))
    assert.equal("true", text(true))
    assert.equal("42", text(42))
    assert.equal("1.0", text(1.0))
    assert.equal("0.1", text(0.1))
    assert.equal("1e+100", text(1e100))
    assert.equal("math.huge", text(math.huge))
    assert.equal("-math.huge", text(-math.huge))
    assert.equal("nan", text(0 / 0))
    assert.equal(math.mininteger, tonumber(text(math.mininteger)))
    assert.equal('"a\\"b\\\\"', text 'a"b\\')
  end)

  it("sorts keys: the sequence, other numbers, strings, the rest", function()
    assert.equal('{ 10, 20, [-1] = 0, [2.5] = 0, a = 1, b = 2, ["c d"] = 3, ["end"] = 4, [false] = 5, [true] = 6 }',
      text({ 10, 20, [2.5] = 0, [-1] = 0, b = 2, a = 1, ["end"] = 4, ["c d"] = 3, [true] = 6, [false] = 5 },
        { width = 200 }))
  end)

  it("breaks what does not fit into a line", function()
    local rows = { { name = "first", value = 1 }, { name = "second", value = 2 } }
    assert.equal('{\n  { name = "first", value = 1 },\n  { name = "second", value = 2 },\n}',
      text(rows, { width = 40 }))
    assert.equal("{}", text {})
    assert.equal("{\n  1, 2, 3, 4, 5, 6,\n  7, 8, 9, 10,\n}", text({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, { width = 20 }))
    assert.equal("{ {}, {} }", text { {}, {} })
  end)

  it("ends at the depth, the number of entries and the length that it was given", function()
    local deep = { a = { b = { c = { d = 1 } } } }
    assert.matches("^{ a = { b = <table 0x%x+> } }$", text(deep, { depth = 2 }))
    local many = {}
    for i = 1, 1000 do
      many[i] = i
      many["k" .. i] = i
    end
    local shown = text(many, { items = 3, width = 200 })
    assert.equal("{ 1, 2, 3, k1 = 1, … 1996 more }", shown)
    assert.equal('"xxxxxxxxxx" … 5000 bytes', text(("x"):rep(5000), { string = 10 }))
    assert.equal('"ää" … 20 bytes', text(("ä"):rep(10), { string = 5 }))
  end)

  it("shows a cycle once", function()
    local t = { name = "loop" }
    t.self = t
    t.list = { t, { t } }
    local shown = text(t, { width = 500 })
    assert.matches("self = <table 0x%x+, shown above>", shown)
    assert.is_true(#shown < 300)
  end)

  it("shows a table that contains itself as key", function()
    local t = {}
    t[t] = t
    assert.matches("^{ %[<table 0x%x+>%] = <table 0x%x+, shown above> }$", text(t))
  end)

  it("shows a shared table each time, within the total", function()
    local shared = { 1 }
    assert.equal("{ { 1 }, { 1 } }", text { shared, shared })
    local t = { 1 }
    for _ = 1, 40 do
      t = { t, t, t, t }
    end
    assert.is_true(#text(t, { depth = 60 }) < 1000000)
  end)

  it("takes a table of a million entries in a bounded output and a bounded time", function()
    local big = {}
    for i = 1, 1000000 do
      big["key" .. i] = i
    end
    local began = os.clock()
    local shown = text(big)
    assert.is_true(os.clock() - began < 5)
    assert.is_true(#shown < 8000)
    assert.matches("key1 = 1,", shown)
    assert.matches("… 999900 more", shown)
  end)

  it("shows of an object what its metatable lists, without asking it", function()
    local mt = { __name = "thing", __shown = { "b", "a", "none" }, __index = error }
    assert.equal("thing { b = 2, a = 1 }", text(setmetatable({ a = 1, b = 2, secret = 3 }, mt)))
    mt.__shown = setmetatable({}, { __index = error, __len = error })
    assert.equal("thing {}", text(setmetatable({ a = 1 }, mt)))
    mt.__shown = "a"
    assert.equal("thing { a = 1 }", text(setmetatable({ a = 1 }, mt)))
  end)

  it("escapes control bytes, escape sequences, direction marks and malformed text", function()
    assert.equal([["\x1b]0;title\x07\x1b[2J\n\t\r\x7f"]], text "\27]0;title\7\27[2J\n\t\r\127")
    assert.equal([["\u{9B}31m \u{202E}x\u{2066}\u{200B}"]], text "\u{9b}31m \u{202e}x\u{2066}\u{200b}")
    assert.equal([["\xff\xc3 ok é ✅"]], text "\xff\xc3 ok é ✅")
    assert.equal([[{ ["\x1b[0m"] = 1 }]], text { ["\27[0m"] = 1 })
    assert.equal([["\x00"]], text "\0")
  end)

  it("calls no metamethod", function()
    local function trap()
      error "a metamethod was called"
    end
    local mt = {}
    for _, event in ipairs { "__index", "__newindex", "__tostring", "__len", "__pairs", "__eq", "__lt", "__le",
      "__call", "__concat", "__close", "__unm" } do
      mt[event] = trap
    end
    mt.__name = "Trap\27"
    mt.__metatable = "locked"
    local value = setmetatable({ x = 1, 5 }, mt)
    assert.equal("Trap\\x1b { 5, x = 1 }", text(value))
    assert.matches("Trap", text { [value] = value, nested = { value } })
    assert.matches("^{ %[<table 0x%x+>%] = 1 }$", text { [value] = 1 })
  end)

  it("shows functions by their parameters and place, coroutines by their state", function()
    local function sample(a, b, ...)
      return a, b, ...
    end
    assert.matches("^<function%(a, b, %.%.%.%) .*repl_printer_spec.lua:%d+>$", text(sample))
    assert.matches("^<built%-in function 0x%x+>$", text(print))
    assert.matches("^<coroutine 0x%x+, suspended>$", text(coroutine.create(sample)))
  end)

  it("shows an error value as it would be reported", function()
    local err = require("promptgen.status").error {
      code = "not_found", message = "no\nfile\27", path = "a/b.md", line = 3,
    }
    assert.equal("error[not_found] a/b.md:3: no file\\x1b", text(err))
    err.message = setmetatable({}, { __tostring = function() error "called" end })
    assert.equal("error[not_found] a/b.md:3: ", text(err))
  end)

  it("shows the fields of a userdata of a C module", function()
    assert.matches("^<promptgen%.timer%.stopwatch 0x%x+>$", text(require("promptgen.timer").new()))
  end)

  it("gives pieces with styles that spell the same text", function()
    local styles, parts = {}, {}
    for i, piece in ipairs(printer.pieces { "x", 1, true, k = print }) do
      styles[piece[1]] = true
      parts[i] = piece[2]
    end
    assert.same({ [""] = true, string = true, number = true, literal = true, key = true, ["function"] = true }, styles)
    assert.equal(text { "x", 1, true, k = print }, table.concat(parts))
  end)
end)
