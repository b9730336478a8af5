--- Turns the tokens of a template body into the source of one Lua function.
---
--- Each token becomes a piece of Lua on lines of its own, so that comments inside a tag end with it
--- and a line of the generated source leads back to a byte of the body. The function takes its
--- surroundings as arguments; the runtime (template/runtime.lua) supplies them:
---   _ENV     the scope: values, helpers, globals
---   __w(s)   writes text            __v(x)     writes the value of an expression
---   __T      the texts between tags, unless they stand in the source
---   __f(o,k) strict field access    __d(x)     a value that must not be nil
---   __p      the frame; `__p.at` is the number of the tag being run
---   __B / __S(name, args, content)  a block / a section
local lexer = require "promptgen.template.lexer"

local compiler = {}

local HEAD = "local _ENV,__w,__v,__f,__d,__p,__B,__S,__T=..."
local NAME = "[%a_][%w_]*"

local Build = {}
Build.__index = Build

local function fail(at, message)
  error({ at = at, message = message }, 0)
end

function Build:emit(code)
  self.count = self.count + 1
  self.code[self.count] = code
  self.line = self.line + 1
end

--- Counts the further lines of a piece of code that has line breaks.
function Build:count_lines(code)
  local at = code:find("\n", 1, true)
  while at do
    self.line = self.line + 1
    at = code:find("\n", at + 1, true)
  end
end

