--- Runs the real program for the specs of tests/cli, and makes temporary workspaces.
local program = {}

local source_dir = assert(os.getenv "PROMPTGEN_SOURCE_DIR", "PROMPTGEN_SOURCE_DIR is not set")
local build_dir = assert(os.getenv "PROMPTGEN_BUILD_DIR", "PROMPTGEN_BUILD_DIR is not set")

program.source_dir = source_dir
program.path = build_dir .. "/bin/promptgen"
program.example = source_dir .. "/tests/fixtures/example"

--- Folder of reference data that a checkout may lack; nil then.
function program.shared()
  local dir = os.getenv "PROMPTGEN_SHARED" or source_dir .. "/../shared"
  local file = io.open(dir .. "/corpus/expected.json")
  if not file then
    return nil
  end
  file:close()
  return dir
end

function program.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local quote = program.quote

function program.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

function program.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

--- Runs a shell command; its output, without the final newline.
function program.sh(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "a"
  local ok, _, status = pipe:close()
  return (text:gsub("\n$", "")), ok and 0 or status
end

--- A private directory; `program.remove` takes it away.
function program.temp_dir()
  return (program.sh "mktemp -d")
end

function program.remove(dir)
  program.sh("chmod -R u+rwX " .. quote(dir) .. "; rm -rf " .. quote(dir))
end

--- A copy of the example workspace.
function program.example_copy()
  local dir = program.temp_dir()
  program.sh(("cp -R %s/. %s"):format(quote(program.example), quote(dir)))
  return dir
end

--- Runs the program. The environment holds PATH and HOME (an empty folder) and what `env` adds.
---@param args string[]
---@param opts? {cwd?: string, env?: table<string, string>, input?: string, shell?: string}
---@return {status: integer, out: string, err: string}
function program.run(args, opts)
  opts = opts or {}
  local dir = program.temp_dir()
  local words = {}
  for i, arg in ipairs(args) do
    words[i] = quote(arg)
  end
  local env = { "PATH=" .. quote(os.getenv "PATH"), "HOME=" .. quote(dir) }
  for _, name in ipairs { "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS" } do
    local value = os.getenv(name)
    env[#env + 1] = value and name .. "=" .. quote(value) or nil
  end
  for name, value in pairs(opts.env or {}) do
    env[#env + 1] = name .. "=" .. quote(value)
  end
  local input = "/dev/null"
  if opts.input then
    input = dir .. "/in"
    program.write(input, opts.input)
  end
  local command = ("cd %s && env -i %s %s %s <%s >%s/out 2>%s/err"):format(
    quote(opts.cwd or dir), table.concat(env, " "), quote(program.path), table.concat(words, " "),
    quote(input), quote(dir), quote(dir))
  local ok, kind, status = os.execute(opts.shell and opts.shell:format(command) or command)
  local result = {
    status = ok and 0 or (kind == "signal" and 128 + status or status),
    out = program.read(dir .. "/out"), err = program.read(dir .. "/err"),
  }
  program.remove(dir)
  return result
end

return program
