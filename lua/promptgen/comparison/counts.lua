--- The figures that a plan states of itself, against those of its files.
local counts = {}

--- Counts that plans state in fields, by label; the value of a count begins with its figure.
local COUNTS = {
  subplans = "subplans", ["subplans created"] = "subplans", ["total subplans"] = "subplans",
  execution_tasks = "executions", ["execution_tasks created"] = "executions",
  ["total execution_tasks"] = "executions", ["execution tasks"] = "executions",
  executions = "executions",
  ["achievements complete"] = "closed", ["achievements completed"] = "closed",
  ["completed achievements"] = "closed", progress = "closed", achievements = "closed",
  ["total achievements"] = "total",
}

local NOUNS = {
  subplans = "SUBPLANs", executions = "EXECUTION_TASKs", closed = "closed achievements",
  total = "achievements",
}

local function figures_of(self)
  local figures = { subplans = 0, executions = 0, closed = self.status.approved + self.status.skipped,
                    total = self.status.total }
  for _, number in ipairs(self.files.numbers) do
    local own = self.files.by_number[number]
    figures.subplans = figures.subplans + (own.subplan and 1 or 0)
    figures.executions = figures.executions + #own.executions
  end
  return figures
end

--- Bytes of a value that are looked at: a pattern takes its time with a long one.
local MOST = 200

--- "7/18 achievements (39%)", "18 created (18 complete)", "0": the figure, what it is out of, and percent.
local function stated(value)
  value = value:sub(1, MOST):gsub("[*_`]", ""):match("^[^%w]*(.*)$")
  local low, high = value:match("^(%d+)%s*/%s*(%d+)%f[%D]")
  if not low then
    low, high = value:match("^(%d+)%s+of%s+(%d+)%f[%D]")
  end
  if low then
    return tonumber(low), tonumber(high), tonumber(value:match("^[^;]-(%d+)%s*%%"))
  end
  return tonumber(value:match("^(%d+)%f[^%d.]")), nil, nil
end

--- The label of a field in lower case, with "achievement" for whatever they are called here.
local function label_of(self, field)
  local label = field.label:lower():gsub("%s+", " ")
  for i = 2, #self.keywords do
    label = label:gsub(self.keywords[i]:gsub("%p", "%%%0"), "achievement", 1)
  end
  return label
end

local function compare_count(self, line, value, kind, figures)
  local count, total, percent = stated(value)
  if not count or kind == "closed" and not total then
    return
  end
  self.checked = self.checked + 1
  local actual = figures[kind]
  local wrong = count ~= actual or total and total ~= figures.total
  local share = figures.total > 0 and figures.closed * 100 // figures.total or 0
  if percent and math.abs(percent - share) > 1 then
    wrong = true
  end
  if wrong then
    local truth = kind == "closed" and ("%d of %d achievements (%d %%) are closed"):format(actual, figures.total, share)
      or ("there are %d %s"):format(actual, NOUNS[kind])
    self:add("count", self.plan.path, line, self:excerpt(line), truth, "correct the figures")
  end
end

--- "… (2/7 achievements complete - 29%)" in a line of the handoff.
local function compare_handoff(self, figures)
  local range = self.plan.handoff
  for line = range and range.line or 1, range and range.end_line or 0 do
    for _, keyword in ipairs(self.keywords) do
      local text = self.lines[line]
      local at = text:lower():find("%f[%d]%d+%s*/%s*%d+%s+" .. keyword:gsub("%p", "%%%0") .. "s")
      if at then
        compare_count(self, line, text:sub(at), "closed", figures)
      end
    end
  end
end

--- Compares every stated figure.
---@param self table of promptgen.comparison
function counts.compare(self)
  local figures, seen = figures_of(self), {}
  for _, field in ipairs(self.plan.fields) do
    local kind = COUNTS[label_of(self, field)]
    if kind and not seen[field.line] then
      seen[field.line] = true
      compare_count(self, field.line, field.value, kind, figures)
    end
  end
  compare_handoff(self, figures)
end

return counts
