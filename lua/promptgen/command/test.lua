--- `promptgen test [NAME…]`: runs the tests of the workspace's own workflows.
local errors = require "promptgen.errors"

local function find_files(root, names)
  local folder = require("promptgen.test_runner").folder
  local files = {}
  for _, name in ipairs(names) do
    files[#files + 1] = name:find("/", 1, true) and name or folder .. name:gsub("%.lua$", "") .. ".lua"
  end
  if #files > 0 then
    return files
  end
  for _, entry in ipairs(root:list((folder:gsub("/$", ""))) or {}) do
    if entry.name:match("%.lua$") and entry.type == "file" then
      files[#files + 1] = folder .. entry.name
    end
  end
  if #files == 0 then
    return nil, errors.new { code = "not_found", path = folder, message = "there are no tests here",
      hint = "promptgen new workflow NAME makes a workflow with a test" }
  end
  return files
end

local function run_file(ctx, root, path, results)
  local runner = require "promptgen.test_runner"
  local cases, err = runner.load(root, path)
  if not cases then
    return nil, err
  end
  for _, case in ipairs(cases) do
    local problems = runner.run(ctx.app, root, case)
    results[#results + 1] = { file = path, name = case.name, problems = problems }
    results.failed = results.failed + (#problems > 0 and 1 or 0)
  end
  return true
end

--- The error of all files that could not be used: the first, and the others below it.
local function combined(failures)
  local first = failures[1]
  local hint = type(first.hint) == "table" and first.hint or { first.hint }
  for i = 2, #failures do
    local err = failures[i]
    hint[#hint + 1] = ("%s cannot be used either: %s"):format(err.path or "a file", err.message)
  end
  first.hint = #hint > 0 and hint or nil
  return first
end

local function as_json(results)
  local json = require "promptgen.json"
  local list, unusable = {}, {}
  for i, err in ipairs(results.failures) do
    unusable[i] = json.object { { "code", err.code }, { "path", err.path }, { "line", err.line },
      { "message", err.message } }
  end
  for i, result in ipairs(results) do
    list[i] = json.object {
      { "file", result.file }, { "name", result.name }, { "passed", #result.problems == 0 },
      { "problems", json.array(result.problems) },
    }
  end
  return json.encode(json.object {
    { "schema", "promptgen.test/1" }, { "passed", #results - results.failed },
    { "failed", results.failed }, { "cases", json.array(list) },
    { "errors", json.array(unusable) },
  }) .. "\n"
end

local function as_text(results)
  local out = {}
  for i, result in ipairs(results) do
    out[#out + 1] = ("%s %d - %s: %s\n"):format(#result.problems == 0 and "ok" or "not ok", i, result.file,
      result.name)
    for _, problem in ipairs(result.problems) do
      out[#out + 1] = "# " .. problem:gsub("\n*$", ""):gsub("\n", "\n# ") .. "\n"
    end
  end
  out[#out + 1] = ("%d passed, %d failed\n"):format(#results - results.failed, results.failed)
  return table.concat(out)
end

return {
  name = "test",
  summary = "run the tests of your own workflows",
  arguments = { { "files", "names or paths of test files; all of workflows/tests/ without one", optional = true,
    list = true } },
  run = function(ctx)
    local dir, err = ctx.app:root()
    if not dir then
      return nil, err
    end
    local root
    root, err = require("promptgen.fs").root(dir)
    if not root then
      return nil, err
    end
    local files
    files, err = find_files(root, ctx.args.files or {})
    if not files then
      return nil, err
    end
    local results = { failed = 0, failures = {} }
    for _, path in ipairs(files) do
      local ok
      ok, err = run_file(ctx, root, path, results)
      results.failures[#results.failures + 1] = not ok and err or nil
    end
    if #results > 0 then
      ctx.out(ctx.json and as_json(results) or as_text(results))
    end
    if #results.failures > 0 then
      return nil, combined(results.failures)
    end
    return results.failed > 0 and 1 or true
  end,
}
