--- What can be done with a prompt: copy, show, page, save, edit.
local columns = require "promptgen.columns"
local errors = require "promptgen.errors"
local host = require "promptgen.host"

local prompt = {}

---@class promptgen.menu.Prompt
---@field text string
---@field name string proposed name of a file
---@field tokens? integer
---@field is_edited? boolean

local function count_lines(text)
  local _, ends = text:gsub("\n", "")
  return text:sub(-1) == "\n" and ends or ends + 1
end

local function headline(made)
  local tokens = made.tokens and not made.is_edited and (", about %d tokens"):format(made.tokens) or ""
  return ("%d lines%s%s"):format(count_lines(made.text), tokens, made.is_edited and ", edited" or "")
end

local PREVIEW = 5

--- The first lines that say something, and how long it is.
local function preview(menu, made)
  local room, shown = menu:room() - 2, 0
  menu:say("note", "")
  for line in made.text:gmatch "[^\n]+" do
    if line:find "%S" and shown < PREVIEW then
      shown = shown + 1
      menu:say("", "  " .. columns.cut(menu.screen:clean(line), room))
    end
  end
  menu:say("note", "  (" .. headline(made) .. ")")
end

local function copy(menu, made)
  local taker, why = require("promptgen.clipboard").copy(made.text)
  if taker then
    menu:say("note", "copied to the clipboard by " .. taker)
    return "leave"
  end
  menu:say("note", "not copied: " .. why)
end

local function show(menu, made)
  menu.screen:put(made.text:sub(-1) == "\n" and made.text or made.text .. "\n")
  return "leave"
end

--- A command of the user's from the environment, else the first of `others` that is there.
local function program(variables, others)
  for _, variable in ipairs(variables) do
    local command = host.getenv(variable)
    if command and command:find "%S" then
      return command
    end
  end
  for _, name in ipairs(others) do
    if require("promptgen.copier").find(name) then
      return name
    end
  end
  return others[#others]
end

local EDIT_MAX = 16 * 1024 * 1024

--- Lets an outside program have the text in a file. Ctrl-C is that program's meanwhile.
local function outside(command, text)
  local signals, err = require("promptgen.signals").open()
  if not signals then
    return nil, err
  end
  local edited
  edited, err = require("promptgen.editor").edit_text(command, text, ".md", EDIT_MAX)
  signals:drain()
  signals:close()
  return edited, err
end

local function page(menu, made)
  local text, err = outside(program({ "PAGER" }, { "less", "more" }), made.text)
  if not text then
    menu:report(err)
  end
end

local function edit(menu, made)
  local text, err = outside(program({ "VISUAL", "EDITOR" }, { "vi" }), made.text)
  if not text then
    menu:report(err)
  elseif not text:find "%S" then
    menu:say("note", "the edited prompt is empty: the one of before is kept")
  elseif text ~= made.text then
    made.text, made.is_edited = text, true
    preview(menu, made)
    return "changed"
  end
end

local function write(dir, path, text, replace)
  local root, err = require("promptgen.fs").root(dir)
  if not root then
    return nil, err
  end
  local signature
  signature, err = root:write(path, text, { no_replace = not replace })
  root:close()
  return signature, err
end

local function save(menu, made)
  local answer, why = menu:ask(("file (Enter: %s): "):format(made.name))
  if not answer then
    return why == "interrupted" and "stay" or why
  end
  answer = answer:match "^%s*(.-)%s*$"
  local full = answer == "" and made.name or answer
  if full:sub(1, 1) ~= "/" then
    full = assert(menu.ctx.app:cwd()) .. "/" .. full
  end
  local dir, name = full:match "^(.*)/([^/]+)$"
  if not name then
    menu:report(errors.new { code = "not_regular", path = full, message = "a directory, not a file" })
    return "stay"
  end
  dir = dir == "" and "/" or dir
  local ok, err = write(dir, name, made.text, false)
  if not ok and err.code == "conflict" then
    menu:say("note", name .. " is there already")
    local index
    index, why = menu:choose({ "keep it", "replace it" }, 1)
    if index ~= 2 then
      return (why == "interrupted" or why == "eof") and why or "stay"
    end
    ok, err = write(dir, name, made.text, true)
  end
  if not ok then
    err.path = full
    menu:report(err)
    return "stay"
  end
  menu:say("note", "saved as " .. full)
  return "leave"
end

local ACTIONS = {
  { "copy it to the clipboard", copy },
  { "show it here", show },
  { "view it in $PAGER", page },
  { "save it to a file", save },
  { "edit it in $EDITOR", edit },
  { "done: back to the plan" },
}

--- Offers what can be done until the user is done with the prompt.
---@param menu promptgen.Menu
---@param made promptgen.menu.Prompt
---@return "back"|"interrupted"|"eof"|promptgen.Error why
function prompt.offer(menu, made)
  local labels, likely = {}, 1
  for i, action in ipairs(ACTIONS) do
    labels[i] = action[1]
  end
  preview(menu, made)
  while true do
    local index, why = menu:choose(labels, likely)
    if not index then
      return why
    elseif index == #ACTIONS then
      return "back"
    end
    local result = ACTIONS[index][2](menu, made)
    if result == "eof" or type(result) == "table" then
      return result
    elseif result == "interrupted" then
      return result
    end
    likely = result == "leave" and #ACTIONS or result == "changed" and 1 or index
  end
end

return prompt
