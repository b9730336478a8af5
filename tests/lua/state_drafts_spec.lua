--- Skeletons that are not filled in are warned of; the states stay what they are.
local fake = require "lua.support.fake_workspace"
local plan = require "promptgen.plan"
local state = require "promptgen.state"

local PATH, FEEDBACKS = "plans/F/PLAN_F.md", "plans/F/execution/feedbacks/"
local SKELETON = "# PLAN: F\n\n## Achievements\n\n**Achievement 1.1**: One\n\n- **Goal**: [What is true]\n"
  .. "- **Effort**: [Hours]\n\n**Achievement 1.2**: Two\n\n- **Goal**: real\n- **Tests**: [What to test]\n"

local function resolve(text, more)
  local files = { [PATH] = text }
  for path, content in pairs(more or {}) do
    files[path] = content
  end
  local status = assert(state.resolve(fake.workspace(files), assert(plan.parse(text, { path = PATH }))))
  local lines = {}
  for i, warning in ipairs(status.warnings) do
    lines[i] = ("%s:%s %s"):format(warning.code, tostring(warning.line), warning.message)
  end
  return lines, status
end

describe("a skeleton", function()
  it("of an achievement is warned of, with its first line and all numbers", function()
    local lines, status = resolve(SKELETON)
    assert.same({ "draft_achievement:7 still to be written of 1.1, 1.2: [What is true]" }, lines)
    assert.equal("no_subplan", status.next.state)
  end)

  it("of a closed achievement is not", function()
    local lines = resolve(SKELETON, { [FEEDBACKS .. "APPROVED_11.md"] = "# APPROVED: 1.1\n" })
    assert.same({ "draft_achievement:13 still to be written of 1.2: [What to test]" }, lines)
  end)

  it("is not seen in links, tick boxes, code and lists of values", function()
    assert.same({}, (resolve("# PLAN: F\n\n## Achievements\n\n**Achievement 1.1**: One\n\n- [ ] a\n- [x] b\n"
      .. "- [c](d.md)\n- Modes: [one, two]\n\n```\n[In code]\n```\n")))
  end)

  it("of a review is warned of while the review is open", function()
    local written = SKELETON:gsub("%[.-%]", "something")
    local fix = "# FIX: Achievement 1.1\n\n- **Where**: [File and lines]\n"
    local lines, status = resolve(written, { [FEEDBACKS .. "FIX_11.md"] = fix })
    assert.same({ "draft_fix:3 the review is a draft; this is still to be written: [File and lines]" }, lines)
    assert.equal("needs_fix", status.next.state)
    lines, status = resolve(written, {
      [FEEDBACKS .. "FIX_11.md"] = fix, [FEEDBACKS .. "FIX_11_RESOLUTION.md"] = "# RESOLUTION: 1.1\n\nDone.\n",
    })
    assert.same({}, lines)
    assert.equal("fix_resolved", status.next.state)
  end)
end)
