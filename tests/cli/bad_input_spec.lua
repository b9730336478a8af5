--- What unusual and broken plan files do to the program: a clear error with place and hint, its exit
--- status, nothing on standard output.
local program = require "support.program"

local quote = program.quote

describe("promptgen next on", function()
  local root, plans

  before_each(function()
    root = program.temp_dir()
    plans = root .. "/work-space/plans"
    program.sh(("mkdir -p %s/GOOD"):format(quote(plans)))
    program.write(plans .. "/GOOD/PLAN_GOOD.md",
      "# PLAN: Good\n\n## Achievements\n\n**Achievement 1.1**: First\n\n- **Goal**: It works\n")
  end)

  after_each(function()
    program.remove(root)
  end)

  local function fails(target, status, pattern, args)
    local list = { "next", target }
    table.move(args or {}, 1, #(args or {}), 3, list)
    local result = program.run(list, { cwd = root })
    assert.equal(status, result.status, result.err)
    assert.equal("", result.out)
    assert.matches(pattern, result.err)
    assert.matches("\nhint: ", result.err)
    assert.is_nil(result.err:find "[%z\1-\8\11-\31\127]")
    return result
  end

  local function plan(name, text)
    program.sh(("mkdir -p %s/%s"):format(quote(plans), quote(name)))
    program.write(("%s/%s/PLAN_%s.md"):format(plans, name, name), text)
  end

  it("a name that is not there names the nearest", function()
    fails("@GODO", 4, "error%[not_found%].*@GOOD")
    fails("work-space/plans/GOOD/PLAN_GODO.md", 4, "error%[not_found%]")
  end)

  it("a name that several plans share lists them", function()
    plan("GOLD", "x")
    fails("@GO", 4, "error%[ambiguous%].*GOLD.*GOOD")
  end)

  it("what is no regular file says so at once", function()
    program.sh(("mkfifo %s/PIPE.md; ln -s /dev/zero %s/ZERO.md; mkdir %s/DIR.md"):format(plans, plans, plans))
    fails("work-space/plans/PIPE.md", 4, "error%[not_regular%].*not a regular file")
    local zero = program.run({ "next", "work-space/plans/ZERO.md" }, { cwd = root })
    assert.is_true(zero.status == 3 or zero.status == 4, zero.err)
    assert.equal("", zero.out)
    local dir = program.run({ "next", "work-space/plans/DIR.md" }, { cwd = root })
    assert.equal(4, dir.status, dir.err)
  end)

  it("what has the name of a PLAN and is none is listed with what it is", function()
    program.sh(("cd %s && mkdir PIPE LINK HUGE && mkdir -p DIR/PLAN_DIR.md && mkfifo PIPE/PLAN_PIPE.md"):format(plans))
    program.sh(("cd %s && ln -s /dev/zero LINK/PLAN_LINK.md && truncate -s 20M HUGE/PLAN_HUGE.md"):format(plans))
    local list = require("cjson").decode(program.run({ "plans", "--json" }, { cwd = root }).out).plans
    local seen = {}
    for _, one in ipairs(list) do
      seen[one.path:match "([^/]+)/[^/]+$"] = one.error and one.error.code or one.state
    end
    assert.same({ DIR = "not_regular", GOOD = "active", HUGE = "too_large", LINK = seen.LINK,
      PIPE = "not_regular" }, seen)
    assert.is_truthy(seen.LINK == "outside_root" or seen.LINK == "not_regular", seen.LINK)
    local text = program.run({ "status" }, { cwd = root }).out
    for _, name in ipairs { "DIR", "PIPE", "LINK", "HUGE" } do
      assert.matches("PLAN_" .. name .. "%.md +error ", text)
      fails("@" .. name, name == "LINK" and seen.LINK == "outside_root" and 3 or 4, "error%[" .. seen[name] .. "%]")
    end
  end)

  it("a plan whose numbers are malformed is shown the first of them", function()
    plan("MALF", "# PLAN: X\n\n## Achievements\n\n**Achievement 1.x**: A\n\n**Achievement 1**: B\n")
    fails("@MALF", 4, "PLAN_MALF.md:5: the plan defines no achievement.*'1.x' is not a number")
    local text = program.run({ "next", "@MALF" }, { cwd = root }).err
    for _, args in ipairs { { "status", "@MALF" }, { "approve", "@MALF", "1.1", "--reviewer", "A" } } do
      assert.equal(text, program.run(args, { cwd = root }).err)
    end
  end)

  it("a file above the limit is refused by its size", function()
    plan("BIG", "")
    program.sh(("truncate -s 20M %s/BIG/PLAN_BIG.md"):format(plans))
    fails("@BIG", 4, "error%[too_large%].*16")
  end)

  it("a link out of the workspace is refused, whether its target exists or not", function()
    program.sh(("mkdir %s/LINK %s/NONE"):format(plans, plans))
    program.sh(("ln -s /etc/passwd %s/LINK/PLAN_LINK.md; ln -s /no/such %s/NONE/PLAN_NONE.md"):format(plans, plans))
    local there = fails("@LINK", 3, "error%[outside_root%]")
    local absent = fails("@NONE", 3, "error%[outside_root%]")
    assert.equal((there.err:gsub("LINK", "X")), (absent.err:gsub("NONE", "X")))
    assert.is_nil(there.err:find "root:")
  end)

  it("an empty plan, or one without achievements, is never complete", function()
    plan("EMPTY", "")
    fails("@EMPTY", 4, "error%[no_achievements%]")
    plan("NOTES", "# PLAN: Notes\n\nAchievement 1.1 is mentioned.\n\n- Achievement 1.2: in a list\n")
    fails("@NOTES", 4, "error%[no_achievements%].*hint: an achievement is defined by")
  end)

  it("an undefined or malformed number is refused with what is defined", function()
    fails("@GOOD", 4, "defines no achievement 7%.7.*1%.1", { "--achievement", "7.7" })
    fails("@GOOD", 4, "defines no achievement ../x", { "--achievement", "../x" })
    fails("@GOOD", 4, "", { "--achievement", "" })
  end)

  it("files that people really have works: BOM, CRLF, NUL, invalid UTF-8, no final newline", function()
    local text = "# PLAN: Odd\n\n## Achievements\n\n**Achievement 1.1**: First %s\n\n- **Goal**: It works\n"
    for name, body in pairs {
      BOM = "\239\187\191" .. text:format "", CRLF = (text:format ""):gsub("\n", "\r\n"),
      NUL = text:format "a\0b", BAD = text:format "a\xff\xc3b", CUT = (text:format ""):sub(1, -2),
    } do
      plan(name, body)
      local result = program.run({ "next", "@" .. name }, { cwd = root })
      assert.equal(0, result.status, name .. result.err)
      assert.matches("achievement 1%.1", result.out)
      assert.matches("It works", result.out)
      assert.is_truthy(utf8.len(result.out), name)
      assert.is_nil(result.out:find "\r")
    end
  end)

  it("an unreadable plan says why", function()
    if program.sh "id -u" == "0" then
      return pending "root reads everything"
    end
    program.sh(("chmod 000 %s/GOOD/PLAN_GOOD.md"):format(plans))
    fails("@GOOD", 3, "error%[permission%]")
  end)

  it("a workspace that is not there says how to name one", function()
    local empty = program.temp_dir()
    local result = program.run({ "next", "@GOOD" }, { cwd = empty })
    assert.equal(4, result.status)
    assert.equal("", result.out)
    assert.matches("hint:.*%-%-root", result.err)
    program.remove(empty)
  end)

  it("another current directory gives the same answer", function()
    program.sh(("mkdir -p %s/deep/er"):format(root))
    local here = program.run({ "next", "@GOOD" }, { cwd = root })
    local below = program.run({ "next", "@GOOD" }, { cwd = root .. "/deep/er" })
    local away = program.run({ "next", "@GOOD", "--root", root }, { cwd = "/" })
    assert.equal(0, here.status, here.err)
    assert.equal(here.out, below.out)
    assert.equal(here.out, away.out)
  end)
end)

describe("a run", function()
  it("works the same through the file, the name and the short form, and with a workspace's own copy", function()
    local root = program.example_copy()
    local by_file = program.run({ "run", "workflows/next.lua", "@CSV-IMPORT" }, { cwd = root })
    assert.equal(0, by_file.status, by_file.err)
    assert.equal(by_file.out, program.run({ "run", "next", "@CSV-IMPORT" }, { cwd = root }).out)
    assert.equal(by_file.out, program.run({ "next", "@csv-import" }, { cwd = root }).out)
    assert.equal(0, program.run({ "copy", "next" }, { cwd = root }).status)
    local copied = program.run({ "next", "@CSV-IMPORT" }, { cwd = root })
    assert.equal(by_file.out, copied.out)
    assert.equal("", copied.err)
    local path = root .. "/workflows/next.lua"
    program.write(path, program.read(path) .. "-- changed\n")
    local changed = program.run({ "next", "@CSV-IMPORT" }, { cwd = root })
    assert.equal(by_file.out, changed.out)
    assert.matches("notice: workflows/next.lua of this workspace", changed.err)
    assert.equal("", program.run({ "next", "@CSV-IMPORT", "--builtin" }, { cwd = root }).err)
    program.remove(root)
  end)

  it("of a new workflow skeleton prints what the skeleton says", function()
    local root = program.example_copy()
    local made = program.run({ "new", "workflow", "brief" }, { cwd = root })
    assert.equal(0, made.status, made.err)
    local result = program.run({ "brief", "@CSV-IMPORT" }, { cwd = root })
    assert.equal(0, result.status, result.err)
    assert.matches("Next is achievement 0%.2, Duplicate Detection", result.out)
    local again = program.run({ "new", "workflow", "brief" }, { cwd = root })
    assert.equal(7, again.status)
    assert.equal("", again.out)
    for _, name in ipairs { "next", "status" } do -- a command would always win over it
      local taken = program.run({ "new", "workflow", name }, { cwd = root })
      assert.equal(2, taken.status)
      assert.matches("is a command of promptgen", taken.err)
    end
    program.remove(root)
  end)

  it("names its scripts with their digests in JSON", function()
    local result = program.run({ "next", "@MONTHLY-REPORT", "--json" }, { cwd = program.example })
    assert.equal(0, result.status, result.err)
    local object = require("cjson").decode(result.out)
    assert.equal("promptgen.prompt/1", object.schema)
    assert.equal("address_fixes", object.next.recommendation)
    assert.equal("1.1", object.next.number)
    assert.is_true(#object.scripts >= 2)
    for _, script in ipairs(object.scripts) do
      assert.matches("^%x+$", script.sha256)
      assert.equal(64, #script.sha256)
    end
    assert.equal(object.prompt, program.run({ "next", "@MONTHLY-REPORT" }, { cwd = program.example }).out)
  end)

  it("writes files that a flag permits, and only after success", function()
    local root = program.example_copy()
    program.sh(("mkdir -p %s/workflows %s/out"):format(root, root))
    program.write(root .. "/workflows/save.lua", [[
      local workflow = require "promptgen.workflow"
      return workflow.define { name = "save", options = { { "--fail", "flag", "fail at the end" } },
        run = function(ctx)
          assert(ctx:write("out/a.md", "a\n"))
          assert(ctx:write("out/b.md", "b\n"))
          if ctx.args.fail then error "late" end
          return "saved"
        end }]])
    local refused = program.run({ "save", "--fail", "--allow-write=out" }, { cwd = root })
    assert.equal(1, refused.status)
    assert.equal("", (program.sh("ls " .. root .. "/out")))
    local dry = program.run({ "save", "--allow-write=out", "--dry-run" }, { cwd = root })
    assert.matches("promptgen: would write out/a.md %(2 bytes%)", dry.err)
    assert.equal("", (program.sh("ls " .. root .. "/out")))
    local done = program.run({ "save", "--allow-write=out" }, { cwd = root })
    assert.equal("saved\n", done.out, done.err)
    assert.equal("a\n", program.read(root .. "/out/a.md"))
    assert.equal("b\n", program.read(root .. "/out/b.md"))
    program.remove(root)
  end)
end)
