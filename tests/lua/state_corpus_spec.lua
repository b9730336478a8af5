--- The answers for a real workspace, against answers found by reading it. The workspace is no part of
--- the project: without it these tests are pending. PROMPTGEN_SHARED names the folder it is in.
local cjson = require "cjson"
local state = require "promptgen.state"
local workspace = require "promptgen.workspace"

local program = require "support.program"

local shared = program.shared()
local corpus = shared and shared .. "/corpus"

local function value(v)
  return v ~= cjson.null and v or nil
end

local function set_of(list, key)
  local seen, names = {}, {}
  for _, one in ipairs(list) do
    local name = key and one[key] or one
    if not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return table.concat(names, " ")
end

--- What of an answer differs from the expected one, as lines.
local function differences(expected, status)
  local found = {}
  local function compare(what, want, got)
    if want ~= got then
      found[#found + 1] = ("%s: %s, expected %s"):format(what, tostring(got), tostring(want))
    end
  end
  compare("state", expected.state, status.state)
  compare("total", expected.total, status.total)
  compare("approved", expected.approved, status.approved)
  local want, got = value(expected.next) or {}, status.next or {}
  for _, key in ipairs { "number", "state", "recommendation", "rule" } do
    compare("next " .. key, want[key], got[key])
  end
  compare("warnings", set_of(expected.warnings), set_of(status.warnings, "code"))
  compare("conflicts", set_of(expected.conflicts), set_of(status.conflicts, "kind"))
  for i, one in ipairs(expected.achievements) do
    local item = status.achievements[i] or {}
    compare("achievement", one.number, item.number)
    compare(one.number .. " state", one.state, item.state)
    compare(one.number .. " file", value(one.file), item.file)
  end
  return found
end

describe("the real workspace", function()
  if not corpus then
    pending "skipped: there is no reference workspace"
    return
  end
  local root = program.sh("cd " .. program.quote(corpus .. "/workspace") .. " && pwd")
  for _, expected in ipairs(cjson.decode(program.read(corpus .. "/expected_states.json"))) do
    it("is answered right: " .. expected.path, function()
      local ws = assert(workspace.open { root = root })
      local plan = assert(ws:plan(expected.path))
      assert.equal(expected.feature, plan.feature)
      local status = assert(state.resolve(ws, plan))
      local found = differences(expected, status)
      ws:close()
      if #found > 0 and expected.sure then
        error(table.concat(found, "\n"), 0)
      elseif #found > 0 then
        pending(expected.note .. "\n" .. table.concat(found, "\n"))
      end
    end)
  end
end)
