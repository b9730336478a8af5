--- Finds the end of a tag in template text. It knows enough of Lua (strings, long brackets, comments,
--- brackets) that a `}}` inside a string does not end an expression, and that every tag is lexically
--- whole.
local scan = {}

local CLOSER = { expr = "}}", stmt = "%}" }
local OPEN = { ["("] = ")", ["["] = "]", ["{"] = "}" }

--- Raises a syntax error at a byte of the body; caught by `lexer.scan`.
function scan.fail(at, message)
  error({ at = at, message = message }, 0)
end

local fail = scan.fail

--- Position after the quoted string that begins at `at`.
local function skip_quoted(body, at)
  local quote = body:sub(at, at)
  local stops = quote == '"' and '["\\\n]' or "['\\\n]"
  local i = at + 1
  while true do
    local found = body:find(stops, i)
    local c = found and body:sub(found, found)
    if c == quote then
      return found + 1
    elseif c ~= "\\" then
      fail(at, "this string has no end on its line")
    elseif body:sub(found + 1, found + 1) == "z" then
      i = body:find("%S", found + 2) or #body + 1
    else
      i = found + 2
    end
  end
end

--- Position after the long bracket that begins at `at`, or nil when none begins there.
local function skip_long(body, at, what)
  local level = body:match("^%[(=*)%[", at)
  if not level then
    return nil
  end
  local _, stop = body:find("]" .. level .. "]", at + #level + 2, true)
  if not stop then
    fail(at, "this " .. what .. " has no end")
  end
  return stop + 1
end

--- Position after the comment that begins at `at`: a line comment ends with its line or its tag.
local function skip_comment(body, at, closer)
  local after = skip_long(body, at + 2, "comment")
  if after then
    return after
  end
  local newline = body:find("\n", at, true) or #body + 1
  local close = body:find(closer, at, true) or #body + 1
  if close < newline and body:sub(close - 1, close - 1) == "-" and close - 1 > at + 1 then
    return close - 1
  end
  return math.min(newline, close)
end

--- The end of a tag without strings, brackets and comments, and the filter separators in it: found
--- much faster, and most tags are like that. nil for any other tag.
local function scan_plain(body, from, closer)
  local stop = body:find(closer, from, true)
  if not stop or body:find("[^%w%s_.|=<>#+*/]", from) ~= stop then
    return nil
  end
  local pipes, at = {}, body:find("|", from, true)
  while at and at < stop do
    pipes[#pipes + 1] = at
    at = body:find("|", at + 1, true)
  end
  return stop, pipes
end

--- Finds the end of the expression or statement whose source begins at `from`. Returns the position
--- of its closer (or of the trim sign before it) and, for an expression, its filter separators.
local function scan_lua(body, open_at, from, kind)
  local closer = CLOSER[kind]
  local depth, stack, pipes = 0, {}, {}
  local i = from
  while true do
    local at = body:find("[\"'%[%](){}%-+|,%%]", i)
    if not at then
      fail(open_at, "this tag has no end: " .. closer .. " is missing")
    end
    local c = body:sub(at, at)
    i = at + 1
    if body:sub(at, at + 1) == closer and (depth == 0 or c ~= "}") then
      if depth > 0 then
        fail(stack[depth].at, "this bracket is not closed before the tag ends")
      end
      return at, pipes
    elseif (c == "-" or c == "+") and depth == 0 and body:sub(i, i + 1) == closer then
      return at, pipes
    elseif c == '"' or c == "'" then
      i = skip_quoted(body, at)
    elseif c == "-" and body:sub(i, i) == "-" then
      i = skip_comment(body, at, closer)
    elseif OPEN[c] then
      local after = c == "[" and skip_long(body, at, "string")
      if after then
        i = after
      else
        depth = depth + 1
        stack[depth] = { at = at, close = OPEN[c] }
      end
    elseif c == ")" or c == "]" or c == "}" then
      if depth == 0 and kind == "stmt" and body:sub(at, i) == "}}" then
        fail(open_at, "a statement ends with %}, not with }}")
      elseif depth == 0 then
        fail(at, "this '" .. c .. "' closes nothing")
      elseif stack[depth].close ~= c then
        fail(stack[depth].at, "this '" .. body:sub(stack[depth].at, stack[depth].at)
          .. "' is not closed")
      end
      depth = depth - 1
    elseif kind == "expr" and depth == 0 and c == "|" then
      pipes[#pipes + 1] = at
    elseif kind == "expr" and depth == 0 and c == "," then
      fail(at, "a tag prints one value; write two tags")
    end
  end
end

--- Finds the end of an expression ("expr") or statement ("stmt"): the position of its closer, or of the
--- trim sign before it, and the positions of the `|` that separate filters.
---@param body string
---@param open_at integer where the tag begins
---@param from integer where its source begins
---@param kind "expr"|"stmt"
---@return integer stop
---@return integer[] pipes
function scan.finish(body, open_at, from, kind)
  local stop, pipes = scan_plain(body, from, CLOSER[kind])
  if stop then
    return stop, pipes
  end
  return scan_lua(body, open_at, from, kind)
end

return scan
