--- Build tool: gives the source of a template file with its texts compiled in, so that a stock
--- template costs no compiling when it is used.
---
--- arguments: LUA_DIR TEMPLATE.lua; returns the source.
--- It is the file itself, run as a function, followed by a table of the functions its texts
--- compile to: "body", and "block NAME.replace", ".prepend" and ".append" for each block it changes;
--- its field `blocks` holds, under the same keys, the blocks that each text defines.
--- promptgen.template.loader takes both.
local lua_dir, template_path = ...

package.path = lua_dir .. "/?.lua;" .. package.path
-- The one C module that templates load; they only need it to exist.
package.preload["promptgen.status"] = function()
  return { error = function(fields) return fields end, is_error = function() return false end }
end

local compiler = require "promptgen.template.compiler"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local blocks = {}

local function compile(key, text)
  local translated, problem = compiler.translate(text, math.huge, true)
  if not translated then
    error(("%s: %s: byte %d: %s"):format(template_path, key, problem.at, problem.message), 0)
  end
  local names = {}
  for name, kind in pairs(translated.blocks) do
    names[#names + 1] = ("%s=%q,"):format(name, kind)
  end
  table.sort(names)
  blocks[#blocks + 1] = ("[%q]={%s},"):format(key, table.concat(names))
  return ("[%q] = function(...)\n%s\nend,\n"):format(key, translated.code)
end

local source = read(template_path)
local spec = assert(load(source, "@" .. template_path, "t"))()
local texts = {}
if spec.body then
  texts[#texts + 1] = compile("body", spec.body)
end
local names = {}
for name in pairs(spec.blocks or {}) do
  names[#names + 1] = name
end
table.sort(names)
for _, name in ipairs(names) do
  for _, part in ipairs { "replace", "prepend", "append" } do
    if spec.blocks[name][part] then
      texts[#texts + 1] = compile(("block %s.%s"):format(name, part), spec.blocks[name][part])
    end
  end
end
-- The file's own lines keep their numbers: it begins on the first line. The texts begin behind any line
-- that a file may have which takes its place (READY_FROM of promptgen.template.loader).
return "local function file(...) " .. source .. "\nend\nreturn file(...), {" .. ("\n"):rep(10000)
  .. table.concat(texts) .. "blocks={" .. table.concat(blocks) .. "}}\n"
