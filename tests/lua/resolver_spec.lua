-- Tests of the one resolver of @NAME and paths.
local tree = require "lua.support.tree_backend"

local P = "work-space/plans/"

--- PLAN file of a folder below the plans root.
local function nested(folder)
  return P .. folder .. "/PLAN_" .. folder:match("[^/]+$") .. ".md"
end

local function resolve(files, target, cwd)
  local ws = tree.workspace(files)
  ws.cwd = cwd or ws.cwd
  return ws:resolve(target)
end

local function code_of(files, target, cwd)
  local path, err = resolve(files, target, cwd)
  assert.is_nil(path)
  return err.code, err
end

describe("@NAME", function()
  it("finds a folder directly below the plans root, in any case", function()
    local files = { nested "ALPHA", nested "BETA" }
    for _, target in ipairs { "@ALPHA", "@alpha", "@Alpha", "@ALPHA/", "@PLAN_ALPHA", "@plan_alpha" } do
      assert.equal(nested "ALPHA", (resolve(files, target)))
    end
  end)

  it("takes an exact folder as final, whatever else has that name", function()
    local files = { nested "ALPHA", nested "group/ALPHA", P .. "other/PLAN_ALPHA.md", nested "ALPHA-TWO" }
    assert.equal(nested "ALPHA", (resolve(files, "@alpha")))
  end)

  it("looks at nothing but the folder when it is named exactly", function()
    local ws, backend = tree.workspace { nested "ALPHA", nested "BETA" }
    assert.equal(nested "ALPHA", (ws:resolve "@ALPHA"))
    assert.same({ [P .. "ALPHA"] = 1 }, backend.listed)
  end)

  it("takes the PLAN named like its folder among several", function()
    local files = { nested "ALPHA", P .. "ALPHA/PLAN_SUMMARY.md", P .. "ALPHA/PLAN-UPDATE.md" }
    assert.equal(nested "ALPHA", (resolve(files, "@ALPHA")))
    assert.equal(P .. "BETA/PLAN_X.md", (resolve({ P .. "BETA/PLAN_X.md", P .. "BETA/PLAN-X.md" }, "@BETA")))
  end)

  it("lists the PLANs of a folder that has several, none named like it", function()
    local code, err = code_of({ P .. "ALPHA/PLAN_X.md", P .. "ALPHA/PLAN_Y.md" }, "@ALPHA")
    assert.equal("ambiguous", code)
    assert.same({ P .. "ALPHA/PLAN_X.md", P .. "ALPHA/PLAN_Y.md" }, err.candidates)
    assert.same(err.candidates, err.hint)
  end)

  it("takes the PLAN that lies in a group folder for the group's name", function()
    local files = { P .. "a_paused/PLAN_LOOSE.md", nested "a_paused/ALPHA" }
    assert.equal(P .. "a_paused/PLAN_LOOSE.md", (resolve(files, "@a_paused")))
    assert.equal(P .. "a_paused/PLAN_LOOSE.md", (resolve(files, "@loose")))
  end)

  it("names the plans of a group that has none of its own", function()
    local code, err = code_of({ nested "group/ALPHA", nested "group/BETA" }, "@group")
    assert.equal("not_found", code)
    assert.same({ nested "group/ALPHA", nested "group/BETA" }, err.candidates)
    code, err = code_of({ nested "deep/group/ALPHA" }, "@group")
    assert.equal("not_found", code)
    assert.same({ nested "deep/group/ALPHA" }, err.candidates)
  end)

  it("finds folders in groups of any depth, features and backlog plans", function()
    local backlog = "work-space/backlog-plans/LATER/PLAN_LATER.md"
    local files = { nested "g/h/i/ALPHA", P .. "odd/PLAN_FEATURE.md", backlog, P .. "PLAN_FLAT.md",
      "PLAN_ROOT.md", "work-space/PLAN_SPACE.md" }
    assert.equal(nested "g/h/i/ALPHA", (resolve(files, "@alpha")))
    assert.equal(P .. "odd/PLAN_FEATURE.md", (resolve(files, "@feature")))
    assert.equal(P .. "odd/PLAN_FEATURE.md", (resolve(files, "@odd")))
    assert.equal(backlog, (resolve(files, "@later")))
    assert.equal(P .. "PLAN_FLAT.md", (resolve(files, "@flat")))
    assert.equal("PLAN_ROOT.md", (resolve(files, "@root")))
    assert.equal("work-space/PLAN_SPACE.md", (resolve(files, "@space")))
  end)

  it("prefers exact to prefix and prefix to part", function()
    local files = { nested "g/ALPHA", nested "g/ALPHA-TWO", nested "g/MY-ALPHA", nested "g/BETA-ALP" }
    assert.equal(nested "g/ALPHA", (resolve(files, "@alpha")))
    assert.equal(nested "g/ALPHA-TWO", (resolve(files, "@alpha-")))
    assert.equal(nested "g/BETA-ALP", (resolve(files, "@a-alp")))
    assert.equal(nested "g/MY-ALPHA", (resolve(files, "@y-alph")))
    assert.equal("ambiguous", (code_of(files, "@alph")))
    assert.equal("ambiguous", (code_of(files, "@-alp")))
    assert.equal(nested "g/ALPHA-TWO", (resolve(files, "@plan_alpha-t")))
  end)

  it("reads a name as text, not as a pattern", function()
    local files = { nested "g/A.B", nested "g/AXB", nested "g/100%" }
    assert.equal(nested "g/A.B", (resolve(files, "@a.b")))
    assert.equal(nested "g/100%", (resolve(files, "@0%")))
    assert.equal("not_found", (code_of(files, "@.*")))
  end)

  it("lists all plans that match equally well", function()
    local files = { nested "g/ALPHA", nested "h/ALPHA" }
    local code, err = code_of(files, "@ALPHA")
    assert.equal("ambiguous", code)
    assert.same({ nested "g/ALPHA", nested "h/ALPHA" }, err.candidates)
    assert.equal("@ALPHA", err.path)
  end)

  it("prefers the case as written among names that differ in case only", function()
    local files = { nested "g/ALPHA", nested "g/Alpha", nested "BETA", nested "beta" }
    assert.equal(nested "g/Alpha", (resolve(files, "@Alpha")))
    assert.equal("ambiguous", (code_of(files, "@alpha")))
    assert.equal(nested "beta", (resolve(files, "@beta")))
    local code, err = code_of(files, "@Beta")
    assert.equal("ambiguous", code)
    assert.same({ P .. "BETA", P .. "beta" }, err.candidates)
  end)

  it("names what was probably meant", function()
    local code, err = code_of({ nested "g/ALPHA", nested "g/OTHER" }, "@ALHPA")
    assert.equal("not_found", code)
    assert.same({ "ALPHA" }, err.candidates)
    assert.same({ "did you mean @ALPHA?" }, err.hint)
  end)

  it("lists the plans there are when none is near, and cuts a long list", function()
    local files = {}
    for i = 1, 15 do
      files[i] = nested(("PLAN-NUMBER-%02d"):format(i))
    end
    local _, err = code_of(files, "@zzz")
    assert.equal("the plans here are:", err.hint[1])
    assert.equal("PLAN-NUMBER-01", err.hint[2])
    assert.equal("… and 5 more", err.hint[12])
    _, err = code_of({}, "@x")
    assert.same({ "this workspace has no plans yet" }, err.hint)
  end)

  it("refuses a name that is none", function()
    local files = { nested "ALPHA" }
    for _, target in ipairs { "@", "@/", "@.", "@..", "@./", "@../" } do
      assert.equal("not_found", (code_of(files, target)))
    end
    assert.equal("bad_input", (code_of(files, "@a\0b")))
    assert.equal("outside_root", (code_of(files, "@../../../etc")))
  end)

  it("says which folders it could not search", function()
    local ws, backend = tree.workspace { nested "g/ALPHA", P .. "locked/" }
    backend.errors[P .. "locked"] = require("promptgen.errors").new {
      code = "permission", path = P .. "locked", message = "no" }
    assert.equal(nested "g/ALPHA", (ws:resolve "@alpha"))
    local _, err = ws:resolve "@gamma-ray"
    assert.equal("not searched: " .. P .. "locked: no", err.hint[#err.hint])
    assert.equal("permission", select(2, ws:resolve "@locked").code)
  end)

  it("never enters a plan's own folders, hidden ones, or links", function()
    local ws, backend = tree.workspace {
      nested "g/ALPHA", P .. "g/ALPHA/subplans/SUBPLAN_ALPHA_01.md", P .. "g/ALPHA/execution/x.md",
      P .. "g/ALPHA/documentation/PLAN_OLD.md", P .. "g/.git/x.md", P .. "g/Subplans/y.md",
    }
    assert.equal("not_found", select(2, ws:resolve "@old").code)
    for dir in pairs(backend.listed) do
      assert.is_nil(dir:lower():match("/subplans$") or dir:match("/execution$") or dir:match("/documentation$")
        or dir:match("%.git$"))
    end
  end)
end)

describe("@FILE.md", function()
  it("finds a file by its name wherever plans lie", function()
    local files = { nested "g/ALPHA", P .. "g/ALPHA/NOTES.md", "README.md" }
    assert.equal(nested "g/ALPHA", (resolve(files, "@PLAN_ALPHA.md")))
    assert.equal(nested "g/ALPHA", (resolve(files, "@plan_alpha.MD")))
    assert.equal("README.md", (resolve(files, "@readme.md")))
  end)

  it("finds the work of a plan by the feature in its name", function()
    local files = { nested "g/ALPHA", P .. "g/ALPHA/subplans/SUBPLAN_ALPHA_01.md",
      P .. "g/ALPHA/execution/EXECUTION_TASK_ALPHA_01_02.md", "work-space/subplans/SUBPLAN_FLAT_11.md" }
    assert.equal(files[2], (resolve(files, "@SUBPLAN_ALPHA_01.md")))
    assert.equal(files[3], (resolve(files, "@execution_task_alpha_01_02.md")))
    assert.equal(files[4], (resolve(files, "@SUBPLAN_FLAT_11.md")))
  end)

  it("names the plan that was probably meant", function()
    local _, err = code_of({ nested "g/ALPHA" }, "@PLAN_ALPAH.md")
    assert.equal("not_found", err.code)
    assert.same({ "did you mean @ALPHA?" }, err.hint)
    _, err = code_of({ nested "g/ALPHA" }, "@alpha.md")
    assert.same({ "did you mean @ALPHA?" }, err.hint)
  end)

  it("lists several files of one name", function()
    local code, err = code_of({ P .. "g/A/NOTES.md", P .. "g/B/NOTES.md" }, "@NOTES.md")
    assert.equal("ambiguous", code)
    assert.same({ P .. "g/A/NOTES.md", P .. "g/B/NOTES.md" }, err.candidates)
  end)
end)

describe("a path", function()
  local files = { nested "ALPHA", nested "g/BETA", "docs/x.md" }

  it("is taken as it is, a folder for its PLAN", function()
    assert.equal(nested "ALPHA", (resolve(files, nested "ALPHA")))
    assert.equal(nested "ALPHA", (resolve(files, "./work-space//plans/ALPHA/")))
    assert.equal(nested "ALPHA", (resolve(files, "work-space/plans/g/../ALPHA")))
    assert.equal("docs/x.md", (resolve(files, "docs/x.md")))
    assert.equal(nested "ALPHA", (resolve(files, "/ws/" .. nested "ALPHA")))
  end)

  it("is tried from the current directory, then from the root", function()
    assert.equal("docs/x.md", (resolve(files, "x.md", "/ws/docs")))
    assert.equal(nested "ALPHA", (resolve(files, "../work-space/plans/ALPHA", "/ws/docs")))
    assert.equal(nested "ALPHA", (resolve(files, nested "ALPHA", "/ws/docs")))
    assert.equal("docs/x.md", (resolve(files, "docs/x.md", "/elsewhere")))
    assert.equal("docs/x.md", (resolve(files, "docs/x.md", "/wsx")))
  end)

  it("after an @ is tried from the root, then from the plans root", function()
    assert.equal(nested "ALPHA", (resolve(files, "@" .. nested "ALPHA")))
    assert.equal(nested "ALPHA", (resolve(files, "@work-space/plans/ALPHA/")))
    assert.equal(nested "g/BETA", (resolve(files, "@g/BETA")))
  end)

  it("that leads out of the workspace is refused", function()
    for _, target in ipairs { "../x.md", "/etc/passwd", "/wsx/y.md", "a/../../x", "/ws/../etc" } do
      local code, err = code_of(files, target)
      assert.equal("outside_root", code)
      assert.equal("the workspace is /ws; --root DIR names another", err.hint)
    end
  end)

  it("that does not exist hints at the plan of that name", function()
    local code, err = code_of(files, "ALPHA")
    assert.equal("not_found", code)
    assert.same({ "did you mean @ALPHA?" }, err.hint)
    code, err = code_of(files, "work-space/plans/BETA/PLAN_BETA.md")
    assert.equal("not_found", code)
    assert.same({ "did you mean @BETA?" }, err.hint)
  end)
end)

-- Defects of an earlier tool that must not come back.
describe("regressions of shorthand resolution", function()
  it("every surface accepts @FOLDER and @PLAN_X.md of the nested layout", function()
    for _, target in ipairs { "@ALPHA", "@PLAN_ALPHA.md" } do
      assert.equal(nested "ALPHA", (resolve({ nested "ALPHA" }, target)))
    end
  end)

  it("an exact name is not ambiguous beside a longer one", function()
    assert.equal(nested "ALPHA", (resolve({ nested "ALPHA", nested "ALPHA-TWO" }, "@ALPHA")))
    assert.equal(nested "g/ALPHA", (resolve({ nested "g/ALPHA", nested "g/ALPHA-TWO" }, "@ALPHA")))
  end)

  it("a file found by two searches is not ambiguous with itself", function()
    assert.equal(P .. "ALPHA/NOTES.md", (resolve({ nested "ALPHA", P .. "ALPHA/NOTES.md" }, "@NOTES.md")))
    local flat = { "work-space/plans/ALPHA/PLAN_ALPHA.md", "work-space/subplans/SUBPLAN_ALPHA_01.md" }
    assert.equal(flat[2], (resolve(flat, "@SUBPLAN_ALPHA_01.md")))
  end)

  it("an explicit path is not looked up again by its file name", function()
    local files = { P .. "a/PLAN_SAME.md", P .. "b/PLAN_SAME.md" }
    assert.equal(files[2], (resolve(files, files[2])))
    assert.equal("ambiguous", (code_of(files, "@PLAN_SAME.md")))
  end)

  it("plans in group folders are reachable by name", function()
    assert.equal(nested "a_paused/ALPHA", (resolve({ nested "a_paused/ALPHA" }, "@ALPHA")))
  end)

  it("no answer depends on the current directory", function()
    for _, cwd in ipairs { "/", "/ws", "/ws/work-space/plans/ALPHA", "/elsewhere" } do
      assert.equal(nested "ALPHA", (resolve({ nested "ALPHA" }, "@ALPHA", cwd)))
    end
  end)

  it("a folder as an argument is its plan, not an exception", function()
    assert.equal(nested "ALPHA", (resolve({ nested "ALPHA" }, P .. "ALPHA")))
  end)
end)
