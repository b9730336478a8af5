--- Two processes that change the same plan at the same time: no update is lost, and each one that
--- comes too late is told so. A process killed in between leaves all of its changes or none.
local program = require "support.program"
local workspace = require "support.workspace"

--- Rounds of a race. The gate tests/check/gates/races has 500 of them; a run of all tests fewer.
local ROUNDS = tonumber(os.getenv "PROMPTGEN_RACE_ROUNDS" or 100) // 4 * 4
local ACHIEVEMENTS = math.max(125, ROUNDS // 4)

--- A plan with this many achievements, 1.1 to 1.n.
local function plan_text(count)
  local lines = { "# PLAN: Race", "", "## Desirable Achievements", "" }
  for i = 1, count do
    lines[#lines + 1] = ("**Achievement 1.%d**: Number %d\n"):format(i, i)
  end
  return table.concat(lines, "\n")
end

describe("two processes at once", function()
  local ws

  before_each(function()
    ws = workspace.new()
    ws:write("work-space/plans/RACE/PLAN_RACE.md", plan_text(ACHIEVEMENTS))
  end)

  after_each(function()
    ws:close()
  end)

  --- Runs a shell script in the workspace; "$p" is the program.
  local function shell(text)
    program.write(ws.top .. "/script", text)
    local env = ("p=%s HOME=%s USER=tester"):format(program.quote(program.path), program.quote(ws.top))
    local out, status = program.sh(("cd %s && env %s sh %s/script"):format(ws.root, env, ws.top))
    assert(status == 0, out)
    return out
  end

  --- Runs two commands at the same time, many times; calls `check` with both statuses and errors.
  local function race(rounds, command, check)
    local script = {}
    for i = 1, rounds do
      script[i] = ("%s >/dev/null 2>%s/e%da & a=$!; %s >/dev/null 2>%s/e%db & b=$!\n"
        .. "wait $a; ra=$?; wait $b; echo $ra $?\n"):format(command(i, "ada"), ws.top, i, command(i, "bob"), ws.top, i)
    end
    local i = 0
    for a, b in shell(table.concat(script)):gmatch "(%d+) (%d+)" do
      i = i + 1
      local err = { program.read(("%s/e%da"):format(ws.top, i)), program.read(("%s/e%db"):format(ws.top, i)) }
      check(i, tonumber(a), tonumber(b), err)
    end
    assert.equal(rounds, i)
  end

  --- Files of the plan beside the PLAN itself.
  local function count_files()
    return tonumber((program.sh(("find %s/work-space -type f ! -name 'PLAN_*' | wc -l"):format(ws.root))))
  end

  --- Kind of change and achievement of a round: each achievement gets each kind once.
  local KINDS = {
    { "$p new subplan @RACE %s --date %s", "subplans/SUBPLAN_RACE_%s.md",
      wanted = function(number) return ("the SUBPLAN of %s was to be created"):format(number) end },
    { "$p new execution @RACE %s 1 --force --date %s", "execution/EXECUTION_TASK_RACE_%s_01.md",
      wanted = function(number) return ("execution 01 of %s was to be created"):format(number) end },
    { "$p fix @RACE %s --reviewer %s", "execution/feedbacks/FIX_%s.md",
      wanted = function(number, who) return ("fixes of %s were to be asked for by %s"):format(number, who) end },
    { "$p approve @RACE %s --force --reviewer %s", "execution/feedbacks/APPROVED_%s.md",
      wanted = function(number, who) return ("%s was to be approved by %s"):format(number, who) end },
  }
  local DATES = { ada = "2031-01-01", bob = "2031-01-02" }

  --- What tells the writer of a file: skeletons without an author bear different dates.
  local function mark(kind, who)
    return kind[1]:find "reviewer" and who or DATES[who]
  end

  local function of_round(i)
    local each = ROUNDS // #KINDS
    return KINDS[(i - 1) // each + 1], ("1.%d"):format((i - 1) % each + 1)
  end

  it(("that want the same thing %d times: one gets it, the other is told by whom"):format(ROUNDS), function()
    local won, of_kind = { 0, 0 }, {}
    race(ROUNDS, function(i, who)
      local kind, number = of_round(i)
      return kind[1]:format(number, mark(kind, who))
    end, function(i, a, b, err)
      local kind, number = of_round(i)
      local label = kind[1]:format(number, "?") .. "\n" .. err[1] .. err[2]
      assert(a == 0 and b == 7 or a == 7 and b == 0, ("%d %d %s"):format(a, b, label))
      local winner = a == 0 and 1 or 2
      won[winner], of_kind[kind] = won[winner] + 1, (of_kind[kind] or 0) + 1
      local name = mark(kind, winner == 1 and "ada" or "bob")
      local text = ws:read("work-space/plans/RACE/" .. kind[2]:format((number:gsub("%.", ""))))
      assert(text:find(name, 1, true), label .. text)
      assert(err[3 - winner]:find("error[conflict]", 1, true), label)
      assert(err[3 - winner]:find(kind.wanted(number, winner == 1 and "bob" or "ada"), 1, true), label)
      assert(err[3 - winner]:find("hint: there now: .*" .. name:gsub("%-", "%%-")), label)
      assert(err[winner] == "", label)
    end)
    assert.equal(ROUNDS, won[1] + won[2])
    for _, kind in ipairs(KINDS) do
      assert.equal(ROUNDS // #KINDS, of_kind[kind])
    end
    local status = ws:json("status", "@RACE")
    assert.same({ ROUNDS // #KINDS, ACHIEVEMENTS }, { status.approved, status.total })
    assert.equal(ROUNDS, count_files())
    local left = program.sh("find " .. ws.root .. " -name '.promptgen*'")
    assert.equal("", left)
  end)

  --- What two processes want of the same plan, each in an order of its own: {kind, number}.
  local function wishes(count, seed)
    local state, list = seed, {}
    for number = 1, count // #KINDS do
      for _, kind in ipairs(KINDS) do
        list[#list + 1] = { kind, ("1.%d"):format(number) }
      end
    end
    for i = #list, 2, -1 do
      state = (state * 1103515245 + 12345) % 0x80000000
      local j = state // 65536 % i + 1
      list[i], list[j] = list[j], list[i]
    end
    return list
  end

  it(("that each do %d things in an order of their own: every success is a file, every loss is told")
    :format(ROUNDS), function()
    local lists, script = { ada = wishes(ROUNDS, 1), bob = wishes(ROUNDS, 2) }, {}
    for who, list in pairs(lists) do
      script[#script + 1] = "("
      for i, wish in ipairs(list) do
        script[#script + 1] = ("%s >/dev/null 2>%s/%s%d; echo $? >>%s/%s"):format(
          wish[1][1]:format(wish[2], mark(wish[1], who)), ws.top, who, i, ws.top, who)
      end
      script[#script + 1] = ") &"
    end
    script[#script + 1] = "wait"
    shell(table.concat(script, "\n"))
    local outcomes, winners = { [0] = 0, [4] = 0, [7] = 0 }, {}
    for who, list in pairs(lists) do
      local i = 0
      for status in program.read(ws.top .. "/" .. who):gmatch "%d+" do
        i, status = i + 1, tonumber(status)
        local kind, number = table.unpack(list[i])
        local path = kind[2]:format((number:gsub("%.", "")))
        local err = program.read(("%s/%s%d"):format(ws.top, who, i))
        outcomes[status] = assert(outcomes[status], status .. ": " .. err) + 1
        if status == 0 then
          assert.is_nil(winners[path], path)
          winners[path] = mark(kind, who)
        elseif status == 7 then
          assert(err:find("hint: there now: ", 1, true), err)
        else
          assert(err:find("error[bad_input]", 1, true), err)
        end
      end
      assert.equal(ROUNDS, i)
    end
    local files = 0
    for path, who in pairs(winners) do
      files = files + 1
      assert(ws:read("work-space/plans/RACE/" .. path):find(who, 1, true), path)
    end
    assert.equal(outcomes[0], files)
    assert.equal(files, count_files())
    assert.equal(2 * ROUNDS, outcomes[0] + outcomes[4] + outcomes[7])
    assert.equal(ROUNDS // #KINDS, ws:json("status", "@RACE").approved)
  end)

  it("that want different things both get them", function()
    local script = { "(" }
    for i = 1, 50 do
      script[#script + 1] = ("$p approve @RACE 1.%d --force >/dev/null || exit 1"):format(i)
    end
    script[#script + 1] = ") & a=$!\n("
    for i = 51, 100 do
      script[#script + 1] = ("$p skip @RACE 1.%d --reason x >/dev/null || exit 1"):format(i)
    end
    script[#script + 1] = ") & b=$!\nwait $a && wait $b"
    shell(table.concat(script, "\n"))
    local status = ws:json("status", "@RACE")
    assert.same({ 50, 50, 125 }, { status.approved, status.skipped, status.total })
  end)

  it("that both ask for another round keep each earlier one once", function()
    local feedback = "work-space/plans/RACE/execution/feedbacks/"
    ws:ok("new", "subplan", "@RACE", "1.1")
    ws:fill "work-space/plans/RACE/subplans/SUBPLAN_RACE_11.md"
    ws:ok("fix", "@RACE", "1.1", "--critical", "round 0")
    for round = 1, 20 do
      ws:write(feedback .. "FIX_11_RESOLUTION.md", "# RESOLUTION: Achievement 1.1\n\nDone, round " .. round .. ".\n")
      race(1, function(_, who)
        return ("$p fix @RACE 1.1 --critical 'round %d by %s'"):format(round, who)
      end, function(_, a, b)
        assert(a + b == 7, a .. " " .. b)
      end)
      assert.matches("Done, round " .. round, ws:read(("%searlier/FIX_11_RESOLUTION_R%d.md"):format(feedback, round)))
      assert.matches("round " .. round - 1, ws:read(("%searlier/FIX_11_R%d.md"):format(feedback, round)))
      assert.is_false(ws:exists(feedback .. "FIX_11_RESOLUTION.md"))
    end
  end)

  it("of which one is an editor: what was written in between is not lost", function()
    local path = "work-space/plans/RACE/execution/feedbacks/APPROVED_11.md"
    program.sh("rm " .. ws.root .. "/promptgen.lua") -- it is evaluated in a worker too
    ws:write("workflows/templates/skeletons/approved.lua", [==[
local template = require "promptgen.template"
return template.define { extends = "skeletons/approved", blocks = { summary = "{% for i = 1, 3e7 do end %}slow" } }
]==])
    -- The worker is busy, so everything is decided; meanwhile an editor, which asks for no lock, writes.
    local script = ([==[
$p approve @RACE 1.1 --force 2>%s/said & a=$!
while [ -z "$(cat /proc/$a/task/$a/children)" ]; do :; done
echo "# Mine" >%s
wait $a; test $? = 7
]==]):format(ws.top, path)
    for before, message in pairs {
      [""] = "the file was to be replaced, but the file has changed since it was read",
      [false] = "the file was to be created, but the file exists already",
    } do
      ws:write(path, before or "")
      program.sh(before and "true" or "rm " .. ws.root .. "/" .. path)
      shell(script)
      assert.equal("# Mine\n", ws:read(path))
      local said = program.read(ws.top .. "/said")
      assert.matches("error[conflict] " .. path .. ": " .. message, said, 1, true)
      assert.matches('there now: "Mine"', said, 1, true)
    end
  end)
end)

describe("a process killed while it archives", function()
  it("leaves all files where they were or all in the archive, once another one has looked", function()
    local ws = workspace.new("--example")
    ws:ok("batch", "@WORD-COUNT", "subplans", "--yes")
    for i = 1, 40 do
      ws:write(("work-space/plans/WORD-COUNT/documentation/%d.md"):format(i), ("text %d\n"):format(i))
    end
    ws:ok("approve", "@WORD-COUNT", "--all", "--force")
    local before, home = ws:files(), 0
    local moved = 0
    local count = 0
    for _ in pairs(before) do
      count = count + 1
    end
    program.sh(("cp -r %s %s/saved"):format(ws.root, ws.top))
    for round = 1, 30 do
      program.sh(("rm -rf %s && cp -r %s/saved %s"):format(ws.root, ws.top, ws.root))
      program.sh(("cd %s && env HOME=%s XDG_STATE_HOME=%s/state timeout -s KILL %.4f %s archive @WORD-COUNT")
        :format(ws.root, ws.top, ws.top, 0.004 + round * 0.0012, program.path))
      ws:ok "plans" -- any command puts things back
      local after, here, there = ws:files(), 0, 0
      for path, sum in pairs(after) do
        assert.is_nil(path:find("%.promptgen"), path)
        if path:find("^work%-space/") then
          here = here + 1
          assert.equal(before[path], sum)
        elseif path:find("^documentation/") then
          there = there + 1
        end
      end
      assert(here == 0 or there == 0, ("round %d: %d here, %d there"):format(round, here, there))
      assert.equal(count - 1, here + there) -- all but promptgen.lua
      home, moved = home + (here > 0 and 1 or 0), moved + (there > 0 and 1 or 0)
    end
    assert.equal(30, home + moved)
    ws:close()
  end)
end)
