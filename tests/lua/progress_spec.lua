--- Progress of a long command: late, seldom, on a terminal only, and gone at the end.
local progress = require "promptgen.progress"

describe("progress", function()
  local now, written

  local function new(total, terminal)
    now, written = 100, {}
    return progress.new(total, "plans", {
      terminal = terminal, now = function() return now end,
      write = function(text) written[#written + 1] = text end,
    })
  end

  it("is not shown within the first second", function()
    local line = new(10, true)
    for _ = 1, 9 do
      now = now + 0.1
      line:step()
    end
    line:finish()
    assert.same({}, written)
  end)

  it("is shown ten times a second at most, and taken away at the end", function()
    local line = new(1000, true)
    now = now + 1
    for _ = 1, 100 do
      now = now + 0.01
      line:step(5)
    end
    assert.equal("\r5 of 1000 plans\27[K", written[1])
    assert.is_true(#written >= 9 and #written <= 11, #written)
    line:finish()
    line:finish()
    assert.equal("\r\27[K", written[#written])
    assert.not_equal("\r\27[K", written[#written - 1])
  end)

  it("is not shown where nobody looks", function()
    local line = new(10, false)
    now = now + 60
    line:step(10)
    line:finish()
    assert.same({}, written)
  end)
end)
