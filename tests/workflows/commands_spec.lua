--- Commands that prompts name do what the prompts say: each makes the file that the prompt asks for.
local program = require "support.program"

local HOME = "work-space/plans/CSV-IMPORT/"

describe("the command that a prompt names", function()
  local dir

  before_each(function()
    dir = program.example_copy()
    program.sh("cd " .. dir .. " && git init -q . && rm " .. HOME .. "execution/feedbacks/APPROVED_01.md")
  end)
  after_each(function() program.remove(dir) end)

  local function run(line)
    local words = {}
    for word in line:gsub("^promptgen ", ""):gsub("NAME", "Ada"):gmatch("%S+") do
      words[#words + 1] = word
    end
    return program.run(words, { cwd = dir })
  end

  local function write(path, text)
    program.sh(("mkdir -p %s/%s"):format(dir, (HOME .. path):match("^(.*)/")))
    program.write(dir .. "/" .. HOME .. path, text)
  end

  --- Makes a prompt, runs the command in it that begins with `command`, and expects it to make `path`,
  --- which the prompt names too.
  local function follow(workflow, command, path)
    local prompt = run(workflow)
    assert.equal(0, prompt.status, prompt.err)
    local line = assert(prompt.out:match("`(promptgen " .. command:gsub("%p", "%%%0") .. "[^`]*)`"), prompt.out)
    assert.matches("`" .. HOME .. path .. "`", prompt.out, 1, true)
    local made = run(line)
    assert.equal(0, made.status, line .. "\n" .. made.err)
    assert.matches(HOME .. path, made.out, 1, true)
    return made
  end

  it("makes the SUBPLAN", function()
    follow("next @CSV-IMPORT --achievement 1.1", "new subplan", "subplans/SUBPLAN_CSV-IMPORT_11.md")
  end)

  it("makes the EXECUTION_TASK: the first, the next, and one that is not planned", function()
    follow("next @CSV-IMPORT --achievement 0.2", "new execution", "execution/EXECUTION_TASK_CSV-IMPORT_02_02.md")
    program.sh("rm " .. dir .. "/" .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_*")
    follow("next @CSV-IMPORT --achievement 0.2", "new execution", "execution/EXECUTION_TASK_CSV-IMPORT_02_01.md")
    follow("execution @CSV-IMPORT next --achievement 0.1", "new execution",
      "execution/EXECUTION_TASK_CSV-IMPORT_01_02.md")
  end)

  it("records either verdict of a review, also an early one", function()
    follow("next @CSV-IMPORT --achievement 0.1", "approve", "execution/feedbacks/APPROVED_01.md")
    follow("review @CSV-IMPORT --early --achievement 0.2", "fix", "execution/feedbacks/FIX_02.md")
    program.sh("rm -r " .. dir .. "/" .. HOME .. "execution/feedbacks")
    follow("next @CSV-IMPORT --achievement 0.1", "fix", "execution/feedbacks/FIX_01.md")
    follow("review @CSV-IMPORT --early --achievement 0.2", "approve", "execution/feedbacks/APPROVED_02.md")
  end)

  it("makes the answer to a review, and the next round of it", function()
    write("execution/feedbacks/FIX_01.md",
      "# FIX REQUIRED: Achievement 0.1\n\n**Review Date**: 2026-03-01\n\n## Issues Found\n\n1. It is wrong.\n")
    follow("next @CSV-IMPORT --achievement 0.1", "fix", "execution/feedbacks/FIX_01_RESOLUTION.md")
    program.sh(("sed -i 's/\\[[A-Z][^]]*\\]/Written./' %s/%sexecution/feedbacks/FIX_01_RESOLUTION.md")
      :format(dir, HOME))
    follow("next @CSV-IMPORT --achievement 0.1", "fix", "execution/feedbacks/FIX_01.md")
    assert.equal("", (program.sh("ls " .. dir .. "/" .. HOME .. "execution/feedbacks/ | grep RESOLUTION")))
  end)

  it("archives a plan", function()
    for _, code in ipairs { "01", "02", "11", "12" } do
      write("execution/feedbacks/APPROVED_" .. code .. ".md", "# APPROVED\n\nGood.\n")
    end
    local prompt = run "complete @CSV-IMPORT"
    local line = assert(prompt.out:match("`(promptgen archive[^`]*)`"))
    local made = run(line)
    assert.equal(0, made.status, made.err)
    assert.matches("documentation/archive/csv-import-2026/planning/PLAN_CSV-IMPORT.md", made.out, 1, true)
  end)

  it("is a command that there is, in every prompt", function()
    write("parallel.json", '{"achievements": [{"achievement_id": "1.2", "dependencies": ["1.1"]}]}')
    for _, line in ipairs { "next @CSV-IMPORT", "next @MONTHLY-REPORT", "subplan @CSV-IMPORT", "pause @CSV-IMPORT",
      "resume @CSV-IMPORT", "discover @CSV-IMPORT", "verify @CSV-IMPORT", "complete @CSV-IMPORT --summary",
      "review @CSV-IMPORT --achievement 0.1" } do
      local prompt = run(line)
      assert.equal(0, prompt.status, prompt.err)
      for name in prompt.out:gmatch("`promptgen (%l+)") do
        assert.equal(0, program.run({ "help", name }, { cwd = dir }).status, name)
      end
    end
  end)
end)
