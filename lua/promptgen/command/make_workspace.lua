--- `promptgen init [DIR] [--example]`: makes a directory a workspace.
local errors = require "promptgen.errors"

--- The directory, made if it is missing; what is above it is left as it is with --dry-run.
local function directory(ctx, named)
  local cwd, err = ctx.app:cwd()
  if not cwd then
    return nil, err
  end
  if not named then
    return cwd
  end
  local dir = named:sub(1, 1) == "/" and named or cwd .. "/" .. named
  local fs = require "promptgen.fs"
  local root <close> = fs.root(dir)
  if root then
    return root:path()
  elseif ctx.options.dry_run then
    return dir
  end
  local top <close> = assert(fs.root "/")
  local made
  made, err = top:make_dirs(dir:sub(2))
  if not made then
    err.path = named
    return nil, err
  end
  local new <close> = assert(fs.root(dir))
  return new:path()
end

return {
  name = "init",
  summary = "make a directory a workspace",
  usage = "[DIR] [--example]",
  arguments = { { "dir", "the directory (this one)", optional = true } },
  options = {
    { "--example", "flag", "with a small plan to try things on" },
    { "--date", "value", "date the documents bear (today)", metavar = "YYYY-MM-DD" },
  },
  run = function(ctx)
    local args = ctx.args
    if args.dir and ctx.options.root then
      return nil, errors.new { code = "usage", message = "init takes DIR or --root, not both" }
    elseif args.dir == "" then
      return nil, errors.new { code = "usage", message = "the directory has no name" }
    end
    args.dir = args.dir or ctx.options.root
    local home, err = directory(ctx, args.dir)
    if not home then
      return nil, err
    end
    return require("promptgen.transition").run(ctx, function(run)
      return require("promptgen.scaffold.workspace").decide(run, args)
    end, home)
  end,
}
