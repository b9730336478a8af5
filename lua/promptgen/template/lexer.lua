--- Splits the text of a template into tokens and removes the white space its tags leave behind.
---
--- The language is described in docs/templates.md.
---
--- Tokens, in order: {kind="text", text=}, {kind="expr", at=, stop=, pipes=}, {kind="stmt", at=,
--- stop=}, where `at` and `stop` bound the Lua source inside the tag (1-based bytes of the body,
--- both included) and `pipes` lists the positions of the `|` that separate filters. Notes yield
--- nothing.
local scan_tag = require "promptgen.template.scan"

local lexer = {}

local KIND = { ["{"] = "expr", ["%"] = "stmt", ["#"] = "note" }

--- Reads the tag that begins at `at`. Returns its description; `after` is where the text goes on.
local function read_tag(body, at)
  local kind = KIND[body:sub(at + 1, at + 1)]
  local from = at + 2
  local left = body:match("^[-+]", from)
  if left then
    from = from + 1
  end
  local stop, pipes
  if kind == "note" then
    stop = body:find("#}", from, true)
    if not stop then
      scan_tag.fail(at, "this note has no end: #} is missing")
    end
    if stop > from and body:find("^[-+]", stop - 1) then
      stop = stop - 1
    end
  else
    stop, pipes = scan_tag.finish(body, at, from, kind)
  end
  local right = body:match("^[-+]", stop)
  local after = stop + (right and 3 or 2)
  local first = body:find("%S", from)
  local last = stop - 1
  while last >= first and body:find("^%s", last) do
    last = last - 1
  end
  return { kind = kind, open = at, at = first, stop = last, pipes = pipes, left = left,
           right = right, after = after }
end

--- Collects tokens and trims lines that hold nothing but statements and notes.
---
--- `line` lists the text tokens of the current line while it may still turn out to be such a line,
--- and is nil once it holds anything else.
local Sink = {}
Sink.__index = Sink

function Sink:text(text)
  if text == "" then
    return
  end
  local token = { kind = "text", text = text }
  self.tokens[#self.tokens + 1] = token
  local tail, newline = nil, text:find("\n", 1, true)
  while newline do -- to the byte after the last line break
    tail = newline + 1
    newline = text:find("\n", tail, true)
  end
  if tail then
    self.line = {}
  end
  if self.line then
    if text:find("^[ \t\r]*$", tail) then
      self.line[#self.line + 1] = { token = token, blanks = #text + 1 - (tail or 1) }
    else
      self.line = nil
    end
  end
end

--- Removes the white space at the end of the text before a `{%-`, over several tokens if need be.
function Sink:trim_left()
  for i = #self.tokens, 1, -1 do
    local token = self.tokens[i]
    if token.kind ~= "text" then
      return
    end
    token.text = token.text:match("^.*%S") or ""
    if token.text ~= "" then
      return
    end
  end
end

--- Ends a statement or note that has no trim signs: when its line holds only such tags, the line
--- goes. Returns where the text goes on.
function Sink:close_line(body, after)
  local _, stop = body:find("^[ \t]*\r?\n", after)
  if not stop then
    _, stop = body:find("^[ \t]*$", after)
    if not stop then
      return after
    end
  end
  for _, piece in ipairs(self.line) do
    piece.token.text = piece.token.text:sub(1, #piece.token.text - piece.blanks)
  end
  self.line = {}
  return stop + 1
end

--- Takes a tag in and returns where the text goes on.
function Sink:tag(body, tag)
  if tag.left == "-" then
    self:trim_left()
  end
  if tag.kind ~= "note" then
    self.tokens[#self.tokens + 1] = tag
  end
  local after = tag.after
  if tag.kind == "expr" or tag.left or tag.right then
    self.line = nil
  elseif self.line then
    after = self:close_line(body, after)
  end
  if tag.right == "-" then
    after = body:find("%S", after) or #body + 1
  end
  return after
end

--- Takes the text of a raw block in, which begins at `from`; returns where the text goes on.
local function raw_block(sink, body, tag, from)
  local at, _, left = body:find("{%%([-+]?)%s*endraw%s*[-+]?%%}", from)
  if not at then
    scan_tag.fail(tag.open, "this raw block has no end: {% endraw %} is missing")
  end
  sink:text(body:sub(from, at - 1))
  local close = read_tag(body, at)
  close.left = left ~= "" and left or nil
  close.kind = "note"
  return sink:tag(body, close)
end

--- Position of the next `{{`, `{%` or `{#`. Searches for the brace alone: a pattern would look at
--- every byte of the text.
local function next_tag(body, from)
  local at = body:find("{", from, true)
  while at do
    if KIND[body:sub(at + 1, at + 1)] then
      return at
    end
    at = body:find("{", at + 1, true)
  end
  return nil
end

local function scan(body, max_tags)
  local sink = setmetatable({ tokens = {}, line = {} }, Sink)
  local from, tags = 1, 0
  while true do
    local at = next_tag(body, from)
    if not at then
      sink:text(body:sub(from))
      return sink.tokens
    end
    tags = tags + 1
    if tags > max_tags then
      scan_tag.fail(at, "a template may hold " .. max_tags .. " tags, and this one holds more")
    end
    sink:text(body:sub(from, at - 1))
    local tag = read_tag(body, at)
    local word = tag.kind == "stmt" and body:sub(tag.at, tag.stop)
    if word == "raw" then
      tag.kind = "note"
      from = raw_block(sink, body, tag, sink:tag(body, tag))
    elseif word == "endraw" then
      scan_tag.fail(at, "this endraw closes nothing")
    elseif tag.kind ~= "note" and tag.stop < tag.at then
      scan_tag.fail(at, "this tag is empty")
    else
      from = sink:tag(body, tag)
    end
  end
end

--- Splits a body into tokens.
---@param body string
---@param max_tags integer tags beyond this number are an error
---@return table[]? tokens
---@return { at: integer, message: string }? problem with the byte of the body it lies at
function lexer.scan(body, max_tags)
  local ok, result = pcall(scan, body, max_tags)
  if ok then
    return result
  elseif type(result) == "table" and result.at then
    return nil, result
  end
  error(result, 0)
end

return lexer
