--- `promptgen cache`: what is stored, why it would miss, filling, emptying, damaged and odd places.
local program = require "support.program"
local cjson = require "cjson"

describe("promptgen cache", function()
  local work, home

  before_each(function()
    work = program.example_copy()
    home = program.temp_dir()
  end)

  after_each(function()
    program.remove(work)
    program.remove(home)
  end)

  local function run(args, env)
    local all = { XDG_CACHE_HOME = home .. "/cache" }
    for key, value in pairs(env or {}) do
      all[key] = value
    end
    return program.run(args, { cwd = work, env = all })
  end

  local function json(...)
    local result = run { "cache", "--json", ... }
    assert.equal(0, result.status, result.err)
    local object = cjson.decode(result.out)
    assert.equal("promptgen.cache/1", object.schema)
    assert.equal(home .. "/cache/promptgen", object.dir)
    return object
  end

  local function plan_paths()
    return program.sh("cd " .. program.quote(work) .. " && find work-space -name 'PLAN_*.md' | sort")
  end

  --- Files of the listed records; other caches keep theirs beside them.
  local function records()
    local files = {}
    for _, entry in ipairs(json("list").entries) do
      files[#files + 1] = program.sh("find " .. home .. " -name " .. entry.name)
    end
    table.sort(files)
    return table.concat(files, "\n")
  end

  local function count(text)
    local _, n = text:gsub("[^\n]+", "")
    return n
  end

  it("is empty at first and says so without making anything", function()
    assert.same({}, json("list").entries)
    assert.equal(0, json("stats").records)
    assert.equal("", program.sh("ls " .. home))
    local result = run { "cache" }
    assert.equal(0, result.status)
    assert.matches("records    0 of at most 50000", result.out)
  end)

  it("gc removes what a killed run left beside the settings, too", function()
    program.write(work .. "/promptgen.lua", "return { timeout = 9 }\n")
    assert.equal(0, run({ "next", "@CSV-IMPORT" }).status)
    program.sh(([[for record in $(find %s/cache -type f -name '????????????????'); do
      touch -d '2 hours ago' "$(dirname "$record")/.1.1.abcdefab"; touch "$(dirname "$record")/.1.2.abcdefab"; done]])
      :format(home))
    local function left(name)
      return tonumber((program.sh(("find %s/cache -name '%s' | wc -l"):format(home, name))))
    end
    local waste = left ".1.1.*"
    assert.truthy(waste >= 2)
    assert.equal(waste, json("gc").stale_files)
    assert.same({ 0, waste }, { left ".1.1.*", left ".1.2.*" })
  end)

  it("is warmed with all plans, and then they are warm", function()
    local total = count(plan_paths())
    local first = json "warm"
    assert.equal(total, first.plans)
    assert.equal(0, first.warm_before)
    assert.equal(total, first.stored + #first.failed)
    local second = json "warm"
    assert.equal(first.stored, second.warm_before)
    assert.equal(0, second.stored)
    assert.equal(first.stored + 1, json("stats").records) -- and the index of plans
    assert.equal(first.stored + 1, count(records()))
  end)

  it("is warmed with the plans that are named", function()
    local path = plan_paths():match "[^\n]+"
    assert.equal(1, json("warm", path).plans)
    assert.equal("1 plan: 1 was warm, 0 stored, 0 failed\n", run({ "cache", "warm", path }).out)
    assert.equal(path, json("list").entries[1].path)
    assert.equal(work, json("list").entries[1].root)
    assert.equal(4, run({ "cache", "warm", "@NO-SUCH" }).status)
  end)

  it("is warmed with the plans that the configuration names, unless others are named", function()
    program.write(work .. "/promptgen.lua", 'return { warm = { "@CSV-IMPORT", "@GONE" } }\n')
    local result = json "warm"
    assert.same({ 2, 1 }, { result.plans, result.stored })
    assert.same({ "@GONE" }, result.failed)
    assert.not_equal("stale", json("show", "@CSV-IMPORT").entry.state)
    assert.equal(1, json("warm", "@MONTHLY-REPORT").plans)
    program.write(work .. "/promptgen.lua", "return { warm = { 7 } }\n")
    assert.matches("setting 'warm' is a list of plans", run({ "cache", "warm" }).err)
  end)

  it("is warmed for the runs that come: they work nothing out", function()
    program.write(work .. "/promptgen.lua", 'return { order = { "started", "first_open" } }\n')
    json "warm"
    local state = { XDG_STATE_HOME = home .. "/state" }
    assert.equal(0, run({ "plans" }, state).status)
    for _, row in ipairs(cjson.decode(run({ "cache", "stats", "--json" }, state).out).all_runs) do
      assert.equal(0, row.name == "directory_cache" and 0 or row.misses, row.name)
    end
  end)

  it("tells which entry would miss, and why", function()
    json "warm"
    local entries = json("list").entries
    for _, entry in ipairs(entries) do
      assert.is_true(entry.state == "fresh" or entry.state == "racy", entry.state)
    end
    local path = entries[1].path
    program.write(work .. "/" .. path, "# PLAN: changed\n")
    local entry = json("list").entries[1]
    assert.equal("stale", entry.state)
    assert.equal(path, entry.changed)
    assert.equal("size", entry.reason)
    assert.matches("has changed", run({ "cache", "list" }).out)
    assert.equal(1, json("stats").states.stale)
  end)

  it("tells what one entry rests on", function()
    json "warm"
    local path = plan_paths():match "[^\n]+"
    local shown = json("show", path)
    local seen = {}
    for _, item in ipairs(shown.items) do
      seen[item.path] = item.kind
    end
    assert.equal("file", seen[path])
    assert.equal(path, shown.entry.path)
    assert.matches(path, run({ "cache", "show", path }).out, 1, true)
    json "clear"
    local missing = run { "cache", "show", path }
    assert.equal(4, missing.status)
    assert.matches("no record of this plan", missing.err)
  end)

  it("finds and removes what is damaged", function()
    json "warm"
    local files = records()
    local total = count(files)
    local damaged = files:match "[^\n]+"
    program.sh("printf x >> " .. damaged)
    assert.equal(1, json("stats").states.corrupt)
    assert.matches("damaged: truncated", run({ "cache", "list" }).out)
    local result = json "verify"
    assert.same({ total, 1, 1 }, { result.checked, result.damaged, result.removed })
    assert.equal(0, json("verify").damaged)
  end)

  it("is cleared, and with --dry-run only said to be", function()
    json "warm"
    local before = records()
    local dry = run { "cache", "clear", "--dry-run" }
    assert.equal(0, dry.status)
    assert.matches(count(before) .. " records would be removed", dry.out)
    assert.equal(before, records())
    assert.equal(count(before), json("clear").removed)
    assert.equal("", records())
  end)

  it("collects what dead processes left", function()
    json "warm"
    local folder = records():match("([^\n]+)/[^/\n]+")
    program.sh(("printf half > %s/.99.1.00000000; touch -d '2 hours ago' %s/.99.1.00000000"):format(folder, folder))
    local result = json "gc"
    assert.equal(1, result.stale_files)
    assert.equal(0, result.removed)
  end)

  it("gives the same answers with, without and with a broken cache", function()
    local path = plan_paths():match "[^\n]+"
    local function answer(args, env)
      local result = run({ "status", path, "--json", table.unpack(args or {}) }, env)
      return result.status .. result.out
    end
    local without = answer { "--no-cache" }
    assert.equal(without, answer())
    assert.equal(without, answer())
    program.sh("for f in $(find " .. home .. " -type f); do printf x > $f; done")
    assert.equal(without, answer())
    program.sh("chmod 777 " .. home .. "/cache/promptgen")
    assert.equal(without, answer())
    assert.equal(without, answer(nil, { XDG_CACHE_HOME = "relative", HOME = "" }))
    assert.equal(without, answer(nil, { XDG_CACHE_HOME = "/proc/nowhere" }))
  end)

  it("answers for all plans alike, however many of them are warm", function()
    local without = run({ "plans", "--json", "--no-cache" }).out
    assert.matches("promptgen.plans/1", without)
    json("warm", plan_paths():match "[^\n]+")
    for _ = 1, 3 do
      local result = run { "plans", "--json" }
      assert.equal(0, result.status, result.err)
      assert.equal(without, result.out)
    end
    local kinds = { plan = 0, index = 0, overview = 0 }
    for _, entry in ipairs(json("list").entries) do
      kinds[entry.kind] = kinds[entry.kind] + 1
    end
    assert.same({ plan = count(plan_paths()), index = 1, overview = 1 }, kinds)
    program.sh("mkdir -p " .. work .. "/work-space/plans/NEW && echo '# PLAN' > " .. work
      .. "/work-space/plans/NEW/PLAN_NEW.md")
    local with_new = run({ "plans", "--json" }).out
    assert.matches("PLAN_NEW", with_new)
    assert.equal(run({ "plans", "--json", "--no-cache" }).out, with_new)
    local full = run({ "status", "--all", "--json", "--no-cache" }).out
    assert.equal(full, run({ "status", "--all", "--json" }).out)
  end)

  it("is worked around with one warning, unless it is required", function()
    local path = plan_paths():match "[^\n]+"
    local odd = {
      file = function(place) program.sh("mkdir -p " .. home .. "/cache; echo x > " .. place) end,
      link = function(place)
        program.sh(("cd %s && mkdir -p cache other && ln -s %s/other %s"):format(home, home, place))
      end,
      open = function(place) program.sh("mkdir -p " .. place .. "; chmod 777 " .. place) end,
    }
    local without = run({ "next", path, "--no-cache" }).out
    for name, make in pairs(odd) do
      program.sh("rm -rf " .. home .. "/cache")
      make(home .. "/cache/promptgen")
      local result = run { "next", path }
      assert.equal(0, result.status, name .. ": " .. result.err)
      assert.equal(without, result.out)
      local _, warnings = result.err:gsub("warning: ", "")
      assert.equal(1, warnings, name .. ": " .. result.err)
      result = run { "next", path, "--require-cache" }
      assert.equal(6, result.status, name)
      assert.equal("", result.out)
    end
  end)

  it("serves many processes at once, some of which clear it", function()
    local path = plan_paths():match "[^\n]+"
    local without = run({ "next", path, "--no-cache" }).out
    local script = ([[
      cd %s; export HOME=%s XDG_CACHE_HOME=%s/cache; run() { %s "$@"; }
      run next %s --no-cache > %s/want
      for i in 1 2 3 4 5 6 7 8; do (
        for j in 1 2 3 4 5 6; do
          [ $((i %% 2)) = 0 ] && run cache clear >/dev/null
          run next %s > %s/got.$i && cmp -s %s/want %s/got.$i || echo "wrong answer"
        done ) &
      done; wait
      run cache gc >/dev/null; find %s/cache -name '.*' -type f
    ]]):format(work, home, home, program.path, path, home, path, home, home, home, home)
    assert.equal("", program.sh(script))
    assert.equal(without, program.read(home .. "/want"))
  end)

  it("shows the look-ups of all runs", function()
    local path = plan_paths():match "[^\n]+"
    local state = { XDG_STATE_HOME = home .. "/state" }
    for _ = 1, 4 do
      assert.equal(0, run({ "next", path }, state).status)
    end
    local result = run({ "cache", "stats", "--json" }, state)
    local runs = {}
    for _, row in ipairs(cjson.decode(result.out).all_runs) do
      runs[row.name] = row
    end
    local files, folders, states = runs.plan_cache, runs.directory_cache, runs.status_cache
    assert.equal(3 * files.misses, files.hits) -- each file was read by the first run alone
    assert.is_true(folders.hits > 0 and folders.hits % 3 == 0)
    assert.same({ 1, 3 }, { states.misses, states.hits })
    assert.equal(75, files.hit_rate)
    local stats = cjson.decode(result.out)
    for _, row in ipairs(stats.all_runs) do
      assert.same({ stats.records, stats.max_records, cjson.null }, { row.size, row.max_size, row.ttl })
    end
    local names = {}
    for i, row in ipairs(stats.process) do
      names[i] = row.name
      assert.same({ 0, 0, 0 }, { row.hits, row.misses, row.hit_rate })
      assert.is_true(row.max_size > 0)
    end
    assert.same({ "content_cache", "directory_cache", "plan_cache", "template_cache" }, names)
    local text = run({ "cache", "stats" }, state).out
    assert.matches("in this process\n", text)
    assert.matches("in all runs\n", text)
  end)

  it("names records by what they hold, and the racy by their reason", function()
    run { "plans", "--json" }
    run { "plans", "--json" }
    for _, entry in ipairs(json("list").entries) do
      assert.equal(entry.kind == "plan", entry.path ~= nil)
      assert.equal(entry.state == "racy" and "recent" or "none", entry.reason)
      assert.is_number(entry.hits)
    end
    local text = run({ "cache", "list" }).out
    assert.matches("%(an overview of all plans%)", text)
    assert.matches("%(where the plans are%)", text)
    assert.is_nil(text:find "rows false")
  end)

  it("shows how often each entry was used", function()
    json("warm", "@CSV-IMPORT")
    for _ = 1, 3 do
      assert.equal(0, run({ "status", "@CSV-IMPORT" }).status)
    end
    assert.equal(3, json("list").entries[1].hits)
    assert.matches("3 hits  %a+", run({ "cache", "list" }).out)
  end)

  it("reports a place it must not use", function()
    json "warm"
    program.sh("chmod 777 " .. home .. "/cache/promptgen")
    local result = run { "cache", "stats" }
    assert.equal(3, result.status)
    assert.matches("error%[permission%]", result.err)
    result = run({ "cache", "stats" }, { XDG_CACHE_HOME = "", HOME = "" })
    assert.equal(6, result.status)
    assert.matches("no cache directory", result.err)
  end)

  it("refuses what it does not know", function()
    for _, args in ipairs { { "cache", "fill" }, { "cache", "clear", "@X" }, { "cache", "show" } } do
      assert.equal(2, run(args).status)
    end
  end)
end)
