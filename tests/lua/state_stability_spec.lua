--- The same files give the same answer: after a copy, a clone, a touch, on a read-only tree, from
--- another place. The workspace is a real one on disk.
local json = require "promptgen.json"
local program = require "support.program"
local report = require "promptgen.state.report"
local state = require "promptgen.state"
local workspace = require "promptgen.workspace"

local quote = program.quote

local function answers(root, opts)
  local ws = assert(workspace.open { root = root })
  local out = {}
  for _, path in ipairs(assert(ws:plans())) do
    local status = assert(state.resolve(ws, assert(ws:plan(path)), opts))
    out[#out + 1] = json.encode(report.status(status, {}))
  end
  ws:close()
  assert.is_true(#out > 0)
  return table.concat(out, "\n")
end

describe("the answer", function()
  local dir, root, before

  setup(function()
    dir = program.temp_dir()
    root = dir .. "/original"
    local source = program.shared() and program.shared() .. "/corpus/workspace" or program.example
    program.sh(("cp -R %s %s && chmod -R u+w %s"):format(quote(source), quote(root), quote(root)))
    before = answers(root)
  end)

  teardown(function()
    program.remove(dir)
  end)

  it("is equal after cp -r, which gives new times and inodes", function()
    program.sh(("cp -r %s %s"):format(quote(root), quote(dir .. "/copy")))
    assert.equal(before, answers(dir .. "/copy"))
  end)

  it("is equal in a git clone, which keeps neither times nor empty folders", function()
    local text, status = program.sh(("cd %s && git init -q . && git add -A && git -c user.name=t "
      .. "-c user.email=t@example.org commit -qm x && git clone -q . %s"):format(quote(root), quote(dir .. "/clone")))
    assert.equal(0, status, text)
    assert.equal(before, answers(dir .. "/clone"))
  end)

  it("is equal after touch, whichever file is the newest", function()
    program.sh(("find %s -name 'FIX_*' -exec touch -d '2031-01-01' {} +"):format(quote(root)))
    assert.equal(before, answers(root))
    program.sh(("find %s -name 'APPROVED_*' -exec touch -d '1999-01-01' {} +"):format(quote(root)))
    assert.equal(before, answers(root))
  end)

  it("is equal on a read-only tree", function()
    program.sh("chmod -R a-w " .. quote(root))
    assert.equal(before, answers(root))
    program.sh("chmod -R u+w " .. quote(root))
  end)

  it("is equal when asked twice in one process, with every record kept", function()
    local ws = assert(workspace.open { root = root })
    for _, path in ipairs(assert(ws:plans())) do
      local first = json.encode(report.status(assert(state.resolve(ws, assert(ws:plan(path)))), {}))
      local second = json.encode(report.status(assert(state.resolve(ws, assert(ws:plan(path)))), {}))
      assert.equal(first, second)
    end
    ws:close()
  end)
end)
