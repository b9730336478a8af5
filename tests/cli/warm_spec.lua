--- What a warm run does not do any more, and the three promises about the speed of a plan that was
--- read before.
local program = require "support.program"
local cjson = require "cjson"

describe("a warm run", function()
  local work, home

  before_each(function()
    work = program.example_copy()
    home = program.temp_dir()
  end)

  after_each(function()
    program.remove(work)
    program.remove(home)
  end)

  --- Runs the program that counts its calls of the libraries.
  local function counted(...)
    local words = {}
    for i, word in ipairs { ... } do
      words[i] = program.quote(word)
    end
    local command = "cd %s; rm -f %s/counts; HOME=%s PROMPTGEN_COUNTS=%s/counts %s/tests/counted %s >/dev/null"
    local _, status = program.sh(command:format(work, home, home, home, os.getenv "PROMPTGEN_BUILD_DIR",
      table.concat(words, " ")))
    assert.equal(0, status)
    local text = program.read(home .. "/counts")
    return { cmark = tonumber(text:match "cmark (%d+)"), pcre2 = tonumber(text:match "pcre2 (%d+)") }
  end

  local function state(...)
    return program.run({ ... }, { cwd = work, env = {
      XDG_CACHE_HOME = home .. "/cache", XDG_STATE_HOME = home .. "/state",
    } })
  end

  for _, args in ipairs {
    { "next", "@CSV-IMPORT" }, { "next", "@CSV-IMPORT", "--json" }, { "status", "@CSV-IMPORT" },
    { "explain", "@CSV-IMPORT" }, { "plans" }, { "plans", "--json" }, { "status", "--all", "--json" },
  } do
    local words = table.concat(args, " ")
    it("of " .. words .. " calls neither cmark nor PCRE2", function()
      local cold = counted(table.unpack(args))
      assert.is_true(cold.cmark > 0, "a cold run parses")
      assert.same({ cmark = 0, pcre2 = 0 }, counted(table.unpack(args)))
    end)
  end

  it("after one edit parses the file that changed and no other", function()
    local cold = counted("plans").cmark
    assert.is_true(cold > 5)
    local plan = work .. "/work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
    program.write(plan, program.read(plan) .. "\nOne line more.\n")
    assert.equal(1, counted("plans").cmark)
    assert.same({ cmark = 0, pcre2 = 0 }, counted "plans")
  end)

  it("serves more than 80 % of the look-ups over eleven calls", function()
    for _ = 1, 11 do
      assert.equal(0, state("next", "@CSV-IMPORT").status)
    end
    local found = 0
    for _, row in ipairs(cjson.decode(state("cache", "stats", "--json").out).all_runs) do
      if row.name == "plan_cache" then
        found = row.hit_rate
      end
    end
    assert.is_true(found > 80, found .. " %")
  end)

  it("writes a prompt in less than three seconds, and so does a cold one", function()
    for _ = 1, 2 do
      local command = [[cd %s; export HOME=%s; s=$(date +%%s%%N)
        %s next @CSV-IMPORT >/dev/null; echo $(($(date +%%s%%N) - s))]]
      local took = program.sh(command:format(work, home, program.path))
      assert.is_true(tonumber(took) < 3e9, took .. " ns")
    end
  end)

  it("is no warm one for a file that was touched or changed, and answers as if it were cold", function()
    local plan = work .. "/work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
    local function misses()
      for _, row in ipairs(cjson.decode(state("cache", "stats", "--json").out).all_runs) do
        if row.name == "plan_cache" then
          return row.misses
        end
      end
    end
    local before = state("next", "@CSV-IMPORT").out
    local cold = misses()
    program.sh("touch " .. plan)
    assert.equal(before, state("next", "@CSV-IMPORT").out)
    assert.equal(cold, misses()) -- the same bytes: nothing is parsed again
    program.write(plan, (program.read(plan):gsub("a fixture twice", "a fixture thrice")))
    local after = state("next", "@CSV-IMPORT").out
    assert.equal(cold + 1, misses())
    assert.not_equal(before, after)
    assert.equal(state("next", "@CSV-IMPORT", "--no-cache").out, after)
  end)

  it("sees a parallel.json that was made, changed or given to another plan", function()
    local plans = work .. "/work-space/plans/"
    for _, name in ipairs { "A", "B" } do
      program.write(plans .. "PLAN_" .. name .. ".md", "# PLAN: " .. name
        .. "\n\n**Achievement 1.1**: One\n\n- **Goal**: x\n\n**Achievement 1.2**: Two\n\n- **Goal**: y\n")
    end
    local waits = [["achievements": [{"achievement_id": "1.1", "dependencies": ["1.2"]}]}]]
    local function next_of(name)
      local answer
      for _ = 1, 2 do -- the second time from the cache
        answer = cjson.decode(state("status", "@" .. name, "--json").out)
      end
      return answer.next.number, answer.warnings[1] and answer.warnings[1].code
    end
    assert.same({ "1.1" }, { next_of "B" })
    program.write(plans .. "parallel.json", '{"plan_name": "B", ' .. waits)
    assert.same({ "1.2" }, { next_of "B" })
    program.write(plans .. "parallel.json", '{"plan_name": "A", ' .. waits)
    assert.same({ "1.1", "foreign_parallel" }, { next_of "B" })
    assert.same({ "1.2" }, { next_of "A" })
    program.write(plans .. "parallel_B.json", "{" .. waits)
    assert.same({ "1.2" }, { next_of "B" })
  end)
end)
