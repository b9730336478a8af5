--- Answers to a worker's requests, in the parent: each checked against the permissions, then served
--- from the workspace and its caches. A worker's request is hostile data.
local errors = require "promptgen.lazy" "promptgen.errors"

local serve = {}

local handlers = {}

local function need_string(request, key)
  local value = request[key]
  if type(value) ~= "string" then
    return nil, errors.new { code = "bad_input", message = ("a request lacks its %s"):format(key) }
  end
  return value
end

--- The root that a place belongs to: the workspace's, or one opened for a grant.
local function root_of(job, place)
  if not place.dir then
    return job.workspace
  end
  job.granted_roots = job.granted_roots or {}
  local root, err = job.granted_roots[place.dir], nil
  if not root then
    root, err = require("promptgen.fs").root(place.dir)
    job.granted_roots[place.dir] = root
  end
  return root, err
end

--- Remembers what was read below a granted directory; what is read in the workspace is noted there.
local function note_outside(job, kind, place)
  if place.dir then
    job.outside = job.outside or { reads = {}, lists = {} }
    job.outside[kind][(place.dir == "/" and "" or place.dir) .. "/" .. place.path] = true
  end
end

local function reading(job, request)
  local path, err = need_string(request, "path")
  if not path then
    return nil, nil, err
  end
  local place
  place, err = job.app:permissions():reading(path)
  if not place then
    return nil, nil, err
  end
  local root
  root, err = root_of(job, place)
  return root, place, err
end

function handlers.read(job, request)
  local root, place, err = reading(job, request)
  if not root then
    return nil, err
  end
  local bytes
  bytes, err = root:read(place.path)
  if bytes then
    note_outside(job, "reads", place)
  end
  return bytes, err
end

function handlers.list(job, request)
  local root, place, err = reading(job, request)
  if not root then
    return nil, err
  end
  local entries
  entries, err = root:list(place.path == "" and "." or place.path)
  if not entries then
    return nil, err
  end
  note_outside(job, "lists", place)
  local visible = {}
  for _, entry in ipairs(entries) do
    if job.app:permissions():reading((place.path == "" and "" or place.path .. "/") .. entry.name) then
      visible[#visible + 1] = { name = entry.name, type = entry.type }
    end
  end
  return visible
end

--- A parsed document as the bytes of its record.
function handlers.document(job, request)
  local _, place, err = reading(job, request)
  if not place then
    return nil, err
  end
  local record
  record, err = job.workspace:document(place.path, request.extent and { extent = request.extent } or nil)
  if not record then
    return nil, err
  end
  return require("promptgen.plan").dump(record)
end

function handlers.resolve(job, request)
  local target, err = need_string(request, "target")
  if not target then
    return nil, err
  end
  return job.workspace:resolve(target)
end

function handlers.plans(job)
  return job.workspace:plans()
end

--- Remembers a script that a worker got instead of a stock one, for the notice to the user.
local function note_served(job, script)
  job.served = job.served or {}
  job.served[#job.served + 1] = script
end

local function as_data(job, script)
  job.served = job.served or {}
  job.served[script.path] = job.served[script.path] or script.source -- the stock one may share its path
  return {
    name = script.name, layer = script.layer, path = script.path, source = script.source,
    stock = script.stock,
  }
end

function handlers.script(job, request)
  local name, err = need_string(request, "name")
  if not name then
    return nil, err
  end
  if not name:match("^workflows/[%w_./-]+$") or name:find("..", 1, true) then
    return nil, errors.new { code = "permission", message = ("'%s' is not a script name"):format(name) }
  end
  local script
  script, err = job.runtime:find(name)
  if not script then
    return nil, err
  end
  note_served(job, script)
  return as_data(job, script)
end

--- Most templates whose layers are read before anybody asks for them.
local MAX_FORESEEN = 12

--- Reads what a worker is likely to ask for, while it starts: the templates that something stands in
--- the place of. Nothing is told of those that it does not ask for.
---@param job table
function serve.foresee(job)
  job.chains = {}
  local count = 0
  for name in pairs(job.overridden or {}) do
    if name:find("^workflows/templates/.*%.lua$") and count < MAX_FORESEEN then
      count = count + 1
      job.chains[name] = job.runtime:chain(name)
    end
  end
end

--- All layers of a script, first hit first; templates are layered block by block.
function handlers.script_chain(job, request)
  local name, err = need_string(request, "name")
  if not name then
    return nil, err
  end
  local chain = job.chains and job.chains[name]
  if not chain then
    chain, err = job.runtime:chain(name)
  end
  if not chain then
    return nil, err
  end
  local all = require("promptgen.hooks").is_hook(name) -- all layers of a hook run
  local out = {}
  for i, script in ipairs(chain) do
    if i == 1 or all then
      note_served(job, script)
    end
    out[i] = as_data(job, script)
  end
  return out
end

function handlers.env(job, request)
  local name, err = need_string(request, "name")
  if not name then
    return nil, err
  end
  local ok
  ok, err = job.app:permissions():environment(name)
  if not ok then
    return nil, err
  end
  return require("promptgen.host").getenv(name) or false
end

--- Staged: kept here until the run has succeeded.
function handlers.write(job, request)
  local path, err = need_string(request, "path")
  if not path then
    return nil, err
  end
  local bytes
  bytes, err = need_string(request, "bytes")
  if not bytes then
    return nil, err
  end
  local place
  place, err = job.app:permissions():writing(path, job.workspace.root)
  if not place then
    return nil, err
  end
  job.staged = job.staged or {}
  job.staged[#job.staged + 1] = { place = place, bytes = bytes, path = path }
  return true
end

--- The answer to one request.
---@param job table
---@param request any
---@return any answer
---@return promptgen.Error? err
function serve.answer(job, request)
  local handler = type(request) == "table" and handlers[request.op]
  if not handler then
    return nil, errors.new { code = "permission", message = "the worker asked for something unknown" }
  end
  return handler(job, request)
end

return serve
