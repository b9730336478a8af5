--- `promptgen` alone on a terminal: choose a plan, see where it stands, take a prompt.
---
--- Everything shown is what `plans`, `status`, `explain` and `next` would say; each look is at the files
--- as they are now, since agents work on them meanwhile.
local errors = require "promptgen.errors"
local explain = require "promptgen.explain"
local host = require "promptgen.host"
local overview = require "promptgen.overview"

local menu = {}

---@class promptgen.Menu
---@field ctx table command context
---@field screen promptgen.repl.Screen
---@field asked? string number of the achievement that the command line names
local Menu = {}
Menu.__index = Menu

--- Cells of a line.
---@return integer
function Menu:room()
  return host.columns(1) or 80
end

--- Writes a line.
function Menu:say(style, text)
  return self.screen:line(style, text)
end

--- Shows an error; the session goes on.
function Menu:report(err)
  self.screen:error(err)
  return nil
end

--- Calls what may raise an error value; the time limit of a run does not outlive it.
---@return any result
---@return any err
function Menu:attempt(fn, ...) -- luacheck: ignore self
  local results = table.pack(host.protect(fn, ...))
  host.deadline(0)
  if results[1] then
    return table.unpack(results, 2, results.n)
  end
  return nil, errors.normalise(results[2], "internal")
end

--- Lets the user choose; see promptgen.menu.choice.
function Menu:choose(labels, marked)
  return require("promptgen.menu.choice").from(self.screen, labels, marked)
end

--- Asks for a line of text; see promptgen.menu.ask.
function Menu:ask(prompt) -- luacheck: ignore self
  return require("promptgen.menu.ask").line(prompt)
end

--- Where a plan stands now.
---@return promptgen.state.Status?
---@return promptgen.Error? err
function Menu:look(path)
  self.ctx.app:reopen()
  local found, err = self:attempt(overview.standing, self.ctx, path)
  if not found then
    return nil, err
  end
  found.save()
  return found.status
end

--- All plans: paths, labels, and the first that has something to do.
local function survey(self)
  self.ctx.app:reopen()
  local paths, rows, likely = {}, {}, nil
  local ok, err = self:attempt(overview.each, self.ctx, function(path, status, why)
    paths[#paths + 1], rows[#rows + 1] = path, explain.row(path, status, why)
    likely = likely or status and status.state == "active" and #paths or nil
  end)
  if not ok then
    return nil, err
  elseif #paths == 0 then
    return nil, errors.new { code = "not_found", path = self.ctx.workspace.root, message = "there are no plans",
      hint = "a plan is a file such as work-space/plans/NAME/PLAN_NAME.md; promptgen new plan NAME writes one" }
  end
  local labels = {}
  for i, row in ipairs(rows) do
    labels[i] = ("%s  %s %s  %s"):format(row[1], row[3], row[2], row[4])
  end
  return paths, labels, likely
end

local function choose_plan(self)
  local paths, labels, likely = survey(self)
  if not paths then
    return nil, labels
  elseif #paths == 1 and not self.has_chosen then
    return paths[1]
  end
  self:say("", "")
  self:say("prompt", "plans in " .. self.ctx.workspace.root)
  local index, why = self:choose(labels, likely)
  return paths[index], why
end

--- Chooses plans and stays with them until the user leaves.
local function converse(self, path)
  local why
  while true do
    if not path then
      path, why = choose_plan(self)
      if not path then
        return why
      end
    end
    self.has_chosen = true
    why = require("promptgen.menu.plan").stay(self, path)
    if type(why) == "table" and not self.is_target then
      self:report(why)
    elseif why ~= "back" then
      return why
    end
    path, self.is_target, self.asked = nil, false, nil
  end
end

--- Runs the menu until the user leaves it.
---@param ctx table command context
---@param target? string "@NAME" or path of a plan
---@param achievement? string number of the one to offer first
---@return integer? exit_status 130 after Ctrl-C
---@return promptgen.Error? err
function menu.run(ctx, target, achievement)
  collectgarbage "restart" -- a session is long
  local app = ctx.app
  local self = setmetatable({ ctx = ctx }, Menu)
  self.screen = require("promptgen.repl.screen").new {
    color = app:color(1), terminal = true, write = function(text) return host.write(1, text) end,
  }
  local path, err
  if target then
    path, err = ctx.workspace:resolve(target)
    if not path then
      return nil, err
    end
    self.is_target, self.asked = true, achievement
  end
  local why = converse(self, path)
  if type(why) == "table" then
    return nil, why
  end
  return why == "interrupted" and 130 or 0
end

return menu
