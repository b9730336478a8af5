--- A RESOLUTION that is still being written answers nothing.
local fake = require "lua.support.fake_workspace"
local plan = require "promptgen.plan"
local state = require "promptgen.state"

local PLAN = "# PLAN: F\n\n## Achievements\n\n**Achievement 1.1**: One\n"
local FIX = "# FIX: Achievement 1.1\n\n**Review Date**: 2026-01-02\n"

local function resolve(resolution)
  local files = {
    ["plans/F/PLAN_F.md"] = PLAN, ["plans/F/execution/feedbacks/FIX_11.md"] = FIX,
    ["plans/F/execution/feedbacks/FIX_11_RESOLUTION.md"] = resolution,
  }
  local record = assert(plan.parse(PLAN, { path = "plans/F/PLAN_F.md" }))
  local status = assert(state.resolve(fake.workspace(files), record))
  local codes = {}
  for i, warning in ipairs(status.warnings) do
    codes[i] = warning.code .. ":" .. tostring(warning.line)
  end
  return status.next.state, codes
end

describe("a RESOLUTION", function()
  it("with a text in square brackets left is a draft, and the warning tells its line", function()
    local name, codes = resolve("# RESOLUTION: Achievement 1.1\n\n**Date**: 2026-01-03\n\n"
      .. "- **Changed**: [Files and lines]\n")
    assert.equal("needs_fix", name)
    assert.same({ "draft_resolution:5" }, codes)
  end)

  it("with all of them written answers the FIX", function()
    for _, text in ipairs {
      "# RESOLUTION: Achievement 1.1\n\n- **Changed**: a.c, lines 1-3\n",
      "# RESOLUTION: Achievement 1.1\n\n```\n[In code]\n```\n\n> [In a quote]\n\n[link](a.md)\n",
    } do
      local name, codes = resolve(text)
      assert.equal("fix_resolved", name)
      assert.same({}, codes)
    end
  end)
end)
