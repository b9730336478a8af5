local list = require "promptgen.menu.list"

describe("promptgen.menu.list", function()
  local function press(model, keys)
    local done
    for key in keys:gmatch "%S+" do
      if #key == 1 then
        done = model:press("text", key)
      else
        done = model:press(key)
      end
    end
    return done, model.marked
  end

  local function labels(n)
    local out = {}
    for i = 1, n do
      out[i] = "choice " .. i
    end
    return out
  end

  it("takes the likely choice with Enter alone", function()
    assert.same({ "chosen", 2 }, { press(list.new(labels(3), 2), "enter") })
  end)

  it("moves with arrow keys and letters, round the ends", function()
    assert.same({ nil, 2 }, { [2] = select(2, press(list.new(labels(3)), "down")) })
    assert.equal(3, select(2, press(list.new(labels(3)), "up")))
    assert.equal(1, select(2, press(list.new(labels(3)), "down down down")))
    assert.equal(2, select(2, press(list.new(labels(3)), "j j k")))
    assert.equal(3, select(2, press(list.new(labels(3)), "end")))
    assert.equal(1, select(2, press(list.new(labels(3)), "end home")))
  end)

  it("marks the choice whose number is typed", function()
    local model = list.new(labels(12))
    assert.equal(1, select(2, press(model, "1")))
    assert.equal(12, select(2, press(model, "2")))
    assert.equal(3, select(2, press(model, "3")))
    assert.equal(3, select(2, press(model, "0")))
  end)

  it("begins a new number after any other key, and takes digits back", function()
    assert.equal(2, select(2, press(list.new(labels(12)), "1 down 2")))
    assert.equal(1, select(2, press(list.new(labels(12)), "1 1 backspace")))
    assert.equal(4, select(2, press(list.new(labels(12), 4), "backspace")))
  end)

  it("leaves with q, Escape and the left arrow", function()
    for _, key in ipairs { "q", "escape", "left" } do
      assert.equal("back", (press(list.new(labels(3)), key)), key)
    end
    assert.is_nil((press(list.new(labels(3)), "x other redraw tab")))
  end)

  it("keeps the marked choice in sight of a long list", function()
    local model = list.new(labels(100), 50)
    model:fit(10)
    local function range()
      local lines = model:lines(80)
      return #lines, lines[1][1]:match "%d+", lines[#lines][1]:match "%d+"
    end
    assert.same({ 10, "41", "50" }, { range() })
    press(model, "down")
    model:fit(10)
    assert.same({ 10, "42", "51" }, { range() })
    press(model, "page_down page_down page_down page_down page_down page_down")
    model:fit(10)
    assert.same({ 10, "91", "100" }, { range() })
    press(model, "home")
    model:fit(10)
    assert.same({ 10, "1", "10" }, { range() })
    model:fit(1000)
    assert.same({ 100, "1", "100" }, { range() })
  end)

  it("cuts its lines to the terminal and marks one without colour", function()
    local model = list.new({ "a long choice with ümläuts", "b" })
    model:fit(2)
    assert.same({ { "> 1  a long…", true }, { "  2  b", false } }, model:lines(13))
  end)
end)
