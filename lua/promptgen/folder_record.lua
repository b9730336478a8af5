--- The record of a plan as it is written: its payload, in parts, and what it depends on. What a payload
--- is stands in promptgen.folder_cache, which reads it.
local folder_cache = require "promptgen.folder_cache"

local folder_record = {}

--- States and outcomes that one record may hold.
local MAX_STATES = 12

local function dependency_of(kind, path, kept)
  if kept.err then
    return { path = path, kind = "absent" }
  elseif not kept.signature and kept.hit then
    return folder_cache.dependencies_of(kept.hit)[path] -- of this plan's record, or of another's that has it too
  elseif kind == "listings" then
    return { path = path, kind = "dir", signature = kept.signature,
      hash = require("promptgen.store").listing_hash(kept.value) }
  end
  return { path = path, kind = "file", signature = kept.signature, hash = kept.hash }
end

--- A document as a part of a payload, and its size in bytes.
local function document_part(kept)
  if kept.bytes then
    local bytes = kept.bytes()
    return bytes, #bytes
  end
  return kept.value, require("promptgen.plan").size(kept.value)
end

--- Head row of one entry; a document's bytes go to `blobs`.
local function row_of(kind, path, kept, blobs)
  if kept.err then
    return { path, false }
  elseif kind ~= "documents" then
    return { path, kept.value }
  end
  local part, size = document_part(kept)
  local row = { path, blobs.size, size }
  blobs[#blobs + 1] = part
  blobs.size = blobs.size + size
  return row
end

--- Payload, in parts, and dependencies of what was used; nil when an entry was not kept.
local function collect(workspace, touched, states)
  local head, blobs, dependencies, seen = {}, { size = 0 }, {}, {}
  for _, kind in ipairs(folder_cache.KINDS) do
    head[kind] = {}
    for key, path in pairs(touched[kind]) do
      local kept = workspace[kind]:peek(key)
      if not kept then
        return nil
      end
      head[kind][key] = row_of(kind, path, kept, blobs)
      if not seen[path] then
        seen[path] = true
        dependencies[#dependencies + 1] = dependency_of(kind, path, kept)
      end
    end
  end
  local pack = require "promptgen.pack"
  local states_bytes, head_bytes = pack.encode(states), pack.encode(head)
  if not states_bytes or not head_bytes then
    return nil
  end
  local parts = { folder_cache.LENGTHS:pack(#states_bytes, #head_bytes), states_bytes, head_bytes }
  return table.move(blobs, 1, #blobs, #parts + 1, parts), dependencies
end

--- Adds earlier states and outcomes to the new ones, as many as a record may hold.
local function add_states(states, earlier)
  local count = 0
  for _ in pairs(states) do
    count = count + 1
  end
  for key, state in pairs(earlier) do
    if count < MAX_STATES and not states[key] then
      states[key], count = state, count + 1
    end
  end
end

--- Makes the record of what a state and a prompt rested on.
---@param workspace promptgen.Workspace
---@param touched table of Workspace:stop_noting
---@param states table<string, table> resolved states by their options; earlier ones are added
---@param earlier table<string, table> states of the record it replaces
---@return (string|promptgen.plan.Record)[]? parts of the payload; nil when something used is not kept any more
---@return promptgen.store.Dependency[]? dependencies
function folder_record.make(workspace, touched, states, earlier)
  add_states(states, earlier)
  return collect(workspace, touched, states)
end

return folder_record
