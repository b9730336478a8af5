--- Writes docs/commands.md and the man page from what the program says of itself.
--- arguments: PROGRAM COMMANDS_PAGE MAN_PAGE
local program, commands_path, man_path = ...
package.path = "docs/gen/?.lua;" .. package.path
local cjson = require "cjson"

local function ask(...)
  local words = { "'" .. program .. "'" }
  for i, word in ipairs { ... } do
    words[i + 1] = "'" .. word .. "'"
  end
  local pipe = assert(io.popen("cd / && " .. table.concat(words, " ")))
  local text = pipe:read "a"
  assert(pipe:close())
  return cjson.decode(text)
end

local function read_help()
  local help = ask("help", "--json")
  help.pages = {}
  for i, command in ipairs(help.commands) do
    help.pages[i] = ask("help", command.name, "--json")
  end
  help.workflows = {}
  for i, workflow in ipairs(ask("workflows", "--json").workflows) do
    help.workflows[i] = ask("help", "run", workflow.name, "--json")
  end
  help.version = ask("version", "--json").version
  return help
end

--- "--name VALUE", "--profile[=ORDER]".
local function spelling(option)
  if option.value == cjson.null then
    return option.names
  end
  return option.names .. (option.value:find "^%[" and "" or " ") .. option.value
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local help = read_help()
write(commands_path, require "commands_page"(help, spelling))
write(man_path, require "man_page"(help, spelling))
