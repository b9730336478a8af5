--- `promptgen which NAME`: every place a script is found, the one used first.
local function describe(script)
  if require("promptgen.hooks").is_hook(script.name) then
    return "all of a hook run, the last one first"
  end
  local origin = require "promptgen.origin"
  local name, sha256 = origin.of(script.source)
  local note
  if script.layer ~= "embedded" then
    note = script.stock and "same as the stock one" or "changed"
    local stock = name and require("promptgen.embedded").source(name)
    if stock and sha256 ~= require("promptgen.digest").sha256(stock) then
      note = note .. "; the stock one has changed since it was copied"
    end
  end
  return note, name
end

return {
  name = "which",
  summary = "show where a workflow or template comes from",
  arguments = { { "name", "a workflow or template" } },
  run = function(ctx)
    local runtime = ctx.app:runtime()
    local full, err = require("promptgen.catalog").one(runtime, ctx.args.name)
    if not full then
      return nil, err
    end
    local chain
    chain, err = runtime:chain(full)
    if not chain then
      return nil, err
    end
    local json = require "promptgen.json"
    local sha256 = require("promptgen.digest").sha256
    local rows, lines, all = {}, {}, require("promptgen.hooks").is_hook(full)
    for i, script in ipairs(chain) do
      local note, copied = describe(script)
      rows[i] = json.object {
        { "source", script.layer }, { "path", script.path }, { "stock", script.stock },
        { "sha256", sha256(script.source) }, { "copied_from", copied }, { "note", note },
      }
      lines[i] = ("%s %-11s %s%s\n"):format((i == 1 or all) and "*" or " ", script.layer, script.path,
        note and "  (" .. note .. ")" or "")
    end
    if ctx.json then
      ctx.out(json.encode(json.object {
        { "schema", "promptgen.which/1" }, { "name", full }, { "chain", json.array(rows) },
      }) .. "\n")
    else
      ctx.out(full .. "\n" .. table.concat(lines))
    end
    return true
  end,
}
