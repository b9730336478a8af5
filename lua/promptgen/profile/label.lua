--- How profiles call functions.
local label = {}

--- Frames that wait for the other process.
local WAITS = {
  ["worker:next"] = "worker:next (waits for the worker)",
  ["channel.request"] = "channel.request (waits for the parent)",
}

local function clean(text)
  return (text:gsub("[%c\127]", "?"))
end

--- The name without its place: of a function without a name, the place.
---@param fn promptgen.profile.Function
---@return string
function label.name(fn)
  local name = clean(fn.name)
  if fn.kind == "c" then
    return WAITS[name] or (name == "" and "(C function)" or name)
  elseif fn.kind == "span" then
    return "[" .. name .. "]"
  end
  return name == "" and ("function at %s:%d"):format(clean(fn.source), fn.line) or name
end

--- The place: "file:line", "[C]", or nil for a span.
---@param fn promptgen.profile.Function
---@return string?
function label.place(fn)
  if fn.kind == "c" then
    return "[C]"
  elseif fn.kind == "lua" and fn.line == 0 then
    return clean(fn.source)
  elseif fn.kind == "lua" then
    return ("%s:%d"):format(clean(fn.source), fn.line)
  end
end

--- Name and place as one frame of a stack.
---@param fn promptgen.profile.Function
---@return string
function label.frame(fn)
  local name, place = label.name(fn), label.place(fn)
  if not place or fn.name == "" and fn.kind == "lua" then
    return name
  end
  return name .. " " .. place
end

--- Whether a frame only waits for the other process.
---@param fn promptgen.profile.Function
---@return boolean
function label.waits(fn)
  return fn.kind == "c" and WAITS[fn.name] ~= nil
end

return label
