--- Writes docs/api-c.md: the public C API, header by header, from the docstrings in the headers.
--- Fails for a public function without one.
--- arguments: INCLUDE_DIR
local include_dir = ...

local INTRODUCTION = [[
# C API

Made from the headers by `make docs`; do not edit. The core is C11 without output, without a process-wide state and
without Lua; a function that can fail returns a `pg_status`, hands its results out through its last parameters and
fills a `pg_error` where the caller gives one. Strings are pointer and length; sizes are bytes, times nanoseconds
unless a name says otherwise.
]]

local function headers()
  local list = {}
  local listing = assert(io.popen(("ls '%s'/*.h"):format(include_dir)))
  for path in listing:lines() do
    list[#list + 1] = path
  end
  listing:close()
  return list
end

--- The text of consecutive `///` lines from `at` on, and the first line after them.
local function docstring(lines, at)
  local out = {}
  while lines[at] and lines[at]:find "^///" do
    out[#out + 1] = lines[at]:match "^///%s?(.*)$"
    at = at + 1
  end
  return table.concat(out, "\n"), at
end

--- The declaration at `at`: up to its closing semicolon, or the lines of a macro.
local function declaration(lines, at)
  local out, depth = {}, 0
  local macro = lines[at] and lines[at]:find "^#define"
  while lines[at] do
    local line = lines[at]
    out[#out + 1] = line
    at = at + 1
    local code = line:gsub("//.*$", "")
    depth = depth + select(2, code:gsub("[{(]", "")) - select(2, code:gsub("[})]", ""))
    if macro and not line:find "\\$" or not macro and depth == 0 and code:find ";%s*$" then
      break
    end
  end
  return table.concat(out, "\n"), at
end

local function is_declaration(line)
  return line and line ~= "" and not line:find "^#if" and not line:find "^#inc" and not line:find "^#end"
    and not line:find "^extern" and not line:find "^}"
end

--- What names a declaration, the first that matches; of an enum without a name, its first member.
local NAMES = {
  "^#define ([%w_]+)", "^typedef [^;{]-%(%*([%w_]+)%)", "}%s*([%w_]+);$", "^typedef [^;{]- ([%w_]+);$",
  "([%w_]+) ?%(", "([%w_]+);$",
}

local function name_of(code)
  local one = code:gsub("//[^\n]*", ""):gsub("%s+", " ")
  local first = one:match "^enum { ([%w_]+)"
  if first then
    return first .. " …"
  end
  for _, pattern in ipairs(NAMES) do
    local name = one:match(pattern)
    if name then
      return name
    end
  end
  return "?"
end

local function is_function(code)
  return code:find "^[%w_][%w_ *]-%f[%w_]pg_[%w_]+%(" and not code:find "^typedef" and not code:find "^static inline"
end

local function read(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  local about, at = docstring(lines, 1)
  local entries, undocumented = {}, {}
  while lines[at] do
    if lines[at]:find "^///" then
      local text
      text, at = docstring(lines, at)
      if is_declaration(lines[at]) then
        local code, more
        code, at = declaration(lines, at)
        local entry = { text = text, code = code, name = name_of(code) }
        while is_declaration(lines[at]) and not lines[at]:find "^///" do -- one docstring for a group
          more, at = declaration(lines, at)
          entry.code = entry.code .. "\n" .. more
        end
        entries[#entries + 1] = entry
      end
    elseif is_declaration(lines[at]) then
      local from = at
      local code
      code, at = declaration(lines, from)
      local behind = code:match "///<%s*(.*)$"
      if is_function(code) and behind then
        local bare = code:gsub("%s*///<.*$", "")
        entries[#entries + 1] = { text = behind:gsub("^%l", string.upper) .. ".", code = bare, name = name_of(bare) }
      elseif is_function(code) then
        undocumented[#undocumented + 1] = ("%s:%d: no docstring"):format(path, from)
      elseif code:find "^typedef" or code:find "^enum" then -- its members say what they are
        entries[#entries + 1] = { text = "", code = code, name = name_of(code) }
      end
    else
      at = at + 1
    end
  end
  return { about = about, entries = entries, undocumented = undocumented }
end

local pages, bad = {}, {}
for _, path in ipairs(headers()) do
  local page = read(path)
  page.name = path:match "([^/]+)%.h$"
  pages[#pages + 1] = page
  table.move(page.undocumented, 1, #page.undocumented, #bad + 1, bad)
end
if #bad > 0 then
  io.stderr:write(table.concat(bad, "\n"), "\n")
  os.exit(1)
end

io.write(INTRODUCTION, "\n")
for _, page in ipairs(pages) do
  io.write(("- [%s](#%s)\n"):format(page.name, page.name))
end
for _, page in ipairs(pages) do
  io.write(("\n## %s\n\n`#include <promptgen/%s.h>`\n\n%s\n"):format(page.name, page.name, page.about))
  for _, entry in ipairs(page.entries) do
    io.write(("\n### `%s`\n\n```c\n%s\n```\n\n%s\n"):format(entry.name, entry.code, entry.text):gsub("\n+$", "\n"))
  end
end
