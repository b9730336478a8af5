--- The workspace of a worker that lives on: what it keeps is checked against the files at every look.
---
--- Both halves are here: the back end in the worker, and the answers of the parent, which checks
--- each request as it does for a workflow (promptgen.serve) and compares with its own caches.
local live = {}

--- The back end for a worker.
---@param request fun(request: table): any, promptgen.Error?
---@return promptgen.Backend backend
function live.backend(request)
  local backend = require("promptgen.remote").new(request)
  backend.absent = require("promptgen.fs").absent

  function backend.read(path)
    local answer, err = request { op = "live_read", path = path }
    if not answer then
      return nil, err
    end
    return answer.value, answer.signature
  end

  function backend.list(path)
    local answer, err = request { op = "live_list", path = path }
    if not answer then
      return nil, err
    end
    return answer.value, answer.signature
  end

  function backend.document(path, opts)
    local extent = opts and opts.extent
    local answer, err = request { op = "live_document", path = path, extent = extent }
    if not answer then
      return nil, err
    end
    local record
    record, err = require("promptgen.plan").load(answer.value)
    return record, record and answer.signature or err
  end

  function backend.check(path, signature, cache)
    return request { op = "live_check", path = path, signature = signature, cache = cache } or "stale"
  end

  function backend.stat(path)
    return request { op = "live_stat", path = path }
  end

  return backend
end

--- What the totals call a cache of the workspace.
local COUNTED_AS = { documents = "plan_cache", contents = "plan_cache", listings = "directory_cache" }

--- Wraps the plain answer with the signature under which the parent keeps the same thing. What the
--- parent had not to read was a hit.
local function with_signature(cache, op)
  local counted = COUNTED_AS[cache]
  return function(job, request, place)
    local misses = job.workspace.lookups.misses
    local before = misses[counted]
    local value, err = require("promptgen.serve").answer(job, { op = op, path = request.path, extent = request.extent })
    if value == nil then
      return nil, err
    elseif misses[counted] == before and not place.dir then
      job.workspace:count("hits", counted)
    end
    local key = place.path == "" and "." or place.path
    key = request.extent and key .. "\0" .. request.extent or key
    local kept = not place.dir and job.workspace[cache]:peek(key)
    return { value = value, signature = kept and kept.signature or nil }
  end
end

local handlers = {
  live_read = with_signature("contents", "read"),
  live_list = with_signature("listings", "list"),
  live_document = with_signature("documents", "document"),
}

--- Whether what has this signature is as the file is. Where the file's times prove nothing, the parent
--- looks at its content; what it then keeps tells.
local function verdict(workspace, path, signature)
  local freshness = workspace.backend.check(path, signature)
  if freshness ~= "doubtful" then
    return freshness
  end
  for _, cache in ipairs { "documents", "contents", "listings" } do
    local kept = workspace[cache]:peek(path)
    if kept and kept.signature == signature and not kept.err then
      local again = cache == "documents" and workspace:document(path)
        or cache == "contents" and workspace:read(path) or nil
      if again ~= nil and rawequal(again, kept.value) then
        return "fresh"
      end
    end
  end
  return "stale"
end

--- A worker may go on with what it keeps: a hit, counted here, since it may count none of promptgen's own.
function handlers.live_check(job, request, place)
  local signature = request.signature
  if place.dir or type(signature) ~= "string" or #signature ~= #require("promptgen.fs").absent then
    return "stale"
  end
  local freshness = verdict(job.workspace, place.path == "" and "." or place.path, signature)
  local counted = freshness == "fresh" and COUNTED_AS[request.cache]
  if counted then
    job.workspace:count("hits", counted)
  end
  return freshness
end

function handlers.live_stat(job, _, place)
  if place.dir then
    return nil, require("promptgen.errors").new {
      code = "permission", message = "only files of the workspace can be looked at", path = place.path,
    }
  end
  return job.workspace:stat(place.path == "" and "." or place.path)
end

--- The parent's answer to a request of a worker that lives on.
---@param job table as for promptgen.serve: app, workspace, runtime
---@param request any
---@return any answer
---@return promptgen.Error? err
function live.answer(job, request)
  local handler = type(request) == "table" and handlers[request.op]
  if not handler then
    return require("promptgen.serve").answer(job, request)
  end
  local place, err = job.app:permissions():reading(request.path)
  if not place then
    return nil, err
  end
  return handler(job, request, place)
end

return live
