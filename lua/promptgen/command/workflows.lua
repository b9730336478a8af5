--- `promptgen workflows`: every workflow on the search path, with its origin.
local function describe_all(ctx)
  local runner = require "promptgen.run"
  local rows = {}
  for _, name in ipairs(ctx.app:runtime():names("workflows/")) do
    if name:match("%.lua$") then
      local script, err = ctx.app:runtime():find(name)
      local description
      if script then
        description, err = runner.describe(ctx.app, script)
      end
      rows[#rows + 1] = {
        name = name:match("([^/]+)%.lua$"), layer = script and script.layer or "?",
        path = script and script.path, summary = description and description.summary,
        error = not description and tostring(err) or nil,
      }
    end
  end
  return rows
end

return {
  name = "workflows",
  summary = "list the workflows and where they come from",
  arguments = {},
  run = function(ctx)
    local rows = describe_all(ctx)
    if ctx.json then
      local json = require "promptgen.json"
      local list = {}
      for i, row in ipairs(rows) do
        list[i] = json.object { { "name", row.name }, { "source", row.layer }, { "path", row.path },
          { "summary", row.summary }, { "error", row.error } }
      end
      ctx.out(json.encode(json.object {
        { "schema", "promptgen.workflows/1" }, { "workflows", json.array(list) },
      }) .. "\n")
      return true
    end
    local out = {}
    for i, row in ipairs(rows) do
      out[i] = ("%-16s %-10s %s\n"):format(row.name, row.layer, row.summary or "error: " .. row.error)
    end
    ctx.out(table.concat(out))
    return true
  end,
}
