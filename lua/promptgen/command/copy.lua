--- `promptgen copy NAME [--user]`: puts a stock script where it can be changed.
local errors = require "promptgen.errors"

local function target_root(ctx)
  local dir, err
  if ctx.args.user then
    dir = ctx.config_dir
    if not dir then
      return nil, errors.new { code = "config", message = "there is no user directory: HOME is not set" }
    end
  else
    dir, err = ctx.app:root()
    if not dir then
      return nil, err
    end
  end
  local fs = require "promptgen.fs"
  local root
  root, err = fs.root(dir)
  if root or not ctx.args.user then
    return root, err
  end
  local top
  top, err = fs.root "/"
  if not top then
    return nil, err
  end
  local made
  made, err = top:make_dirs(dir:sub(2))
  top:close()
  if not made then
    return nil, err
  end
  return fs.root(dir)
end

local function answer(ctx, name, path, text)
  if not ctx.json then
    return text .. "\n"
  end
  local json = require "promptgen.json"
  return json.encode(json.object {
    { "schema", "promptgen.copy/1" }, { "name", name }, { "path", path }, { "dry_run", ctx.options.dry_run or false },
  }) .. "\n"
end

return {
  name = "copy",
  summary = "copy a stock workflow or template, to change it",
  arguments = { { "name", "a workflow or template" } },
  options = { { "--user", "flag", "into your own configuration instead of this workspace" } },
  run = function(ctx)
    local full, err = require("promptgen.catalog").one(ctx.app:runtime(), ctx.args.name)
    if not full then
      return nil, err
    end
    local source = require("promptgen.embedded").source(full)
    if not source then
      return nil, errors.new { code = "not_found", message = ("'%s' is not a stock script"):format(full),
        hint = "promptgen which shows where it comes from" }
    end
    local root
    root, err = target_root(ctx)
    if not root then
      return nil, err
    end
    local path = root:path() .. "/" .. full
    if ctx.options.dry_run then
      ctx.out(answer(ctx, full, path, "would write " .. path))
      return true
    end
    local bytes = full:match("%.lua$") and require("promptgen.origin").mark(source, full) or source
    local signature
    signature, err = root:write(full, bytes, { no_replace = true, parents = true })
    if not signature then
      err.path = path
      if err.code == "conflict" then
        err.hint = { "remove it first, or change it as it is" }
      end
      return nil, err
    end
    ctx.out(answer(ctx, full, path, path))
    return true
  end,
}
