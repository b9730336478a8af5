--- The options of promptgen itself, accepted anywhere before `--`: the one table of their names,
--- kinds, defaults and help.
local errors = require "promptgen.lazy" "promptgen.errors"

local options = {}

local UNITS = { [""] = 1, ms = 0.001, s = 1, m = 60 }
local SIZES = { [""] = 1, K = 1 << 10, M = 1 << 20, G = 1 << 30 }

local function parse_duration(text)
  local number, unit = text:match("^(%d+%.?%d*)(%a*)$")
  local seconds = number and UNITS[unit] and tonumber(number) * UNITS[unit]
  if not seconds or seconds <= 0 or seconds > 86400 then
    return nil, "a duration above 0 and up to 86400s, such as 500ms, 10s or 2m"
  end
  return seconds
end

local function parse_size(text)
  local number, unit = text:match("^(%d+)([KMG]?)$")
  local bytes = number and #number <= 12 and math.tointeger(tonumber(number)) * SIZES[unit]
  if not bytes or bytes < 1 or bytes > 1 << 40 then
    return nil, "a size of at least 1 byte, such as 512K, 256M or 1G"
  end
  return bytes
end

local function parse_count(text)
  local n = text:match("^%d+$") and #text <= 9 and math.tointeger(tonumber(text))
  if not n or n < 1 then
    return nil, "a whole number above 0"
  end
  return n
end

local function one_of(...)
  local allowed = { ... }
  return function(text)
    for _, value in ipairs(allowed) do
      if text == value then
        return text
      end
    end
    return nil, "one of " .. table.concat(allowed, ", ")
  end
end

local function any_text(text)
  if text == "" then
    return nil, "a value that is not empty"
  end
  return text
end

--- {name, short?, kind, help, parse?, default?, metavar?}; kind is "flag", "value", "list", or
--- "optional": a value given by "=" only, else `bare`.
options.list = {
  { name = "root", kind = "value", metavar = "DIR", parse = any_text,
    help = "workspace to use (default: nearest one upwards)" },
  { name = "runtime", kind = "value", metavar = "DIR", parse = any_text,
    help = "look for workflows and templates here first" },
  { name = "builtin", kind = "flag", help = "ignore the workflows and templates of the workspace" },
  { name = "interactive", kind = "flag", help = "choose from menus (what no command at all does on a terminal)" },
  { name = "json", kind = "flag", help = "print one JSON object" },
  { name = "color", kind = "value", metavar = "WHEN", parse = one_of("auto", "always", "never"), default = "auto",
    help = "auto, always or never" },
  { name = "clipboard", kind = "flag", help = "copy the prompt also when output is not a terminal" },
  { name = "no-clipboard", kind = "flag", help = "do not copy the prompt" },
  { name = "timeout", kind = "value", metavar = "TIME", parse = parse_duration, default = 10,
    help = "time limit of a run (10s)" },
  { name = "mem", kind = "value", metavar = "SIZE", parse = parse_size, default = 256 << 20,
    help = "memory limit of a run (256M)" },
  { name = "out-max", kind = "value", metavar = "SIZE", parse = parse_size, default = 16 << 20,
    help = "output limit of a run (16M)" },
  { name = "max-tokens", kind = "value", metavar = "N", parse = parse_count,
    help = "drop the least important sections of a prompt above N tokens" },
  { name = "max-lines", kind = "value", metavar = "N", parse = parse_count,
    help = "drop the least important sections of a prompt above N lines" },
  { name = "no-project-context", kind = "flag", help = "leave the configured project context out of prompts" },
  { name = "allow-read", kind = "list", metavar = "DIR", parse = any_text,
    help = "let the workflow read this directory too" },
  { name = "allow-write", kind = "list", metavar = "DIR", parse = any_text,
    help = "let the workflow write below this directory" },
  { name = "allow-env", kind = "list", metavar = "NAME", parse = any_text,
    help = "let the workflow see this environment variable" },
  { name = "trust-plan", kind = "flag", help = "believe the plan where it and the files disagree" },
  { name = "trust-filesystem", kind = "flag", help = "believe the files where they and the plan disagree" },
  { name = "skip-review", kind = "flag", help = "go past achievements that await review" },
  { name = "exit-state", kind = "flag", help = "exit 10 for a complete plan and 11 for a blocked one" },
  { name = "dry-run", kind = "flag", help = "show what is read and would be written, write nothing" },
  { name = "no-cache", kind = "flag", help = "neither read nor write the cache" },
  { name = "require-cache", kind = "flag", help = "fail when the cache cannot be used" },
  { name = "log-level", kind = "value", metavar = "LEVEL", parse = one_of("debug", "info", "warning", "error", "off"),
    help = "least level that is logged" },
  { name = "log-format", kind = "value", metavar = "FORMAT", parse = one_of("text", "json"), default = "text",
    help = "text or json (one object a line)" },
  { name = "log-file", kind = "value", metavar = "FILE", parse = any_text,
    help = "append the log to this file" },
  { name = "profile", kind = "optional", metavar = "[=ORDER]", parse = one_of("cumtime", "self", "calls"),
    bare = "cumtime", help = "print where the time went, ordered by cumtime, self or calls" },
  { name = "profile-out", kind = "value", metavar = "FILE", parse = any_text,
    help = "write the profile as .svg, .folded (or .txt) or .json (speedscope)" },
  { name = "verbose", short = "v", kind = "flag", help = "say more on standard error" },
  { name = "help", short = "h", kind = "flag", help = "show help" },
  { name = "version", kind = "flag", help = "show the version" },
}

