--- A plan record as JSON, schema "promptgen.plan/1".
local json = require "promptgen.json"

local plan_json = {}

local function or_null(value)
  if value == nil then
    return json.null
  end
  return value
end

--- Objects of the rows of a list, with the named fields in that order; absent ones are null.
local function objects(rows, fields)
  local out = {}
  for i, row in ipairs(rows) do
    local pairs_list = {}
    for k, field in ipairs(fields) do
      pairs_list[k] = { field, or_null(row[field]) }
    end
    out[i] = json.object(pairs_list)
  end
  return json.array(out)
end

local ACHIEVEMENT = { "number", "title", "line", "end_line", "goal", "effort", "priority", "mark" }
local SECTION = { "level", "title", "line", "end_line" }
local WARNING = { "code", "line", "message" }

--- The record as a value for `promptgen.json`, with a fixed order of keys.
---@param record promptgen.plan.Record
---@return table object
function plan_json.object(record)
  local handoff = record.handoff
  return json.object {
    { "schema", "promptgen.plan/1" },
    { "path", or_null(record.path) },
    { "kind", record.kind },
    { "feature", or_null(record.feature) },
    { "title", or_null(record.title) },
    { "status", or_null(record.status) },
    { "lines", record.lines },
    { "bytes", record.bytes },
    { "achievements", objects(record.achievements, ACHIEVEMENT) },
    { "handoff", handoff
      and json.object { { "line", handoff.line }, { "end_line", handoff.end_line } } or json.null },
    { "handoff_next", or_null(record.handoff_next) },
    { "handoff_says_complete", record.handoff_says_complete },
    { "archive_location", or_null(record.archive_location) },
    { "sections", objects(record.sections, SECTION) },
    { "warnings", objects(record.warnings, WARNING) },
  }
end

--- The record as JSON text on one line.
---@param record promptgen.plan.Record
---@return string text
function plan_json.encode(record)
  return json.encode(plan_json.object(record))
end

return plan_json
