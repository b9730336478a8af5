--- Values as text for people: sorted keys, bounded in every direction, and never asking the value.
---
--- No metamethod and no function of a script is called; a userdata is one of a C module's, whose
--- fields are read by the names that its type keeps. The result is pieces {style, text}: what they
--- look like is decided by who shows them.
local inspect = require "promptgen.inspect"
local keys = require "promptgen.repl.keys"
local quote = require "promptgen.repl.quote"
local status = require "promptgen.status"

local printer = {}

---@class promptgen.repl.PrinterOptions
---@field width? integer cells of a line; default 80
---@field depth? integer levels of tables; default 4
---@field items? integer entries of one table; default 100
---@field string? integer bytes of one string; default 1000
---@field total? integer values in all; default 4000

printer.defaults = { width = 80, depth = 4, items = 100, string = 1000, total = 4000 }

---@class promptgen.repl.Piece
---@field [1] string style: "number", "string", "literal", "key", "function", "type", "note", "error", ""
---@field [2] string text

local function leaf(style, text, note)
  local node = { { style, text } }
  if note then
    node[2] = { "note", " " .. note }
  end
  return node
end

local function number_text(n)
  if math.type(n) == "integer" then
    return ("%d"):format(n)
  elseif n ~= n then
    return "nan"
  elseif n == math.huge or n == -math.huge then
    return n > 0 and "math.huge" or "-math.huge"
  end
  for digits = 15, 17 do
    local text = ("%%.%dg"):format(digits):format(n)
    if tonumber(text) == n then
      return text:find "[.e]" and text or text .. ".0"
    end
  end
end

local function function_node(value)
  local about = inspect.describe(value)
  if about.kind == "C" then
    return leaf("function", ("<built-in function %s>"):format(inspect.address(value)))
  end
  return leaf("function", ("<function(%s) %s:%d>"):format(table.concat(about.parameters, ", "),
    quote.escape(about.source), about.line))
end

local RESERVED = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch "%a+" do
  RESERVED[word] = true
end

local build

--- The text in front of a value: `name = ` or `[key] = `.
local function key_pieces(key, options)
  local kind = type(key)
  if kind == "string" then
    if #key <= 60 and key:find "^[%a_][%w_]*$" and not RESERVED[key] then
      return { { "key", key }, { "", " = " } }
    end
    return { { "", "[" }, { "key", (quote.literal(key, math.min(options.string, 80))) }, { "", "] = " } }
  elseif kind == "number" then
    return { { "", "[" }, { "number", number_text(key) }, { "", "] = " } }
  elseif kind == "boolean" then
    return { { "", "[" }, { "literal", tostring(key) }, { "", "] = " } }
  end
  return { { "", "[" }, { "type", ("<%s %s>"):format(kind, inspect.address(key)) }, { "", "] = " } }
end