local by_name = {}
for _, option in ipairs(options.list) do
  by_name["--" .. option.name] = option
  if option.short then
    by_name["-" .. option.short] = option
  end
end

--- True when an option name ("--json", "-v") is one of promptgen's own.
---@param name string
---@return boolean
function options.is_reserved(name)
  return by_name[name] ~= nil
end

local function usage(message, hint)
  return nil, errors.new { code = "usage", message = message, hint = hint }
end

local function store(values, option, text)
  local key = option.name:gsub("-", "_")
  values.given[key] = true
  if option.kind == "flag" then
    values[key] = true
    return true
  end
  local value, expected = option.parse(text)
  if value == nil then
    return usage(("--%s does not accept '%s'"):format(option.name, text), "it takes " .. expected)
  end
  if option.kind == "list" then
    values[key] = values[key] or {}
    table.insert(values[key], value)
  else
    values[key] = value
  end
  return true
end

--- Takes promptgen's own options out of a command line.
---@param args string[]
---@return table<string, any>? values keys as in the list, "-" as "_"; defaults filled in; `given` has
--- the keys that the command line set
---@return string[]|promptgen.Error rest everything else in order, "--" and what follows included
function options.extract(args)
  local values, rest, i = { given = {} }, {}, 1
  while i <= #args do
    local arg = args[i]
    if arg == "--" then
      table.move(args, i, #args, #rest + 1, rest)
      break
    end
    local name, text = arg:match("^(%-%-[^=]+)=(.*)$")
    local option = by_name[name or arg]
    if not option then
      rest[#rest + 1] = arg
    elseif option.kind == "flag" and text then
      return usage(("--%s takes no value"):format(option.name))
    else
      if option.kind == "optional" then
        text = text or option.bare
      elseif option.kind ~= "flag" and not text then
        i = i + 1
        text = args[i]
        if text == nil then
          return usage(("--%s needs a value"):format(option.name), option.help)
        end
      end
      local ok, err = store(values, option, text)
      if not ok then
        return nil, err
      end
    end
    i = i + 1
  end
  for _, option in ipairs(options.list) do
    local key = option.name:gsub("-", "_")
    if values[key] == nil then
      values[key] = option.default
    end
  end
  return values, rest
end

return options
