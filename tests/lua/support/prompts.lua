--- For the specs of prompts: documents in memory, the stock templates, and a reader of prompts that
--- checks what they say against the files.
local support = {}

local source_dir = os.getenv "PROMPTGEN_SOURCE_DIR" or "."

local function lines_of(text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

--- Headings outside fenced code, with the line before the next of the same or a higher level.
local function sections_of(lines)
  local sections, fence = {}, nil
  for number, line in ipairs(lines) do
    local mark = line:match("^```+")
    if mark then
      fence = not fence
    elseif not fence then
      local hashes, title = line:match("^(#+) (.*)$")
      if hashes then
        sections[#sections + 1] = { level = #hashes, title = title, line = number }
      end
    end
  end
  for i, section in ipairs(sections) do
    section.end_line = #lines
    for j = i + 1, #sections do
      if sections[j].level <= section.level then
        section.end_line = sections[j].line - 1
        break
      end
    end
  end
  return sections
end

local function parts_of(lines, first, last)
  local parts = {}
  for number = first + 1, last do
    local label = lines[number]:match("^%- %*%*(.-)%*%*:") or lines[number]:match("^%*%*(.-)%*%*:")
    if label then
      parts[#parts + 1] = { label = label, line = number, end_line = last }
      if #parts > 1 then
        parts[#parts - 1].end_line = number - 1
      end
    end
  end
  return parts
end

local function field(lines, achievement, label)
  for number = achievement.line, achievement.end_line do
    local value = lines[number]:match("%*%*" .. label .. "%*%*: (.*)$")
    if value then
      return value
    end
  end
end

--- A record of the shape promptgen.plan makes, of simple documents.
function support.record(path, text)
  local lines = lines_of(text)
  local record = {
    path = path, lines = #lines, bytes = #text, sections = sections_of(lines), achievements = {},
    title = lines[1]:match("^# (.*)$"), feature = path:match("PLAN_(.*)%.md$"),
    empty = not text:find("%S"), fields = {}, kind = "document",
  }
  for number, line in ipairs(lines) do
    local id, title = line:match("^%*%*Achievement ([%d.]+)%*%*: (.*)$")
    if id then
      record.kind = "plan"
      record.achievements[#record.achievements + 1] = { number = id, title = title, line = number }
    end
  end
  for i, one in ipairs(record.achievements) do
    local stop = (record.achievements[i + 1] or { line = #lines + 1 }).line - 1
    for number = one.line + 1, stop do
      if lines[number]:find("^##") then
        stop = number - 1
        break
      end
    end
    while not lines[stop]:find("%S") do
      stop = stop - 1
    end
    one.end_line = stop
    one.parts = parts_of(lines, one.line, stop)
    one.goal, one.effort = field(lines, one, "Goal"), field(lines, one, "Effort")
    one.priority = "Priority 1: HIGH - Core"
  end
  function record.text(_, first, last)
    return table.concat(lines, "\n", first, math.min(last, #lines))
  end
  return record
end

--- A workspace over a table of files.
function support.workspace(files)
  local workspace, records = {}, {}
  function workspace:document(path)
    if files[path] and not records[path] then
      records[path] = support.record(path, files[path])
    end
    return records[path]
  end
  workspace.plan = workspace.document
  function workspace:resolve(target)
    for path in pairs(files) do
      if path:match("PLAN_(.*)%.md$") == target:sub(2) then
        return path
      end
    end
  end
  function workspace:list(dir)
    local entries = {}
    for path in pairs(files) do
      local parent, name = path:match("^(.*)/([^/]*)$")
      if parent == dir then
        entries[#entries + 1] = { name = name, type = "file" }
      end
    end
    return entries
  end
  return workspace
end

--- The stock templates, read from workflows/templates.
function support.stock(kind, name)
  local path = "workflows/templates/" .. name .. (kind == "template" and ".lua" or "")
  local file = io.open(source_dir .. "/" .. path, "rb")
  if not file then
    return nil, require("promptgen.status").error { code = "not_found", message = "no " .. name }
  end
  local source = file:read "a"
  file:close()
  return { source = source, path = path, layer = "embedded", shadowed = {} }
end

--- The lines of a prompt outside fenced code (CommonMark 0.30, section 4.5), and the fenced blocks.
function support.outline(text)
  local lines, blocks, fence = {}, {}, nil
  for line in text:gmatch("(.-)\n") do
    local run = line:match("^(```+)[^`]*$")
    if fence then
      if line:match("^(`+)$") and #line >= #fence then
        fence = nil
      else
        blocks[#blocks] = blocks[#blocks] .. line .. "\n"
      end
    elseif run then
      fence, blocks[#blocks + 1] = run, ""
      lines[#lines + 1] = "```"
    else
      lines[#lines + 1] = line
    end
  end
  assert(not fence, "a fence is left open")
  return lines, blocks
end

--- What is wrong with the form of a prompt, as a list of complaints.
local function form(lines, text)
  local wrong = {}
  local function complain(what, line)
    wrong[#wrong + 1] = what .. ": " .. line
  end
  local blank = 0
  for _, line in ipairs(lines) do
    local prose = line:gsub("`+[^`]*`+", "`code`")
    blank = line == "" and blank + 1 or 0
    if blank > 1 then
      complain("two blank lines", line)
    elseif line:find("%s$") then
      complain("space at the end", line)
    elseif prose:find("%f[%w]nil%f[%W]") or prose:find("table: 0x") then
      complain("a value that is none", line)
    elseif prose:find("[.,;:]%s*[.,;:]") or prose:find("%(%s*%)") or prose:find(" [.,;:]%f[^%w]") then
      complain("punctuation", line)
    elseif prose:find("{{") or prose:find("{%%") or prose:find("%[[A-Z%s]*%]") then
      complain("a placeholder", line)
    elseif line:find("^## ") and prose:find("[.:]$") then
      complain("a heading that ends in punctuation", line)
    end
  end
  if text:sub(-1) ~= "\n" or text:sub(-2) == "\n\n" then
    complain("the end is not one newline", "")
  elseif not lines[#lines]:find("^Begin now") then
    complain("the last line does not say where to begin", lines[#lines])
  end
  return wrong, complain
end

--- Whether a quoted block is what stands in the lines that the text before it names: from the first of
--- them on, and all of them where it does not say that only a part is quoted.
local function check_quote(said, block, read, complain)
  local first, last, path = said:match("[Ll]ines (%d+)%-(%d+) %(%d+ lines?%) of `([^`]+)`")
  local source = path and not said:find("too long to quote", 1, true) and read(path)
  if not source then
    return
  end
  local wanted, number = {}, 0
  for line in (source .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if number >= tonumber(first) and number <= tonumber(last) then
      wanted[#wanted + 1] = line
    end
  end
  wanted = table.concat(wanted, "\n"):gsub("\n+$", "")
  block = block:gsub("\n+$", "")
  local part = said:find("quoted", 1, true) ~= nil
  if wanted ~= block and not (part and wanted:sub(1, #block) == block) then
    complain("a quote that is not what stands there", said)
  end
end

--- Checks every quote of a prompt against the file.
local function check_quotes(text, read, complain)
  local fence, block, said
  for line in text:gmatch("(.-)\n") do
    local run = line:match("^(```+)[^`]*$")
    if fence and line:match("^(`+)$") and #line >= #fence then
      check_quote(said or "", table.concat(block, "\n"), read, complain)
      fence, said = nil, nil
    elseif fence then
      block[#block + 1] = line
    elseif run then
      fence, block = run, {}
    elseif line:find("%S") then
      said = line
    end
  end
end

--- The sum that a reading list states, against its items.
local function check_sum(lines, complain)
  local sum = 0
  for _, line in ipairs(lines) do
    if line:find("^## ") then
      sum = 0
    end
    local stated = line:match("^%- In all: (%d+) lines? of %d+ files?")
    local item = line:match("^%- `[^`]+` %((%d+) lines?%)") or line:match("^%- `[^`]+`, lines .- %((%d+) lines?%)")
    local partial = line:match("^%- `[^`]+`: .* these (%d+) lines? of it matter:$")
    if stated and tonumber(stated) ~= sum then
      complain(("a sum that is %d"):format(sum), line)
    elseif item or partial then
      sum = sum + tonumber(partial or item)
    end
  end
end

--- Checks a prompt: its form, that every path and every count in it is true, and that what it quotes is
--- what stands there. `line_count(path)` gives the lines of a file or nil; `may_create` is a set of paths
--- the prompt tells to create; `read(path)`, if given, the text of a file or nil.
---@return string[] complaints
function support.complaints(text, line_count, may_create, read)
  local lines = support.outline(text)
  local wrong, complain = form(lines, text)
  check_sum(lines, complain)
  if read then
    check_quotes(text, read, complain)
  end
  local last_path
  for _, line in ipairs(lines) do
    for span in line:gmatch("`([^`]+)`") do
      if span:find("^[%w_%-./]+/[%w_%-./]+%.%w+$") then
        last_path = span
        local quoted = line:find("^%- Objective, as the SUBPLAN puts it: ") -- it may name what is to be made
        if not quoted and not line_count(span) and not may_create[span] then
          complain("a path that does not exist", span)
        end
      end
    end
    local path = line:match("^%- `([^`]+)` %(") or line:match("^%- Plan: .* in `([^`]+)` %(")
    local count = path and line:match("`" .. path:gsub("%p", "%%%0") .. "` %((%d+) lines?%)")
    if count and line_count(path) and tonumber(count) ~= line_count(path) then
      complain("a wrong number of lines", line)
    end
    for first, last, shown in line:gmatch("lines (%d+)%-(%d+) %((%d+) lines?%)") do
      if tonumber(shown) ~= last - first + 1 then
        complain("a wrong count", line)
      end
    end
    for first, last in line:gmatch("lines (%d+)%-(%d+)") do
      local total = last_path and line_count(last_path)
      if tonumber(first) > tonumber(last) or total and tonumber(last) > total then
        complain("lines that are not in " .. last_path, line)
      end
    end
  end
  return wrong
end

return support
