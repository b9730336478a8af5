--- The files that a plan names, and those it ought to name, against those that exist.
local layout = require "promptgen.layout"
local names = require "promptgen.state.names"

local files = {}

--- A file of this plan that a word of its text names: what it is, or nil.
local function read_name(self, word)
  local name = word:gsub("[.,:;]+$", "")
  name = name:find("%.md$") and name or name .. ".md"
  local read = names.read(name, self.features)
  local number = read and self.codes:decode(read.code)
  return number and self.files.by_number[number] and read or nil, number
end

local function has_execution(self, number, ordinal)
  for _, path in ipairs(self.files.by_number[number].executions) do
    local _, name = layout.split(path)
    local read = names.read(name, self.features)
    if read and read.ordinal == ordinal then
      return true
    end
  end
  return false
end

local DONE = { "✅", "%[[xX]%]", "[Cc]omplete", "COMPLETE", "[Cc]reated" }

--- Whether a line speaks of something that exists, rather than of something to be made.
local function says_done(text)
  for _, pattern in ipairs(DONE) do
    if text:find(pattern) then
      return not text:find("⏳") and not text:find("[Nn]ext%f[%A]")
    end
  end
  return false
end

--- Files that the plan speaks of as done, and that are not there.
local function compare_names(self)
  local seen = {}
  for line, text in ipairs(self.lines) do
    for word in text:gmatch("%f[%w_][SE][UX][%u]+[%w_%-.]*") do
      local read, number = read_name(self, word)
      if read and says_done(text) and not seen[word] then
        seen[word] = true
        self.checked = self.checked + 1
        local own = self.files.by_number[number]
        local there = read.kind == "subplan" and own.subplan ~= nil
          or read.kind == "execution" and has_execution(self, number, read.ordinal)
        if not there then
          self:add("missing_file", self.plan.path, line, self:excerpt(line),
            ("there is no %s"):format(word:gsub("[.,:;]+$", "")),
            "look for it under another name or in an archive, and correct the name; if it never was, drop the mark")
        end
      end
    end
  end
end

local TRACKING = { "subplan tracking", "active component", "active subplan", "registered file" }

--- The section in which a plan lists its files, where it has one that lists any.
local function tracking_of(self)
  for _, section in ipairs(self.plan.sections) do
    local title = section.title:lower()
    for _, words in ipairs(TRACKING) do
      if section.level == 2 and title:find(words, 1, true)
        and self.plan:text(section.line, section.end_line):find("SUBPLAN_[%w]") then
        return section
      end
    end
  end
end

--- Whether the plan names a file, by its whole name or by its number alone ("SUBPLAN_11").
local function is_named(text, name, short)
  return text:find(name, 1, true) ~= nil or text:find(short:gsub("%p", "%%%0") .. "%f[^%w_]") ~= nil
end

--- Files that a plan which lists its files does not list.
local function compare_tracking(self)
  local section = tracking_of(self)
  if not section then
    return
  end
  local text, missing = self.plan:text(1, self.plan.lines), {}
  for _, number in ipairs(self.files.numbers) do
    local own = self.files.by_number[number]
    for _, path in ipairs { own.subplan, table.unpack(own.executions) } do
      local _, name = layout.split(path)
      name = name:gsub("%.[mM][dD]$", "")
      self.checked = self.checked + 1
      local short = name:gsub("_" .. (self.plan.feature or ""):gsub("%p", "%%%0"), "", 1)
      if not is_named(text, name, short) then
        missing[#missing + 1] = short
      end
    end
  end
  if #missing > 0 then
    self:add("unregistered", self.plan.path, section.line, section.title:gsub("%s+", " "),
      "it does not name " .. table.concat(missing, ", "), "add them to the list")
  end
end

--- SUBPLANs of open achievements that say complete while an execution does not.
local function compare_subplans(self)
  for _, number in ipairs(self.files.numbers) do
    local item, own = self.items[number], self.files.by_number[number]
    local record = item and item.state == "executing" and own.subplan and self.workspace:document(own.subplan)
    if record and record.says_complete then
      self.checked = self.checked + 1
      local line = record.complete and record.complete.line
      self:add("subplan_status", own.subplan, line, record.complete and record.complete.says or nil,
        ("%s is not complete"):format(item.path or "an execution"),
        "finish the execution, or take the status of the SUBPLAN back")
    end
  end
end

--- Compares names and lists.
---@param self table of promptgen.comparison
function files.compare(self)
  compare_names(self)
  compare_tracking(self)
  compare_subplans(self)
end

return files
