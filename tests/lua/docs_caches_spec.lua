-- The Lua in docs/caches.md is what it says: every example runs.
describe("docs/caches.md", function()
  local path = (os.getenv "PROMPTGEN_SOURCE_DIR" or ".") .. "/docs/caches.md"
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()

  it("has examples that hold", function()
    local count = 0
    for code in text:gmatch "\n```lua\n(.-)\n```" do
      count = count + 1
      assert(load(code, "=docs/caches.md example " .. count))()
    end
    assert.is_true(count >= 2)
  end)

  it("names every key of the statistics", function()
    for key in pairs(require("promptgen.cache").new({ max_bytes = 1, ttl = 1 }):stats()) do
      assert.is_truthy(text:find(key, 1, true), key)
    end
  end)
end)
