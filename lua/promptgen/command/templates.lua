--- `promptgen templates`: every template on the search path, with its parameters and its origin.
local FOLDERS = { "workflows/templates/", "workflows/templates/skeletons/" }

local function names_of(runtime)
  local names = {}
  for _, folder in ipairs(FOLDERS) do
    for _, full in ipairs(runtime:names(folder)) do
      names[#names + 1] = full:match("^workflows/templates/(.+)%.lua$")
    end
  end
  return names
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t or {}) do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  return keys
end

local function params_json(json, params)
  local list = {}
  for i, name in ipairs(sorted_keys(params)) do
    local param = params[name]
    list[i] = json.object {
      { "name", name }, { "type", param.type }, { "required", param.required or false }, { "doc", param.doc },
    }
  end
  return json.array(list)
end

local function as_json(described)
  local json = require "promptgen.json"
  local list = {}
  for i, one in ipairs(described) do
    local layer = one.layers and one.layers[1] or {}
    list[i] = json.object {
      { "name", one.name }, { "source", layer.layer }, { "path", one.path }, { "summary", one.summary },
      { "params", params_json(json, one.params) }, { "error", one.error },
    }
  end
  return json.encode(json.object {
    { "schema", "promptgen.templates/1" }, { "templates", json.array(list) },
  }) .. "\n"
end

local function as_text(described)
  local out, width = {}, 22
  for _, one in ipairs(described) do
    width = math.max(width, #one.name)
  end
  for i, one in ipairs(described) do
    local layer = one.layers and one.layers[1] or {}
    local params = table.concat(sorted_keys(one.params), ", ")
    out[i] = ("%s %-10s %s\n%s"):format(one.name .. (" "):rep(width - #one.name), layer.layer or "?",
      one.summary or one.error or "",
      params ~= "" and ("%s parameters: %s\n"):format((" "):rep(width + 11), params) or "")
  end
  return table.concat(out)
end

return {
  name = "templates",
  summary = "list the templates, their parameters and where they come from",
  arguments = {},
  run = function(ctx)
    local described, err = require("promptgen.run").describe_templates(ctx.app, names_of(ctx.app:runtime()))
    if not described then
      return nil, err
    end
    ctx.out(ctx.json and as_json(described) or as_text(described))
    return true
  end,
}