local function add_more(node, count)
  if count > 0 then
    node.items[#node.items + 1] = { value = leaf("note", ("… %d more"):format(count)) }
  end
end

local function add_item(state, node, key, value, depth)
  if state.left < 0 then
    return -- the end is marked already
  end
  node.items[#node.items + 1] = { key = key, value = build(state, value, depth + 1) }
end

local function fill_table(state, node, value, depth)
  local options = state.options
  local length = keys.sequence(value, rawlen(value))
  local shown = math.min(length, options.items)
  for i = 1, shown do
    add_item(state, node, nil, rawget(value, i), depth)
  end
  local first, count = keys.sorted(value, length, math.max(options.items - shown, 1))
  for _, key in ipairs(first) do
    add_item(state, node, key_pieces(key, options), rawget(value, key), depth)
  end
  add_more(node, length - shown + count - #first)
end

local function name_of_table(value)
  local metatable = inspect.metatable(value)
  local name = metatable and rawget(metatable, "__name")
  return type(name) == "string" and quote.escape(name:sub(1, 60)) .. " " or ""
end

local function short(value, why)
  return leaf("type", ("<%s %s%s>"):format(type(value), inspect.address(value), why or ""))
end

--- The fields that a metatable's `__shown` lists, for objects that keep more than concerns anybody.
local function fill_shown(state, node, value, shown, depth)
  for i = 1, math.min(rawlen(shown), state.options.items) do
    local key = rawget(shown, i)
    local field = key ~= nil and rawget(value, key)
    if field ~= nil and field ~= false then
      add_item(state, node, key_pieces(key, state.options), field, depth)
    end
  end
end

local function table_node(state, value, depth)
  if state.above[value] then
    return short(value, ", shown above")
  elseif next(value) == nil then
    return leaf("", name_of_table(value) .. "{}")
  elseif depth > state.options.depth then
    return short(value)
  end
  local node = { open = name_of_table(value) .. "{", items = {} }
  local metatable = inspect.metatable(value)
  local shown = metatable and rawget(metatable, "__shown")
  state.above[value] = true
  if type(shown) == "table" then
    fill_shown(state, node, value, shown, depth)
  else
    fill_table(state, node, value, depth)
  end
  state.above[value] = nil
  return #node.items > 0 and node or leaf("", node.open .. "}")
end

local function read_field(value, name)
  return value[name]
end

local function userdata_node(state, value, depth)
  local name = inspect.type_name(value)
  local fields = name and inspect.members(value) or {}
  if #fields == 0 or depth > state.options.depth then
    return leaf("type", ("<%s %s>"):format(quote.escape(name or "userdata"), inspect.address(value) or "?"))
  end
  table.sort(fields)
  local node = { open = name .. " {", items = {} }
  for _, field in ipairs(fields) do
    local ok, found = pcall(read_field, value, field)
    if ok and found ~= nil then
      add_item(state, node, key_pieces(field, state.options), found, depth)
    end
  end
  return node
end

local function raw_text(value, field)
  local text = rawget(value, field)
  return type(text) == "string" and text or math.type(text) == "integer" and ("%d"):format(text) or nil
end

--- An error value in one line, as it would be reported.
local function error_node(value)
  local place = raw_text(value, "path")
  local line = raw_text(value, "line")
  place = line and (place and place .. ":" .. line or "line " .. line) or place
  local text = ("error[%s] %s%s"):format(raw_text(value, "code") or "?", place and place .. ": " or "",
    raw_text(value, "message") or "")
  return leaf("error", (quote.escape(text:sub(1, 2000):gsub("%s+", " "))))
end

function build(state, value, depth)
  state.left = state.left - 1
  if state.left < 0 then
    return leaf("note", "…")
  end
  local kind = type(value)
  if kind == "string" then
    local literal, note = quote.literal(value, state.options.string)
    return leaf("string", literal, note)
  elseif kind == "number" then
    return leaf("number", number_text(value))
  elseif kind == "nil" or kind == "boolean" then
    return leaf("literal", tostring(value))
  elseif kind == "function" then
    return function_node(value)
  elseif kind == "userdata" then
    return userdata_node(state, value, depth)
  elseif kind == "thread" then
    return leaf("type", ("<coroutine %s, %s>"):format(inspect.address(value), coroutine.status(value)))
  elseif status.is_error(value) then
    return error_node(value)
  end
  return table_node(state, value, depth)
end

--- A value as pieces, without a final line end.
---@param value any
---@param options? promptgen.repl.PrinterOptions
---@return promptgen.repl.Piece[]
function printer.pieces(value, options)
  local all = setmetatable(options or {}, { __index = printer.defaults })
  local state = { options = all, above = {}, left = all.total }
  local node = build(state, value, 1)
  return require("promptgen.repl.lines").set(node, all.width)
end

--- The same as plain text.
---@param value any
---@param options? promptgen.repl.PrinterOptions
---@return string
function printer.text(value, options)
  local out = {}
  for i, piece in ipairs(printer.pieces(value, options)) do
    out[i] = piece[2]
  end
  return table.concat(out)
end

return printer
