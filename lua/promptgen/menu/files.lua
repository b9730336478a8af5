--- The commands that change the files of a plan, from the menu: skeletons, reviews, skipping, batches,
--- archiving. They are the commands of the command line, run with the same checks.
local files = {}

--- Runs a command with arguments as data; what it prints goes to the screen.
---@param menu promptgen.Menu
---@param name string of the command
---@param args table
---@return boolean ok
function files.run(menu, name, args)
  menu.ctx.app:reopen()
  local command = require("promptgen.cli").command(name)
  local ctx = setmetatable({
    args = args, command = command, asks = true, out = function(text) menu.screen:put(text) end,
  }, { __index = menu.ctx })
  local ok, err = menu:attempt(command.run, ctx)
  if not ok then
    menu:report(err)
  end
  return ok and true or false
end

--- Asks before something is done; going on is not the likely answer.
---@return boolean agreed
---@return string? why "eof" or "interrupted"
local function confirm(menu, question, yes)
  menu:say("note", question)
  local index, why = menu:choose({ "no", yes }, 1)
  return index == 2, why ~= "back" and why or nil
end

local function make_subplan(menu, status, step)
  files.run(menu, "new", { kind = "subplan", words = { status.path, step.number } })
end

local function make_execution(menu, status, step)
  files.run(menu, "new", { kind = "execution", words = { status.path, step.number } })
end

local function make_answer(menu, status, step)
  files.run(menu, "fix", { plan = status.path, number = step.number, resolution = true })
end

local function approve(menu, status, step)
  local agreed, why = confirm(menu, ("the work on %s was reviewed and is good?"):format(step.number),
    "yes, approve " .. step.number)
  if agreed then
    files.run(menu, "approve", { plan = status.path, number = step.number })
  end
  return why
end

local function ask_for_fixes(menu, status, step)
  local title, why = menu:ask "what must be fixed, in a few words: "
  if not title then
    return why ~= "interrupted" and why or nil
  end
  title = title:match "^%s*(.-)%s*$"
  files.run(menu, "fix", { plan = status.path, number = step.number, critical = title ~= "" and { title } or nil })
end

local function skip(menu, status, choose)
  local item, why = choose()
  if not item then
    return why
  end
  local reason
  reason, why = menu:ask(("why is %s left out? "):format(item.number))
  if not reason then
    return why ~= "interrupted" and why or nil
  elseif not reason:find "%S" then
    menu:say("note", "nothing is skipped without a reason")
    return nil
  end
  files.run(menu, "skip", { plan = status.path, number = item.number, reason = reason:match "^%s*(.-)%s*$" })
end

--- Shows what a batch would make, then makes it when the user agrees.
---@param menu promptgen.Menu
---@param status promptgen.state.Status
---@param kind "subplans"|"executions"
---@return string? why
function files.batch(menu, status, kind)
  if not files.run(menu, "batch", { plan = status.path, kind = kind }) then
    return nil
  end
  local agreed, why = confirm(menu, "write these files?", "yes, write them")
  if agreed then
    files.run(menu, "batch", { plan = status.path, kind = kind, yes = true })
  end
  return why
end

local function archive(menu, status)
  local agreed, why = confirm(menu, "move the plan and all its files to its archive?", "yes, archive it")
  if agreed and files.run(menu, "archive", { plan = status.path }) then
    return "another"
  end
  return why
end

--- What makes or changes a file for the next step, by what is recommended; the likely one first.
local BY_RECOMMENDATION = {
  create_subplan = { { "make the skeleton of the SUBPLAN of %s", make_subplan } },
  create_execution = { { "make the skeleton of the EXECUTION_TASK of %s", make_execution } },
  create_next_execution = { { "make the skeleton of the next EXECUTION_TASK of %s", make_execution } },
  address_fixes = { { "make the skeleton of the answer to the review of %s", make_answer } },
  review = { { "approve %s", approve }, { "ask for fixes of %s", ask_for_fixes } },
}

--- What there is to change in the files of this plan: {label, function}.
---@param menu promptgen.Menu
---@param status promptgen.state.Status
---@param choose_open? fun(): promptgen.state.Item?, string? nil when nothing is open
---@return { [1]: string, [2]: fun(): string? }[]
function files.actions(menu, status, choose_open)
  local out, step = {}, status.next
  for _, action in ipairs(step and BY_RECOMMENDATION[step.recommendation] or {}) do
    out[#out + 1] = { action[1]:format(step.number), function() return action[2](menu, status, step) end }
  end
  if choose_open and status.state ~= "conflict" then
    out[#out + 1] = { "skip an achievement", function() return skip(menu, status, choose_open) end }
  end
  local is_archived = require("promptgen.layout").guess(status.path, status.feature or "") == "archived"
  if status.state == "plan_complete" and not is_archived then
    out[#out + 1] = { "archive the plan", function() return archive(menu, status) end }
  end
  return out
end

return files
