--- What a plan says of itself, held against the files beside it: statuses, counts, the names of files,
--- the handoff. Each difference has a place and a way to mend it.
local comparison = {}

---@class promptgen.comparison.Finding
---@field path string
---@field line integer?
---@field says string what stands there
---@field found string what the files show
---@field mend string what to do about it
---@field code string which comparison found it

---@class promptgen.Comparison
---@field findings promptgen.comparison.Finding[] by file and line, those of the plan first
---@field checked integer statements that were compared

local Comparison = {}
Comparison.__index = Comparison

function Comparison:add(code, path, line, says, found, mend)
  self.findings[#self.findings + 1] = {
    code = code, path = path, line = line, says = says, found = found, mend = mend,
  }
end

local LONGEST = 120

--- Text of a line of the plan, without list marks, short enough to be quoted.
function Comparison:excerpt(line)
  local text = self.plan:text(line, line):gsub("^%s*[-*+]%s+", ""):gsub("%s+", " "):match("^%s*(.-)%s*$")
  if #text > LONGEST then
    text = (text:sub(1, LONGEST):match("^(.*)%s%S*$") or text:sub(1, LONGEST)):gsub("[\x80-\xFF]+$", "") .. " …"
  end
  return text
end

local CLOSED = { approved = true, skipped = true }

--- What the files show of an achievement.
local function stand(item)
  local phrase = item.recommendation and require("promptgen.state.states").phrases[item.recommendation]
  return ("%s is %s%s"):format(item.number, item.state, phrase and ", to do: " .. phrase or "")
end

--- How a claim becomes true.
local function way_to_close(item)
  if item.recommendation == "review" then
    return "have it reviewed, or take the mark away"
  elseif item.state == "no_subplan" then
    return "look whether the work exists; if it does, have it reviewed and approved, otherwise take the mark away"
  end
  return "take the mark away until the work is approved"
end

--- Achievements that the plan marks as done and no review closes.
local function compare_claims(self)
  if self.unreviewed then
    return
  end
  for _, claim in ipairs(self.plan.claims or {}) do
    local item = self.items[claim.number]
    if item then
      self.checked = self.checked + 1
      if not CLOSED[item.state] then
        self:add("claimed_done", self.plan.path, claim.line, self:excerpt(claim.line), stand(item),
          way_to_close(item))
      end
    end
  end
end

