--- archive: never over anything, all or nothing, and only what is complete.
local program = require "support.program"
local workspace = require "support.workspace"

local TARGET = "@WORD-COUNT"
local DIR = "work-space/plans/WORD-COUNT/"
local ARCHIVE = "documentation/archive/word-count/"

describe("archive", function()
  local ws

  before_each(function()
    ws = workspace.new("--example")
    ws:ok("batch", TARGET, "subplans", "--yes")
  end)

  after_each(function()
    ws:close()
  end)

  local function close_all()
    ws:ok("approve", TARGET, "--all", "--force")
  end

  it("refuses a plan that is not complete, unless it is forced", function()
    assert.matches("0 of 3 approved", ws:fails("bad_input", "archive", TARGET).message)
    ws:ok("archive", TARGET, "--force")
    assert.equal("active", ws:json("status", ARCHIVE .. "planning/PLAN_WORD-COUNT.md").state)
  end)

  it("moves nothing into .git, whoever names it", function()
    close_all()
    ws:fails("permission", "archive", TARGET, "--to", ".git/x")
    local plan = DIR .. "PLAN_WORD-COUNT.md"
    ws:write(plan, (ws:read(plan):gsub("%*%*Archive Location%*%*: `[^`]*`", "**Archive Location**: `.git/hooks/`")))
    local err = ws:fails("permission", "archive", TARGET)
    assert.matches("%.git/hooks", err.message)
    assert.is_false(ws:exists ".git")
    assert.is_true(ws:exists(plan))
  end)

  it("moves files with their content, mode and time, links as links, and leaves no empty folder", function()
    close_all()
    local link = DIR .. "notes/link.md"
    ws:write(DIR .. "notes/raw.bin", "a\0b\r\n\xff")
    program.sh(("cd %s && ln -s raw.bin %s && chmod 640 %snotes/raw.bin && touch -d 2020-02-02 %snotes/raw.bin")
      :format(ws.root, link, DIR, DIR))
    local before = program.sh(("cd %s/%s && stat -c '%%a %%Y %%i' notes/raw.bin"):format(ws.root, DIR))
    ws:ok("archive", TARGET)
    assert.equal(before, (program.sh(("cd %s/%s && stat -c '%%a %%Y %%i' notes/raw.bin"):format(ws.root, ARCHIVE))))
    assert.equal("a\0b\r\n\xff", ws:read(ARCHIVE .. "notes/raw.bin"))
    assert.equal("raw.bin", (program.sh(("readlink %s/%snotes/link.md"):format(ws.root, ARCHIVE))))
    assert.equal("", (program.sh(("ls %s/work-space/plans"):format(ws.root))))
  end)

  it("moves nothing when one place is taken, and names all that are", function()
    close_all()
    ws:write(ARCHIVE .. "planning/parallel.json", "theirs")
    ws:write(ARCHIVE .. "execution/feedbacks/APPROVED_11.md", "theirs")
    local err = ws:fails("conflict", "archive", TARGET)
    assert.equal(ARCHIVE .. "planning/parallel.json", err.path)
    assert.matches("also there: .*APPROVED_11.md", err.hint[1])
    ws:ok("archive", TARGET, "--to", "elsewhere/a")
    assert.is_true(ws:exists "elsewhere/a/planning/PLAN_WORD-COUNT.md")
    assert.equal("theirs", ws:read(ARCHIVE .. "planning/parallel.json"))
  end)

  it("adds to an archive that is there", function()
    close_all()
    ws:write(ARCHIVE .. "subplans/OTHER.md", "theirs")
    ws:ok("archive", TARGET)
    assert.equal("theirs", ws:read(ARCHIVE .. "subplans/OTHER.md"))
    assert.is_true(ws:exists(ARCHIVE .. "subplans/SUBPLAN_WORD-COUNT_11.md"))
  end)

  it("stays beneath the workspace", function()
    close_all()
    for _, dir in ipairs { "../out", "/tmp/out", "", ".", DIR .. "old", "a/../../b" } do
      local err = ws:fails("bad_input", "archive", TARGET, "--to", dir)
      assert.matches("hint", require("cjson").encode(err))
    end
    program.sh(("ln -s .. %s/out"):format(ws.root))
    ws:fails("outside_root", "archive", TARGET, "--to", "out/a")
    assert.is_false(ws:exists "../a/planning/PLAN_WORD-COUNT.md")
  end)

  it("asks for the folder when the plan's own is not filled in", function()
    close_all()
    ws:edit(DIR .. "PLAN_WORD-COUNT.md", "archive/word%-count/", "archive/word-count-YYYY-MM/")
    local err = ws:fails("bad_input", "archive", TARGET)
    assert.matches("not filled in", err.message)
    assert.is_number(err.line)
    ws:ok("archive", TARGET, "--to", ARCHIVE)
  end)

  it("waits for another writer no longer than --timeout, and says so", function()
    close_all()
    local out, status = program.sh(("cd %s && HOME=%s flock . %s archive %s --timeout 50ms")
      :format(ws.root, ws.top, program.path, TARGET))
    assert.equal(7, status)
    assert.matches("another promptgen has been changing this workspace for 0.05 s", out)
    assert.is_true(ws:exists(DIR .. "PLAN_WORD-COUNT.md"))
  end)
end)
