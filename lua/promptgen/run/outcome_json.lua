--- What `promptgen run --json` prints: the outcome of a run, with every script it used.
local json = require "promptgen.json"

local outcome_json = {}

local function scripts_json(outcome, job)
  local digest = require("promptgen.run").digest
  local list = {}
  for i, script in ipairs(outcome.used or {}) do
    list[i] = json.object {
      { "name", script.name }, { "source", script.layer }, { "path", script.path },
      { "stock", script.stock }, { "sha256", digest(job, script) },
    }
  end
  return json.array(list)
end

local function step_json(step)
  if type(step) ~= "table" then
    return json.null
  end
  return json.object {
    { "number", step.number }, { "title", step.title }, { "state", step.state },
    { "recommendation", step.recommendation }, { "rule", step.rule }, { "file", step.file },
  }
end

local function told_json(told)
  local writes = {}
  for i, file in ipairs(told.writes) do
    writes[i] = json.object { { "path", file.path }, { "bytes", file.bytes } }
  end
  return json.object {
    { "lists", json.array(told.lists) }, { "reads", json.array(told.reads) },
    { "writes", json.array(writes) },
  }
end

--- What the workflow gave beside the text. A worker may have sent anything.
local function data_json(data)
  return type(data) == "table" and pcall(json.encode, data) and data or nil
end

--- The outcome of a run as one line of JSON.
---@param outcome table
---@param job table
---@return string
function outcome_json.encode(outcome, job)
  local status = job.target_status
  return json.encode(json.object {
    { "schema", "promptgen.prompt/1" }, { "workflow", outcome.workflow },
    { "feature", status and status.feature }, { "path", status and status.path },
    { "state", status and status.state }, { "total", status and status.total },
    { "approved", status and status.approved }, { "skipped", status and status.skipped },
    { "next", step_json(outcome.step) },
    { "template", outcome.template }, { "lines", outcome.lines }, { "tokens", outcome.tokens },
    { "dropped", outcome.dropped and json.array(outcome.dropped) },
    { "scripts", scripts_json(outcome, job) },
    { "dry_run", job.told and told_json(job.told) },
    { "data", data_json(outcome.data) },
    { "output", #job.output > 0 and table.concat(job.output) or nil },
    { "prompt", outcome.text },
  }) .. "\n"
end

return outcome_json
