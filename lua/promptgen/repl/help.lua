--- `:help`: what the REPL can do, and the docstring of every function that scripts can call.
local columns = require "promptgen.columns"
local errors = require "promptgen.errors"
local help_text = require "promptgen.repl.help_text"

local help = {}

local PRELOADED = {
  { "workspace", "the files of this workspace: workspace:plans(), workspace:plan \"@NAME\"" },
  { "plan", "the plan named on the command line, as its file is now" },
  { "state", "where plans stand: state:next(plan), state:all(plan)" },
  { "ctx", "what a workflow gets: ctx:prompt(\"review\", { plan = plan, step = state:next(plan) })" },
  { "template", "templates as values; :render NAME shows a stock one" },
  { "cache, metrics", "remembering and counting" },
  { "timer, profile", "measuring time" },
  { "regex, markdown", "reading text" },
  { "_", "the last value" },
}

local function overview(commands, room)
  local list = {}
  for i, command in ipairs(commands) do
    list[i] = { command.usage, command.summary }
  end
  return table.concat {
    columns.wrap("Lua is evaluated as you type it; an expression shows its value. Commands:", room, ""),
    help_text.list(list, room), "\nNames that are there:\n", help_text.list(PRELOADED, room), "\n",
    columns.wrap("Tab completes, Ctrl-C stops an evaluation, Ctrl-D leaves. :help TOPIC knows every function: a"
      .. " module (cache), a function (cache.cached), a method (workspace:plan).", room, ""),
  }
end

--- All topics.
---@return string[]
function help.topics()
  local list = {}
  for i, entry in ipairs(require "promptgen.reference") do
    list[i] = entry[1]
  end
  return list
end

local function members(module)
  local names = {}
  for _, entry in ipairs(require "promptgen.reference") do
    if entry[2] == module and entry[1] ~= module then
      names[#names + 1] = entry[1]
    end
  end
  return names
end

--- Entries that a topic means: its own, else those whose last part it is.
local function lookup(topic)
  local folded, tails = topic:lower(), {}
  for _, entry in ipairs(require "promptgen.reference") do
    local name = entry[1]:lower()
    if name == folded or name == "promptgen." .. folded then
      return { entry }
    elseif name:match "[^.:]+$" == folded:match "[^.:]*$" and name:sub(-#folded) == folded then
      tails[#tails + 1] = entry
    end
  end
  return tails
end

--- The entry of a type by its whole name.
local function type_entry(name)
  for _, entry in ipairs(require "promptgen.reference") do
    if entry[1] == name then
      return entry
    end
  end
end

--- Adds the fields of a type and of what it is one of to `out`.
local function add_fields(out, name)
  local entry = type_entry(name)
  local fields = entry and entry[3]:match "\nfields\n(.*)$"
  if fields then
    local own, parent = fields:match "^(.-)\n\nIt has what ([%w_.]+) has, too%.$"
    out[#out + 1] = ("\n%s\n%s\n"):format(name, own or fields)
    if parent then
      add_fields(out, parent)
    end
  end
end

--- A function's text, with the fields of the tables that it takes.
local function with_fields(text)
  local out, arguments = { text .. "\n" }, text:match "\narguments\n(.-)\n\n" or text:match "\narguments\n(.*)$"
  for line in (arguments or ""):gmatch "[^\n]+" do
    local name = line:match "^  %S+%s+(promptgen%.[%w_]+%.[%w_]+)"
    if name then
      add_fields(out, name)
    end
  end
  return table.concat(out)
end

--- The lines of `text` about one field.
local function field_lines(text, field)
  local out = {}
  for line in (text:match "\nfields\n(.*)$" or ""):gmatch "[^\n]+" do
    if line:match "^  ([%w_]+)" == field then
      out[#out + 1] = line
    end
  end
  return out
end

--- What a topic like "plan.handoff" means that is no function: a field of the module's types, told with
--- the type that it belongs to.
local function field_entries(topic)
  local module, field = topic:match "^([%w_.]+)[.:]([%w_]+)$"
  local found = {}
  for _, entry in ipairs(module and require "promptgen.reference" or {}) do
    local is_of_module = entry[2] == module or entry[1] == module or entry[1] == "promptgen." .. module
    local lines = is_of_module and field_lines(entry[3], field) or {}
    if #lines > 0 then
      local text = ("%s\n\nfields\n%s"):format(entry[1], table.concat(lines, "\n"))
      found[#found + 1] = { entry[1] .. "." .. field, entry[2], text }
    end
  end
  return found
end

--- The text for one topic.
---@param topic string
---@param width? integer
---@return string? text
---@return promptgen.Error? err `not_found`
function help.text(topic, width)
  topic = topic:gsub("^require%s*[\"']?promptgen%.", ""):gsub("[\"'()]+$", "")
  local found = lookup(topic == "ctx" and "context" or topic)
  found = #found > 0 and found or field_entries(topic)
  if #found == 0 then
    local near = errors.nearest(topic, help.topics())
    return nil, errors.new {
      code = "not_found", message = ("there is no help for '%s'"):format(topic),
      hint = #near > 0 and "did you mean " .. table.concat(near, ", ") .. "?" or ":help lists what there is",
    }
  end
  local out = {}
  for i, entry in ipairs(found) do
    out[i] = help_text.fit(with_fields(entry[3]), width)
    local list = entry[1] == entry[2] and members(entry[2]) or {}
    if #list > 0 then
      out[i] = out[i] .. "\n" .. require("promptgen.repl.completion").listing(list, width or 80)
    end
  end
  return table.concat(out, "\n")
end

--- Shows the overview, a command, or a topic.
function help.show(repl, commands, topic)
  if topic == "" then
    return repl.screen:put(overview(commands, repl:room()))
  end
  for _, command in ipairs(commands) do
    if ":" .. command.name == topic then
      return repl.screen:put(("%s\n\n%s\n"):format(command.usage, command.summary))
    end
  end
  local text, err = help.text(topic, repl:room())
  if not text then
    return nil, err
  end
  return repl.screen:put(text)
end

return help
