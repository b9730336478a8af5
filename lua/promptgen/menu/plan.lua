--- One plan: where it stands and why, and the prompts that can be asked for.
local columns = require "promptgen.columns"
local explain = require "promptgen.explain"
local states = require "promptgen.state.states"

local plan = {}

local function flat(text)
  return (tostring(text or ""):gsub("%s+", " "))
end

--- Runs a workflow and offers what can be done with its prompt.
local function ask_for(menu, name, status, list)
  local run = require "promptgen.command.run"
  local outcome, job = menu:attempt(run.produce, menu.ctx, name, table.move(list, 1, #list, 2, { status.path }))
  if not outcome then
    return menu:report(job)
  end
  require("promptgen.run").finish(menu.ctx.app, job)
  local number = type(outcome.step) == "table" and outcome.step.number
  local file = (flat(status.feature or "plan") .. (number and "-" .. flat(number) or "") .. "-" .. name)
  return require("promptgen.menu.prompt").offer(menu, {
    text = table.concat(job.output) .. outcome.text, tokens = outcome.tokens,
    name = file:gsub("[^%w._-]", "_"):gsub("^%.", "_") .. ".md",
  })
end

local function achievement_label(item)
  return ("%s %s: %s"):format(item.number, item.state, flat(item.title))
end

--- Lets the user choose one of the plan's achievements.
local function choose_achievement(menu, status, wanted)
  local items, labels, likely = {}, {}, 1
  for _, item in ipairs(status.achievements) do
    if wanted(item) then
      items[#items + 1], labels[#labels + 1] = item, achievement_label(item)
      likely = status.next and status.next.number == item.number and #items or likely
    end
  end
  local index, why = menu:choose(labels, likely)
  return items[index], why
end

local function is_open(item)
  return not states.is_closed(item)
end

local function is_started(item)
  return is_open(item) and states.by_name[item.state].started
end

local function is_archived(status)
  return require("promptgen.layout").guess(status.path, status.feature or "") == "archived"
end

local function any(status, wanted)
  for _, item in ipairs(status.achievements) do
    if wanted(item) then
      return true
    end
  end
end

local function specific(menu, status)
  local item, why = choose_achievement(menu, status, is_open)
  return item and ask_for(menu, "next", status, { "--achievement", item.number }) or why
end

local function review(menu, status)
  local item, why = choose_achievement(menu, status, is_started)
  if not item then
    return why
  end
  local list = { "--achievement", item.number }
  if item.recommendation ~= "review" then
    list[3] = "--early"
  end
  return ask_for(menu, "review", status, list)
end

--- An action that only shows something: what it showed must not be pushed away by a new greeting.
local SHOWN = "shown"

local function view(menu, status)
  menu.screen:put("\n" .. explain.status(status, menu.ctx.workspace.root, menu:room()))
  return SHOWN
end

local function why_next(menu, status)
  local explanation, err = require("promptgen.state").reasons(status)
  if not explanation then
    return menu:report(err)
  end
  menu.screen:put("\n" .. explain.why(explanation, menu:room()))
  return SHOWN
end

local function why_one(menu, status)
  local item, why = choose_achievement(menu, status, function() return true end)
  if not item then
    return why
  end
  menu.screen:put("\n" .. explain.why(assert(require("promptgen.state").reasons(status, item.number)), menu:room()))
  return SHOWN
end

--- Workflows that have an entry of their own, or that another command is called like.
local ELSEWHERE = { next = true, review = true, fix = true, discover = true }

--- Any other workflow, called with the plan.
local function other_prompt(menu, status)
  local runtime, labels, names = menu.ctx.app:runtime(), {}, {}
  for _, name in ipairs(runtime:names "workflows/") do
    local short = name:match "^workflows/([^/]+)%.lua$"
    local script = short and not ELSEWHERE[short] and runtime:find(name)
    local described = script and require("promptgen.run").describe(menu.ctx.app, script)
    if described then
      names[#names + 1], labels[#labels + 1] = short, ("%s: %s"):format(short, flat(described.summary))
    end
  end
  local index, why = menu:choose(labels)
  if not index then
    return why
  end
  return ask_for(menu, names[index], status, {})
end

local function settle(menu, status)
  return ask_for(menu, "next", status, { "--resolve" })
end

local function files_menu(menu, status)
  local open = any(status, is_open) and function() return choose_achievement(menu, status, is_open) end or nil
  local list, labels = require("promptgen.menu.files").actions(menu, status, open), {}
  for i, action in ipairs(list) do
    labels[i] = action[1]
  end
  local index, why = menu:choose(labels)
  if not index then
    return why
  end
  return list[index][2]()
end

local function at_the_same_time(menu, status)
  return require("promptgen.menu.parallel").stay(menu, status.path, {
    label = achievement_label,
    ask = function(name, now, list) return ask_for(menu, name, now, list) end,
  })
end

--- The achievement that the command line names.
local function asked_for(menu, status)
  for _, item in ipairs(menu.asked and status.achievements or {}) do
    if item.number == menu.asked then
      return item
    end
  end
end

local NEXT_LABELS = {
  plan_complete = "prompt to close the plan", blocked = "prompt that names what blocks the plan",
}

local function next_label(status)
  return status.next and "prompt for the next step: " .. explain.step(status.next) or NEXT_LABELS[status.state]
end

--- What there is to do with a plan in this state: {label, function}; the first is the likely one.
local function actions(menu, status)
  local out = {}
  local function add(label, action)
    if label then
      out[#out + 1] = { label, action }
    end
  end
  local is_open_plan = status.state == "active" or status.state == "blocked"
  local asked = status.state ~= "conflict" and asked_for(menu, status)
  add(asked and is_open(asked) and "prompt for " .. achievement_label(asked), function()
    return ask_for(menu, "next", status, { "--achievement", asked.number })
  end)
  add(status.state == "conflict" and "explain the conflict", why_next)
  add(status.state == "conflict" and "prompt that settles the conflict", settle)
  add(status.state ~= "conflict" and next_label(status), function()
    return ask_for(menu, "next", status, {})
  end)
  add(any(status, is_open) and "prompt for another achievement", specific)
  add(any(status, is_started) and menu.ctx.app:runtime():find "workflows/review.lua" and "prompt for a review", review)
  add(is_open_plan and "make a file: skeleton, review, skip" or status.state == "plan_complete"
    and not is_archived(status) and "archive the plan", files_menu)
  add(is_open_plan and "what can be done at the same time", at_the_same_time)
  add(status.state ~= "conflict" and "another kind of prompt", other_prompt)
  add("view all achievements", view)
  add(status.state ~= "conflict" and "explain the next step", why_next)
  add("explain an achievement", why_one)
  add("choose another plan", function() return "another" end)
  add("done", function() return "done" end)
  return out
end

--- State and reason in a few lines.
local function greet(menu, status)
  local room = menu:room()
  menu:say("", "")
  menu:say("prompt", columns.cut(menu.screen:clean(flat(status.feature or status.path)), room))
  menu:say("", columns.cut(("  %s, %s"):format(explain.headline(status.state), explain.progress(status)), room))
  local step = status.next
  if step then
    menu.screen:put(columns.wrap(("next: %s, because %s"):format(explain.step(step),
      states.by_name[step.state].means), room, "  "))
    menu.screen:put(columns.wrap(("chosen by the rule %s: %s"):format(step.rule,
      states.rules[step.rule] or step.rule), room, "  "))
  end
  if #status.warnings > 0 then
    menu:say("note", ("  %d warning%s: view shows them"):format(#status.warnings, #status.warnings == 1 and "" or "s"))
  end
end

--- Results of an action that end the stay.
local LEAVES = { another = true, done = true, eof = true, interrupted = true }

--- Stays with the plan until the user leaves it.
---@param menu promptgen.Menu
---@param path string
---@return "back"|"done"|"interrupted"|"eof"|promptgen.Error why
function plan.stay(menu, path)
  local result, seen
  while true do
    local found, err = menu:look(path)
    if not found then
      return err
    end
    if menu.asked and not asked_for(menu, found) then
      return select(2, require("promptgen.state").reasons(found, menu.asked))
    end
    local now = table.concat(explain.row(path, found), "\0")
    if result ~= SHOWN or now ~= seen then
      greet(menu, found)
    end
    seen = now
    local list, labels = actions(menu, found), {}
    for i, action in ipairs(list) do
      labels[i] = action[1]
    end
    local index, why = menu:choose(labels)
    if not index then
      return why
    end
    result = list[index][2](menu, found)
    if LEAVES[result] or type(result) == "table" then
      return result == "another" and "back" or result
    end
  end
end

return plan
