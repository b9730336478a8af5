--- `promptgen lint [@PLAN]`: what is wrong with a plan, or with all of them.
local errors = require "promptgen.errors"

local EXIT = 8

local function one_plan(ctx, path, findings)
  local lint = require "promptgen.lint"
  local plan, err = ctx.workspace:document(path)
  if not plan then
    findings[#findings + 1] = lint.failure(path, err)
    return
  elseif #plan.achievements == 0 then
    findings[#findings + 1] = lint.failure(path, errors.new { code = "no_achievements", path = path,
      message = "the plan defines no achievement",
      hint = "an achievement is defined by a line such as **Achievement 1.1**: Title" })
    return
  end
  local status
  status, err = require("promptgen.state").resolve(ctx.workspace, plan,
    (require "promptgen.state_options"(ctx.options)))
  if not status then
    findings[#findings + 1] = lint.failure(path, err)
    return
  end
  local own = lint.plan(ctx.workspace, plan, status, ctx.app:config().lint)
  table.move(own, 1, #own, #findings + 1, findings)
end

local RANK = { error = 1, warning = 2, note = 3 }

--- Findings that were asked for.
local function chosen(findings, args)
  local wanted = {}
  for _, rule in ipairs(args.rule or {}) do
    wanted[rule] = true
  end
  local out = {}
  for _, finding in ipairs(findings) do
    if RANK[finding.level] <= RANK[args.level or "note"] and (not next(wanted) or wanted[finding.rule]) then
      out[#out + 1] = finding
    end
  end
  return out
end

local function count(findings)
  local counts = { error = 0, warning = 0, note = 0 }
  for _, finding in ipairs(findings) do
    counts[finding.level] = counts[finding.level] + 1
  end
  return counts
end

local function flat(text)
  return (text:gsub("%s+", " "))
end

local function plural(number, noun)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

local function as_text(findings, plans)
  local out = {}
  for _, finding in ipairs(findings) do
    out[#out + 1] = ("%s%s: %s[%s] %s%s\n"):format(finding.path, finding.line and ":" .. finding.line or "",
      finding.level, finding.rule, flat(finding.message), finding.mend and " (" .. flat(finding.mend) .. ")" or "")
  end
  local counts = count(findings)
  out[#out + 1] = ("%s, %s, %s in %s\n"):format(plural(counts.error, "error"), plural(counts.warning, "warning"),
    plural(counts.note, "note"), plural(plans, "plan"))
  return table.concat(out)
end

local function as_json(ctx, findings, plans)
  local json, list, counts = require "promptgen.json", {}, count(findings)
  for i, finding in ipairs(findings) do
    list[i] = json.object {
      { "rule", finding.rule }, { "level", finding.level }, { "path", finding.path },
      { "line", finding.line or json.null }, { "message", flat(finding.message) },
      { "mend", finding.mend and flat(finding.mend) or json.null },
    }
  end
  return json.encode(json.object {
    { "schema", "promptgen.lint/1" }, { "root", ctx.workspace.root }, { "plans", plans },
    { "errors", counts.error }, { "warnings", counts.warning }, { "notes", counts.note },
    { "findings", json.array(list) },
  }) .. "\n"
end

--- The list of rules, with the level each has here.
local function show_rules(ctx)
  local json, rules = require "promptgen.json", require("promptgen.lint.rules").list
  local levels = (ctx.app:config().lint or {}).levels or {}
  local rows, list = {}, {}
  for i, rule in ipairs(rules) do
    local level = levels[rule[1]] or rule[2]
    rows[i] = { rule[1], level, rule[3] }
    list[i] = json.object { { "rule", rule[1] }, { "level", level }, { "finds", rule[3] } }
  end
  ctx.out(ctx.json and json.encode(json.object {
    { "schema", "promptgen.lint_rules/1" }, { "rules", json.array(list) },
  }) .. "\n" or require("promptgen.columns").table(rows, ctx.width, { { 3, 20 } }))
  return true
end

local function check_arguments(args)
  if args.level and not RANK[args.level] then
    return nil, errors.new { code = "usage", message = ("there is no level '%s'"):format(args.level),
      hint = "note, warning or error" }
  end
  local rules = require "promptgen.lint.rules"
  for _, rule in ipairs(args.rule or {}) do
    if not rules.level(rule) then
      local known = {}
      for i, row in ipairs(rules.list) do
        known[i] = row[1]
      end
      local near = errors.nearest(rule, known)
      return nil, errors.new { code = "usage", message = ("there is no rule '%s'"):format(rule),
        hint = #near > 0 and "did you mean " .. table.concat(near, ", ") .. "?" or "promptgen lint --rules lists them" }
    end
  end
  return true
end

return {
  name = "lint",
  summary = "find what is wrong with a plan, or with all of them",
  usage = "[@PLAN] [--level note|warning|error] [--rule RULE]… [--strict] [--rules]",
  arguments = { { "plan", "@NAME or path of a plan; all plans without one", optional = true } },
  options = {
    { "--level", "value", "least level that is shown (note)", metavar = "LEVEL" },
    { "--rule", "list", "only this rule; may be repeated", metavar = "RULE" },
    { "--strict", "flag", "exit with 8 for warnings too" },
    { "--rules", "flag", "list the rules and their levels instead" },
  },
  counts = true,
  run = function(ctx)
    local args = ctx.args
    local ok, err = check_arguments(args)
    if not ok then
      return nil, err
    elseif args.rules then
      return show_rules(ctx)
    end
    local paths
    if args.plan then
      local path
      path, err = ctx.workspace:resolve(args.plan)
      paths = path and { path }
    else
      paths, err = ctx.workspace:plans()
    end
    if not paths then
      return nil, err
    end
    local findings = {}
    local host = require "promptgen.host"
    for _, path in ipairs(paths) do
      host.deadline(ctx.options.timeout)
      one_plan(ctx, path, findings)
    end
    host.deadline(0)
    findings = chosen(findings, args)
    ctx.out(ctx.json and as_json(ctx, findings, #paths) or as_text(findings, #paths))
    local counts = count(findings)
    return (counts.error > 0 or args.strict and counts.warning > 0) and EXIT or true
  end,
}
