-- Makes a workspace with many plans, for measurements. The same arguments give the same bytes.
-- usage: LUA_CPATH='build/release/lib/?.so' lua5.4 tests/bench/generate_plans.lua DIR [COUNT] [LINES]
-- DIR must exist; COUNT plans (default 10000) in groups of 100, each with a PLAN of about LINES lines
-- (default 120; "500-3000": from 500 for the first plan to 3000 for the last), one SUBPLAN, one
-- EXECUTION_TASK and one APPROVED file.

local fs = require "promptgen.fs"

local dir, count = arg[1], tonumber(arg[2] or 10000)
local least, most = (arg[3] or "120"):match "^(%d+)%-?(%d*)$"
least, most = tonumber(least), tonumber(most) or tonumber(least)
if not dir then
  io.stderr:write("usage: generate_plans.lua DIR [COUNT] [LINES]\n")
  os.exit(2)
end

local root = assert(fs.root(dir))

local function write(path, text)
  assert(root:write(path, text, { parents = true, sync = false }))
end

local function plan(feature, seed)
  local lines = least + (most - least) * (seed - 1) // math.max(1, count - 1)
  local out = {
    ("# PLAN: %s\n\n**Status**: In Progress\n**Created**: 2025-01-%02d\n\n## Goal\n\n"):format(
      feature, seed % 28 + 1),
    "A generated plan that stands for a real one in size and shape.\n\n## Desirable Achievements\n\n",
  }
  local achievements = math.max(1, lines // 12)
  for i = 1, achievements do
    out[#out + 1] = ([[
**Achievement %d.%d**: Step %d of %s

**Goal**: Do the work of this step, test it, and write down what was learned on the way.

- Tests: `tests/test_step_%d.py`
- Deliverables:
  - code for the step
  - a note in the documentation
- Effort: %d-%d hours

---

]]):format((i - 1) // 4 + 1, (i - 1) % 4 + 1, i, feature, i, seed % 4 + 1, seed % 4 + 3)
  end
  out[#out + 1] = "## Current Status & Handoff\n\n**Next**: Achievement 1.2\n"
  return table.concat(out)
end

for i = 1, count do
  local feature = ("FEATURE-%05d"):format(i)
  local folder = ("work-space/plans/group-%03d/%s"):format((i - 1) // 100, feature)
  write(("%s/PLAN_%s.md"):format(folder, feature), plan(feature, i))
  write(("%s/subplans/SUBPLAN_%s_12.md"):format(folder, feature),
    ("# SUBPLAN: Step 2 of %s\n\n**Status**: In Progress\n\n## Objective\n\nDo it.\n"):format(feature))
  write(("%s/execution/EXECUTION_TASK_%s_12_01.md"):format(folder, feature),
    ("# EXECUTION_TASK: Step 2 of %s\n\n**Status**: In Progress\n\n## Iteration Log\n"):format(feature))
  write(folder .. "/execution/feedbacks/APPROVED_11.md",
    "# APPROVED: Achievement 1.1\n\n**Status**: Approved\n")
end
root:close()
