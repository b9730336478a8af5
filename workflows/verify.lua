-- `promptgen verify @PLAN`: holds what a plan says of itself against its files, and writes the prompt
-- that mends the differences. Without any it says so.
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

--- The differences as data, for --json.
local function data_of(compared)
  local list = {}
  for i, finding in ipairs(compared.findings) do
    list[i] = {
      code = finding.code, path = finding.path, line = finding.line, says = finding.says,
      found = finding.found, mend = finding.mend,
    }
  end
  return { checked = compared.checked, findings = list }
end

return workflow.define {
  name = "verify",
  summary = "Compare what a plan says of itself with its files",
  arguments = { { "plan", "@NAME or path of a plan" } },
  run = function(ctx)
    local plan, status = target.settled(ctx)
    if not plan then
      return nil, status
    end
    local word = require("promptgen.prompt").brief(ctx.workspace, plan, nil, nil).word
    local compared = require("promptgen.comparison").of(ctx.workspace, plan, status, word)
    local prompt, err = ctx:prompt(#compared.findings == 0 and "verified" or "verify", {
      plan = plan, status = status, comparison = compared,
    })
    if prompt then
      prompt.data = data_of(compared)
    end
    return prompt, err
  end,
}
