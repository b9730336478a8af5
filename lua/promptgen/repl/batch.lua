--- The REPL without a user: expressions of the command line, files, chunks of standard input.
local errors = require "promptgen.errors"

local batch = {}

--- Exit statuses that what was evaluated may choose; any other becomes 1.
local EXITS = { [1] = true, [3] = true, [4] = true, [5] = true, [7] = true, [130] = true }

--- An error of what was evaluated, as the program reports it.
local function failed(err, traceback)
  if err.is_foreign and not EXITS[require("promptgen.status").exit(err.code)] then
    err.code = "workflow_error"
  end
  if type(traceback) == "string" then
    local hints = type(err.hint) == "table" and err.hint or { err.hint }
    table.insert(hints, 1, "called from\n" .. traceback:gsub("\t", "  "))
    err.hint = hints
  end
  return nil, err
end

--- Runs the files of --load. On a terminal a file that fails is reported and the session begins.
---@param self promptgen.Repl
---@param paths string[]
---@return boolean? ok
---@return promptgen.Error? err
function batch.load(self, paths)
  for _, path in ipairs(paths) do
    local script, err = require("promptgen.run.find").path(self.app, path)
    if not script then
      return nil, err
    end
    local outcome, traceback
    outcome, err, traceback = self:play { op = "eval", text = script.source, name = script.path }
    if not outcome and not self.wants_terminal then
      return failed(err, traceback)
    elseif not outcome then
      self:report(err, traceback)
    end
  end
  return true
end

--- How errors name one of several expressions.
local function place_of(list, i)
  return #list > 1 and { name = ("-e %d"):format(i) } or nil
end

--- Evaluates each text and shows its value.
---@param self promptgen.Repl
---@param list string[]
---@return integer? status
---@return promptgen.Error? err
function batch.expressions(self, list)
  self.echoes = true
  for i, text in ipairs(list) do
    if self.is_over then
      break
    end
    self.place = place_of(list, i)
    local result, err, traceback = self:run(text)
    if not result and err then
      return failed(err, traceback)
    end
  end
  return 0
end

--- The values of the texts as one JSON object.
---@param self promptgen.Repl
---@param list string[]
---@return string? text
---@return promptgen.Error? err
function batch.json(self, list)
  local json = require "promptgen.json"
  local all = {}
  for i, text in ipairs(list) do
    if text:match "^%s*:[%a]" then
      return nil, errors.new { code = "usage", message = ("'%s' is a command: commands have no JSON"):format(text) }
    end
    local outcome, err, traceback = self:play { op = "value", text = text, place = place_of(list, i) }
    if not outcome then
      return failed(err, traceback)
    end
    local values, whole = {}, require("promptgen.repl.data").whole
    for k = 1, math.type(outcome.count) == "integer" and math.min(outcome.count, 200) or 0 do
      local value = type(outcome.values) == "table" and outcome.values[k]
      values[k] = value == nil and json.null or whole(value)
    end
    all[i] = json.array(values)
  end
  local ok, encoded = pcall(json.encode, json.object {
    { "schema", "promptgen.repl/1" }, { "values", json.array(all) },
  })
  if ok then
    return encoded .. "\n"
  end
  return nil, errors.normalise(encoded, "workflow_error")
end

--- True when `text` can be evaluated as it is; `is_last` when no more will come.
local function is_whole(text, is_last)
  return is_last or text:match "^%s*:[%a]" ~= nil or not require("promptgen.repl.reader").needs_more(text)
end

--- Names a `local` of an earlier chunk as what an error may be about.
local function hint_at_lost(err, lost)
  local name = type(err.message) == "string" and err.message:match "global '([%w_]+)'"
  if name and lost[name] then
    local hints = type(err.hint) == "table" and err.hint or { err.hint }
    table.insert(hints, 1, ("the local '%s' of line %d is gone with its chunk: leave out 'local' to keep it")
      :format(name, lost[name]))
    err.hint = hints
  end
end

--- Evaluates chunks from standard input, without prompt and without showing values; the first error
--- ends it.
---@param self promptgen.Repl
---@return integer? status
---@return promptgen.Error? err
function batch.input(self)
  local input = require("promptgen.input").open(self.signals)
  local text
  local number, first, lost = 0, 1, {}
  while not self.is_over do
    local line, why = input:line()
    number = number + 1
    if type(why) == "table" then
      return nil, why
    elseif why == "interrupted" then
      return nil, errors.new { code = "interrupted", message = "interrupted" }
    elseif not line and not text then
      break
    end
    text = text and line and text .. "\n" .. line or text or line
    if is_whole(text, line == nil) then
      self.place = { name = "stdin", line = first }
      local result, err, traceback = self:run(text)
      if not result and err then
        hint_at_lost(err, lost)
        return failed(err, traceback)
      end
      local name = require("promptgen.repl.reader").lost_local(text)
      if name then
        lost[name] = first
      end
      text, first = nil, number + 1
    end
  end
  return 0
end

return batch
