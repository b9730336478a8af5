--- Text as a Lua string literal that is safe to show: escapes for everything that a terminal would
--- act on or not show, the rest as it is.
local quote = {}

local SHORT = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

local function escape_byte(c)
  return SHORT[c] or ("\\x%02x"):format(c:byte())
end

--- Characters that change the direction of text, take no room, or are C1 controls.
local function is_unsafe(code)
  return code >= 0x80 and code <= 0x9F or code >= 0x200B and code <= 0x200F
    or code >= 0x2028 and code <= 0x202E or code >= 0x2060 and code <= 0x206F
    or code == 0xFEFF or code == 0xAD or code >= 0xE0000 and code <= 0xE007F
end

--- The part of `s` behind ASCII: characters that are safe, and escapes for the others.
local function escape_wide(s)
  local out, at = {}, 1
  while at <= #s do
    local next_wide = s:find("[\128-\255]", at)
    if not next_wide then
      out[#out + 1] = s:sub(at)
      break
    end
    out[#out + 1] = s:sub(at, next_wide - 1)
    local byte = s:byte(next_wide)
    local length = byte >= 0xF0 and 4 or byte >= 0xE0 and 3 or 2
    local last = next_wide + length - 1
    if last <= #s and utf8.len(s, next_wide, last) == 1 then
      local code = utf8.codepoint(s, next_wide)
      out[#out + 1] = is_unsafe(code) and ("\\u{%X}"):format(code) or s:sub(next_wide, last)
      at = last + 1
    else
      out[#out + 1] = ("\\x%02x"):format(byte)
      at = next_wide + 1
    end
  end
  return table.concat(out)
end

--- `s` with escapes, without quotes.
---@param s string
---@return string
function quote.escape(s)
  s = s:gsub('[%c"\\\127]', escape_byte)
  return s:find "[\128-\255]" and escape_wide(s) or s
end

--- The end of the last whole character within the first `max` bytes.
local function whole_until(s, max)
  while max > 0 and (s:byte(max + 1) or 0) & 0xC0 == 0x80 do
    max = max - 1
  end
  return max
end

--- `s` as a literal, cut to `max` bytes of its content; what was cut is told behind the quotes.
---@param s string
---@param max integer
---@return string literal
---@return string? note
function quote.literal(s, max)
  if #s <= max then
    return '"' .. quote.escape(s) .. '"'
  end
  return '"' .. quote.escape(s:sub(1, whole_until(s, max))) .. '"', ("… %d bytes"):format(#s)
end

return quote
