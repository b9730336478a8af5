--- Reads a LuaCATS stub: which functions it declares, with their parameters. Enough for the tests of
--- the boundary; not a parser of Lua.
local stub_reader = {}

--- "string label" → "string", "label"; a type may hold spaces only inside brackets.
local function split_type(text)
  local depth, i = 0, 1
  while i <= #text do
    local c = text:sub(i, i)
    if c:find "[%(<{]" then
      depth = depth + 1
    elseif c:find "[%)>}]" then
      depth = depth - 1
    elseif c == " " and depth == 0 and text:sub(i - 1, i - 1) ~= ":" then
      break
    end
    i = i + 1
  end
  return text:sub(1, i - 1)
end

---@class promptgen.StubFunction
---@field owner string the variable before '.' or ':'
---@field name string
---@field method boolean declared with ':'
---@field documented boolean has a description
---@field params {name: string, type: string, optional: boolean}[]

---@param path string
---@return promptgen.StubFunction[] functions
---@return string text
function stub_reader.read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  local functions, params, documented = {}, {}, false
  for line in text:gmatch "[^\n]*" do
    local name, optional, rest = line:match "^%-%-%-@param ([%w_%.]+)(%??) (.*)$"
    local owner, sign, fn, arguments = line:match "^function ([%w_]+)([%.:])([%w_]+)%((.-)%)"
    if name then
      local type = split_type(rest)
      params[name] = { name = name, type = type:gsub("%?$", ""), optional = optional == "?" or type:sub(-1) == "?" }
      params[name].type = type:gsub("%?$", "")
    elseif owner then
      local list = {}
      for argument in arguments:gmatch "[%w_%.]+" do
        list[#list + 1] = params[argument] or { name = argument, type = "undocumented", optional = false }
      end
      functions[#functions + 1] = {
        owner = owner, name = fn, method = sign == ":", documented = documented, params = list,
      }
      params, documented = {}, false
    elseif line:match "^%-%-%-[^@]" or line:match "^%-%-[^%-]" then
      documented = true
    elseif not line:match "^%-%-" then
      params, documented = {}, false
    end
  end
  return functions, text
end

return stub_reader
