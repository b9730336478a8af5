--- `promptgen paths`: where workflows, templates and the user's files are looked for.
return {
  name = "paths",
  summary = "show the search path for workflows and templates",
  arguments = {},
  run = function(ctx)
    local app = ctx.app
    local rows = { { "root", (app:root()) or "(no workspace here)" } }
    for _, layer in ipairs(app:runtime().layers) do
      rows[#rows + 1] = { layer.name, layer.dir }
    end
    rows[#rows + 1] = { "embedded", "(inside the program)" }
    rows[#rows + 1] = { "cache", app.cache_dir() or "(none: HOME is not set)" }
    rows[#rows + 1] = { "state", app.state_dir() or "(none: HOME is not set)" }
    if ctx.json then
      local json = require "promptgen.json"
      local list = { { "schema", "promptgen.paths/1" } }
      table.move(rows, 1, #rows, 2, list)
      ctx.out(json.encode(json.object(list)) .. "\n")
      return true
    end
    local out = {}
    for i, row in ipairs(rows) do
      out[i] = ("%-12s %s\n"):format(row[1], row[2])
    end
    ctx.out(table.concat(out))
    return true
  end,
}
