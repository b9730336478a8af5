--- `promptgen doctor`: what works here, and what does not.
local function as_json(findings)
  local json, list = require "promptgen.json", {}
  for i, one in ipairs(findings) do
    list[i] = json.object {
      { "name", one.name }, { "result", one.result }, { "says", one.says }, { "hint", one.hint },
      { "code", one.error and one.error.code },
    }
  end
  return json.encode(json.object {
    { "schema", "promptgen.doctor/1" }, { "version", require("promptgen.host").version },
    { "checks", json.array(list) },
  }) .. "\n"
end

local MARKS = { ok = "ok", note = "-", problem = "PROBLEM" }

local function as_text(findings, room)
  local columns, out = require "promptgen.columns", {}
  for _, one in ipairs(findings) do
    local text = ("%-13s %-8s %s"):format(one.name, MARKS[one.result], one.says:gsub("%s+", " "))
    out[#out + 1] = columns.wrap(text, room, "")
    if one.hint then
      out[#out + 1] = columns.wrap(one.hint:gsub("%s+", " "), room, (" "):rep(23))
    end
  end
  return table.concat(out)
end

return {
  name = "doctor",
  summary = "check what works on this machine and in this workspace",
  arguments = {},
  run = function(ctx)
    local findings = require("promptgen.checkup").all(ctx.app)
    ctx.out(ctx.json and as_json(findings) or as_text(findings, ctx.width))
    for _, one in ipairs(findings) do
      if one.error then
        return require("promptgen.status").exit(one.error.code)
      end
    end
    return true
  end,
}
