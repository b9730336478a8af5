--- The workflow contract: what a workflow file returns, and how its options are parsed.
local errors = require "promptgen.lazy" "promptgen.errors"

local workflow = {}

local DEFINITION = {}
DEFINITION.__index = DEFINITION
DEFINITION.__name = "promptgen.workflow"

---@class (exact) promptgen.WorkflowOption
---@field [1] string names, such as "--achievement" or "-a --achievement"
---@field [2] string "flag" (no value), "value" or "list" (may be repeated)
---@field [3] string one line of help
---@field default? any value when the option is absent
---@field metavar? string name of the value in the help text

---@class (exact) promptgen.Workflow
---@field name string shown in help and metrics; letters, digits, "-" and "_"
---@field summary string one line
---@field options? promptgen.WorkflowOption[]
---@field arguments? {[1]: string, [2]: string, optional?: boolean}[] name and help; default {plan}
--- Refuses arguments that do not go together: true, or nil, what is wrong and a hint. Exit 2.
---@field check? fun(args: table<string, any>): boolean?, string?, string?
---@field run fun(ctx: promptgen.Context): any a prompt, a string, or nil and an error

local OPTION_KINDS = { flag = true, value = true, list = true }

local function fail(message, hint)
  return nil, errors.new { code = "workflow_error", message = message, hint = hint }
end

local function check_option(option, index)
  if type(option) ~= "table" or type(option[1]) ~= "string" then
    return fail(("option %d is not a table {names, kind, help}"):format(index))
  end
  if not OPTION_KINDS[option[2]] then
    return fail(("option %s has kind %q"):format(option[1], tostring(option[2])),
      'the kind is "flag", "value" or "list"')
  end
  for name in option[1]:gmatch("%S+") do
    if not name:match("^%-%-?[%w][%w-]*$") then
      return fail(("%q is not an option name"):format(name), 'write it as "--name" or "-n --name"')
    end
    if require("promptgen.options").is_reserved(name) then
      return fail(("option %s belongs to promptgen itself"):format(name), "choose another name")
    end
  end
  return true
end

local EXAMPLE = 'end the file with: return workflow.define { name = "…", summary = "…", run = function(ctx) … end }'

--- Checks a definition. Returns true, or nil and what is wrong with it.
---@param def any what the file returned
---@return boolean? ok
---@return promptgen.Error? err `workflow_error`
function workflow.check(def)
  if def == nil then
    return fail("the workflow file returns nothing", EXAMPLE)
  elseif type(def) ~= "table" then
    return fail("the workflow file returns a " .. type(def) .. ", not a workflow", EXAMPLE)
  end
  if type(def.name) ~= "string" or not def.name:match("^[%w_-]+$") then
    return fail("the workflow has no usable name", 'name = "letters, digits, - and _"')
  elseif type(def.run) ~= "function" then
    return fail("the workflow has no run function", EXAMPLE)
  elseif def.summary ~= nil and type(def.summary) ~= "string" then
    return fail("the summary of the workflow is not a string")
  elseif def.options ~= nil and type(def.options) ~= "table" then
    return fail("the options of the workflow are not a list")
  end
  if def.check ~= nil and type(def.check) ~= "function" then
    return fail("check of the workflow is not a function")
  end
  for index, option in ipairs(def.options or {}) do
    local ok, err = check_option(option, index)
    if not ok then
      return nil, err
    end
  end
  return true
end

--- Declares a workflow; the value that a workflow file returns. Raises on a mistake in `def`.
---@param def promptgen.Workflow
---@return promptgen.Workflow
function workflow.define(def)
  local ok, err = workflow.check(def)
  if not ok then
    error(err, 0)
  end
  return setmetatable(def, DEFINITION)
end

--- The key of an option in ctx.args: its longest name without dashes, "-" as "_".
---@param option promptgen.WorkflowOption
---@return string
function workflow.key_of(option)
  local longest = ""
  for name in option[1]:gmatch("%S+") do
    longest = #name > #longest and name or longest
  end
  return (longest:gsub("^%-+", ""):gsub("-", "_"))
end

return workflow
