--- The JSON shapes of a status: keys in a fixed order, absent values as null where a reader looks.
local json = require "promptgen.json"

local report = {}

local function or_null(value)
  if value == nil then
    return json.null
  end
  return value
end

local function each(list, make)
  local out = {}
  for i, value in ipairs(list or {}) do
    out[i] = make(value)
  end
  return json.array(out)
end

local function same(value)
  return value
end

local function evidence(one)
  return json.object { { "path", one.path }, { "line", or_null(one.line) }, { "says", one.says } }
end

local function warning(one)
  return json.object {
    { "code", one.code }, { "message", one.message }, { "path", one.path }, { "line", one.line },
  }
end

local function conflict(one)
  return json.object {
    { "kind", one.kind }, { "message", one.message }, { "evidence", each(one.evidence, evidence) },
    { "cause", one.cause }, { "resolution", one.resolution },
    { "ways_out", each(one.ways_out, function(way)
      return json.object { { "option", way.option }, { "effect", way.effect } }
    end) },
  }
end

local function item(one)
  return json.object {
    { "number", one.number }, { "title", or_null(one.title) }, { "state", one.state },
    { "recommendation", or_null(one.recommendation) }, { "file", or_null(one.file) },
    { "dependencies", one.dependencies and each(one.dependencies, same) },
    { "blockers", one.blockers and each(one.blockers, same) },
    { "evidence", each(one.evidence, evidence) },
  }
end

local function step(one)
  if not one then
    return json.null
  end
  return json.object {
    { "number", one.number }, { "title", or_null(one.title) }, { "state", one.state },
    { "recommendation", or_null(one.recommendation) }, { "rule", one.rule },
    { "file", or_null(one.file) }, { "blockers", one.blockers and each(one.blockers, same) },
    { "unclaimed", one.unclaimed },
  }
end

--- One plan as an object. `head` comes first, such as the schema.
---@param status promptgen.state.Status
---@param head { [1]: string, [2]: any }[]
---@return table object
function report.status(status, head)
  local fields = table.move({
    { "feature", or_null(status.feature) }, { "path", status.path }, { "state", status.state },
    { "total", status.total }, { "approved", status.approved }, { "skipped", status.skipped },
    { "next", step(status.next) }, { "achievements", each(status.achievements, item) },
    { "conflicts", each(status.conflicts, conflict) }, { "warnings", each(status.warnings, warning) },
  }, 1, 10, #head + 1, table.move(head, 1, #head, 1, {}))
  return json.object(fields)
end

--- A plan that could not be read, in a list of plans.
---@param path string
---@param err promptgen.Error
---@return table object
function report.failure(path, err)
  return json.object {
    { "path", path }, { "state", "error" },
    { "error", json.object { { "code", err.code }, { "message", err.message } } },
  }
end

--- One plan in short, for lists.
---@param status promptgen.state.Status
---@return table object
function report.summary(status)
  return json.object {
    { "feature", or_null(status.feature) }, { "path", status.path }, { "state", status.state },
    { "total", status.total }, { "approved", status.approved }, { "skipped", status.skipped },
    { "next", step(status.next) }, { "conflicts", #status.conflicts },
    { "warnings", each(status.warnings, function(one) return one.code end) },
  }
end

--- Why an achievement is where it is.
---@param explanation promptgen.state.Explanation
---@param command string? what to run next
---@return table object
function report.explanation(explanation, command)
  local status, one = explanation.status, explanation.item
  return json.object {
    { "schema", "promptgen.explain/1" }, { "feature", or_null(status.feature) },
    { "path", status.path }, { "state", status.state },
    { "total", status.total }, { "approved", status.approved }, { "skipped", status.skipped },
    { "achievement", one and item(one) or json.null }, { "chosen", explanation.chosen },
    { "rule", or_null(explanation.chosen and status.next.rule or nil) },
    { "passed", each(explanation.passed, same) },
    { "considered", each(status.considered, function(try)
      return json.object {
        { "rule", try.rule }, { "outcome", try.outcome }, { "number", try.number },
      }
    end) },
    { "command", or_null(command) }, { "conflicts", each(status.conflicts, conflict) },
    { "warnings", each(status.warnings, warning) },
  }
end

return report
