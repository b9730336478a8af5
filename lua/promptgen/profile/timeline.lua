--- The spans of all processes on one clock, as a strip of an SVG picture.
local label = require "promptgen.profile.label"
local xml = require "promptgen.profile.xml"

local timeline = {}

local ROW = 17
local SPAN_COLORS = { "#c9a7e8", "#d6b8ef" }
local LEAST = 0.3 -- pixels

--- Rows of a process: a span goes into the first row below the one it lies in, where it has room.
local function rows_of(profile)
  local ends, placed = {}, {}
  for _, span in ipairs(profile.spans) do
    local row = 1
    while ends[row] and ends[row] > span.start do
      row = row + 1
    end
    ends[row] = span.stop
    placed[#placed + 1] = { span = span, row = row }
  end
  return placed, #ends
end

--- A step of 1, 2 or 5 times a power of ten that cuts `length` into at most `most` pieces.
local function nice_step(length, most)
  local step = 1
  while length / step > most do
    step = step * 10
  end
  for _, part in ipairs { 5, 2 } do
    if step % part == 0 and length / (step // part) <= most then
      return step // part
    end
  end
  return step
end

local function axis(out, box, length, y, bottom)
  local step = nice_step(length, 12)
  for at = 0, length - length // 25, step do -- a label at the very end would be cut
    local x = box.left + at / length * box.width
    out[#out + 1] = ('<path d="M%.1f %dV%d" stroke="#e1e4e8"/><text class="note" x="%.1f" y="%d">%g ms</text>\n')
      :format(x, y, bottom, x + 3, y + 10, at / 1e6)
  end
end

local function bar(x, y, width, fill, text, note, fit)
  return ('<g class="span"><title>%s</title><rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s"/>'
    .. '<text x="%.2f" y="%d">%s</text></g>\n')
    :format(xml.escape(note), x, y, math.max(width - 0.5, 0.3), ROW - 2, fill, x + 3, y + 12,
      xml.escape(fit(text, width)))
end

local function bounds(profiles)
  local first, last = math.maxinteger, 0
  for _, profile in ipairs(profiles) do
    first, last = math.min(first, profile.start), math.max(last, profile.stop)
  end
  return first, math.max(last - first, 1)
end

local function note_of(text, start, length)
  return ("%s\nfrom %.3f ms, %.3f ms long"):format(text, start / 1e6, length / 1e6)
end

--- The strip, and its height.
---@param profiles promptgen.profile.Data[]
---@param box {left: number, top: integer, width: number, fit: fun(text: string, width: number): string}
---@return string elements
---@return integer height
function timeline.render(profiles, box)
  local first, length = bounds(profiles)
  local bars, y = {}, box.top + 16
  local function add(start, stop, row, fill, text)
    local width = (stop - start) / length * box.width
    if width >= LEAST then
      local name = xml.valid(text)
      bars[#bars + 1] = bar(box.left + (start - first) / length * box.width, row, width, fill, name,
        note_of(name, start - first, stop - start), box.fit)
    end
  end
  for _, profile in ipairs(profiles) do
    add(profile.start, profile.stop, y, "#d5d8dc", profile.process)
    local placed, rows = rows_of(profile)
    for i, item in ipairs(placed) do
      add(item.span.start, item.span.stop, y + item.row * ROW, SPAN_COLORS[i % 2 + 1], label.name(item.span.fn))
    end
    y = y + (rows + 1) * ROW + 4
  end
  local out = {}
  axis(out, box, length, box.top, y - 4)
  return table.concat(out) .. table.concat(bars), y - box.top
end

return timeline
