--- A measured profile as a tree of tables. What a worker sends is hostile until it went through here.
local data = {}

---@class promptgen.profile.Function
---@field kind "lua"|"c"|"span"
---@field name string may be empty
---@field source string
---@field line integer

---@class promptgen.profile.Node
---@field fn? promptgen.profile.Function nil for the root
---@field parent? promptgen.profile.Node
---@field children promptgen.profile.Node[]
---@field calls integer
---@field own integer nanoseconds in the function itself
---@field total integer nanoseconds with everything beneath

---@class promptgen.profile.Span
---@field fn promptgen.profile.Function
---@field start integer nanoseconds of the monotonic clock, which both processes share
---@field stop integer

---@class promptgen.profile.Data
---@field process string "parent" or "worker"
---@field root promptgen.profile.Node
---@field nodes promptgen.profile.Node[] parents first
---@field functions promptgen.profile.Function[]
---@field spans promptgen.profile.Span[]
---@field start integer
---@field stop integer
---@field overhead integer nanoseconds of the profiler's own work
---@field lost integer reports that found no room

data.limits = { nodes = 65536, functions = 8192, spans = 4096, text = 200, time = 1 << 53 }

--- Calls nested deeper than this are shown as one in stacks and pictures.
data.max_depth = 256

local KINDS = { lua = true, c = true, span = true }

local function is_count(value, max)
  return math.type(value) == "integer" and value >= 0 and value <= max
end

local function is_list(value, unit, max)
  return type(value) == "table" and #value % unit == 0 and #value <= unit * max
end

local function text(value)
  return type(value) == "string" and value:sub(-data.limits.text) or ""
end

local function read_functions(list)
  local out = {}
  for i, item in ipairs(list) do
    if type(item) ~= "table" or not KINDS[item[1]] then
      return nil
    end
    out[i] = {
      kind = item[1], name = text(item[2]), source = text(item[3]),
      line = is_count(item[4], 1 << 31) and item[4] or 0,
    }
  end
  return #out == #list and out or nil
end

local function read_node(list, at, nodes, functions)
  local parent, fn = nodes[list[at + 1]], functions[list[at + 2]]
  if not parent or not fn or not is_count(list[at + 3], data.limits.time)
    or not is_count(list[at + 4], data.limits.time) then
    return nil
  end
  return { fn = fn, parent = parent, children = {}, calls = list[at + 3], own = list[at + 4] }
end

--- Numbers in the packed form count from 0; here the tables are looked up by them as they are.
local function from_zero(list)
  return table.move(list, 1, #list, 0, {})
end

local function read_nodes(list, functions)
  if not is_count(list[4], data.limits.time) then
    return nil
  end
  local root = { children = {}, calls = 0, own = list[4] }
  local by_number, nodes, numbered = { [0] = root }, { root }, from_zero(functions)
  for at = 4, #list - 4, 4 do
    local node = read_node(list, at, by_number, numbered)
    if not node then
      return nil
    end
    by_number[at // 4] = node
    nodes[#nodes + 1] = node
    table.insert(node.parent.children, node)
  end
  return nodes
end

--- Adds to each node the time beneath it; children come after their parents, so backwards.
local function add_totals(nodes)
  for _, node in ipairs(nodes) do
    node.total = node.own
  end
  for i = #nodes, 2, -1 do
    nodes[i].parent.total = nodes[i].parent.total + nodes[i].total
  end
end

local function read_spans(list, functions)
  local out, numbered = {}, from_zero(functions)
  for at = 1, #list, 3 do
    local fn, start, stop = numbered[list[at]], list[at + 1], list[at + 2]
    if not fn or not is_count(start, math.maxinteger) or not is_count(stop, math.maxinteger) or stop < start then
      return nil
    end
    out[#out + 1] = { fn = fn, start = start, stop = stop }
  end
  return out
end

local function has_shape(value)
  local limits = data.limits
  return type(value) == "table" and is_count(value.start, math.maxinteger)
    and is_count(value["end"], math.maxinteger) and is_list(value.functions, 1, limits.functions)
    and is_list(value.nodes, 4, limits.nodes) and #value.nodes >= 4 and is_list(value.spans, 3, limits.spans)
end

--- Reads a decoded profile; nil when it has another shape than include/promptgen/profile.h says.
---@param value any
---@param process string
---@return promptgen.profile.Data?
function data.read(value, process)
  if not has_shape(value) then
    return nil
  end
  local functions = read_functions(value.functions)
  local nodes = functions and read_nodes(value.nodes, functions)
  local spans = nodes and read_spans(value.spans, functions)
  if not spans then
    return nil
  end
  add_totals(nodes)
  return {
    process = process, root = nodes[1], nodes = nodes, functions = functions, spans = spans,
    start = value.start, stop = math.max(value.start, value["end"]),
    overhead = is_count(value.overhead, data.limits.time) and value.overhead or 0,
    lost = is_count(value.lost, data.limits.time) and value.lost or 0,
  }
end

--- Calls `visit(node, depth, own)` for every node, callers first, the root at depth 0. What is nested
--- too deep belongs to the last node that is visited: `own` holds it.
---@param profile promptgen.profile.Data
---@param visit fun(node: promptgen.profile.Node, depth: integer, own: integer)
function data.walk(profile, visit)
  local function walk(node, depth)
    if depth == data.max_depth then
      visit(node, depth, node.total)
      return
    end
    visit(node, depth, node.own)
    for _, child in ipairs(node.children) do
      walk(child, depth + 1)
    end
  end
  walk(profile.root, 0)
end

return data
