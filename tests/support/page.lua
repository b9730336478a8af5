--- Pages of docs/ that a reader can follow: blocks of shell, each with the text that it prints.
local program = require "support.program"

local page = {}

--- The `sh` blocks of a page and the `text` block after each.
---@param name string below docs/
---@return {script: string, expected: string?}[]
function page.steps(name)
  local steps = {}
  for info, text in program.read(program.source_dir .. "/docs/" .. name):gmatch "```(%l+)\n(.-)```\n" do
    if info == "sh" then
      steps[#steps + 1] = { script = text }
    elseif info == "text" then
      steps[#steps].expected = text
    end
  end
  return steps
end

--- What a step prints: its output, then what it says on standard error, notices left out.
---@param dir string where it runs
---@param script string
---@return string
function page.run(dir, script)
  program.write(dir .. "/.step.sh", script)
  local command = "cd %s && HOME=%s PATH=%s:$PATH sh .step.sh 2>.err.txt; grep -v '^promptgen: notice' .err.txt"
  local printed = program.sh(command:format(dir, dir, program.path:match "^(.*)/[^/]*$"))
  return printed .. "\n"
end

return page
