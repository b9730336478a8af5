--- Text for terminals: display width, cutting, wrapping, tables that fit a given width.
---
--- Width nil means a pipe: nothing is cut or wrapped. Widths follow Unicode 15 East Asian Width in
--- the coarse: emoji and CJK take two cells, combining marks and joiners none.
local columns = {}

local WIDE = {
  { 0x1100, 0x115F }, { 0x231A, 0x231B }, { 0x23E9, 0x23EC }, { 0x23F0, 0x23F0 }, { 0x23F3, 0x23F3 },
  { 0x25FD, 0x25FE }, { 0x2614, 0x2615 }, { 0x2648, 0x2653 }, { 0x26A1, 0x26A1 }, { 0x26AA, 0x26AB },
  { 0x26D4, 0x26D4 }, { 0x2705, 0x2705 }, { 0x2728, 0x2728 }, { 0x274C, 0x274C }, { 0x274E, 0x274E },
  { 0x2753, 0x2755 }, { 0x2757, 0x2757 }, { 0x2795, 0x2797 }, { 0x2B1B, 0x2B1C }, { 0x2B50, 0x2B50 },
  { 0x2B55, 0x2B55 }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F },
  { 0x1F680, 0x1F6FF }, { 0x1F7E0, 0x1F7EB }, { 0x1F900, 0x1FAFF }, { 0x20000, 0x3FFFD },
}

local NONE = {
  { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F }, { 0xE0100, 0xE01EF },
}

local function within(ranges, code)
  for _, range in ipairs(ranges) do
    if code < range[1] then
      return false
    elseif code <= range[2] then
      return true
    end
  end
  return false
end

local function cells(code)
  if code < 0x300 then
    return 1
  end
  return within(NONE, code) and 0 or within(WIDE, code) and 2 or 1
end

--- Calls `each(from, to, width)` for every character; a malformed byte counts as one cell.
local function scan(s, each)
  local at = 1
  while at <= #s do
    local byte = s:byte(at)
    local length = byte < 0x80 and 1 or byte >= 0xF0 and 4 or byte >= 0xE0 and 3 or byte >= 0xC0 and 2 or 1
    local valid = length > 1 and utf8.len(s, at, math.min(at + length - 1, #s)) == 1
    local last = valid and at + length - 1 or at
    if each(at, last, valid and cells(utf8.codepoint(s, at)) or 1) then
      return
    end
    at = last + 1
  end
end

--- Cells a text takes on a terminal.
---@param s string
---@return integer
function columns.width(s)
  if not s:find "[\128-\255]" then
    return #s
  end
  local total = 0
  scan(s, function(_, _, width) total = total + width end)
  return total
end

--- `s` cut to `room` cells, with "…" where something was cut.
---@param s string
---@param room integer? nil leaves it
---@return string
function columns.cut(s, room)
  if not room or columns.width(s) <= room then
    return s
  elseif room < 1 then
    return ""
  end
  local used, last = 0, 0
  scan(s, function(_, to, width)
    if used + width > room - 1 then
      return true
    end
    used, last = used + width, to
  end)
  return s:sub(1, last):gsub("%s+$", "") .. "…"
end

--- The end of `s` in `room` cells, behind "…" where something was cut.
---@param s string
---@param room integer
---@return string
function columns.tail(s, room)
  local over = columns.width(s) - room
  if over <= 0 then
    return s
  end
  local dropped, first = 0, #s + 1
  scan(s, function(_, to, width)
    dropped, first = dropped + width, to + 1
    return dropped > over
  end)
  return "…" .. s:sub(first)
end

--- `s` filled with blanks to `room` cells.
---@param s string
---@param room integer
---@return string
function columns.pad(s, room)
  return s .. (" "):rep(room - columns.width(s))
end

--- Paragraph of words in lines of at most `room` cells, each behind `indent`; a longer word keeps a
--- line for itself.
---@param s string
---@param room integer? nil gives one line
---@param indent string
---@return string lines with line ends
function columns.wrap(s, room, indent)
  if not room then
    return indent .. s .. "\n"
  end
  room = math.max(room - columns.width(indent), 20)
  local lines, line = {}, nil
  for word in s:gmatch "%S+" do
    local joined = line and line .. " " .. word or word
    if line and columns.width(joined) > room then
      lines[#lines + 1] = indent .. line .. "\n"
      joined = word
    end
    line = joined
  end
  lines[#lines + 1] = indent .. (line or "") .. "\n"
  return table.concat(lines)
end

--- Width of the widest cell of a column.
---@param rows string[][]
---@param column integer
---@return integer
function columns.longest(rows, column)
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, columns.width(row[column]))
  end
  return width
end

--- A table of texts, columns two blanks apart. Where it is too wide, the columns of `shrink` give
--- way, first to last, down to `least` cells each; a column without content takes no room.
---@param rows string[][]
---@param room integer? cells of a line; nil = as wide as need be
---@param shrink { [1]: integer, [2]: integer, [3]: "end"? }[] column, least width, what is kept of a
--- cell: its beginning, or its end
---@return string lines with line ends
function columns.table(rows, room, shrink)
  local widths, total, cut = {}, -2, {}
  for column = 1, #(rows[1] or {}) do
    widths[column] = columns.longest(rows, column)
    total = total + (widths[column] > 0 and widths[column] + 2 or 0)
  end
  for _, rule in ipairs(shrink) do
    local over = room and total - room or 0
    if over > 0 then
      local column, least = rule[1], rule[2]
      local smaller = math.max(math.min(least, widths[column]), widths[column] - over)
      total = total - (widths[column] - smaller)
      widths[column] = smaller
      cut[column] = rule[3] == "end" and columns.tail or nil
    end
  end
  local out = {}
  for _, row in ipairs(rows) do
    local line = {}
    for column, width in ipairs(widths) do
      if width > 0 then
        line[#line + 1] = columns.pad((cut[column] or columns.cut)(row[column], width), width)
      end
    end
    out[#out + 1] = columns.cut(table.concat(line, "  "):gsub("%s+$", ""), room) .. "\n"
  end
  return table.concat(out)
end

return columns
