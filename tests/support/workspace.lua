--- A workspace for the specs of commands that change files: made by the program, looked at from outside.
local program = require "support.program"

local workspace = {}

local Workspace = {}
Workspace.__index = Workspace

--- A fresh directory with what `promptgen init` (and `arguments`) makes.
function workspace.new(...)
  local root = program.temp_dir()
  local self = setmetatable({ root = root .. "/work", top = root }, Workspace)
  program.sh("mkdir " .. self.root)
  self:ok("init", ...)
  return self
end

function Workspace:close()
  program.remove(self.top)
end

--- Runs the program in the workspace, as the user "tester".
function Workspace:run(...)
  return program.run({ ... }, { cwd = self.root, env = {
    USER = "tester", XDG_STATE_HOME = self.top .. "/state", XDG_CACHE_HOME = self.top .. "/cache",
  } })
end

--- The same where it must succeed; its output.
function Workspace:ok(...)
  local result = self:run(...)
  assert(result.status == 0, table.concat({ ... }, " ") .. ": " .. result.err)
  return result.out, result.err
end

--- The same where it must fail with this code; the error.
function Workspace:fails(code, ...)
  local before = self:files()
  local list = { ... }
  list[#list + 1] = "--json"
  local result = self:run(table.unpack(list))
  local label = table.concat(list, " ") .. "\n" .. result.out .. result.err
  assert(result.status ~= 0 and result.out == "", label)
  local object = require("cjson").decode(result.err:match "([^\n]*)\n$") -- a notice may stand before it
  assert(object.error.code == code, label)
  assert(object.exit == result.status, label)
  require("luassert").same(before, self:files(), "a refused command changed files")
  return object.error, result.status
end

--- The answer of a command with --json.
function Workspace:json(...)
  local list = { ... }
  list[#list + 1] = "--json"
  return require("cjson").decode((self:ok(table.unpack(list))))
end

function Workspace:read(path)
  return program.read(self.root .. "/" .. path)
end

function Workspace:write(path, text)
  program.sh(("mkdir -p %s/%s"):format(self.root, path:match "^(.*)/[^/]*$" or "."))
  program.write(self.root .. "/" .. path, text)
end

--- Edits a file as a person would: each pair is a pattern and its replacement.
function Workspace:edit(path, ...)
  local text, pairs_of = self:read(path), { ... }
  for i = 1, #pairs_of, 2 do
    local count
    text, count = text:gsub(pairs_of[i], pairs_of[i + 1])
    assert(count > 0, ("%s has no %s:\n%s"):format(path, pairs_of[i], text))
  end
  self:write(path, text)
end

--- Writes something for every text in square brackets.
function Workspace:fill(path)
  self:edit(path, "%[%u[^\n%]]*%]", "Written by hand")
end

function Workspace:exists(path)
  local file = io.open(self.root .. "/" .. path)
  if file then
    file:close()
  end
  return file ~= nil
end

--- All files with their contents' digests, without folders.
function Workspace:files()
  local list = {}
  local text = program.sh(("cd %s && find . -type f -exec sha256sum {} +"):format(program.quote(self.root)))
  for sum, path in text:gmatch "(%x+)  %./([^\n]+)" do
    list[path] = sum
  end
  return list
end

return workspace
