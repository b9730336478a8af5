--- The rule about links: a link to a file of the workspace finds one. Addresses, anchors and what lies in
--- hidden folders are not looked at; neither is code.
local layout = require "promptgen.layout"

local links = {}

--- Bytes of a line that is looked at: nobody writes links into a longer one by hand.
local LONGEST = 2000

--- Lines of a document, empty where they stand in code, and without code in backticks.
local function prose(record)
  local document = require("promptgen.markdown").parse(record:text(1, record.lines))
  local code, lines = {}, {}
  for _, block in ipairs(document and document:blocks() or {}) do
    if block.kind == "code" or block.kind == "html" then
      for line = block.line, block.end_line do
        code[line] = true
      end
    end
  end
  for text in (record:text(1, record.lines) .. "\n"):gmatch "([^\n]*)\n" do
    local is_prose = not code[#lines + 1] and #text <= LONGEST
    lines[#lines + 1] = is_prose and text:gsub("(`+).-%1", "") or ""
  end
  return lines
end

local function unescape(target)
  target = target:match "^<(.*)>$" or target:match "^(%S+)%s+[\"'(].*$" or target
  return (target:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- The path a link names, or nil for what is no file of the workspace.
local function path_of(target)
  local path = unescape(target):match "^([^#?]*)"
  if path == "" or path:find "^%a[%w+.-]*:" or path:sub(1, 2) == "//" or path:find "[<>{}*\0]"
    or ("/" .. path):find "/%.[^./]" then
    return nil
  end
  return path
end

--- True when the path names something, from the document's folder or from the root.
local function leads_somewhere(self, dir, path)
  local clean = require("promptgen.resolver").clean
  local from = path:sub(1, 1) == "/" and { path:sub(2) } or { layout.join(dir, path), path }
  local inside = false
  for _, candidate in ipairs(from) do
    local cleaned = clean(candidate)
    if cleaned and (cleaned == "." or self.workspace:stat(cleaned)) then
      return true
    end
    inside = inside or cleaned ~= nil
  end
  return not inside -- what lies outside of the workspace cannot be told
end

local function check_document(self, path, record)
  local dir, seen = layout.split(path), {}
  for number, text in ipairs(prose(record)) do
    for target in text:gmatch "%]%(([^()]*)%)" do
      local wanted = path_of(target)
      if wanted and not seen[wanted] and not leads_somewhere(self, dir, wanted) then
        seen[wanted] = true
        self:add("broken_link", path, number, ("there is no %s"):format(wanted), "correct the link, or take it out")
      end
    end
  end
end

--- Applies the rule.
---@param self promptgen.Lint
function links.check(self)
  if (self.settings.levels or {}).broken_link == "off" then
    return
  end
  self:each_file(function(path)
    local record = path == self.plan.path and self.plan or self.workspace:document(path)
    if record then
      check_document(self, path, record)
    end
  end)
end

return links
