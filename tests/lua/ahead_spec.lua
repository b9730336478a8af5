-- Tests of reading ahead, as Lua sees it, and of what a run guesses.
local ahead = require "promptgen.ahead"
local foresight = require "promptgen.foresight"
local fs = require "promptgen.fs"
local plan = require "promptgen.plan"
local pool = require "promptgen.pool"
local workspace = require "promptgen.workspace"

local DIR = "work-space/plans/A"
local PLAN = DIR .. "/PLAN_A.md"

describe("reading ahead", function()
  local root_path, root

  local function write(path, text)
    assert(os.execute(("mkdir -p '%s/%s'"):format(root_path, path:match "^(.*)/")))
    local file = assert(io.open(root_path .. "/" .. path, "w"))
    file:write(text)
    file:close()
  end

  before_each(function()
    root_path = os.tmpname()
    os.remove(root_path)
    write(PLAN, "# PLAN: A\n\n## Achievements\n\n**Achievement 1.1**: One\n\n**Achievement 1.2**: Two\n")
    write(DIR .. "/subplans/SUBPLAN_A_11.md", "# SUBPLAN: 1.1\n")
    write(DIR .. "/subplans/SUBPLAN_A_12.md", "# SUBPLAN: 1.2\n")
    write(DIR .. "/execution/EXECUTION_TASK_A_12_01.md", "# EXECUTION: 1.2\n")
    write(DIR .. "/execution/feedbacks/APPROVED_11.md", "# APPROVED: 1.1\n\nGood.\n")
    write(DIR .. "/execution/feedbacks/FIX_12.md", "# FIX: 1.2\n\n## Issues\n")
    root = assert(fs.root(root_path))
  end)

  after_each(function()
    root:close()
    os.execute("rm -rf " .. root_path)
  end)

  local function wait_for(reader, ...)
    repeat until reader:ready(...)
  end

  it("gives the record, signature and hash that reading it here gives, once", function()
    if pool.processors() < 2 then
      return
    end
    local reader <close> = assert(ahead.new(root))
    assert.is_true(reader:want(PLAN))
    assert.is_true(reader:prepare())
    wait_for(reader, PLAN)
    local record, signature, hash = reader:take(PLAN)
    local text, here = root:read(PLAN)
    assert.equal(plan.dump(assert(plan.parse(text, { path = PLAN }))), plan.dump(record))
    assert.is_true(fs.same(here, signature))
    assert.equal(fs.hash(text), hash)
    assert.is_nil((reader:take(PLAN)))
  end)

  it("wants each document once, and nothing after the end", function()
    local reader <close> = assert(ahead.new(root))
    assert.is_true(reader:prepare {})
    assert.equal(pool.processors() > 1, reader:want(PLAN, "header"))
    assert.is_false(reader:want(PLAN, "header"))
    reader:finish()
    assert.is_false(reader:want(PLAN))
    assert.is_nil((reader:take "missing.md"))
  end)

  it("raises for what only a mistake can be", function()
    local reader = assert(ahead.new(root))
    assert.error_matches(function() reader:want(PLAN, "some") end, "\"header\" expected")
    assert.error_matches(function() reader:prepare(1) end, "table expected")
    reader:close()
    reader:close()
    assert.error(function() reader:want(PLAN) end)
  end)

  --- A workspace that has begun to read PLAN, and the paths its reader is asked for.
  local function begun(options)
    local ws = assert(workspace.open { root = root_path, snapshot = true })
    ws:start_noting()
    local called = 0
    foresight.begin(ws, PLAN, function() called = called + 1 end)
    local asked = {}
    if ws.ahead then
      local reader = ws.ahead
      ws.ahead = {
        take = function(_, path, extent)
          asked[#asked + 1] = path
          if not (options and options.deaf) then
            return reader:take(path, extent)
          end
        end,
        close = function() reader:close() end,
      }
    end
    return ws, called, asked
  end

  it("reads a plan and what its next step will ask for, beside what is done meanwhile", function()
    if pool.processors() < 2 then
      return
    end
    local ws, called = begun()
    assert.equal(1, called)
    local record = assert(ws:document(PLAN))
    assert.equal("1.2", record.achievements[2].number)
    assert.equal("A", record.feature)
    ws:close()
  end)

  it("notes nothing that only a guess looked at", function()
    local ws = begun()
    local touched = ws:stop_noting()
    assert.same({ documents = {}, listings = {}, contents = {} }, touched)
    ws:close()
  end)

  it("gives the same state as without", function()
    local function answer(options)
      local ws = options.without and assert(workspace.open { root = root_path, snapshot = true })
        or begun(options)
      local status = assert(require("promptgen.state").resolve(ws, assert(ws:document(PLAN))))
      ws:close()
      return { status.state, status.next.number, status.next.state, status.next.path }
    end
    local without = answer { without = true }
    assert.same({ "active", "1.2", "needs_fix", DIR .. "/execution/feedbacks/FIX_12.md" }, without)
    assert.same(without, answer {})
    assert.same(without, answer { deaf = true })
  end)

  it("leaves a plan that cannot be read, and patterns that do not compile, to the reader", function()
    os.remove(root_path .. "/" .. PLAN)
    local ws = begun()
    local record, err = ws:document(PLAN)
    assert.is_nil(record)
    assert.equal("not_found", err.code)
    ws:close()
  end)

  it("does nothing for a plan that is known, and where files are not read directly", function()
    local ws = assert(workspace.open { root = root_path, snapshot = true })
    assert(ws:document(PLAN))
    foresight.begin(ws, PLAN, function() error "called" end)
    assert.is_nil(ws.ahead)
    ws:close()
  end)
end)
