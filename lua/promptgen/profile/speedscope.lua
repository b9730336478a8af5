--- The file format of speedscope: per process the calls, heaviest first, and the spans in time.
--- Format: https://www.speedscope.app/file-format-schema.json
local data = require "promptgen.profile.data"
local json = require "promptgen.json"
local label = require "promptgen.profile.label"

local speedscope = {}

--- Numbers of frames, and their list. The same function in two processes is one frame.
local function new_frames()
  local frames = { list = {}, numbers = {} }
  function frames.number(fn)
    local name = label.name(fn)
    local key = name .. "\0" .. (label.place(fn) or "")
    if not frames.numbers[key] then
      frames.numbers[key] = #frames.list
      frames.list[#frames.list + 1] = json.object {
        { "name", name }, { "file", fn.kind == "lua" and fn.source or nil },
        { "line", fn.kind == "lua" and fn.line > 0 and fn.line or nil },
      }
    end
    return frames.numbers[key]
  end
  return frames
end

local function calls_of(profile, frames)
  local samples, weights, sum = {}, {}, 0
  local stack = {}
  data.walk(profile, function(node, depth, own) -- one sample a node: its stack, weighted by its own time
    stack[depth + 1] = frames.number(node.fn or { kind = "c", name = profile.process, source = "", line = 0 })
    if own > 0 then
      samples[#samples + 1] = json.array(table.move(stack, 1, depth + 1, 1, {}))
      weights[#weights + 1], sum = own, sum + own
    end
  end)
  return json.object {
    { "type", "sampled" }, { "name", profile.process .. ": calls" }, { "unit", "nanoseconds" },
    { "startValue", 0 }, { "endValue", sum },
    { "samples", json.array(samples) }, { "weights", json.array(weights) },
  }
end

--- Opening and closing events, properly nested: spans of several coroutines may overlap, then the
--- later one is cut at the end of the earlier.
local function events_of(spans, frames, origin)
  local events, open = {}, {}
  local function add(kind, fn, time)
    events[#events + 1] = json.object {
      { "type", kind }, { "frame", frames.number(fn) }, { "at", time - origin },
    }
  end
  local function close_until(time)
    while #open > 0 and open[#open].stop <= time do
      local span = table.remove(open)
      add("C", span.fn, span.stop)
    end
  end
  for _, span in ipairs(spans) do
    close_until(span.start)
    local around = open[#open]
    local stop = around and math.min(span.stop, around.stop) or span.stop
    open[#open + 1] = { fn = span.fn, stop = stop }
    add("O", span.fn, span.start)
  end
  close_until(math.maxinteger)
  return events
end

local function spans_of(profile, frames, origin)
  return json.object {
    { "type", "evented" }, { "name", profile.process .. ": spans" }, { "unit", "nanoseconds" },
    { "startValue", profile.start - origin }, { "endValue", profile.stop - origin },
    { "events", json.array(events_of(profile.spans, frames, origin)) },
  }
end

--- All processes; times of spans count from the start of the earliest.
---@param profiles promptgen.profile.Data[]
---@param title string
---@return string text
function speedscope.render(profiles, title)
  local origin = math.maxinteger
  for _, profile in ipairs(profiles) do
    origin = math.min(origin, profile.start)
  end
  local frames, list = new_frames(), {}
  for _, profile in ipairs(profiles) do
    list[#list + 1] = calls_of(profile, frames)
  end
  for _, profile in ipairs(profiles) do
    list[#list + 1] = #profile.spans > 0 and spans_of(profile, frames, origin) or nil
  end
  return json.encode(json.object {
    { "$schema", "https://www.speedscope.app/file-format-schema.json" },
    { "shared", json.object { { "frames", json.array(frames.list) } } },
    { "profiles", json.array(list) }, { "name", title }, { "activeProfileIndex", 0 },
    { "exporter", "promptgen" },
  }) .. "\n"
end

return speedscope
