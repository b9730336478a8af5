--- An in-memory loader for the specs of templates and prompts.
local status = require "promptgen.status"

local support = {}

--- A loader over layers of files. Each layer is {name = "workspace", files = {["a"] = source}}; the
--- first layer wins. A file whose name ends in ".md" is a body.
function support.loader(layers)
  return function(kind, name)
    local hits = {}
    for _, layer in ipairs(layers) do
      local text = layer.files[name]
      if text then
        hits[#hits + 1] = {
          source = text, layer = layer.name,
          path = layer.name .. "/" .. name .. (kind == "template" and ".lua" or ""),
        }
      end
    end
    if #hits == 0 then
      return nil, status.error {
        code = "not_found", message = ("there is no %s '%s'"):format(kind, name),
      }
    end
    hits[1].shadowed = table.move(hits, 2, #hits, 1, {})
    return hits[1]
  end
end

--- An engine over one layer of files.
function support.engine(files, options)
  local template = require "promptgen.template"
  options = options or {}
  options.loader = support.loader { { name = "t", files = files } }
  return template.engine(options)
end

--- The source of a template file with this body and these parameters.
function support.file(body, rest)
  return 'local template = require "promptgen.template"\nreturn template.define {\n'
    .. (rest and rest .. ",\n" or "") .. "  body = [==[\n" .. body .. "]==],\n}\n"
end

--- The source of a template file that extends `base` and changes blocks; both as Lua source.
function support.derived(base, blocks, rest)
  return ('return require("promptgen.template").define {\n'
    .. '  extends = "%s", blocks = { %s },%s\n}\n'):format(base, blocks or "", rest or "")
end

return support
