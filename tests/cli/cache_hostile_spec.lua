--- A hostile cache directory: whatever stands in it, and whatever the system refuses, the program
--- prints what it prints without a cache, with one warning at most.
local program = require "support.program"
local cjson = require "cjson"

describe("a hostile cache", function()
  local work, home, without
  local PLAN = "@CSV-IMPORT"

  setup(function()
    local dir = program.example_copy()
    without = program.run({ "next", PLAN, "--no-cache" }, { cwd = dir }).out
    program.remove(dir)
    assert.matches("^# ", without)
  end)

  before_each(function()
    work = program.example_copy()
    home = program.temp_dir()
  end)

  after_each(function()
    program.remove(work)
    program.remove(home)
  end)

  local function run(args, env, shell)
    local all = { XDG_CACHE_HOME = home .. "/cache", XDG_STATE_HOME = home .. "/state" }
    for key, value in pairs(env or {}) do
      all[key] = value
    end
    return program.run(args, { cwd = work, env = all, shell = shell })
  end

  local function warnings(result)
    local _, count = result.err:gsub("promptgen: warning: ", "")
    return count
  end

  --- The right output, and at most so many warnings.
  local function answers(most, env, shell)
    local result = run({ "next", PLAN }, env, shell)
    assert.equal(0, result.status, result.err)
    assert.equal(without, result.out)
    assert.is_true(warnings(result) <= most, result.err)
    return result
  end

  --- Files of the plans' records, by plan.
  local function records()
    local files = {}
    for _, entry in ipairs(cjson.decode(run({ "cache", "list", "--json" }).out).entries) do
      if entry.kind == "plan" then
        files[entry.path:match "PLAN_(.*)%.md$"] = program.sh("find " .. home .. "/cache -name " .. entry.name)
      end
    end
    return files
  end

  --- Runs a shell script as root in a mount namespace of its own; pending where that is refused.
  local function in_namespace(script)
    if select(2, program.sh "unshare -m mount -t tmpfs none /mnt") ~= 0 then
      return pending "this system makes no mount namespaces"
    end
    return program.sh(("unshare -m sh -c %s"):format(program.quote(script)))
  end

  --- A script that runs the program under `prefix`, with its output in files below `home`, and prints
  --- its exit status.
  local function script(options, prefix)
    return ([[cd %s; export HOME=%s XDG_CACHE_HOME=%s/cache XDG_STATE_HOME=%s/state
      %s %s next %s %s >%s/out 2>%s/err; echo $?]]):format(work, home, home, home, prefix or "", program.path,
      PLAN, options or "", home, home)
  end

  --- After such a script: the right output and one warning, which has this pattern; nil = none.
  local function check_script(status, pattern)
    local err = program.read(home .. "/err")
    assert.equal("0", status, err)
    assert.equal(without, program.read(home .. "/out"))
    local _, count = err:gsub("promptgen: warning: ", "")
    assert.equal(pattern and 1 or 0, count, err)
    assert.matches(pattern or "^$", err)
  end

  it("that belongs to somebody else is not used", function()
    if program.sh "id -u" ~= "0" then
      return pending "only root can give a directory away"
    end
    program.sh("mkdir -p " .. home .. "/cache/promptgen && chown 65534 " .. home .. "/cache/promptgen")
    assert.equal(1, warnings(answers(1)))
    assert.equal(6, run({ "next", PLAN, "--require-cache" }).status)
    assert.equal("", program.sh("find " .. home .. "/cache -type f -not -path '*/config/*'"))
  end)

  it("with no place costs one warning", function()
    for _, env in ipairs { { XDG_CACHE_HOME = "relative", HOME = "" }, { XDG_CACHE_HOME = "", HOME = "" } } do
      assert.equal(1, warnings(answers(1, env)))
      local result = run({ "next", PLAN, "--require-cache" }, env)
      assert.same({ 6, "" }, { result.status, result.out })
    end
    assert.equal("", program.sh("find " .. work .. " -name relative"))
    assert.equal(0, warnings(answers(0, { XDG_CACHE_HOME = "relative", HOME = home }))) -- as if it were not set
    assert.equal("promptgen", program.sh("ls " .. home .. "/.cache"))
  end)

  it("on a full disk costs one warning, and an error where it is required", function()
    local mount = ("mkdir -p %s/cache && mount -t tmpfs -o size=12k none %s/cache || exit 9\n"):format(home, home)
    local status = in_namespace(mount .. script() .. "\nfind " .. home .. "/cache -name '.*' -type f")
    if status then
      check_script(status, "warning: nothing is kept for the next run: [^\n]*No space left")
      assert.equal("6", in_namespace(mount .. script "--require-cache"))
    end
  end)

  it("on a read-only disk is read all the same", function()
    local mount = ("mkdir -p %s/cache && mount -t tmpfs none %s/cache || exit 9\n"):format(home, home)
    local lock = ("\nmount -o remount,ro %s/cache\n"):format(home)
    local again = ("rm -rf %s/state\n"):format(home)
    local status = in_namespace(mount .. script() .. lock .. again .. script())
    if status then
      check_script(status:match "^0\n(.*)") -- no warning, since nothing had to be written
      status = in_namespace(mount .. lock .. script())
      check_script(status, "warning: nothing is kept for the next run: ")
      assert.equal("6", in_namespace(mount .. lock .. script "--require-cache"))
      assert.equal("", program.read(home .. "/out"))
    end
  end)

  it("beyond a file size limit costs a warning, not the program", function()
    local limited = ([[cd %s; (ulimit -f 1; HOME=%s XDG_CACHE_HOME=%s/cache XDG_STATE_HOME=%s/state %s next %s \
      2>%s/err) | cat >%s/out]]):format(work, home, home, home, program.path, PLAN, home, home)
    program.sh(limited)
    assert.equal(without, program.read(home .. "/out"))
    local _, count = program.read(home .. "/err"):gsub("warning: nothing is kept [^\n]*too large", "")
    assert.equal(1, count)
    assert.equal("", program.sh("find " .. home .. "/cache -name '.*' -type f"))
  end)

  it("whose record is damaged anywhere computes the answer and writes the record again", function()
    answers(0)
    local file = records()["CSV-IMPORT"]
    local good = program.read(file)
    local bytes = {}
    for at = 1, #good, #good // 40 do
      bytes[#bytes + 1] = good:sub(1, at - 1) .. string.char(good:byte(at) ~ 0x10) .. good:sub(at + 1)
      bytes[#bytes + 1] = good:sub(1, at)
    end
    bytes[#bytes + 1] = ""
    bytes[#bytes + 1] = good .. "x"
    for _, text in ipairs(bytes) do
      program.write(file, text)
      assert.equal(1, warnings(answers(1)))
      assert.equal(#good, #program.read(file))
    end
    assert.equal(0, warnings(answers(0)))
  end)

  it("with the record of another plan, workspace or version in its place is not believed", function()
    assert.equal(0, run({ "cache", "warm" }).status)
    local files = records()
    local mine, other = files["CSV-IMPORT"], files["MONTHLY-REPORT"]
    local a, b = program.read(mine), program.read(other)
    program.write(mine, b)
    program.write(other, a)
    answers(0)
    assert.matches("fresh", run({ "cache", "show", PLAN }).out)
    local elsewhere = program.example_copy()
    program.run({ "next", PLAN }, { cwd = elsewhere, env = { XDG_CACHE_HOME = home .. "/other" } })
    local foreign = program.sh("find " .. home .. "/other -type f -size +4k")
    program.sh(("cp $(echo %s | tr ' ' '\n' | head -1) %s"):format(foreign:gsub("\n", " "), mine))
    answers(0)
    program.remove(elsewhere)
    program.write(mine, a:sub(1, 20) .. "\255\255\255\127" .. a:sub(25)) -- a version of years to come
    assert.equal(1, warnings(answers(1)))
  end)

  it("with a link, a directory or a pipe for a record neither follows nor waits", function()
    answers(0)
    local file = records()["CSV-IMPORT"]
    for _, make in ipairs { "cp %s %s.copy; rm %s; ln -s %s.copy %s", "rm %s; mkfifo %s" } do
      program.sh((make:gsub("%%s", file)))
      assert.is_true(warnings(answers(1)) <= 1)
      assert.equal("regular file", program.sh("stat -c %F " .. file))
    end
    program.sh(("rm %s; mkdir %s"):format(file, file))
    answers(1)
  end)

  it("with what dead processes left neither waits nor keeps it", function()
    answers(0)
    local file = records()["CSV-IMPORT"]
    local folder = file:match "(.*)/[^/]*$"
    local version = folder:match "(.*)/[^/]*$"
    program.sh(("touch %s/gc.lock; printf half > %s/.1.1.0; touch -d '2 hours ago' %s/.1.1.0")
      :format(version, folder, folder))
    answers(0)
    local started_at = os.time()
    assert.equal(1, cjson.decode(run({ "cache", "gc", "--json" }).out).stale_files)
    assert.is_true(os.time() - started_at <= 1)
    answers(0)
  end)

  it("is no stale answer, however the times of the files lie", function()
    local feedback = work .. "/work-space/plans/CSV-IMPORT/execution/feedbacks/APPROVED_01.md"
    local old = program.read(feedback)
    for _, time in ipairs { "2015-01-01", "2040-01-01" } do
      program.write(feedback, old)
      program.sh(("touch -d %s %s; cp -p %s %s/kept"):format(time, feedback, feedback, home))
      answers(0)
      program.write(feedback, (" "):rep(#old)) -- as long as before, and empty
      program.sh(("touch -r %s/kept %s"):format(home, feedback))
      local cached = run { "status", PLAN, "--json" }
      assert.equal(run({ "status", PLAN, "--json", "--no-cache" }).out, cached.out)
      assert.matches('"approved":0', cached.out)
    end
  end)

  it("never turns what was denied into what is allowed", function()
    local secret = home .. "/secret"
    program.sh("mkdir " .. secret .. "; mkdir -p " .. work .. "/workflows")
    program.write(secret .. "/word", "opensesame")
    program.write(work .. "/workflows/peek.lua", ([[
      local workflow = require "promptgen.workflow"
      return workflow.define { name = "peek", run = function(ctx)
        return assert(ctx.workspace:read %q)
      end }]]):format(secret .. "/word"))
    local denied = run { "run", "workflows/peek.lua" }
    assert.equal(3, denied.status, denied.err)
    local allowed = run { "run", "workflows/peek.lua", "--allow-read=" .. secret }
    assert.same({ 0, "opensesame\n" }, { allowed.status, allowed.out }, allowed.err)
    local again = run { "run", "workflows/peek.lua" }
    assert.same({ 3, "", denied.err }, { again.status, again.out, again.err })
    assert.equal("", program.sh("grep -rl opensesame " .. home .. "/cache"))
  end)

  it("survives a failure of each system call on it", function() -- of writes: tests/c/test_store.c
    answers(0)
    local calls = { "openat", "read", "newfstatat", "mkdirat", "renameat", "close", "unlinkat" }
    for _, call in ipairs(calls) do
      for _, failure in ipairs { "EIO", "ENOSPC" } do
        for nth = 1, call == "close" and 3 or 4 do
          if nth % 2 == 0 then
            program.sh("rm -rf " .. home .. "/cache")
          end
          local version = program.sh("ls -d " .. home .. "/cache/promptgen/v* 2>/dev/null | head -1")
          local paths = ("-P %s/cache -P %s/cache/promptgen -P %s"):format(home, home,
            version ~= "" and version or "/nowhere")
          local status = program.sh(script("", ("strace -f -o /dev/null %s -e trace=%s -e inject=%s:error=%s:when=%d")
            :format(paths, call, call, failure, nth)))
          assert.equal("0", status, call)
          assert.equal(without, program.read(home .. "/out"))
          local _, count = program.read(home .. "/err"):gsub("promptgen: warning: ", "")
          assert.is_true(count <= 1)
        end
      end
    end
    assert.equal("", program.sh("find " .. home .. "/cache -name '.*' -type f"))
  end)
end)
