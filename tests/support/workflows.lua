--- Runs workflows with the real program and holds what their prompts say against the files.
local assert = require "luassert"
local cjson = require "cjson"
local program = require "support.program"
local prompts = require "lua.support.prompts"
local state = require "promptgen.state"
local workspace = require "promptgen.workspace"

local workflows = {}

--- Lines of the files below `root`; nil for what does not exist.
local function line_counter(root)
  return function(path)
    local file = io.open(root .. "/" .. path, "rb")
    local text = file and file:read "a"
    if file then
      file:close()
    end
    if not text then
      return nil
    end
    local _, lines = text:gsub("\n", "\n")
    return lines + ((text ~= "" and text:sub(-1) ~= "\n") and 1 or 0)
  end
end

--- Text of the files below `root`; nil for what does not exist.
local function reader(root)
  return function(path)
    local file = io.open(root .. "/" .. path, "rb")
    local text = file and file:read "a"
    if file then
      file:close()
    end
    return text
  end
end

--- Paths a prompt may name though they do not exist: the files of an achievement's next steps, and
--- what the caller adds.
local function may_create(places, step, extra)
  local set = {}
  for _, path in ipairs(extra or {}) do
    set[path] = true
  end
  if step and step ~= cjson.null then
    for _, name in ipairs { "subplan", "approved", "fix", "resolution", "skipped" } do
      set[places[name](step.number)] = true
    end
    for n = 1, 20 do
      set[places.execution(step.number, n)] = true
    end
  end
  return set
end

--- The real plans, where they are present: root, and paths of plans that define achievements.
function workflows.corpus()
  local shared = program.shared()
  if not shared then
    return nil
  end
  local file = assert(io.open(shared .. "/corpus/expected_states.json"))
  local plans = cjson.decode(file:read "a")
  file:close()
  local paths = {}
  for i, plan in ipairs(plans) do
    paths[i] = plan.path
  end
  return shared .. "/corpus/workspace", paths
end

--- The states of a plan's achievements and its layout, as this process resolves them.
function workflows.status(root, path)
  local ws = assert(workspace.open { root = root })
  local plan = assert(ws:plan(path))
  return assert(state.resolve(ws, plan, {})), plan
end

--- Runs a workflow and checks its prompt. Returns the JSON object, or nil, the exit status and the
--- message when it refuses.
---@param root string of the workspace
---@param path string of the plan
---@param args string[] the command line, `--json` excluded
---@param opts? {status?: table, extra?: string[]}
function workflows.check(root, path, args, opts)
  opts = opts or {}
  local words = { table.unpack(args) }
  words[#words + 1] = "--json"
  local result = program.run(words, { cwd = root })
  local object = cjson.decode(result.out ~= "" and result.out or result.err)
  if result.status ~= 0 then
    return nil, result.status, object
  end
  local status = opts.status or workflows.status(root, path)
  local wrong = prompts.complaints(object.prompt, line_counter(root),
    may_create(status.layout, object.next, opts.extra), reader(root))
  assert.same({}, wrong, object.prompt)
  return object
end

--- Runs a workflow for every achievement of the real plans for which a prompt is due, and for the
--- first of each plan for which none is. Returns the number of prompts.
---@param args fun(path: string, number: string): string[]
---@param expected fun(item: table): boolean whether a prompt is due
function workflows.over_corpus(args, expected)
  local root, paths = workflows.corpus()
  local made = 0
  for _, path in ipairs(paths) do
    local status = workflows.status(root, path)
    local refused = false
    for _, item in ipairs(status.achievements) do
      local due = status.state ~= "conflict" and expected(item) or false
      if due or not refused then
        local object, code = workflows.check(root, path, args(path, item.number), { status = status })
        assert.equal(due, object ~= nil, ("%s %s is %s"):format(path, item.number, item.state))
        if object then
          assert.equal(item.number, object.next.number)
          made = made + 1
        else
          assert.equal(status.state == "conflict" and 3 or 4, code)
          refused = true
        end
      end
    end
  end
  return made
end

workflows.csv_import = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"

--- A workspace of the example, in which `check(args...)` runs a workflow and holds its prompt against the
--- files.
--- Call it inside `describe`.
---@param name string of the workflow
function workflows.scene(name)
  local busted = require "busted"
  local scene = {}
  busted.before_each(function() scene.dir = program.example_copy() end)
  busted.after_each(function() program.remove(scene.dir) end)
  function scene.check(...)
    return workflows.check(scene.dir, workflows.csv_import, { name, "@CSV-IMPORT", ... })
  end
  function scene.has(object, ...)
    for _, line in ipairs { ... } do
      assert.matches(line, object.prompt, 1, true)
    end
  end
  function scene.edit(...)
    for _, command in ipairs { ... } do
      program.sh(("sed -i %s %s"):format(program.quote(command), scene.dir .. "/" .. workflows.csv_import))
    end
  end
  --- Every achievement but those of `codes` is approved.
  function scene.approve_all_but(...)
    local open = {}
    for _, code in ipairs { ... } do
      open[code] = true
    end
    for _, item in ipairs(workflows.status(scene.dir, workflows.csv_import).achievements) do
      local code = item.number:gsub("%.", "")
      if not open[code] then
        program.write(("%s/work-space/plans/CSV-IMPORT/execution/feedbacks/APPROVED_%s.md"):format(scene.dir, code),
          "# APPROVED: Achievement " .. item.number .. "\n\nGood.\n")
      end
    end
  end
  return scene
end

return workflows