--- All lines of the plan; those of code blocks are empty.
local function prose(self)
  local document = require("promptgen.markdown").parse(self.plan:text(1, self.plan.lines))
  local code = {}
  for _, block in ipairs(document and document:blocks() or {}) do
    if block.kind == "code" then
      for line = block.line, block.end_line do
        code[line] = true
      end
    end
  end
  local lines, number = {}, 0
  for text in (self.plan:text(1, self.plan.lines) .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    lines[number] = not code[number] and text or ""
  end
  return lines
end

--- The number that a text names behind what achievements are called here, at its beginning.
local function named_at_start(self, text)
  text = text:match("^[%s*_`~]*(.*)$"):lower()
  for _, keyword in ipairs(self.keywords) do
    if text:sub(1, #keyword) == keyword then
      local number = text:match("^%s+(%d[%d.]*%d)%f[^%d]", #keyword + 1)
      if number then
        return number
      end
    end
  end
end

--- Boxes that are open though what stands in them is closed.
local function compare_boxes(self)
  for line, text in ipairs(self.lines) do
    local rest = text:match("^%s*[-*+]%s+%[ %]%s+(.*)$")
    local number = rest and named_at_start(self, rest)
    local item = number and self.items[number]
    if item then
      self.checked = self.checked + 1
      if CLOSED[item.state] then
        self:add("open_box", self.plan.path, line, self:excerpt(line), stand(item), "tick the box")
      end
    end
  end
end

--- "2 of 4 achievements are closed", "1 of 4 achievements is closed".
local function share(count, total, what)
  return ("%d of %d achievement%s %s %s"):format(count, total, total == 1 and "" or "s", count == 1 and "is" or "are",
    what)
end

local NOT_BEGUN = { planning = true, planned = true, ["not started"] = true, ["ready to execute"] = true,
                    ready = true, ["ready to start"] = true, draft = true }

--- The header's status against the state of the whole.
local function compare_status(self)
  local plan, status = self.plan, self.status
  local header = plan.header_status
  if not header then
    return
  end
  self.checked = self.checked + 1
  local begun, closed = 0, 0
  for _, item in ipairs(status.achievements) do
    closed = closed + (CLOSED[item.state] and 1 or 0)
    begun = begun + (item.state ~= "no_subplan" and 1 or 0)
  end
  local says = self:excerpt(header.line)
  local word = header.says:gsub("[\x80-\xFF*_`]", ""):lower():match("^%s*([%a%s]-)%s*%f[^%a%s]")
  local counted = share(closed, status.total, "closed")
  if header.complete and closed < status.total and not self.unreviewed then
    self:add("status", plan.path, header.line, says, counted, "say how far it is, or have the rest reviewed")
  elseif closed == status.total and not header.complete then
    self:add("status", plan.path, header.line, says, counted, "set it to `✅ Complete`")
  elseif NOT_BEGUN[word] and begun > 0 then
    self:add("status", plan.path, header.line, says,
      ("%s, %d closed"):format(share(begun, status.total, "begun"), closed),
      "set it to `In Progress`")
  end
end

--- A handoff that says complete while something is open; what the header says is compared above.
local function compare_handoff(self)
  local plan, status = self.plan, self.status
  if plan.handoff then
    self.checked = self.checked + 1
  end
  local wrong = plan.handoff_says_complete and status.state ~= "plan_complete" and not self.unreviewed
  if wrong and plan.handoff_complete_line then
    self:add("handoff", plan.path, plan.handoff_complete_line, self:excerpt(plan.handoff_complete_line),
      share(status.approved + status.skipped, status.total, "closed"),
      "let the handoff say what is open")
  end
end

--- One finding a place and kind; those of the plan first, in the order of its lines.
local function in_order(self)
  local list, seen = {}, {}
  for _, finding in ipairs(self.findings) do
    local key = ("%s\0%s\0%s"):format(finding.path, finding.line or 0, finding.found)
    local same = ("%s\0%s\0%s"):format(finding.path, finding.line or 0, finding.code)
    if not seen[key] and not (finding.code ~= "claimed_done" and seen[same]) then
      seen[key], seen[same] = true, true
      finding.order = #list
      list[#list + 1] = finding
    end
  end
  local own = self.plan.path
  table.sort(list, function(a, b)
    if a.path ~= b.path then
      if a.path == own or b.path == own then
        return a.path == own
      end
      return a.path < b.path
    elseif (a.line or 0) ~= (b.line or 0) then
      return (a.line or 0) < (b.line or 0)
    end
    return a.order < b.order
  end)
  for _, finding in ipairs(list) do
    finding.order = nil
  end
  return list
end

local COMPARISONS = { compare_claims, compare_boxes, compare_status, compare_handoff }

local PARTS = { "counts", "files", "warnings" }

--- Compares a plan with its files.
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@param status promptgen.state.Status
---@param target string what to give a command of promptgen to mean this plan
---@return promptgen.Comparison
function comparison.of(workspace, plan, status, target)
  local inventory = require "promptgen.state.inventory"
  local self = setmetatable({
    workspace = workspace, plan = plan, status = status, word = target, findings = {}, checked = 0, items = {},
    files = inventory.of(workspace, plan),
  }, Comparison)
  for _, item in ipairs(status.achievements) do
    self.items[item.number] = item
  end
  for _, warning in ipairs(status.warnings) do -- then one thing is to be settled before all others
    self.unreviewed = self.unreviewed or warning.code == "complete_without_approvals"
  end
  local layout = require "promptgen.layout"
  local _, folder = layout.split((layout.split(plan.path)))
  self.features = { plan.feature or "", folder }
  self.codes = require("promptgen.state.codes").new(self.files.numbers)
  self.keywords = { "achievement" }
  for _, keyword in ipairs(workspace.patterns and workspace.patterns.keyword or {}) do
    table.insert(self.keywords, keyword:lower())
  end
  self.lines = prose(self)
  for _, compare in ipairs(COMPARISONS) do
    compare(self)
  end
  for _, part in ipairs(PARTS) do
    require("promptgen.comparison." .. part).compare(self)
  end
  return { findings = in_order(self), checked = self.checked }
end

return comparison
