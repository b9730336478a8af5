--- Which achievement of a plan waits for which: as data, as a tree, and for the programs that draw graphs.
local graph = {}

---@class promptgen.graph.Node
---@field number string
---@field title? string on one line
---@field state string
---@field closed boolean
---@field chosen boolean it is the next step
---@field level? integer nil in or behind a circle
---@field needs string[] defined achievements it depends on, in the order of the plan
---@field opens string[] those that depend on it
---@field blockers string[] dependencies that are open
---@field hours? number planned, where the plan states them; the middle of a range

---@class promptgen.Graph
---@field nodes promptgen.graph.Node[] in the order of the plan
---@field by_number table<string, promptgen.graph.Node>
---@field levels string[][] numbers by level, from 0
---@field circle? string[] numbers that wait for each other, or for such
---@field free string[] numbers that can be worked on now
---@field hours? {one_by_one: number, at_once: number} of the free ones, where the plan states all of them
---@field stated boolean something depends on something

local function flat(text)
  return text and text ~= "" and text:gsub("%s+", " ") or nil
end

--- Numbers of `list` that are defined, in the order of the plan.
local function in_order(list, position)
  local out, seen = {}, {}
  for _, number in ipairs(list or {}) do
    if position[number] and not seen[number] then
      seen[number] = true
      out[#out + 1] = number
    end
  end
  table.sort(out, function(a, b) return position[a] < position[b] end)
  return out
end

local function hours_of(plan)
  local hours = {}
  for _, achievement in ipairs(plan and plan.achievements or {}) do
    local low, high = require("promptgen.statistics").hours(achievement.effort)
    hours[achievement.number] = low and (low + high) / 2 or nil
  end
  return hours
end

--- Nodes by level; those in a circle have none.
local function add_levels(self)
  local level_of, circle = require("promptgen.levels").of(self.nodes)
  self.circle = circle
  for _, node in ipairs(self.nodes) do
    node.level = level_of and level_of[node.number]
    if node.level then
      self.levels[node.level + 1] = self.levels[node.level + 1] or {}
      table.insert(self.levels[node.level + 1], node.number)
    end
  end
end

--- What can be worked on now, and how long that takes.
local function add_free(self, hours)
  local sum, longest, known = 0, 0, true
  for _, node in ipairs(self.nodes) do
    if not node.closed and #node.blockers == 0 then
      self.free[#self.free + 1] = node.number
      known = known and hours[node.number] ~= nil
      sum, longest = sum + (hours[node.number] or 0), math.max(longest, hours[node.number] or 0)
    end
  end
  if known and self.stated and #self.free > 1 then
    self.hours = { one_by_one = sum, at_once = longest }
  end
end

--- The graph of a plan.
---@param status promptgen.state.Status
---@param plan? promptgen.plan.Record for the hours it plans
---@return promptgen.Graph
function graph.of(status, plan)
  local is_closed = require("promptgen.state.states").is_closed
  local self = { nodes = {}, by_number = {}, levels = {}, free = {}, stated = false }
  local position, hours = {}, hours_of(plan)
  for i, item in ipairs(status.achievements) do
    position[item.number] = i
  end
  for i, item in ipairs(status.achievements) do
    local node = {
      number = item.number, title = flat(item.title), state = item.state, closed = is_closed(item),
      chosen = status.next ~= nil and status.next.number == item.number, opens = {},
      needs = in_order(item.dependencies, position), blockers = in_order(item.blockers, position),
      hours = hours[item.number],
    }
    node.dependencies = node.needs
    self.nodes[i], self.by_number[item.number] = node, node
    self.stated = self.stated or #node.needs > 0
  end
  for _, node in ipairs(self.nodes) do
    for _, number in ipairs(node.needs) do
      table.insert(self.by_number[number].opens, node.number)
    end
  end
  add_levels(self)
  add_free(self, hours)
  return self
end

--- The dependency below which a node stands in the tree: the last one of the highest level. Each node
--- stands there once.
local function parent_of(self, node)
  local parent
  for _, number in ipairs(node.needs) do
    local candidate = self.by_number[number]
    if candidate.level and node.level and (not parent or candidate.level >= parent.level) then
      parent = candidate
    end
  end
  return parent
end

local function label(node, parent)
  local also = {}
  for _, number in ipairs(node.needs) do
    if not parent or number ~= parent.number then
      also[#also + 1] = number
    end
  end
  return ("%s %s  %s%s"):format(node.number, node.state, node.title or "",
    #also > 0 and (parent and "  (also needs %s)" or "  (needs %s)"):format(table.concat(also, ", ")) or "")
end

--- The tree: what is free of dependencies at the margin, below each node what it opens.
---@param self promptgen.Graph
---@return string[] lines
function graph.tree(self)
  local children, roots = {}, {}
  for _, node in ipairs(self.nodes) do
    local parent = parent_of(self, node)
    local list = parent and children[parent] or roots
    if parent and not children[parent] then
      list = {}
      children[parent] = list
    end
    list[#list + 1] = { node = node, parent = parent }
  end
  local lines, stack = {}, {}
  local function push(list, prefix)
    for i = #list, 1, -1 do
      stack[#stack + 1] = { entry = list[i], prefix = prefix, is_last = i == #list }
    end
  end
  push(roots, nil)
  while #stack > 0 do
    local top = table.remove(stack)
    local node, prefix = top.entry.node, top.prefix
    local lead = prefix and prefix .. (top.is_last and "└─ " or "├─ ") or ""
    lines[#lines + 1] = (node.chosen and "> " or "  ") .. lead .. label(node, top.entry.parent)
    push(children[node] or {}, prefix and prefix .. (top.is_last and "   " or "│  ") or "")
  end
  return lines
end

--- What a node is to somebody who looks for work.
local function class_of(node)
  return node.closed and "closed" or node.chosen and "next" or #node.blockers > 0 and "waiting" or "open"
end

local CLASSES = {
  { "closed", "#d5e8d4", "#82b366" }, { "next", "#fff2cc", "#d6b656" },
  { "waiting", "#f5f5f5", "#999999" }, { "open", "#dae8fc", "#6c8ebf" },
}

local function id_of(node)
  return "a" .. node.number:gsub("%W", "_")
end

local MERMAID = { ['"'] = "#quot;", ["#"] = "#35;", ["<"] = "#lt;", [">"] = "#gt;", ["&"] = "#amp;" }

--- A flow chart for Mermaid, as Markdown viewers draw it.
---@param self promptgen.Graph
---@return string
function graph.mermaid(self)
  local out = { "flowchart TD" }
  for _, node in ipairs(self.nodes) do
    local text = (node.number .. " " .. (node.title or "")):gsub('["#<>&]', MERMAID)
    out[#out + 1] = ('  %s["%s"]:::%s'):format(id_of(node), text:match "^(.-)%s*$", class_of(node))
  end
  for _, node in ipairs(self.nodes) do
    for _, number in ipairs(node.needs) do
      out[#out + 1] = ("  %s --> %s"):format(id_of(self.by_number[number]), id_of(node))
    end
  end
  for _, class in ipairs(CLASSES) do
    out[#out + 1] = ("  classDef %s fill:%s,stroke:%s"):format(class[1], class[2], class[3])
  end
  return table.concat(out, "\n") .. "\n"
end

local function dot_string(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

--- A directed graph in the language of Graphviz.
---@param self promptgen.Graph
---@param name string
---@return string
function graph.dot(self, name)
  local fill = {}
  for _, class in ipairs(CLASSES) do
    fill[class[1]] = class[2]
  end
  local out = { "digraph " .. dot_string(name) .. " {", "  rankdir=LR;",
    '  node [shape=box, style="rounded,filled", fontname="sans-serif"];' }
  for _, node in ipairs(self.nodes) do
    out[#out + 1] = ("  %s [label=%s, fillcolor=%s, tooltip=%s];"):format(dot_string(node.number),
      dot_string((node.number .. " " .. (node.title or "")):match "^(.-)%s*$"), dot_string(fill[class_of(node)]),
      dot_string(node.state))
  end
  for _, node in ipairs(self.nodes) do
    for _, number in ipairs(node.needs) do
      out[#out + 1] = ("  %s -> %s;"):format(dot_string(number), dot_string(node.number))
    end
  end
  out[#out + 1] = "}"
  return table.concat(out, "\n") .. "\n"
end

--- The graph for people: the tree, then what can be worked on now.
---@param self promptgen.Graph
---@param status promptgen.state.Status
---@param room? integer cells of a line
---@return string
function graph.text(self, status, room)
  local columns, explain = require "promptgen.columns", require "promptgen.explain"
  local out = { columns.cut(("%s  %s, %s"):format(flat(status.feature or status.path),
    explain.headline(status.state), explain.progress(status)), room) .. "\n\n" }
  for _, line in ipairs(graph.tree(self)) do
    out[#out + 1] = columns.cut(line, room) .. "\n"
  end
  out[#out + 1] = "\n"
  if not self.stated then
    out[#out + 1] = columns.wrap(("no dependencies are stated; promptgen discover %s writes the prompt that finds them")
      :format(explain.target(status)), room, "")
  elseif self.circle then
    out[#out + 1] = columns.wrap("in a circle, or behind one: " .. table.concat(self.circle, ", "), room, "")
  end
  if #self.free > 0 then
    local hours = self.hours and (" (%g h one by one, %g h at the same time)"):format(self.hours.one_by_one,
      self.hours.at_once) or ""
    out[#out + 1] = columns.wrap("free now: " .. table.concat(self.free, ", ") .. hours, room, "")
  elseif status.state ~= "plan_complete" then
    out[#out + 1] = "nothing is free\n"
  end
  return table.concat(out)
end

return graph
