--- Build tool: makes one function of a stock template, the layers below it and the partials it
--- includes, for the usual case that nobody overrides any of them.
---
--- arguments: LUA_DIR TEMPLATE.lua; returns the source of a chunk, whose value is described in
--- promptgen.template.stock. A template with features that are not handled here (return, helpers,
--- includes with other arguments than names handed on) is an error: stock templates have none.
local lua_dir, template_path = ...

package.path = lua_dir .. "/?.lua;" .. package.path
-- The one C module that templates load; they only need it to exist.
package.preload["promptgen.status"] = function()
  return { error = function(fields) return fields end, is_error = function() return false end }
end

local compiler = require "promptgen.template.compiler"
local filters = require "promptgen.template.filters"
local lexer = require "promptgen.template.lexer"

local dir, template_name = template_path:match("^(.*workflows/templates)/(.*)%.lua$")

local function fail(what)
  error(template_path .. ": cannot be flattened: " .. what, 0)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local Flat = {}
Flat.__index = Flat

--- Nothing is checked on the way: what is nil or no text fails, and the slow way tells why.
local PLAIN = {
  last = function(source) return source end,
  first = function(source) return source end,
}

function Flat:emit(code)
  self.code[#self.code + 1] = code
end

--- The body of a template and, by block, what the layers above it change.
function Flat:resolve(name)
  local changes = {}
  while true do
    local path = ("%s/%s.lua"):format(dir, name)
    local source = read(path)
    local spec = assert(load(source, "@" .. path, "t"))()
    if not self.needed[name] then
      self.needed[name] = true
      self.needs[#self.needs + 1] = name
    end
    if spec.helpers or spec.body_file then
      fail("helpers and body files")
    elseif spec.params or spec.prepare then
      self.specs[#self.specs + 1] = { name = name, source = source }
    end
    for block, change in pairs(spec.blocks or {}) do
      changes[block] = changes[block] or {}
      table.insert(changes[block], change)
    end
    if spec.body then
      return spec.body, changes
    end
    name = spec.extends
  end
end

--- Runs a text through; `below` writes what `super()` stands for.
function Flat:text(body, changes, below)
  local tokens, problem = lexer.scan(body, math.huge)
  if not tokens then
    fail(problem.message)
  end
  self:emit "do"
  self:tokens({ body = body, tokens = tokens, changes = changes, below = below }, 1, #tokens)
  self:emit "end"
end

--- First word and source of a statement; nothing for other tokens.
local function word_of(context, token)
  if token.kind == "stmt" then
    local source = context.body:sub(token.at, token.stop)
    return source:match("^%a+") or "", source
  end
end

local OPENS = { block = true, section = true }
local CLOSES = { endblock = true, endsection = true }

--- Index of the tag that closes the block which opens at `i`.
local function closing(context, i)
  local depth = 0
  for j = i, #context.tokens do
    local word = word_of(context, context.tokens[j])
    depth = depth + (OPENS[word or ""] and 1 or CLOSES[word or ""] and -1 or 0)
    if depth == 0 then
      return j
    end
  end
end

--- Fields of a section that a layer changes, as Lua source; the most derived layer decides.
local function section_fields(changes)
  local fields = {}
  for _, key in ipairs { "title", "priority", "keep", "instead" } do
    for _, change in ipairs(changes) do
      if change[key] ~= nil then
        fields[#fields + 1] = ("%s=%q"):format(key, change[key])
        break
      end
    end
  end
  return "{" .. table.concat(fields, ",") .. "}"
end

function Flat:block(context, first, last)
  local word, source = word_of(context, context.tokens[first])
  local name, args = source:match("^%a+%s+([%a_][%w_]*)%s*(.*)$")
  local changes = context.changes[name] or {}
  if word == "section" then
    self:emit(("S(%q,%s,%s)"):format(name, args, section_fields(changes)))
  elseif args ~= "" then
    fail("a block that hands names on")
  end
  local function layer(index)
    local change = changes[index]
    if not change then
      self:emit "do"
      self:tokens(context, first + 1, last - 1)
      return self:emit "end"
    end
    local function part(text, below)
      if text then
        self:text(text, context.changes, below)
      end
    end
    local function below()
      layer(index + 1)
    end
    part(change.prepend)
    if change.replace then
      part(change.replace, below)
    else
      below()
    end
    part(change.append)
  end
  layer(1)
  if word == "section" then
    self:emit "E()"
  end
end

--- `include("name", { a = a })`: the partial sees the same names, so that its text can stand here.
function Flat:include(source)
  local name, args = source:match('^include%(%s*"([%w_/]+)"%s*,%s*{(.*)}%s*%)$')
  for key, value in (args or ""):gmatch("([%w_]+)%s*=%s*([^,]-)%s*%f[,%z]") do
    if key ~= value then
      fail("an include with other arguments than names handed on")
    end
  end
  if not name then
    fail("an include of another form: " .. source)
  end
  local before = #self.specs
  local body, changes = self:resolve(name)
  for i = #self.specs, before + 1, -1 do
    self.specs[i] = nil -- a partial's parameters are checked when it is compiled for itself
  end
  self:text(body, changes)
end

function Flat:tokens(context, from, to)
  local i = from
  while i <= to do
    local token = context.tokens[i]
    local word, source = word_of(context, token)
    if token.kind == "text" then
      self:emit("w" .. ("%q"):format(token.text):gsub("\\\n", "\\n"))
    elseif token.kind == "expr" then
      self:emit("v(" .. compiler.expression(context.body, token, PLAIN) .. "\n)")
    elseif OPENS[word or ""] then
      local stop = closing(context, i)
      self:block(context, i, stop)
      i = stop
    elseif source == "super()" then
      context.below()
    elseif word == "include" then
      self:include(source)
    elseif word == "return" or source:find("%f[%w]include%f[%W]") then
      fail("the statement " .. source)
    else
      self:emit(source .. "\n")
    end
    i = i + 1
  end
end

local function sorted(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local GLOBALS = { "ipairs", "math", "pairs", "select", "string", "table", "tostring", "type" }

local function header(names, from)
  return ("local %s=%s.%s"):format(table.concat(names, ","), from, table.concat(names, "," .. from .. "."))
end

local flat = setmetatable({ code = {}, needs = {}, needed = {}, specs = {} }, Flat)
local body, changes = flat:resolve(template_name)
flat:text(body, changes)
local out = { "return {needs={" }
for _, name in ipairs(flat.needs) do
  out[#out + 1] = ("%q,"):format(name)
end
out[#out + 1] = "},specs={\n"
for _, spec in ipairs(flat.specs) do
  out[#out + 1] = "function(...) " .. spec.source .. "\nend,\n"
end
out[#out + 1] = "},run=function(s,w,v,S,E,F,G)\n" .. header(sorted(filters), "F") .. "\n"
  .. header(GLOBALS, "G") .. "\nlocal _ENV=s\n" .. table.concat(flat.code, "\n") .. "\nend}\n"
return table.concat(out)
