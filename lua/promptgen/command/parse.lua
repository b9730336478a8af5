--- `promptgen parse FILE`: what the parser sees in one file.
local errors = require "promptgen.errors"

--- The file as given, read beneath its own folder: it need not lie in a workspace.
local function read(ctx, path)
  local cwd, err = ctx.app:cwd()
  if not cwd then
    return nil, err
  end
  local full = path:sub(1, 1) == "/" and path or cwd .. "/" .. path
  local folder, base = full:match("^(.*)/([^/]+)$")
  if not folder then
    return nil, errors.new { code = "not_regular", path = path, message = "not a regular file" }
  end
  local root
  root, err = require("promptgen.fs").root(folder == "" and "/" or folder)
  if not root then
    err.path = path
    return nil, err
  end
  local text
  text, err = root:read(base)
  root:close()
  if not text then
    err.path = path
  end
  return text, err
end

local function summary(record)
  local out = {}
  local function line(format, ...)
    out[#out + 1] = format:format(...)
  end
  line("%s  %s, %d lines\n", record.path, record.kind, record.lines)
  line("title   %s\n", record.title or "(none)")
  line("status  %s\n", record.status or "(none)")
  for _, achievement in ipairs(record.achievements) do
    line("%-7s %d-%d  %s\n", achievement.number, achievement.line, achievement.end_line, achievement.title or "")
  end
  for _, warning in ipairs(record.warnings) do
    line("warning[%s] line %d: %s\n", warning.code, warning.line, warning.message)
  end
  return table.concat(out)
end

return {
  name = "parse",
  summary = "show what the parser sees in a file",
  arguments = { { "file", "a Markdown file, or @NAME of a plan" } },
  run = function(ctx)
    local path = ctx.args.file
    local text, err
    if path:sub(1, 1) == "@" then
      path, err = ctx.workspace:resolve(path)
      if not path then
        return nil, err
      end
      text, err = ctx.workspace:read(path)
    else
      text, err = read(ctx, path)
    end
    if not text then
      return nil, err
    end
    local record
    record, err = require("promptgen.plan").parse(text, {
      path = path, patterns = ctx.app:config().patterns,
    })
    if not record then
      return nil, err
    end
    if ctx.json then
      ctx.out(require("promptgen.plan_json").encode(record) .. "\n")
    else
      ctx.out(summary(record))
    end
    return true
  end,
}
