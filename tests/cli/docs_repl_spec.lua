--- The conversations of docs/cache-inspection.md and docs/repl.md are what the program says.
local program = require "support.program"

--- The entries of a page's conversations, each with what it shows. A block begins with ```repl, or
--- with the command line that starts the session.
local function read_conversation(path)
  local entries = {}
  local text = program.read(path)
  for block in text:gmatch "\n```repl\n(.-)```" do
    for line in block:gmatch "([^\n]*)\n" do
      local typed = line:match "^CSV%-IMPORT> (.*)$"
      if typed then
        entries[#entries + 1] = { text = typed, shown = {} }
      else
        table.insert(entries[#entries].shown, line)
      end
    end
  end
  return entries
end

--- The pattern for lines in which "…" stands for anything; alone on a line, for any lines.
local function pattern_of(lines)
  local text = table.concat(lines, "\n") .. (#lines > 0 and "\n" or "")
  text = text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0")
  return "^" .. text:gsub("…", ".-") .. "$"
end

describe("the conversations of docs/cache-inspection.md", function()
  it("are what the program says", function()
    local dir = program.example_copy()
    local entries = read_conversation(program.source_dir .. "/docs/cache-inspection.md")
    assert.is_true(#entries >= 10)
    local args = { "repl", "@CSV-IMPORT" }
    for i, entry in ipairs(entries) do
      table.insert(args, "-e")
      table.insert(args, entry.text)
      table.insert(args, "-e")
      table.insert(args, ("print '==== %d'"):format(i))
    end
    local result = program.run(args, { cwd = dir })
    program.remove(dir)
    assert.equal("", result.err)
    assert.equal(0, result.status)
    local at = 1
    for i, entry in ipairs(entries) do
      local mark = ("==== %d\n"):format(i)
      local first, last = result.out:find(mark, at, true)
      local shown = result.out:sub(at, first - 1)
      assert.is_true(shown:find(pattern_of(entry.shown)) ~= nil, ("%s shows\n%s"):format(entry.text, shown))
      at = last + 1
    end
  end)
end)

--- The command lines of a page's shell sessions, each with what it shows.
local function read_sessions(path)
  local list = {}
  for block in program.read(path):gmatch "\n```console\n(.-)```" do
    for line in block:gmatch "([^\n]*)\n" do
      local typed = line:match "^%$ (.*)$"
      if typed then
        list[#list + 1] = { text = typed, shown = {} }
      else
        table.insert(list[#list].shown, line)
      end
    end
  end
  return list
end

describe("the shell sessions of docs/cache-inspection.md", function()
  it("are what the program says", function()
    local dir, home = program.example_copy(), program.temp_dir()
    local sessions = read_sessions(program.source_dir .. "/docs/cache-inspection.md")
    assert.equal(3, #sessions)
    for _, one in ipairs(sessions) do
      local shown, status = program.sh(("cd %s && env -i HOME=%s PATH=%s:/usr/bin:/bin sh -c %s"):format(
        program.quote(dir), program.quote(home), program.quote(program.path:match "^(.*)/"), program.quote(one.text)))
      assert.equal(0, status, shown)
      assert.is_true((shown .. "\n"):find(pattern_of(one.shown)) ~= nil, ("%s shows\n%s"):format(one.text, shown))
    end
    program.remove(dir)
    program.remove(home)
  end)
end)

describe("the conversation of docs/repl.md", function()
  it("is what the program says", function()
    local text = program.read(program.source_dir .. "/docs/repl.md")
    local block = text:match "%$ promptgen repl @CSV%-IMPORT\n(.-)```"
    local args, expected = { "repl", "@CSV-IMPORT" }, {}
    for line in block:gmatch "([^\n]*)\n" do
      local typed, more = line:match "^CSV%-IMPORT> (.*)$", line:match "^ +>> (.*)$"
      if typed then
        table.insert(args, "-e")
        table.insert(args, typed)
      elseif more then
        args[#args] = args[#args] .. "\n" .. more
      elseif not line:match "^promptgen " then
        expected[#expected + 1] = line .. "\n"
      end
    end
    local dir = program.example_copy()
    local result = program.run(args, { cwd = dir })
    program.remove(dir)
    assert.equal("", result.err)
    assert.is_true(#expected > 0)
    assert.equal(table.concat(expected), result.out)
  end)

  it("has every command in its table", function()
    local text = program.read(program.source_dir .. "/docs/repl.md")
    for _, command in ipairs(require("promptgen.repl.commands").list) do
      assert.is_true(text:find("`" .. command.usage:match "^:%a+", 1, true) ~= nil, command.usage)
    end
  end)
end)