--- Emits the code of a tag and remembers which generated lines it covers.
function Build:emit_tag(token, before, source, after)
  local map = self.map
  map[#map + 1] = { line = self.line, at = token.at }
  self:emit(before .. source .. after)
  self:count_lines(source)
end

--- Numbers a tag, for the position of a later error.
function Build:number(token)
  local tags = self.tags
  tags[#tags + 1] = token.at
  tags[#tags + 1] = token.stop
  return "__p.at=" .. #tags // 2 .. " "
end

function Build:text(token)
  if token.text == "" then
    return
  elseif self.inline then
    self:emit("__w" .. ("%q"):format(token.text)) -- %q breaks lines where the text does
    return self:count_lines(token.text)
  end
  local texts = self.texts
  texts[#texts + 1] = token.text
  self:emit("__w(__T[" .. #texts .. "])")
end

--- Strict form of an expression: the last step of a path like `plan.title` goes through `__f`,
--- which can name the nearest field when there is none.
local function strict(source)
  local parent, key = source:match("^(" .. NAME .. "[%w_.]*)%.(" .. NAME .. ")$")
  if parent and not parent:find("..", 1, true) and parent:sub(-1) ~= "." then
    return "__f(" .. parent .. ",\"" .. key .. "\")"
  end
  return source
end

--- Source without the white space around it, ended by a newline when it may end in a comment.
local function part(source)
  if source == "" then
    return source
  end
  if source:byte() <= 32 or source:byte(-1) <= 32 then
    source = source:match("^%s*(.*%S)") or ""
  end
  return source:find("--", 1, true) and source .. "\n" or source
end

--- Lua source of an expression tag with its filters. `wrap` says how values are checked: `last` for
--- an expression that is printed as it is, `first` for one that goes into a filter.
---@param body string
---@param token table
---@param wrap { last: fun(source: string): string, first: fun(source: string): string }
---@return string source
function compiler.expression(body, token, wrap)
  local pipes = token.pipes
  local first = part(body:sub(token.at, (pipes[1] or token.stop + 1) - 1))
  if first == "" then
    fail(token.at, "there is no value before the first filter")
  elseif #pipes == 0 then
    return wrap.last(first)
  end
  local code = first
  for i, at in ipairs(pipes) do
    local filter = part(body:sub(at + 1, (pipes[i + 1] or token.stop + 1) - 1))
    local name, args = filter:match("^([%a_][%w_.]*)%s*(.*)$")
    if not name or args ~= "" and not (args:find("^%(") and args:find("%)%s*$")) then
      fail(at + 1, "a filter is written `name` or `name(arguments)`")
    end
    if i == 1 and name ~= "default" then
      code = wrap.first(first)
    end
    local inner = args:match("^%(%s*(.-)%s*%)%s*$") or ""
    code = name .. "(" .. code .. (inner ~= "" and "," .. inner or "") .. ")"
  end
  return code
end

local STRICT = {
  last = strict,
  first = function(source)
    local checked = strict(source)
    return checked == source and "__d(" .. source .. ")" or checked
  end,
}

function Build:expr(token)
  local code = compiler.expression(self.body, token, STRICT)
  self:emit_tag(token, self:number(token) .. "__v(", code, ")")
end

--- `block NAME [table]` and `section NAME table`: opens a function with the content.
function Build:open(token, word, rest)
  local name, args = rest:match("^%s+([%a_][%w_]*)%s*(.*)$")
  if not name then
    fail(token.at, "a " .. word .. " needs a name of letters, digits and _")
  end
  if self.blocks[name] then
    fail(token.at, "the name '" .. name .. "' is taken by another block of this text")
  end
  if word == "section" then
    if args == "" then
      fail(token.at, "a section needs a title: section " .. name .. " { title = \"...\" }")
    end
    for _, outer in ipairs(self.open_tags) do
      if outer.word == "section" then
        fail(token.at, "a section cannot stand inside another section")
      end
    end
  end
  self.blocks[name] = word
  self.open_tags[#self.open_tags + 1] = { word = word, name = name, at = token.at }
  local call = word == "section" and "__S(" or "__B("
  self:emit_tag(token, self:number(token) .. call .. '"' .. name .. '",',
    args ~= "" and args .. "\n" or "nil", ",function()")
end

function Build:close(token, word, rest)
  local open = table.remove(self.open_tags)
  if not open or open.word ~= word then
    fail(token.at, "this end" .. word .. " closes nothing")
  end
  local name = rest:match("^%s+(%S+)$")
  if name and name ~= open.name then
    fail(token.at, "this closes '" .. open.name .. "', not '" .. name .. "'")
  end
  self:emit("end)")
end

function Build:stmt(token)
  local source = self.body:sub(token.at, token.stop)
  local word, rest = source:match("^(%a+)(.*)$")
  if word == "block" or word == "section" then
    self:open(token, word, rest)
  elseif word == "endblock" or word == "endsection" then
    self:close(token, word:sub(4), rest)
  elseif word == "return" then
    self:emit_tag(token, "do ", source .. "\n", " end")
  else
    self:emit_tag(token, self:number(token), source, "")
  end
end

local function build(body, tokens, inline)
  local self = setmetatable({
    body = body, inline = inline, texts = {}, code = { HEAD }, count = 1, line = 2, map = {}, tags = {}, blocks = {},
    open_tags = {},
  }, Build)
  for _, token in ipairs(tokens) do
    self[token.kind](self, token)
  end
  local open = self.open_tags[#self.open_tags]
  if open then
    fail(open.at, "the " .. open.word .. " '" .. open.name .. "' has no end: {% end" .. open.word
      .. " %} is missing")
  end
  return { code = table.concat(self.code, "\n"), map = self.map, tags = self.tags,
           blocks = self.blocks, texts = self.texts }
end

--- Translates a body. The result holds the Lua source `code`, `tags` (first and last byte of each
--- numbered tag, two numbers a tag), `map` (first generated line of each tag and its byte) and
--- `blocks` (name -> "block" or "section"), and `texts` (what lies between tags).
---@param body string
---@param max_tags integer
---@param inline boolean? the texts stand in the source and `texts` is empty
---@return table? result
---@return { at: integer, message: string }? problem with the byte of the body it lies at
function compiler.translate(body, max_tags, inline)
  local tokens, problem = lexer.scan(body, max_tags)
  if not tokens then
    return nil, problem
  end
  local ok, result = pcall(build, body, tokens, inline)
  if ok then
    return result
  elseif type(result) == "table" and result.at then
    return nil, result
  end
  error(result, 0)
end

--- Byte of the body that a line of the generated source comes from, or nil for none.
---@param translated table a result of `compiler.translate`
---@param line integer line of the generated source
---@return integer? at
---@return integer? further lines below the line of that byte
function compiler.origin(translated, line)
  local found
  for _, entry in ipairs(translated.map) do
    if entry.line > line then
      break
    end
    found = entry
  end
  if found then
    return found.at, line - found.line
  end
end

return compiler
