--- What the file names beside a plan say: kind, number code, execution number, variant.
local names = {}

---@class promptgen.state.Name
---@field kind "subplan"|"execution"|"approved"|"fix"|"resolution"|"skipped"
---@field code string digits, or digits with dots
---@field ordinal? integer execution: its number
---@field suffix? string what follows the number, such as "V2"
---@field tagged boolean the name carries the feature

local function after(stem, prefix)
  if stem:sub(1, #prefix) == prefix then
    return stem:sub(#prefix + 1)
  end
end

--- Code and rest of "11", "1.1", "11_REST"; nil when the text does not begin with a code.
local function split_code(text)
  local code, rest = text:match("^(%d[%d.]*)(.*)$")
  if not code or code:find("%.$") or code:find("..", 1, true) then
    return nil
  end
  if rest == "" then
    return code
  end
  local suffix = rest:match("^_([%w%-_.]+)$")
  if suffix then
    return code, suffix
  end
end

--- The part after the feature, for the first of `features` the name carries.
local function after_feature(stem, features)
  for _, feature in ipairs(features) do
    local rest = after(stem, feature .. "_")
    if rest then
      return rest
    end
  end
end

local function read_subplan(rest)
  local code, suffix = split_code(rest)
  return code and { kind = "subplan", code = code, suffix = suffix, tagged = true }
end

local function read_execution(rest)
  local code, tail = split_code(rest)
  if not code then
    return nil
  end
  local ordinal, suffix = (tail or "1"):match("^(%d+)(.*)$")
  if not ordinal or #ordinal > 6 then
    return nil
  end
  if suffix ~= "" then
    suffix = suffix:match("^[_%-](.+)$")
    if not suffix then
      return nil
    end
  end
  return {
    kind = "execution", code = code, tagged = true,
    ordinal = math.tointeger(tonumber(ordinal)), suffix = suffix ~= "" and suffix or nil,
  }
end

local FEEDBACK = { APPROVED = "approved", FIX = "fix", SKIPPED = "skipped" }

local function read_feedback(kind, rest, features)
  local own = after_feature(rest, features)
  local code, suffix = split_code(own or rest)
  if not code then
    return nil
  end
  if kind == "fix" and suffix and suffix:upper() == "RESOLUTION" then
    kind, suffix = "resolution", nil
  end
  if suffix then
    return nil
  end
  return { kind = kind, code = code, tagged = own ~= nil }
end

local SLOW = {
  { "SUBPLAN_", read_subplan }, { "EXECUTION_TASK_", read_execution },
}

--- Any spelling, piece by piece.
local function read_slowly(stem, features)
  for _, row in ipairs(SLOW) do
    local rest = after(stem, row[1])
    local own = rest and after_feature(rest, features)
    if rest and not own then
      return nil, "foreign"
    elseif rest then
      local found = row[2](own)
      -- "SUBPLAN_A_B_01" is not of feature A: what follows "A_" is the rest of a longer feature.
      return found, not found and (own:find("^%a.*%d") and "foreign" or "unclear") or nil
    end
  end
  for prefix, kind in pairs(FEEDBACK) do
    local rest = after(stem, prefix .. "_")
    if rest then
      local found = read_feedback(kind, rest, features)
      return found, not found and "unclear" or nil
    end
  end
end

local function is_one_of(features, name)
  return features[1] == name or features[2] == name
end

--- Reads a file name. The second value tells why a name that looks like one of ours is none:
--- "foreign" (another feature) or "unclear" (no number to be read).
---@param name string with its extension
---@param features string[] names of the plan, at most two: its feature, and its folder's name
---@return promptgen.state.Name? read a new table
---@return "foreign"|"unclear"|nil why
function names.read(name, features)
  local first = name:byte(1)
  if first ~= 65 and first ~= 69 and first ~= 70 and first ~= 83 then -- A, E, F, S
    return nil
  end
  -- The usual spellings in one match each; this runs for every file of a plan.
  local kind, code = name:match "^(%u+)_(%d+)%.md$"
  if FEEDBACK[kind] then
    return { kind = FEEDBACK[kind], code = code, tagged = false }
  end
  local feature, ordinal
  if first == 69 then
    feature, code, ordinal = name:match "^EXECUTION_TASK_(.+)_(%d+)_(%d%d?)%.md$"
    if feature and is_one_of(features, feature) then
      return { kind = "execution", code = code, ordinal = ordinal + 0, tagged = true }
    end
  elseif first == 83 then
    feature, code = name:match "^SUBPLAN_(.+)_(%d+)%.md$"
    if feature and is_one_of(features, feature) then
      return { kind = "subplan", code = code, tagged = true }
    end
  end
  local stem = name:match "^(.+)%.[mM][dD]$"
  if stem then
    return read_slowly(stem, features)
  end
end

--- How a suffix ranks among the files of one execution: a copy in an archive stands in for its
--- base, a parallel part stands beside it, anything else is a later version of it.
---@param suffix string?
---@return "base"|"copy"|"part"|"version" role
---@return integer version greater is later; 0 for a base
function names.role(suffix)
  if not suffix then
    return "base", 0
  end
  local upper = suffix:upper()
  if upper:find("ARCHIVED", 1, true) then
    return "copy", 0
  elseif upper:find("^PARALLEL") then
    return "part", 0
  end
  return "version", math.tointeger(tonumber(upper:match("^V(%d+)$") or 1)) or 1
end

return names
