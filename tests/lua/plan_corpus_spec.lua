--- The parser against real plans whose true content is known. The data lies beside the source tree
--- and is no part of it; without it there is nothing to do here.
local plan = require "promptgen.plan"
local cjson = require "cjson"

local function read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read "a"
  file:close()
  return text
end

local shared = os.getenv "PROMPTGEN_SHARED" or (os.getenv "PROMPTGEN_SOURCE_DIR" or ".") .. "/../shared"
local expected = read(shared .. "/corpus/expected.json")

local function value(v)
  if v == cjson.null then
    return nil
  end
  return v
end

describe("promptgen.plan on real plans", function()
  if not expected then
    pending "needs the corpus in $PROMPTGEN_SHARED"
    return
  end

  for _, want in ipairs(cjson.decode(expected)) do
    it("reads " .. want.path, function()
      local text = assert(read(shared .. "/corpus/workspace/" .. want.path))
      local got = assert(plan.parse(text, { path = want.path }))
      assert.equal(want.kind == "plan" and "plan" or "document", got.kind)
      assert.equal(want.lines, got.lines)
      assert.equal(#want.achievements, #got.achievements)
      for i, a in ipairs(want.achievements) do
        local b = got.achievements[i]
        assert.same({ a.number, a.line, a.end_line }, { b.number, b.line, b.end_line })
      end
      if want.kind == "plan" then
        assert.same(value(want.handoff), got.handoff)
        assert.equal(value(want.handoff_next), got.handoff_next)
        assert.equal(want.handoff_says_complete, got.handoff_says_complete)
        assert.equal(value(want.archive_location), got.archive_location)
      end
      assert.equal(plan.dump(got), plan.dump(assert(plan.load(plan.dump(got)))))
    end)
  end
end)
