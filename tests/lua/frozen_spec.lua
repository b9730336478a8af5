local frozen = require "promptgen.state.frozen"
local layout = require "promptgen.layout"

describe("a frozen state", function()
  it("gets the layout back that it was resolved with", function()
    local path, feature = "work-space/plans/a_group/PLAN_X.md", "X"
    for _, shared in ipairs { true, false } do
      local status = {
        feature = feature, path = path, achievements = {}, warnings = {}, conflicts = {},
        layout = layout.of(path, feature, { shared = shared, numbers = { "1.11", "11.1" } }),
      }
      local before = status.layout.subplan "1.11"
      local plan = { path = path, feature = feature, achievements = {} }
      local back = frozen.thaw(frozen.revive(frozen.freeze(status)), plan)
      assert.equal(before, back.layout.subplan "1.11")
      assert.equal(status.layout.kind, back.layout.kind)
    end
  end)
end)
