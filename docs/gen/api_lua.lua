--- Writes docs/api-lua.md: every function that scripts and users' own programs can call, from the
--- annotations beside them. Fails for a function of a C module that has no docstring.
--- arguments: LUA_DIR
local lua_dir = ...

local INTRODUCTION = [[
# Lua API

Made from the annotations of the sources by `make docs`; do not edit. In the REPL, `:help NAME` shows the same
text. `ctx` is what a workflow's `run` gets, `plan` a parsed plan, `state` the view on it.

What a caller does wrong raises an error. What the world does wrong returns `nil, err` with an error value:
`code`, `message`, and where they are known `path`, `line`, `column`, `hint`, `cause`; `tostring(err)` prints well.
Durations are seconds, sizes bytes, lines count from 1. A type is written as LuaCATS has it.

A stock `lua5.4` can `require` the same modules from `promptgen.so`; in a workflow, files are reached through
`ctx.workspace` only.
]]

--- A stub without a docstring is a mistake of ours, to be told with its place.
local function check_stubs()
  local missing = {}
  local listing = assert(io.popen(("ls '%s'/promptgen/_meta/*.lua"):format(lua_dir)))
  for path in listing:lines() do
    local number, documented = 0, false
    for line in io.lines(path) do
      number = number + 1
      if line:find "^function " and not documented then
        missing[#missing + 1] = ("%s:%d: no docstring"):format(path, number)
      end
      documented = line:find "^%-%-%-" ~= nil
    end
  end
  listing:close()
  if #missing > 0 then
    io.stderr:write(table.concat(missing, "\n"), "\n")
    os.exit(1)
  end
end

local TITLES = { arguments = "Arguments", returns = "Returns", fields = "Fields" }

--- A row of a list: "  name  rest" of the reference, a type first or a name first.
local function item(line)
  local name, rest = line:match "^  (%S+)%s%s+(.*)$"
  if not name then
    return "- `" .. line:match "^%s*(.-)%s*$" .. "`"
  end
  return rest == "" and ("- `%s`"):format(name) or ("- `%s`: %s"):format(name, rest)
end

--- "promptgen.Error? err not_found" as a type in code and the rest in words.
local function result(line)
  local kind, rest = line:match "^%s*(fun%b().-)%s*$", nil
  if not kind then
    kind, rest = line:match "^%s*(%S+)%s*(.*)$"
  end
  return (rest or "") == "" and ("- `%s`"):format(kind) or ("- `%s` %s"):format(kind, rest)
end

--- The text of one topic as Markdown: the first line is its heading.
local function page(text)
  local out, list, fenced = {}, nil, false
  local heading, body = text:match "^([^\n]*)\n?(.*)$"
  for line in (body .. "\n"):gmatch "(.-)\n" do
    if line:find "^```" then
      fenced = not fenced
    end
    if fenced then
      out[#out + 1] = line
    elseif TITLES[line] then
      list = line
      out[#out + 1] = TITLES[line] .. ":\n"
    elseif list and line:find "^  %S" then
      out[#out + 1] = (list == "returns" and result or item)(line)
    else
      list = nil
      out[#out + 1] = line
    end
  end
  return heading, (table.concat(out, "\n"):gsub("^\n+", ""):gsub("%s+$", ""))
end

local function load_topics()
  local source = assert(loadfile "src/host/embed/reference.lua")(lua_dir)
  local modules, order = {}, {}
  for _, topic in ipairs(assert(load(source, "=reference"))()) do
    local name, module, text = table.unpack(topic)
    if not modules[module] then
      modules[module] = {}
      order[#order + 1] = module
    end
    table.insert(modules[module], { name = name, text = text })
  end
  table.sort(order)
  return modules, order
end

local function write_module(name, topics)
  io.write("\n## ", name, "\n")
  table.sort(topics, function(a, b)
    if (a.name == name) ~= (b.name == name) then
      return a.name == name
    end
    return a.name < b.name
  end)
  for _, topic in ipairs(topics) do
    local heading, text = page(topic.text)
    if topic.name ~= name then
      io.write("\n### `", heading, "`\n")
    end
    if text ~= "" then
      io.write("\n", text, "\n")
    end
  end
end

check_stubs()
local modules, order = load_topics()
io.write(INTRODUCTION, "\n")
for _, name in ipairs(order) do
  io.write(("- [%s](#%s)\n"):format(name, name))
end
for _, name in ipairs(order) do
  write_module(name, modules[name])
end
