local log = require "promptgen.log"
local received = require "promptgen.log.received"
local render = require "promptgen.log.render"

describe("promptgen.log", function()
  local entries

  local function write(entry)
    entries[#entries + 1] = entry
  end

  before_each(function()
    entries = {}
  end)

  it("writes entries of its level and above", function()
    local names = { "debug", "info", "warning", "error" }
    for rank, level in ipairs { "debug", "info", "warning", "error", "off" } do
      entries = {}
      local logger = log.new { level = level, write = write }
      for _, name in ipairs(names) do
        logger[name]("x")
        assert.equal(log.ranks[name] >= rank, logger.enabled(name))
      end
      local seen = {}
      for i, entry in ipairs(entries) do
        seen[i] = entry.level
      end
      assert.same(table.move(names, rank, #names, 1, {}), seen)
    end
  end)

  it("is off before it is configured", function()
    assert.is_false(log.enabled "error")
    log.error("nobody hears this")
  end)

  it("raises when asked for what is no level of entries", function()
    for _, level in ipairs { "nope", "off", "with", "enabled", 3, false } do
      local message = select(2, pcall(log.new({ level = "info", write = write }).enabled, level))
      assert.matches("bad argument #1 to 'log.enabled'", message)
    end
  end)

  it("has one empty function for every level that is off", function()
    local logger = log.new { level = "error", write = write }
    assert.equal(logger.debug, logger.warning)
    assert.equal(logger.debug, log.new({ level = "off", write = write }).error)
    assert.has_no_error(function() logger.debug(nil, 7) end)
  end)

  it("turns fields into data and leaves the caller's table alone", function()
    local object = setmetatable({}, { __tostring = function() return "O" end })
    local fields = { n = 1, yes = true, text = "a", object = object }
    log.new({ level = "debug", write = write }).info("m", fields)
    assert.same({ n = 1, yes = true, text = "a", object = "O" }, entries[1].fields)
    assert.equal("table", type(fields.object))
  end)

  it("adds the fields of with to each entry, the nearer ones winning", function()
    local logger = log.new { level = "debug", write = write, fields = { a = 1, b = 1 } }
    logger.with({ b = 2, c = 2 }).with({ c = 3 }).debug("m", { d = 4 })
    logger.debug "plain"
    assert.same({ a = 1, b = 2, c = 3, d = 4 }, entries[1].fields)
    assert.same({ a = 1, b = 1 }, entries[2].fields)
  end)

  it("raises at the caller for arguments of the wrong type", function()
    local logger = log.new { level = "debug", write = write }
    assert.error_matches(function() logger.info(1) end, "bad argument #1 to 'log.info'")
    assert.error_matches(function() logger.info("x", "y") end, "bad argument #2 to 'log.info'")
    assert.error_matches(function() log.new { level = "loud", write = write } end, "'loud' is not a log level")
  end)
end)

describe("a log line", function()
  it("holds level, message and sorted fields", function()
    local entry = { level = "info", message = "made", fields = { b = 2, a = "x y", c = 1.5, d = "", e = true } }
    assert.equal('info: made a="x y" b=2 c=1.5 d="" e=true', render.text(entry))
  end)

  it("with a time also says which run it belongs to", function()
    local context = { workflow = "next", plan = "A B", achievement = "1.2", other = "no" }
    assert.equal('T info: made workflow=next plan="A B" achievement=1.2 n=1',
      render.text({ level = "info", message = "made", fields = { n = 1 } }, context, "T"))
  end)

  it("is one line without control bytes whatever it is told", function()
    local hostile = "a\nb\r\27[31m\7\0\127\xc2\x9b\xe2\x80\xae\x9b\xff"
    local line = render.text { level = "error", message = hostile, fields = { [hostile] = hostile } }
    assert.is_nil(line:find "[%c\127]")
    assert.is_nil(line:find "\xc2\x9b")
    assert.is_nil(line:find "\xe2\x80\xae")
    assert.is_truthy(utf8.len(line))
    assert.matches("^error: a\\x0ab\\x0d\\x1b%[31m\\x07\\x00\\x7f", line)
  end)

  it("keeps text that is not ASCII", function()
    assert.equal("info: grün ✅", render.text { level = "info", message = "grün ✅" })
    assert.equal("info: grün\\xff ✅", render.text { level = "info", message = "grün\xff ✅" })
  end)

  it("as JSON is one object with a fixed order of keys", function()
    local entry = { level = "info", message = 'say "x"\n', fields = { b = 1, a = 0 / 0, c = math.huge } }
    assert.equal('{"time":"T","level":"info","message":"say \\"x\\"\\n","plan":"P",'
      .. '"fields":{"a":"nan","b":1,"c":"inf"}}', render.json(entry, { plan = "P" }, "T"))
    assert.equal('{"time":"T","level":"info","message":"m"}',
      render.json({ level = "info", message = "m", fields = {} }, {}, "T"))
  end)
end)

describe("an entry from a worker", function()
  it("is taken when it has the right shape", function()
    local entry, size = received.check { level = "info", message = "abc", fields = { n = 1, s = "xy" } }
    assert.same({ level = "info", message = "abc", fields = { n = 1, s = "xy" } }, entry)
    assert.equal(3 + 1 + 8 + 1 + 2, size)
  end)

  it("is refused when it has not", function()
    for _, value in ipairs {
      "text", 7, {}, { level = "info" }, { level = "off", message = "x" }, { level = "loud", message = "x" },
      { level = 1, message = "x" }, { level = {}, message = "x" }, { level = "info", message = {} }, { message = "x" },
    } do
      assert.is_nil((received.check(value)))
    end
  end)

  it("is cut to size and loses what is no field", function()
    local fields = { [1] = "positional", [("k"):rep(65)] = 1, nested = {}, long = ("v"):rep(5000) }
    local entry = received.check { level = "info", message = ("m"):rep(100000), fields = fields }
    assert.equal(received.limits.message + #"…", #entry.message)
    assert.same({ long = ("v"):rep(received.limits.value) .. "…" }, entry.fields)
    local many = {}
    for i = 1, 1000 do
      many["k" .. i] = i
    end
    local count = 0
    for _ in pairs(received.check({ level = "info", message = "m", fields = many }).fields) do
      count = count + 1
    end
    assert.equal(received.limits.fields, count)
    assert.same({ level = "info", message = "m" }, (received.check { level = "info", message = "m", fields = "x" }))
  end)
end)
