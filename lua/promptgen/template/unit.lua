--- One compiled piece of template text: the body of a template or the text of a block.
---
--- A unit knows its place (file, and where in it the text stands) and turns Lua's messages about
--- the generated source back into places in that text.
local compiler = require "promptgen.template.compiler"
local source = require "promptgen.template.source"
local status = require "promptgen.status"

local unit = {}

--- How the generated source is named to Lua. The number tells the units of one engine apart.
local CHUNK = "=[template %d]"
local CHUNK_AT = "^%[template (%d+)%]:(%d+): (.*)$"

---@class promptgen.template.Unit
---@field id integer
---@field text string the template text
---@field path string displayed path of the file it comes from
---@field file string contents of that file
---@field label string "body" or "block NAME": what to call the text when its place is not known
---@field run function the compiled text
---@field texts string[]? what lies between the tags
---@field known_blocks table<string, string>? of a text compiled at build time
---@field translated table? what the compiler made of it; nil for one compiled at build time

--- What the compiler makes of the text. A stock text, compiled at build time, is only translated
--- here when somebody asks: after an error, or for a listing.
local function translated(self)
  if not self.translated then
    self.translated = assert(compiler.translate(self.text, math.huge))
  end
  return self.translated
end

--- First and last byte of a numbered tag.
---@param self promptgen.template.Unit
---@param number integer
---@return integer first
---@return integer last
function unit.tag(self, number)
  local tags = translated(self).tags
  return tags[2 * number - 1], tags[2 * number]
end

--- Names of the blocks and sections the text defines, each with "block" or "section".
---@param self promptgen.template.Unit
---@return table<string, string>
function unit.blocks(self)
  return self.known_blocks or translated(self).blocks
end

--- Place of a byte of the text: path, line and column of the file, or the line in the text alone.
---@param self promptgen.template.Unit
---@param at integer
---@return { path: string, line: integer?, column: integer?, said: string?, excerpt: string[] }
function unit.place(self, at)
  local line, column = source.position(self.text, at)
  local place = { path = self.path, excerpt = source.excerpt(self.text, line, column) }
  local file = source.normal(self.file)
  local start = source.locate(file, self.text)
  if start then
    place.line, place.column = source.position(file, start + at - 1)
    place.excerpt = source.excerpt(file, place.line, place.column)
  else
    place.said = self.label .. ":" .. line
  end
  return place
end

--- An error at a byte of the text.
---@param self promptgen.template.Unit
---@param at integer
---@param fields { code: string, message: string, hint: string? }
---@return promptgen.Error
function unit.error(self, at, fields)
  local place = unit.place(self, at)
  local hints = { fields.hint }
  for _, line in ipairs(place.excerpt) do
    hints[#hints + 1] = line
  end
  return status.error {
    code = fields.code,
    message = place.said and place.said .. ": " .. fields.message or fields.message,
    path = place.path, line = place.line, column = place.column,
    hint = hints,
  }
end

--- Byte of the text a line of its generated source comes from.
---@param self promptgen.template.Unit
---@param line integer
---@return integer at
function unit.origin(self, line)
  local at, further = compiler.origin(translated(self), line)
  for _ = 1, at and further or 0 do
    at = (self.text:find("\n", at, true) or #self.text) + 1
  end
  if at and further > 0 then
    at = self.text:find("%S", at) or at
  end
  return math.min(at or 1, math.max(1, #self.text))
end

--- The number of the unit and the generated line a message of Lua begins with, and what it says.
---@param message string
---@return integer? id
---@return integer|string line_or_message
---@return string? message
function unit.split_message(message)
  local id, line, rest = message:match(CHUNK_AT)
  if id then
    return math.tointeger(tonumber(id)), math.tointeger(tonumber(line)), rest
  end
  return nil, message
end

--- Says lines of the text where a message of Lua's parser says lines of the generated source.
local function say_lines(self, message)
  return (message:gsub("at line (%d+)", function(line)
    local at = unit.origin(self, math.tointeger(tonumber(line)))
    return "at line " .. (unit.place(self, at).line or source.position(self.text, at))
  end))
end

local function syntax_error(self, message)
  local id, line, rest = unit.split_message(message)
  if not id then
    return unit.error(self, 1, { code = "template_syntax", message = message })
  end
  local at = unit.origin(self, line)
  rest = say_lines(self, rest)
  if rest:find("near <eof>$") then
    rest = rest:gsub(" near <eof>$", " before the end of the text")
  end
  return unit.error(self, at, { code = "template_syntax", message = rest })
end

local compiled

--- What texts became. A text is compiled by itself, with the number of its unit and nothing else: so
--- the text is the key, and a change of a layer, an include or a body file is another key.
---@return promptgen.cache.Cache
function unit.cache()
  compiled = compiled or require("promptgen.cache").new {
    name = "template_cache", max_size = 256, max_bytes = 4 * 1024 * 1024,
  }
  return compiled
end

---@class promptgen.template.Text
---@field id integer
---@field text string
---@field path string
---@field file string
---@field label string
---@field run function? the text as compiled at build time
---@field known_blocks table<string, string>? its blocks, found then

--- Compiles a text, unless it comes compiled.
---@param where promptgen.template.Text
---@param options { compile: function, max_bytes: integer, max_tags: integer }
---@return promptgen.template.Unit? unit
---@return promptgen.Error? err template_syntax
function unit.compile(where, options)
  local self = where
  if self.run then
    return self
  elseif #self.text > options.max_bytes then
    return nil, unit.error(self, 1, {
      code = "template_error",
      message = ("the text is %d bytes long; a template may be %d"):format(#self.text,
        options.max_bytes),
    })
  end
  local key = self.id .. "\0" .. self.text
  local kept = unit.cache():get(key)
  if kept and kept.compile == options.compile and kept.max_tags == options.max_tags then
    self.translated, self.texts, self.run = kept.translated, kept.translated.texts, kept.run
    return self
  end
  local made, problem = compiler.translate(self.text, options.max_tags)
  if not made then
    return nil, unit.error(self, problem.at, { code = "template_syntax",
                                               message = problem.message })
  end
  self.translated, self.texts = made, made.texts
  local run, message = options.compile(made.code, CHUNK:format(self.id), {})
  if not run then
    return nil, syntax_error(self, message)
  end
  self.run = run
  unit.cache():set(key, { translated = made, run = run, compile = options.compile, max_tags = options.max_tags },
    nil, #key)
  return self
end

return unit
