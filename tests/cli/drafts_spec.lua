--- A plan and a review that nobody has filled in yet: no value of theirs is given as a fact.
local workspace = require "support.workspace"

describe("what is not filled in", function()
  local ws

  before_each(function()
    ws = workspace.new()
    ws:ok("new", "plan", "BAR", "--achievement", "Do X")
  end)

  after_each(function()
    ws:close()
  end)

  local function warned(code)
    for _, warning in ipairs(ws:json("status", "@BAR").warnings) do
      if warning.code == code then
        return warning
      end
    end
  end

  it("is no fact of a prompt, which says what is missing", function()
    local prompt = ws:ok("next", "@BAR")
    assert.is_nil(prompt:find("- Goal:", 1, true))
    assert.is_nil(prompt:find("Effort planned", 1, true))
    assert.is_nil(prompt:find("asks for this in particular", 1, true))
    assert.matches("Still to be written in the plan: `%[What is true when it is done%]` in line %d+, and 3 more",
      prompt)
  end)

  it("is told by status and by lint", function()
    local warning = warned "draft_achievement"
    assert.matches("1%.1: %[What is true when it is done%]", warning.message)
    assert.equal("work-space/plans/BAR/PLAN_BAR.md", warning.path)
    assert.matches("draft_achievement", (ws:ok("lint", "@BAR")))
  end)

  it("is not copied into other documents", function()
    ws:ok("new", "subplan", "@BAR", "1.1")
    local subplan = ws:read "work-space/plans/BAR/subplans/SUBPLAN_BAR_11.md"
    assert.is_nil(subplan:find("The plan", 1, true))
    ws:ok("approve", "@BAR", "1.1", "--force")
    assert.is_nil(ws:read("work-space/plans/BAR/execution/feedbacks/APPROVED_11.md"):find("[A file", 1, true))
  end)

  it("makes a review a draft, and the prompt that answers it says so", function()
    ws:ok("new", "subplan", "@BAR", "1.1")
    ws:ok("fix", "@BAR", "1.1", "--critical", "It is wrong", "--force")
    assert.matches("%[What is wrong, in a few sentences%]", warned("draft_fix").message)
    local prompt = ws:ok("next", "@BAR")
    assert.matches("The review is not finished: `%[What is wrong, in a few sentences%]` in line %d+", prompt)
  end)
end)
