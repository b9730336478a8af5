--- Text inside XML 1.0.
local xml = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- The text with what XML cannot hold replaced: control characters, surrogates, bytes that are not
--- UTF-8.
---@param text string
---@return string
function xml.valid(text)
  local _, bad = utf8.len(text)
  while bad do
    text = text:sub(1, bad - 1) .. "\u{FFFD}" .. text:sub(bad + 1)
    _, bad = utf8.len(text)
  end
  return (text:gsub("[%z\1-\8\11\12\14-\31\127]", "\u{FFFD}"):gsub("\xef\xbf[\xbe\xbf]", "\u{FFFD}"))
end

--- Markup characters as entities.
---@param text string
---@return string
function xml.escape(text)
  return (text:gsub('[&<>"]', ENTITIES))
end

return xml
