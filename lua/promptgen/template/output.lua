--- What a run writes: pieces of text, with captures. Written for speed, since every bit of text and
--- every value of a prompt passes through here.
local output = {}

---@class promptgen.template.Output
---@field write fun(text: string)
---@field capture fun(content: function, ...: any): string what `content` writes, instead of writing it
---@field cut fun(section: table?) ends the current piece; what follows belongs to `section` or to none
---@field state fun(): table for `restore`
---@field restore fun(state: table) forgets what was written since
---@field is_capturing fun(): boolean
---@field section fun(): table? the section being written
---@field pieces promptgen.template.Piece[]

--- Makes an output that fails when more than `max` bytes are written.
---@param max integer
---@return promptgen.template.Output
function output.new(max)
  local buffer, count, bytes, capturing, section = {}, 0, 0, false, nil
  local self = { pieces = {} }

  function self.write(text)
    count = count + 1
    buffer[count] = text
    bytes = bytes + #text
    if bytes > max then
      require("promptgen.template.trouble").fail("limit", ("the output is larger than %d bytes"):format(max))
    end
  end

  function self.capture(content, ...)
    local outer, outer_count, outer_capturing = buffer, count, capturing
    buffer, count, capturing = {}, 0, true
    content(...)
    local text = table.concat(buffer, "", 1, count)
    buffer, count, capturing = outer, outer_count, outer_capturing
    return text
  end

  function self.cut(next_section)
    local text = table.concat(buffer, "", 1, count)
    if section or text ~= "" then
      local piece = section or {}
      piece.text = text
      self.pieces[#self.pieces + 1] = piece
    end
    buffer, count, section = {}, 0, next_section
  end

  function self.state()
    return { buffer, count, capturing, section, #self.pieces }
  end

  function self.restore(state)
    buffer, count, capturing, section = state[1], state[2], state[3], state[4]
    for i = #self.pieces, state[5] + 1, -1 do
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
