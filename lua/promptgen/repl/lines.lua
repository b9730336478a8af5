--- Sets the tree of a value into lines: on one line what fits there, one entry a line what does not.
---
--- A leaf is a list of pieces {style, text}; an inner node has `open` (text) and `items`, each with a
--- `value` (a node) and maybe a `key` (pieces).
local lines = {}

local function width_of_pieces(pieces)
  local width = 0
  for _, piece in ipairs(pieces) do
    width = width + #piece[2]
  end
  return width
end

--- Width of a node on one line; bytes stand for cells, which errs on the side of breaking.
local function measure(node)
  if not node.items then
    node.width = width_of_pieces(node)
    return node.width
  end
  local width = #node.open + 3
  for _, item in ipairs(node.items) do
    width = width + measure(item.value) + (item.key and width_of_pieces(item.key) or 0) + 2
  end
  node.width = width
  return width
end

local function put_all(out, pieces)
  for _, piece in ipairs(pieces) do
    out[#out + 1] = piece
  end
end

local function emit_flat(out, node)
  if not node.items then
    put_all(out, node)
    return
  end
  out[#out + 1] = { "", node.open .. " " }
  for i, item in ipairs(node.items) do
    put_all(out, item.key or {})
    emit_flat(out, item.value)
    out[#out + 1] = { "", i < #node.items and ", " or " }" }
  end
end

--- True for a long list of short values: several go into one line.
local function is_packed(node)
  if #node.items < 7 then
    return false
  end
  for _, item in ipairs(node.items) do
    if item.key or item.value.items or item.value.width > 16 then
      return false
    end
  end
  return true
end

local function emit_packed(out, node, indent, width)
  local used = width
  for _, item in ipairs(node.items) do
    used = used + item.value.width + 2
    if used > width then
      out[#out + 1] = { "", "\n" .. (" "):rep(indent + 2) }
      used = indent + 2 + item.value.width + 1
    else
      out[#out + 1] = { "", " " }
    end
    put_all(out, item.value)
    out[#out + 1] = { "", "," }
  end
  out[#out + 1] = { "", "\n" .. (" "):rep(indent) .. "}" }
end

local function emit(out, node, indent, used, width)
  if not node.items or node.width + used <= width then
    emit_flat(out, node)
    return
  elseif is_packed(node) then
    out[#out + 1] = { "", node.open }
    emit_packed(out, node, indent, width)
    return
  end
  out[#out + 1] = { "", node.open .. "\n" }
  local inner = (" "):rep(indent + 2)
  for _, item in ipairs(node.items) do
    out[#out + 1] = { "", inner }
    put_all(out, item.key or {})
    local before = indent + 3 + (item.key and width_of_pieces(item.key) or 0)
    emit(out, item.value, indent + 2, before, width)
    out[#out + 1] = { "", ",\n" }
  end
  out[#out + 1] = { "", (" "):rep(indent) .. "}" }
end

--- Neighbours of one style as one piece.
local function join(pieces)
  local out = {}
  for _, piece in ipairs(pieces) do
    local last = out[#out]
    if last and last[1] == piece[1] then
      last[2][#last[2] + 1] = piece[2]
    else
      out[#out + 1] = { piece[1], { piece[2] } }
    end
  end
  for _, piece in ipairs(out) do
    piece[2] = table.concat(piece[2])
  end
  return out
end

--- The tree as pieces, without a final line end.
---@param node table
---@param width integer cells of a line
---@return promptgen.repl.Piece[]
function lines.set(node, width)
  measure(node)
  local out = {}
  emit(out, node, 0, 0, width)
  return join(out)
end

return lines
