--- `promptgen doctor`: what works here, and what does not.
local cjson = require "cjson"
local program = require "support.program"

describe("promptgen doctor", function()
  local dir, home

  before_each(function()
    dir, home = program.example_copy(), program.temp_dir()
  end)
  after_each(function()
    program.remove(dir)
    program.remove(home)
  end)

  --- The checks by name, and the exit status.
  local function doctor(env, cwd, ...)
    local variables = { HOME = home, USER = "ada" }
    for name, value in pairs(env or {}) do
      variables[name] = value
    end
    local result = program.run({ "doctor", "--json", ... }, { cwd = cwd or dir, env = variables })
    local by_name = {}
    for _, check in ipairs(cjson.decode(result.out).checks) do
      by_name[check.name] = check
    end
    return by_name, result.status
  end

  it("finds everything in order, and leaves nothing behind", function()
    local checks, status = doctor()
    assert.equal(0, status)
    for name, check in pairs(checks) do
      assert(check.result ~= "problem", name .. ": " .. check.says)
    end
    assert.matches(", 3 plans$", checks.workspace.says)
    assert.matches("promptgen%.lua$", checks.configuration.says)
    assert.matches("^a worker runs", checks.sandbox.says)
    assert.equal(home .. "/.cache/promptgen", checks.cache.says)
    assert.equal("ada signs reviews", checks.name.says)
    assert.equal("", program.run({ "doctor", "--json" }, { cwd = dir, env = { HOME = home } }).err)
    assert.equal("", program.sh("find " .. home .. " -name '.doctor*'"))
    local text = program.run({ "doctor" }, { cwd = dir, env = { HOME = home } })
    assert.equal(0, text.status)
    for name in pairs(checks) do
      assert.matches("\n" .. name .. " ", "\n" .. text.out)
    end
  end)

  it("tells what is not there without calling it a problem", function()
    local checks, status = doctor({ USER = "", HOME = "" }, "/")
    assert.equal(0, status)
    for _, name in ipairs { "workspace", "configuration", "cache", "totals", "terminal", "name" } do
      assert.equal("note", checks[name].result, name)
    end
    assert.equal("note", doctor({}, nil, "--no-cache").cache.result)
  end)

  it("exits as the first problem does", function()
    program.write(dir .. "/promptgen.lua", "return { nope = 1 }\n")
    local checks, status = doctor()
    assert.equal(2, status)
    assert.same({ "problem", "config" }, { checks.configuration.result, checks.configuration.code })
    assert.matches("unknown setting 'nope'", checks.configuration.says)
    program.sh("rm " .. dir .. "/promptgen.lua")
    checks, status = doctor { XDG_CACHE_HOME = "/dev/null", XDG_STATE_HOME = "/proc/none" }
    assert.is_true(status ~= 0)
    assert.same({ "problem", "problem" }, { checks.cache.result, checks.totals.result })
    assert.equal(4, (select(2, doctor({}, nil, "--root", "/none"))))
  end)

  it("names what takes a prompt, in order", function()
    for _, name in ipairs { "wl-copy", "xclip", "pbcopy" } do
      program.write(home .. "/" .. name, "#!/bin/sh\n")
      program.sh("chmod +x " .. home .. "/" .. name)
    end
    local path = { PATH = home }
    assert.equal("pbcopy", doctor(path).clipboard.says)
    path.DISPLAY = ":0"
    assert.equal("xclip, then pbcopy", doctor(path).clipboard.says)
    path.WAYLAND_DISPLAY = "w"
    assert.equal("wl-copy, then xclip, then pbcopy", doctor(path).clipboard.says)
  end)

  it("tells which scripts take the place of stock ones, and which of these have grown old", function()
    program.sh("mkdir -p " .. dir .. "/workflows/templates")
    program.write(dir .. "/workflows/templates/blocked.lua", [[
return require("promptgen.template").define { extends = "blocked", blocks = { steps = "Wait." } }
]])
    assert.equal("1 in the place of stock ones", doctor().scripts.says)
    local path = program.run({ "copy", "review" }, { cwd = dir }).out:gsub("\n", "")
    local text = program.read(path)
    program.write(path, "-- changed\n" .. text:gsub(" sha256 %x%x%x%x", " sha256 0000"))
    local scripts = doctor().scripts
    assert.equal("note", scripts.result)
    assert.matches("has changed since it was copied: workflows/", scripts.says)
  end)
end)
