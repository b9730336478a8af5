--- Parts of a document that a prompt quotes, found under any of the names that people give them: a
--- heading of any level, symbols in it or not, or a label in bold.
local extract = {}

--- Words in a heading or a label, by meaning; the most telling first.
local WORDS = {
  objective = { "objective", "goal", "purpose", "mission" },
  approach = { "approach", "implementation strategy", "implementation plan", "execution plan",
               "refactoring plan", "migration plan", "design", "strategy" },
  learning = { "learning", "lessons", "what we learned", "what was learnt", "insight" },
}

---@class promptgen.prompt.Extract
---@field title string of the heading or the label
---@field first integer
---@field last integer
---@field count integer lines
---@field text string the first lines of it, at most as many as were asked for
---@field shown integer lines of `text`
---@field whole boolean

--- Whether a title has the words, at the beginning of a word: "Re-design" is no design.
local function has(title, words)
  title = title:lower()
  local at = title:find(words, 1, true)
  return at ~= nil and not title:sub(1, at - 1):find("[%w%-]$")
end

--- Lines without blank ones at the end.
local function trim(record, first, last)
  while last > first and not record:text(last, last):find("%S") do
    last = last - 1
  end
  return last
end

local function section_of(record, words)
  local best
  for _, section in ipairs(record.sections) do
    if section.level >= 2 and section.end_line > section.line and has(section.title, words)
      and (not best or section.level < best.level) then
      best = section
    end
  end
  return best and { title = best.title, first = best.line, last = best.end_line, body = best.line + 1 }
end

--- The block of a label: to the next label, heading or rule.
local function label_of(record, words)
  for i, field in ipairs(record.fields) do
    if field.bold and has(field.label, words) then
      local last = record.lines
      for j = i + 1, #record.fields do
        if record.fields[j].bold and record.fields[j].line > field.line then
          last = record.fields[j].line - 1
          break
        end
      end
      for _, section in ipairs(record.sections) do
        if section.line > field.line then
          last = math.min(last, section.line - 1)
          break
        end
      end
      for line = field.line + 1, last do
        if record:text(line, line):find("^%s*%-%-%-+%s*$") then
          last = line - 1
          break
        end
      end
      return { title = field.label, first = field.line, last = trim(record, field.line, last), body = field.line }
    end
  end
end

--- The place of a part of a document.
---@param record promptgen.plan.Record
---@param meaning "objective"|"approach"|"learning"
---@return { title: string, first: integer, last: integer, body: integer }? place `body` is the first line
--- below the heading, or the line of the label
function extract.find(record, meaning)
  for _, look in ipairs { section_of, label_of } do
    for _, words in ipairs(WORDS[meaning]) do
      local found = look(record, words)
      if found then
        return found
      end
    end
  end
end

--- A part of a document, quoted up to a number of lines, heading included.
---@param record promptgen.plan.Record
---@param meaning "objective"|"approach"|"learning"
---@param max_lines integer
---@return promptgen.prompt.Extract?
function extract.quote(record, meaning, max_lines)
  local found = extract.find(record, meaning)
  if not found then
    return nil
  end
  local count = found.last - found.first + 1
  local shown = math.min(count, max_lines)
  return {
    title = found.title, first = found.first, last = found.last, count = count, shown = shown,
    text = record:text(found.first, found.first + shown - 1), whole = shown == count,
  }
end

--- Characters of the sentences that `extract.sentences` gives.
local LONGEST = 320

--- The first paragraph of a part, as whole sentences.
---@param record promptgen.plan.Record
---@param meaning "objective"|"approach"|"learning"
---@return string? text
---@return { first: integer, last: integer }? place
function extract.sentences(record, meaning)
  local found = extract.find(record, meaning)
  if not found then
    return nil
  end
  local parts, place = {}, nil
  for number = found.body, found.last do
    local line = record:text(number, number)
    local blank = not line:find("%S")
    if blank and #parts > 0 then
      break
    elseif not blank then
      if line:find("^%s*[`|>]") or line:find("^%s*#") then
        break -- code, a table, a heading: nothing that can be told in a line
      end
      parts[#parts + 1] = line:gsub("^%s*[-*+]%s+", ""):match("^%s*(.-)%s*$")
      place = { first = place and place.first or number, last = number }
    end
  end
  local text = table.concat(parts, " "):gsub("%*%*", "")
  if found.body == found.first then -- without the label
    text = text:gsub("^[^:]*:%s*", "", 1)
  end
  if text == "" or not place then
    return nil
  end
  if #text > LONGEST then
    local cut = text:sub(1, LONGEST)
    text = (cut:match("^(.*[.!?])%s") or cut:match("^(.*)%s%S*$") or cut) .. " …"
  end
  return text, place
end

return extract
