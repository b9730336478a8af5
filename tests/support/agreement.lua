--- Asks the program where a plan stands in every way there is, and has all answers agree with each
--- other and with what is expected.
local assert = require "luassert"
local cjson = require "cjson"

local agreement = {}

local PHRASES = require("promptgen.state.states").phrases
local HEADLINES = {
  active = "in progress", plan_complete = "complete", blocked = "blocked", conflict = "in conflict",
}

local function or_nil(value)
  if value == cjson.null then
    return nil
  end
  return value
end

--- What every answer in JSON says of the plan as a whole.
local function same_plan(label, expected, got)
  for _, key in ipairs { "feature", "path", "state", "total", "approved", "skipped" } do
    assert.equal(expected[key], got[key], label .. ": " .. key)
  end
end

local STEP = { "number", "title", "state", "recommendation", "rule", "file" }

local function same_step(label, expected, got)
  expected, got = or_nil(expected), or_nil(got)
  assert.equal(expected == nil, got == nil, label .. ": next")
  for _, key in ipairs(expected and STEP or {}) do
    assert.equal(or_nil(expected[key]), or_nil(got[key]), label .. ": next." .. key)
  end
end

local function find(status, number)
  for _, item in ipairs(status.achievements) do
    if item.number == number then
      return item
    end
  end
end

--- `explain` without and with a number repeats what `status` has of each achievement.
local function check_explain(ws, target, status, flags)
  local why = ws:json("explain", target, table.unpack(flags))
  same_plan("explain", status, why)
  local step = or_nil(status.next)
  assert.equal(step and step.rule, or_nil(why.rule))
  if step then
    assert.same(find(status, step.number), why.achievement)
    assert.is_true(why.chosen)
  end
  assert.same(status.conflicts, why.conflicts)
  assert.same(status.warnings, why.warnings)
  for _, item in ipairs(status.achievements) do
    local own = ws:json("explain", target, item.number, table.unpack(flags))
    assert.same(item, own.achievement)
    assert.equal(step ~= nil and step.number == item.number, own.chosen)
  end
  return why
end

--- `next` succeeds unless the plan is in conflict; its prompt is the same with and without JSON.
local function check_next(ws, target, status, flags)
  local plain = ws:run("next", target, table.unpack(flags))
  if status.state == "conflict" then
    assert.equal(7, plain.status, plain.err)
    assert.equal("", plain.out)
    assert.is_truthy(plain.err:find(status.conflicts[1].message, 1, true), plain.err)
    return nil
  end
  assert.equal(0, plain.status, plain.err)
  local prompt = ws:json("next", target, table.unpack(flags))
  same_plan("next", status, prompt)
  same_step("next", status.next, prompt.next)
  assert.equal(plain.out, (prompt.prompt:gsub("\n?$", "\n")))
  local _, lines = plain.out:gsub("\n", "")
  assert.equal(lines, prompt.lines)
  local step = or_nil(status.next)
  assert.equal(step and step.recommendation or status.state, prompt.template)
  return prompt.prompt
end

