--- Templates rendered for commands that write files. A workspace may override them, and what it
--- overrides is not trusted: they run in a worker of their own, with nothing but their values.
local errors = require "promptgen.errors"

local rendering = {}

---@class promptgen.Document
---@field template string name below workflows/templates/
---@field values table<string, any> its parameters

---@class promptgen.UsedScript
---@field name string
---@field layer string
---@field path string
---@field stock boolean
---@field sha256 string?

local function malformed()
  return nil, errors.new { code = "worker_crash", message = "the worker sent a malformed result" }
end

--- Judges what a worker sent, which is hostile data: one text for each document, and scripts with a name.
---@param outcome any
---@param count integer of documents
---@param max_bytes integer of all texts
---@return table? outcome
---@return promptgen.Error? err `worker_crash`, `limit`
function rendering.check(outcome, count, max_bytes)
  if type(outcome) ~= "table" then
    return malformed()
  end
  local texts, used = outcome.texts, outcome.used
  if type(texts) ~= "table" or type(used) ~= "table" then
    return malformed()
  end
  local size = 0
  for i = 1, count do
    if type(texts[i]) ~= "string" then
      return malformed()
    end
    size = size + #texts[i]
  end
  for _, script in ipairs(used) do
    if type(script) ~= "table" or type(script.name) ~= "string" or type(script.path) ~= "string"
      or type(script.layer) ~= "string" then
      return malformed()
    end
  end
  if size > max_bytes then
    return nil, errors.new { code = "limit", hint = "--out-max raises the limit",
      message = ("the templates wrote more than %d bytes"):format(max_bytes) }
  end
  return outcome
end

--- Renders documents.
---@param app promptgen.App
---@param documents promptgen.Document[]
---@return string[]? texts in the same order
---@return promptgen.Error|promptgen.UsedScript[] err_or_used
function rendering.texts(app, documents)
  local runner, runtime = require "promptgen.run", app:runtime()
  local job = {
    documents = documents, runtime = runtime, overridden = runtime:overridden(),
    permissions = app:permissions(),
  }
  function job.check(outcome)
    return rendering.check(outcome, #documents, app.options.out_max)
  end
  local outcome, err = require("promptgen.run.exchange").execute(app, job)
  if job.worker then
    job.worker:close()
  end
  for _, script in ipairs(job.served or {}) do
    app:notice_shadow(script)
  end
  if not outcome then
    return nil, err
  end
  for _, script in ipairs(outcome.used) do
    script.sha256 = runner.digest(job, script)
  end
  return outcome.texts, outcome.used
end

--- The worker's side: renders `job.documents`. Raises an error value.
---@param job table
---@param find_script fun(job: table, name: string): table?, promptgen.Error?
---@param protected fun(f: function, ...): any
---@return string[] texts
function rendering.in_worker(job, find_script, protected)
  local engine = require("promptgen.template").engine {
    compile = require("promptgen.guard").chunk, env = job.env, loader = require("promptgen.context").loader {
      job = job, find = function(name) return find_script(job, name) end, request = job.port.request,
    },
  }
  local texts = {}
  for i, document in ipairs(job.documents) do
    local text, err = protected(engine.render, engine, document.template, document.values)
    if not text then
      error(err, 0)
    end
    texts[i] = text
  end
  return texts
end

return rendering
