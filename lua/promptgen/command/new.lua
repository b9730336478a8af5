--- `promptgen new KIND …`: a skeleton of a plan, a SUBPLAN, an EXECUTION_TASK or a workflow. Each kind
--- is a module promptgen.scaffold.<kind>.
local errors = require "promptgen.errors"

local KINDS = { "plan", "subplan", "execution", "workflow" }

local is_kind = {}
for _, kind in ipairs(KINDS) do
  is_kind[kind] = true
end

local OPTIONS = {
  { "--title", "value", "title of a plan (made from its name)", metavar = "TEXT" },
  { "--goal", "value", "goal of a plan, in one sentence", metavar = "TEXT" },
  { "--achievement", "list", "title of an achievement of the plan; may be repeated", metavar = "TITLE" },
  { "--date", "value", "date the document bears (today)", metavar = "YYYY-MM-DD" },
  { "--force", "flag", "make an execution although the state speaks against it" },
}

local function usage(message, scaffold)
  local hints = scaffold and { "promptgen new " .. scaffold.usage } or {}
  for _, kind in ipairs(scaffold and {} or KINDS) do
    hints[#hints + 1] = "promptgen new " .. require("promptgen.scaffold." .. kind).usage
  end
  return nil, errors.new { code = "usage", message = message, hint = hints }
end

--- Arguments of one kind by name, from what stands behind it.
local function arguments_of(kind, scaffold, ctx)
  local words, named = ctx.args.words, {}
  local wanted = scaffold.arguments
  if #words > #wanted then
    return usage(("new %s: unexpected argument '%s'"):format(kind, words[#wanted + 1]), scaffold)
  elseif #words < #wanted - (scaffold.optional or 0) then
    return usage(("new %s: missing argument %s"):format(kind, wanted[#words + 1]), scaffold)
  end
  for i, word in ipairs(words) do
    named[wanted[i]] = word
  end
  for _, option in ipairs(OPTIONS) do
    local key = option[1]:sub(3)
    local value = ctx.args[key]
    local given = value ~= nil and not (type(value) == "table" and #value == 0)
    if given and key ~= "date" and not scaffold.options[key] then
      return usage(("new %s takes no %s"):format(kind, option[1]), scaffold)
    end
    named[key] = given and value or nil
  end
  return named
end

return {
  name = "new",
  summary = "make a skeleton: plan, subplan, execution or workflow",
  usage = "plan NAME | subplan @PLAN N | execution @PLAN N [EE] | workflow NAME",
  arguments = {
    { "kind", table.concat(KINDS, ", ") }, { "words", "its name, or the plan and its numbers", list = true },
  },
  options = OPTIONS,
  run = function(ctx)
    local kind = ctx.args.kind
    if not is_kind[kind] then
      return usage(("new makes no '%s'"):format(kind))
    end
    local scaffold = require("promptgen.scaffold." .. kind)
    local args, err = arguments_of(kind, scaffold, ctx)
    if not args then
      return nil, err
    end
    return require("promptgen.transition").run(ctx, function(run)
      return scaffold.decide(run, args)
    end)
  end,
}
