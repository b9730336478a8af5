--- Tests of a user's own workflows: cases as data, each a run of a workflow on a fixture workspace.
---
--- A test file is `workflows/tests/NAME.lua` and returns a list of cases; see docs/workflows.md. It is
--- evaluated like configuration: no names, no functions.
local errors = require "promptgen.errors"

local test_runner = {}

test_runner.folder = "workflows/tests/"

local FIELDS = {
  name = "string", workflow = "string", root = "string", args = "table", status = "number",
  contains = "table", lacks = "table", expected = "string",
}

local function fail(path, message, hint)
  return nil, errors.new { code = "bad_input", path = path, message = message, hint = hint }
end

--- Whether a list of texts is one: strings with something in them. An empty text is in every output.
local function check_texts(case, field, index, path)
  for _, text in ipairs(case[field] or {}) do
    if type(text) ~= "string" or text == "" then
      return fail(path, ("case %d: %s holds something that is no text"):format(index, field))
    end
  end
  return true
end

local function expects_something(case)
  return #(case.contains or {}) > 0 or #(case.lacks or {}) > 0 or case.expected or case.status
end

local function check_case(case, index, path)
  if type(case) ~= "table" then
    return fail(path, ("case %d is not a table"):format(index))
  end
  for key, value in pairs(case) do
    if FIELDS[key] == nil then
      local near = errors.nearest(tostring(key), { "name", "workflow", "root", "args", "status", "contains",
        "lacks", "expected" })
      return fail(path, ("case %d has an unknown field '%s'"):format(index, tostring(key)),
        near[1] and "did you mean " .. near[1] .. "?" or nil)
    elseif type(value) ~= FIELDS[key] then
      return fail(path, ("case %d: %s is not a %s"):format(index, key, FIELDS[key]))
    end
  end
  if not case.name or not case.workflow then
    return fail(path, ("case %d has no %s"):format(index, case.name and "workflow" or "name"))
  elseif not expects_something(case) then
    return fail(path, ("case '%s' expects nothing, so it cannot fail"):format(case.name),
      "give contains, lacks, expected or status")
  end
  local ok, err = check_texts(case, "contains", index, path)
  if ok then
    ok, err = check_texts(case, "lacks", index, path)
  end
  return ok, err
end

--- The cases of a test file.
---@param root table promptgen.fs root of the workspace
---@param path string
---@return table[]? cases
---@return promptgen.Error? err
function test_runner.load(root, path)
  local source, err = root:read(path, 256 * 1024)
  if not source then
    err.path = path
    return nil, err
  end
  local cases
  cases, err = require("promptgen.config").evaluate(source, path)
  if err then
    err.code = err.code == "config" and "script_syntax" or err.code
    return nil, err
  elseif type(cases) ~= "table" or #cases == 0 then
    return fail(path, "the file returns no list of cases", "see promptgen new workflow NAME for an example")
  end
  for index, case in ipairs(cases) do
    local ok
    ok, err = check_case(case, index, path)
    if not ok then
      return nil, err
    end
  end
  return cases
end

--- What a run printed, its exit status, and its error text.
local function run_case(app, base, case)
  local args = table.move(case.args or {}, 1, #(case.args or {}), 1, {})
  local fixture = case.root and base .. "/" .. case.root or base
  for _, option in ipairs { "--root=" .. fixture, "--runtime=" .. base, "--no-cache", "--no-clipboard" } do
    table.insert(args, 1, option)
  end
  local options, rest = require("promptgen.options").extract(args)
  if not options then
    return { status = 2, text = errors.format(rest) }
  end
  options.timeout, options.mem = app.options.timeout, app.options.mem
  local inner = require("promptgen.app").new(options)
  inner.notice_shadow, inner.is_trial = function() end, true
  local run = require "promptgen.run"
  local outcome, job = run.attempt(inner, case.workflow, rest)
  if not outcome then
    return { status = require("promptgen.status").exit(job.code), text = errors.format(job) }
  end
  if job.worker then
    job.worker:close()
  end
  local text = table.concat(job.output) .. outcome.text
  return { status = 0, text = text:sub(-1) == "\n" and text or text .. "\n" }
end

local function compare(root, case, result)
  local problems = {}
  local function problem(...)
    problems[#problems + 1] = string.format(...)
  end
  if result.status ~= (case.status or 0) then
    problem("exit status %d, not %d: %s", result.status, case.status or 0, result.text)
  end
  for _, wanted in ipairs(case.contains or {}) do
    if not result.text:find(wanted, 1, true) then
      problem("lacks: %s", wanted)
    end
  end
  for _, unwanted in ipairs(case.lacks or {}) do
    if result.text:find(unwanted, 1, true) then
      problem("contains: %s", unwanted)
    end
  end
  if case.expected then
    local wanted, err = root:read(case.expected)
    if not wanted then
      problem("%s cannot be read: %s", case.expected, err.message)
    elseif wanted ~= result.text then
      problem("differs from %s", case.expected)
    end
  end
  return problems
end

--- Runs one case.
---@param app promptgen.App
---@param root table promptgen.fs root of the workspace
---@param case table
---@return string[] problems empty when it passed
function test_runner.run(app, root, case)
  return compare(root, case, run_case(app, root:path(), case))
end

return test_runner
