--- What a run writes: pieces of text, with captures. Written for speed, since every bit of text and
--- every value of a prompt passes through here.
local output = {}

---@class promptgen.template.Output
---@field write fun(text: string)
---@field value fun(value: any): boolean? writes a string or a number; nil for anything else
---@field capture fun(content: function, ...: any): string what `content` writes, instead of writing it
---@field cut fun(section: table?) ends the current piece; what follows belongs to `section` or to none
---@field state fun(): table for `restore`
---@field restore fun(state: table) forgets what was written since
---@field is_capturing fun(): boolean
---@field section fun(): table? the section being written
---@field pieces promptgen.template.Piece[]

local function too_large(max)
  require("promptgen.template.trouble").fail("limit",
    ("the output is larger than %d bytes"):format(max))
end

--- Makes an output that fails when more than `max` bytes are written.
---@param max integer
---@return promptgen.template.Output
function output.new(max)
  local type, concat, format, kind_of = type, table.concat, string.format, math.type
  -- What was written since the last cut lies in buffer[first..count].
  local buffer, first, count, left, capturing, section = {}, 1, 0, max, false, nil
  local self = { pieces = {} }

  function self.write(text)
    count = count + 1
    buffer[count] = text
    left = left - #text
    if left < 0 then
      too_large(max)
    end
  end

  function self.value(value)
    if type(value) ~= "string" then
      local kind = kind_of(value)
      if kind == "integer" then
        value = format("%d", value)
      elseif kind == "float" then
        value = format("%.14g", value)
      else
        return nil
      end
    end
    count = count + 1
    buffer[count] = value
    left = left - #value
    if left < 0 then
      too_large(max)
    end
    return true
  end

  function self.capture(content, ...)
    local outer_first, outer_capturing = first, capturing
    first, capturing = count + 1, true
    content(...)
    local text = concat(buffer, "", first, count)
    count, first, capturing = first - 1, outer_first, outer_capturing
    return text
  end

  function self.cut(next_section)
    local text = concat(buffer, "", first, count)
    if section or text ~= "" then
      local piece = section or {}
      piece.text = text
      self.pieces[#self.pieces + 1] = piece
    end
    first, section = count + 1, next_section
  end

  function self.state()
    return { first = first, count = count, capturing = capturing, section = section,
             pieces = #self.pieces }
  end

  function self.restore(state)
    first, count, capturing, section = state.first, state.count, state.capturing, state.section
    for i = #self.pieces, state.pieces + 1, -1 do
      self.pieces[i] = nil
    end
  end

  function self.is_capturing()
    return capturing
  end

  function self.section()
    return section
  end

  return self
end

return output
