--- Differences of texts: what `git apply` makes of them is the new text.
local diff = require "promptgen.diff"

local function sh(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "a"
  return text, pipe:close()
end

local function put(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function get(path)
  local file = io.open(path, "rb")
  local text = file and file:read "a"
  if file then
    file:close()
  end
  return text
end

describe("promptgen.diff", function()
  local dir

  before_each(function()
    dir = sh("mktemp -d"):gsub("\n", "")
  end)

  after_each(function()
    sh("rm -rf " .. dir)
  end)

  --- Applies the difference of both texts to the first; what comes out.
  local function applied(old, new)
    if old then
      put(dir .. "/x", old)
    end
    put(dir .. "/p", diff.unified("x", old, new))
    local said, ok = sh(("cd %s && git apply p"):format(dir))
    assert(ok, said)
    return get(dir .. "/x")
  end

  it("shows a changed line with three lines round it", function()
    local text = diff.unified("x", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n")
    assert.equal("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n", text)
    assert.equal("", diff.unified("x", "same", "same"))
  end)

  it("creates, empties, fills and removes files", function()
    for _, pair in ipairs {
      { nil, "a\nb\n" }, { nil, "no line feed" }, { "a\n", "b" }, { "a", "b\n" }, { "a", "a\n" },
      { "a\n", "" }, { "", "a\n" }, { nil, "" }, { "gone\n", nil }, { "gone", nil },
    } do
      sh("rm -f " .. dir .. "/x")
      assert.equal(pair[2], applied(pair[1], pair[2]))
    end
  end)

  it("gives the new text for random edits, small and large", function()
    math.randomseed(7)
    for round = 1, 60 do
      local a, b = {}, {}
      for i = 1, math.random(0, 60) do
        a[i] = math.random(1, 6)
      end
      for _, word in ipairs(a) do
        local kind = math.random(1, 10)
        if kind > 2 then b[#b + 1] = word end
        if kind == 10 then b[#b + 1] = math.random(1, 6) end
      end
      local old = table.concat(a, "\n") .. (#a > 0 and round % 2 == 0 and "\n" or "")
      local new = table.concat(b, "\n") .. (#b > 0 and round % 3 == 0 and "\n" or "")
      if old ~= new then
        assert.equal(new, applied(old, new))
      end
    end
  end)

  it("replaces the whole middle where the texts have nothing in common", function()
    local a, b = {}, {}
    for i = 1, 1500 do
      a[i], b[i] = "a" .. i .. "\n", "b" .. i .. "\n"
    end
    assert.equal(table.concat(b), applied(table.concat(a), table.concat(b)))
  end)

  it("tells a move", function()
    put(dir .. "/x", "text\n")
    put(dir .. "/p", diff.move("x", "y/z"))
    local said, ok = sh(("cd %s && git apply p"):format(dir))
    assert(ok, said)
    assert.equal("text\n", get(dir .. "/y/z"))
    assert.is_nil(get(dir .. "/x"))
  end)
end)
