--- A profile as one SVG picture: the spans of all processes in time, below them the call tree. Opens in
--- a browser, where a click zooms; without scripting it is the same picture, standing still.
local data = require "promptgen.profile.data"
local label = require "promptgen.profile.label"
local timeline = require "promptgen.profile.timeline"
local xml = require "promptgen.profile.xml"

local svg = {}

local WIDTH, MARGIN, ROW = 1200, 10, 17
local INNER = WIDTH - 2 * MARGIN
local CHAR = 6.65 -- width of a character of the 11 px monospace font
local LEAST = 0.1 -- pixels; narrower frames are left out

--- Colours by kind, several of each so that neighbours differ.
local COLORS = {
  process = { "#d5d8dc" },
  span = { "#c9a7e8", "#bb94e0", "#d6b8ef" },
  trusted = { "#8fbfe8", "#7fb2e0", "#a3ccef" },
  script = { "#f4b860", "#f0a848", "#f7c67c" },
  c = { "#a9d0a4", "#98c693", "#b9dab5" },
}

local function kind_of(fn)
  if not fn then
    return "process"
  elseif fn.kind ~= "lua" then
    return fn.kind
  end
  return (fn.source:find "^promptgen/" or fn.source == "argparse.lua") and "trusted" or "script"
end

local function color_of(fn, text)
  local colors, sum = COLORS[kind_of(fn)], 0
  for i = 1, #text do
    sum = (sum * 31 + text:byte(i)) % 65521
  end
  return colors[sum % #colors + 1]
end

--- Time of each node without what only waited for the other process: that is drawn there.
local function busy_times(profile)
  local busy, waited = {}, 0
  for i = #profile.nodes, 1, -1 do
    local node = profile.nodes[i]
    if node.fn and label.waits(node.fn) then
      waited, busy[node] = waited + node.own, 0
    else
      busy[node] = (busy[node] or 0) + node.own
    end
    if node.parent then
      busy[node.parent] = (busy[node.parent] or 0) + busy[node]
    end
  end
  return busy, waited
end

local function ms(ns)
  return ("%.3f ms"):format(ns / 1e6)
end

---@class promptgen.profile.Frame
---@field x number nanoseconds from the left edge
---@field busy number nanoseconds
---@field depth integer
---@field text string
---@field note string
---@field color string

local function add_frames(frames, profile, busy, all, left)
  local at = { left } -- where the next child at a depth begins
  data.walk(profile, function(node, depth)
    local width, x = busy[node], at[depth + 1]
    at[depth + 1], at[depth + 2] = x + width, x
    if width > 0 and width / all * INNER >= LEAST then
      local text = node.fn and label.frame(node.fn) or profile.process
      local calls = node.fn and (", %d call%s"):format(node.calls, node.calls == 1 and "" or "s") or ""
      frames[#frames + 1] = {
        x = x, busy = width, depth = depth + 1, text = text, color = color_of(node.fn, text),
        note = ("%s (%.1f %%), own %s%s"):format(ms(width), 100 * width / all, ms(node.own), calls),
      }
    end
  end)
end

--- All processes side by side beneath one frame.
local function layout(profiles)
  local all, waited, busy = 0, 0, {}
  for i, profile in ipairs(profiles) do
    local wait
    busy[i], wait = busy_times(profile)
    all, waited = all + busy[i][profile.root], waited + wait
  end
  local frames = { { x = 0, busy = all, depth = 0, text = "all", color = COLORS.process[1], note = ms(all) } }
  local left, depth = 0, 0
  for i, profile in ipairs(profiles) do
    add_frames(frames, profile, busy[i], math.max(all, 1), left)
    left = left + busy[i][profile.root]
  end
  for _, frame in ipairs(frames) do
    depth = math.max(depth, frame.depth)
  end
  return frames, math.max(all, 1), waited, depth
end

--- As much of a text as fits into a width.
local function fitting(text, width)
  local room = math.floor((width - 6) / CHAR)
  if room < 3 then
    return ""
  end
  return utf8.len(text) <= room and text or text:sub(1, utf8.offset(text, room) - 1) .. "…"
end

local function frame_element(frame, all, top)
  local x, width = frame.x / all, frame.busy / all
  local px, pw, y = MARGIN + x * INNER, width * INNER, top + frame.depth * ROW
  local text = xml.valid(frame.text)
  return ('<g class="f" data-x="%.6f" data-w="%.6f" data-d="%d"><title>%s\n%s</title>'
    .. '<rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s"/><text x="%.2f" y="%d">%s</text></g>\n')
    :format(x, width, frame.depth, xml.escape(text), xml.escape(frame.note), px, y, math.max(pw - 0.5, 0.1), ROW - 1,
      frame.color, px + 3, y + 12, xml.escape(fitting(text, pw)))
end

local STYLE = [[
text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b1f23; }
.title { font: bold 15px sans-serif; }
.note { font: 12px sans-serif; fill: #57606a; }
.f { cursor: pointer; }
.f:hover rect { stroke: #1b1f23; stroke-width: 1; }
.passed rect { opacity: 0.45; }
.f text, .span text { pointer-events: none; }
]]

local LEGEND = {
  { "span", "named work" }, { "trusted", "Lua of promptgen" }, { "script", "workflows and templates" },
  { "c", "C functions" },
}

local function legend(y)
  local out, x = {}, MARGIN
  for _, item in ipairs(LEGEND) do
    out[#out + 1] = ('<rect x="%d" y="%d" width="12" height="12" fill="%s"/>'
      .. '<text class="note" x="%d" y="%d">%s</text>\n'):format(x, y - 10, COLORS[item[1]][1], x + 17, y, item[2])
    x = x + 44 + math.floor(6.2 * #item[2])
  end
  return table.concat(out)
end

local function heading(profiles, all, waited)
  local parts = {}
  for i, profile in ipairs(profiles) do
    parts[i] = profile.process
  end
  local text = ("%s: %s at work"):format(table.concat(parts, " and "), ms(all))
  return waited > 0 and text .. ("; %s of waiting for each other is left out of the calls"):format(ms(waited)) or text
end

--- The picture.
---@param profiles promptgen.profile.Data[]
---@param title string
---@return string text
function svg.render(profiles, title)
  local frames, all, waited, depth = layout(profiles)
  local strip, strip_height = timeline.render(profiles, { left = MARGIN, top = 78, width = INNER, fit = fitting })
  local top = 78 + strip_height + 30
  local height = top + (depth + 1) * ROW + 34
  local out = {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">\n')
      :format(WIDTH, height, WIDTH, height),
    "<style>" .. STYLE .. '</style>\n<rect width="100%" height="100%" fill="#ffffff"/>\n',
    ('<text class="title" x="%d" y="24">%s</text>\n'):format(MARGIN, xml.escape(xml.valid(title))),
    ('<text class="note" x="%d" y="44">%s</text>\n'):format(MARGIN, heading(profiles, all, waited)),
    ('<text class="note" x="%d" y="70">named work, by wall clock; the profiler takes part of it</text>\n')
      :format(MARGIN),
    strip,
    ('<text class="note" x="%d" y="%d">calls, by time in them; click one to zoom, the top row to go back</text>\n')
      :format(MARGIN, top - 8),
    '<g id="calls">\n',
  }
  for _, frame in ipairs(frames) do
    out[#out + 1] = frame_element(frame, all, top)
  end
  out[#out + 1] = "</g>\n" .. legend(height - 12)
  out[#out + 1] = ("<script><![CDATA[\n%s]]></script>\n</svg>\n")
    :format(require "promptgen.profile.svg_script"(MARGIN, INNER, CHAR))
  return table.concat(out)
end

return svg