--- The lines for people say what the JSON says.
local function check_text(ws, target, status, why, prompt, flags)
  local function has(text, wanted, label)
    assert(text:find(wanted, 1, true), ("%s lacks '%s':\n%s"):format(label, wanted, text))
  end
  local counts = ("%d of %d approved"):format(status.approved, status.total)
    .. (status.skipped > 0 and (", %d skipped"):format(status.skipped) or "")
  local step = or_nil(status.next)
  local text = ws:ok("status", target, table.unpack(flags))
  has(text, status.feature .. "  " .. HEADLINES[status.state] .. "\n", "status")
  has(text, "  " .. counts .. "\n", "status")
  for _, item in ipairs(status.achievements) do
    local mark = step and step.number == item.number and "> " or "  "
    assert(text:find("\n" .. mark .. item.number:gsub("%.", "%%.") .. " +" .. item.state .. " +", 1),
      ("status lacks %s %s:\n%s"):format(item.number, item.state, text))
  end
  local reasons = ws:ok("explain", target, table.unpack(flags))
  has(reasons, ("%s  %s, %s\n"):format(status.feature, HEADLINES[status.state], counts), "explain")
  local row = ws:ok("plans", table.unpack(flags))
  has(row, ("%d/%d"):format(status.approved + status.skipped, status.total), "plans")
  if step then
    local phrase = PHRASES[step.recommendation]
    has(text, ("next: %s %s (%s)\n"):format(step.number, phrase, step.rule), "status")
    has(reasons, ("%s %s: %s\n"):format(step.number, step.title, step.state), "explain")
    has(reasons, "to do: " .. phrase .. "\n", "explain")
    has(row, step.number .. " " .. phrase, "plans")
  end
  local command = or_nil(why.command)
  if command then
    local words = {}
    for word in command:gsub("^promptgen ", ""):gmatch "%S+" do
      words[#words + 1] = word
    end
    words[#words + 1] = words[1] == "archive" and "--dry-run" or nil
    local run = ws:run(table.unpack(words))
    assert(run.status == 0, ("%s: %s"):format(command, run.err))
    assert(step == nil or words[1] ~= "next" or run.out == prompt, command .. " has another prompt than next")
    has(text, "\n  " .. command .. "\n", "status")
    has(reasons, "\nrun: " .. command .. "\n", "explain")
  end
end

--- `graph` has the same states, and as free what is open and waits for nothing.
local function check_graph(ws, target, status, flags)
  local drawn = ws:json("graph", target, table.unpack(flags))
  same_plan("graph", status, drawn)
  local step, free = or_nil(status.next), {}
  assert.equal(step and step.number, or_nil(drawn.next))
  for i, item in ipairs(status.achievements) do
    assert.equal(item.number, drawn.achievements[i].number)
    assert.equal(item.state, drawn.achievements[i].state)
    if item.state ~= "approved" and item.state ~= "skipped" and not item.blockers then
      free[#free + 1] = item.number
    end
  end
  assert.same(free, drawn.free)
end

--- The lists of all plans have the same.
local function check_lists(ws, status, flags)
  local function of(list)
    for _, one in ipairs(list) do
      if one.path == status.path then
        return one
      end
    end
    error(status.path .. " is in no list")
  end
  local short = of(ws:json("plans", table.unpack(flags)).plans)
  same_plan("plans", status, short)
  same_step("plans", status.next, short.next)
  local full = of(ws:json("status", "--all", table.unpack(flags)).plans)
  for key, value in pairs(full) do
    assert.same(status[key], value, "status --all: " .. key)
  end
end

local EXIT_STATES = { plan_complete = 10, blocked = 11, conflict = 7 }

--- Has all answers agree; returns the prompt of `next`, nil in a conflict.
---@param ws table a workspace of support.workspace
---@param target string
---@param expected table what the status must have: state, approved, skipped, total; of the next step
--- number, step, recommendation, rule, file. Each may be left out; `nothing` means no next step
---@param ... string options for every command
---@return string? prompt
---@return table status
function agreement.check(ws, target, expected, ...)
  local flags = { ... }
  local status = ws:json("status", target, ...)
  local step = or_nil(status.next) or {}
  for key, value in pairs(expected) do
    local got = key == "nothing" and step.number == nil or status[key]
    if key == "step" then
      got = step.state
    elseif key == "number" or key == "recommendation" or key == "rule" or key == "file" then
      got = or_nil(step[key])
    end
    assert.equal(value, got, key)
  end
  local why = check_explain(ws, target, status, flags)
  local prompt = check_next(ws, target, status, flags)
  check_text(ws, target, status, why, prompt and prompt:gsub("\n?$", "\n"), flags)
  check_lists(ws, status, flags)
  check_graph(ws, target, status, flags)
  assert.equal(EXIT_STATES[status.state] or 0, ws:run("next", target, "--exit-state", ...).status)
  assert.same(status, ws:json("status", target, "--no-cache", ...))
  return prompt, status
end

return agreement
