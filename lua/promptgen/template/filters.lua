--- The helpers every template can use, as filters (`{{ x | upper }}`) or as functions
--- (`{{ upper(x) }}`). Each is a plain function from a value, and perhaps options, to a string.
---
--- The ones that matter for safety are `inline`, `code`, `quote` and `fence`: whatever text they
--- are given, the Markdown round it keeps its structure. CommonMark 0.30 sections 4.5 (fenced
--- code), 6.1 (code spans) and 5.1 (block quotes) are the rules followed.
local filters = {}

local function text_of(value, name)
  if type(value) == "string" then
    return value
  end
  local kind = math.type(value)
  if kind == "integer" then
    return ("%d"):format(value)
  elseif kind == "float" then
    return ("%.14g"):format(value)
  end
  error(name .. " takes a string or a number, not " .. type(value), 3)
end

--- `least` backticks, or one more than the longest run of them in `text` where that is as long. Plain
--- searches: texts are long and long runs are rare.
local function ticks_for(text, least)
  local need, at = least, 1
  while true do
    at = text:find(("`"):rep(need), at, true)
    if not at then
      return ("`"):rep(need)
    end
    local _, stop = text:find("^`+", at)
    need, at = math.max(need, stop - at + 2), stop + 1
  end
end

--- Text with "\n" as its only line end, and none at its end.
local function block_of(text)
  if text:find("\r", 1, true) then
    text = text:gsub("\r\n?", "\n")
  end
  local last = #text
  while text:byte(last) == 10 do
    last = last - 1
  end
  return text:sub(1, last)
end

function filters.upper(value) return (text_of(value, "upper"):upper()) end

function filters.lower(value) return (text_of(value, "lower"):lower()) end

--- White space at both ends removed.
function filters.trim(value) return text_of(value, "trim"):match("^%s*(.-)%s*$") end

--- One line: every run of white space and control bytes becomes one space, none at the ends.
function filters.inline(value)
  local text = text_of(value, "inline")
  if not text:find("%c") and not text:find("  ", 1, true) and text:byte() ~= 32
    and text:byte(-1) ~= 32 then
    return text -- the usual case, found out faster than rewritten
  end
  return (text:gsub("[%s%c]+", " "):match("^ ?(.-) ?$"))
end

--- Code spans made before: a prompt names the same few paths again and again.
local spans, span_count = {}, 0
local SPANS_MAX = 256

local function remember(value, span)
  if span_count == SPANS_MAX then
    spans, span_count = {}, 0
  end
  spans[value], span_count = span, span_count + 1
  return span
end

--- A code span on one line, delimited by more backticks than any run inside.
function filters.code(value)
  local known = spans[value]
  if known then
    return known
  end
  local text = filters.inline(value)
  if text == "" then
    return ""
  elseif not text:find("`", 1, true) then
    return remember(value, "`" .. text .. "`")
  end
  local ticks = ticks_for(text, 1)
  if text:find("^`") or text:find("`$") then
    text = " " .. text .. " "
  end
  return ticks .. text .. ticks
end

--- A fenced code block, with a fence longer than any run of backticks inside. `info` names its
--- language; characters that could end the info string early are left out. No newline at the end.
function filters.fence(value, info)
  local text = block_of(text_of(value, "fence"))
  local ticks = ticks_for(text, 3)
  info = info and text_of(info, "fence"):gsub("[`%s%c]+", "") or ""
  return ticks .. info .. "\n" .. text .. (text == "" and "" or "\n") .. ticks
end

--- A block quote: every line, blank ones included, begins with "> ". No newline at the end.
function filters.quote(value)
  return "> " .. block_of(text_of(value, "quote")):gsub("\n", "\n> ")
end

--- Every line but the first indented by `columns` spaces (4), blank lines left blank.
function filters.indent(value, columns)
  local blanks = (" "):rep(columns or 4)
  return (text_of(value, "indent"):gsub("\n([^\n])", "\n" .. blanks .. "%1"))
end

--- `value`, or `otherwise` when it is nil or an empty string.
function filters.default(value, otherwise)
  if value == nil or value == "" then
    return otherwise
  end
  return value
end

--- "1 file", "2 files": a count with its noun. `plural` is the noun with an s where it is not
--- given.
function filters.plural(value, noun, plural)
  return text_of(value, "plural") .. " " .. (value == 1 and noun or plural or noun .. "s")
end

--- The items of a list as text, with `separator` (", ") between them.
function filters.join(list, separator)
  if type(list) ~= "table" then
    error("join takes a list, not " .. type(list), 2)
  end
  local parts = {}
  for i, item in ipairs(list) do
    parts[i] = text_of(item, "join")
  end
  return table.concat(parts, separator or ", ")
end

--- "a, b and c": the items of a list as part of a sentence.
function filters.listing(list, word)
  local count = #list
  if count < 2 then
    return filters.join(list)
  end
  local head = {}
  for i = 1, count - 1 do
    head[i] = list[i]
  end
  return filters.join(head) .. " " .. (word or "and") .. " " .. text_of(list[count], "listing")
end

--- The text as a sentence: a full stop is added where it does not end in punctuation.
function filters.sentence(value)
  local text = filters.inline(value)
  if text == "" or text:find("[.!?:;]$") or text:find("[.!?][\"')*_`]+$") or text:find("…$") then
    return text
  end
  return text .. "."
end

return filters
