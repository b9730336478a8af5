--- `promptgen completions SHELL`: the script that completes command lines; `completions words` is what that
--- script asks.
local errors = require "promptgen.errors"

--- Seconds after which somebody at a prompt has stopped waiting.
local LIMIT = 2

--- The shell, and the words behind it. They are taken as they are: dashes belong to the line that is
--- completed.
local function split(list)
  local words = table.move(list, 2, #list, 1, {})
  if words[1] == "--" then
    table.remove(words, 1)
  end
  return list[1], words
end

--- Prints what may come next. Whatever is wrong, a shell in the middle of a line is told nothing.
local function print_words(ctx, words)
  local ok, found = require("promptgen.host").protect(require("promptgen.completions").of, ctx.app, words)
  if not ok then
    return true
  elseif type(found) == "string" then
    ctx.out(found .. "\n")
    return true
  end
  local out = {}
  for i, candidate in ipairs(found) do
    out[i] = candidate[1] .. (candidate[2] and "\t" .. candidate[2] or "") .. "\n"
  end
  ctx.out(table.concat(out))
  return true
end

local function words_json(ctx, words)
  local found = require("promptgen.completions").of(ctx.app, words)
  local json, list = require "promptgen.json", {}
  for i, candidate in ipairs(type(found) == "table" and found or {}) do
    list[i] = json.object { { "word", candidate[1] }, { "help", candidate[2] } }
  end
  ctx.out(json.encode(json.object {
    { "schema", "promptgen.completions/1" }, { "words", json.array(list) },
    { "complete_by_shell", type(found) == "string" and found:sub(2) or json.null },
  }) .. "\n")
  return true
end

return {
  name = "completions",
  summary = "print the script that completes command lines in a shell",
  usage = "bash | zsh | fish",
  raw_arguments = true,
  arguments = {
    { "shell", "bash, zsh or fish; or `words`, which the scripts ask" },
    { "words", "of `words`: the command line so far", optional = true, list = true },
  },
  run = function(ctx)
    local shell, words = split(ctx.args)
    if shell == "words" then
      require("promptgen.host").deadline(math.min(ctx.options.timeout, LIMIT))
      return (ctx.json and words_json or print_words)(ctx, words)
    end
    local script = shell and require("promptgen.completions.shells")[shell]
    if not script or #words > 0 then
      local message = shell and ("there are no completions for '%s'"):format(table.concat(ctx.args, " "))
        or "completions needs the name of a shell"
      return nil, errors.new { code = "usage", message = message, hint = "promptgen completions bash, zsh or fish" }
    elseif ctx.json then
      local json = require "promptgen.json"
      ctx.out(json.encode(json.object {
        { "schema", "promptgen.completions/1" }, { "shell", shell }, { "script", script },
      }) .. "\n")
    else
      ctx.out(script)
    end
    return true
  end,
}
