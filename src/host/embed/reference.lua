--- Build tool: gives the source of promptgen.reference, the index behind `:help`, from the
--- annotations of the stubs of C modules and of the Lua modules that scripts see.
---
--- arguments: LUA_DIR; returns the source. A topic is a module ("cache"), a function ("cache.new") or
--- a method ("cache:get"); its text is the docstring as the source has it, put in order.
local lua_dir = ...

--- Lua modules whose functions are for users, beside all C modules; and what the REPL calls the
--- objects of a class.
local LUA_MODULES = {
  "comparison", "context", "discovery", "errors", "handoff", "json", "layout", "log", "profile", "prompt",
  "state", "target", "template", "workflow", "workspace",
}
local C_MODULES = { "cache", "cjson", "fs", "markdown", "metrics", "plan", "regex", "status", "timer" }
local OBJECTS = { Context = "ctx", StateView = "state", record = "plan", Record = "plan", logger = "log" }
local CLASS_OBJECTS = { ["promptgen.log.Logger"] = "log" }
local HIDDEN = {
  ["context.new"] = true, ["context.loader"] = true, ["workspace:use_backend"] = true,
  ["comparison:add"] = true, ["comparison:excerpt"] = true,
}

local function lines_of(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read "a"
  file:close()
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    lines[#lines + 1] = line
  end
  return lines
end

--- "name? type — text" of a @param or a @return.
local function argument(text)
  local name, rest = text:match "^(%S+)%s+(.*)$"
  return name or text, rest or ""
end

local LISTS = { param = "params", ["return"] = "returns", field = "fields" }

--- The parts of a docstring: text, parameters, results, fields, class, and the class it is one of.
--- A line below a tag goes on with it; a sentence between two fields is about the second.
local function parse_doc(block)
  local doc = { text = {}, params = {}, returns = {}, fields = {} }
  local row, ahead
  for _, line in ipairs(block) do
    local tag, rest = line:match "^@(%w+)%s*(.*)$"
    if not tag and row and row.tag == "field" and line:find "^%u" or not tag and ahead then
      ahead = ahead and ahead .. " " .. line or line
    elseif not tag and row and line:find "%S" then
      row[#row] = row[#row] .. " " .. line
    elseif not tag then
      table.insert(doc.text, line)
    elseif LISTS[tag] then
      row = tag == "return" and { rest } or { argument(rest) }
      row.tag, row[#row], ahead = tag, ahead and row[#row] .. " " .. ahead or row[#row], nil
      table.insert(doc[LISTS[tag]], row)
    elseif tag == "class" then
      rest = rest:gsub("^%(exact%)%s*", "")
      doc.class, doc.parent = rest:match "^[%w_.]+", rest:match "^[%w_.]+%s*:%s*([%w_.]+)"
    end
  end
  return doc
end

local function trimmed(lines)
  while #lines > 0 and not lines[1]:find "%S" do
    table.remove(lines, 1)
  end
  while #lines > 0 and not lines[#lines]:find "%S" do
    lines[#lines] = nil
  end
  return lines
end

local function rows(out, title, list)
  if #list == 0 then
    return
  end
  out[#out + 1] = "\n" .. title
  local width = 0
  for _, row in ipairs(list) do
    width = math.max(width, #row[1])
  end
  for _, row in ipairs(list) do
    out[#out + 1] = ("  %-" .. width .. "s  %s"):format(row[1], row[2]):gsub("%s+$", "")
  end
end

local function render(heading, doc)
  local out = { heading }
  local text = trimmed(doc.text)
  if #text > 0 then
    out[#out + 1] = "\n" .. table.concat(text, "\n")
  end
  rows(out, "arguments", doc.params)
  if #doc.returns > 0 then
    out[#out + 1] = "\nreturns"
    for _, result in ipairs(doc.returns) do
      out[#out + 1] = "  " .. result[1]
    end
  end
  rows(out, "fields", doc.fields)
  if doc.parent then
    out[#out + 1] = ("\nIt has what %s has, too."):format(doc.parent)
  end
  return table.concat(out, "\n")
end

local topics, order = {}, {}

local function add(name, module, text)
  if not topics[name] and not HIDDEN[name] then
    topics[name] = { module = module, text = text }
    order[#order + 1] = name
  end
end

--- Name of a function for people: `Cache:get` of promptgen.cache is cache:get.
local function topic_of(module, owner, separator, name)
  local object = OBJECTS[owner]
  if not object then
    object = owner:lower() == module and module or (owner:sub(1, 1):lower() .. owner:sub(2))
  end
  return object .. separator .. name
end

--- Functions that are declared as fields of a class.
local function add_function_fields(doc, module)
  local object = CLASS_OBJECTS[doc.class]
  for _, field in ipairs(object and doc.fields or {}) do
    local params = field[2]:match "^fun(%b())"
    if params then
      local topic = object .. "." .. field[1]
      local own = { text = { table.unpack(doc.text) }, params = {}, returns = {}, fields = {} }
      add(topic, module, render(topic .. params, own))
    end
  end
end

--- `errors.new = status.error` makes one function known by two names.
local aliases = {}

local function read_module(module, path)
  local lines = lines_of(path)
  if not lines then
    return
  end
  local block, seen_module = {}, false
  for _, line in ipairs(lines) do
    local comment = line:match "^%s*%-%-%-%s?(.*)$"
    local alias, target = line:match "^([%w_]+%.[%w_]+) = ([%w_]+%.[%w_]+)$"
    if alias then
      aliases[#aliases + 1] = { alias, module, target }
    end
    local owner, separator, name, params = line:match "^%s*function ([%w_]+)([.:])([%w_]+)(%b())"
    if comment then
      block[#block + 1] = comment
    else
      local doc = parse_doc(block)
      if owner and (#doc.text > 0 or #doc.params > 0 or #doc.returns > 0) and name ~= "__index" then
        local topic = topic_of(module, owner, separator, name)
        add(topic, module, render(topic .. params, doc))
      elseif #block > 0 and (doc.class == "promptgen." .. module or not seen_module and #doc.text > 0) then
        add(module, module, render("promptgen." .. module, doc))
        if doc.class and doc.class ~= "promptgen." .. module then
          add(doc.class, module, render(doc.class, doc)) -- the first of its file, and a type all the same
        end
        seen_module = true
      elseif doc.class and #doc.fields + #doc.text > 0 then
        add(doc.class, module, render(doc.class, doc))
        add_function_fields(doc, module)
      end
      block = {}
    end
  end
end

for _, module in ipairs(C_MODULES) do
  read_module(module, ("%s/promptgen/_meta/%s.lua"):format(lua_dir, module))
end
for _, module in ipairs(LUA_MODULES) do
  read_module(module, ("%s/promptgen/%s.lua"):format(lua_dir, module))
end

for _, alias in ipairs(aliases) do
  local known = topics[alias[3]]
  if known then
    add(alias[1], alias[2], ("%s is %s\n\n%s"):format(alias[1], alias[3], known.text))
  end
end

table.sort(order)
local out = { "return {\n" }
for _, name in ipairs(order) do
  out[#out + 1] = ("{ %q, %q, %q },\n"):format(name, topics[name].module, topics[name].text)
end
out[#out + 1] = "}\n"
return table.concat(out)
