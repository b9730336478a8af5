--- `promptgen --version`
return {
  name = "version",
  summary = "show the version",
  arguments = {},
  options = { { "--licenses", "flag", "show the licences of all that is linked or embedded" } },
  run = function(ctx)
    if ctx.args.licenses then
      ctx.out((require("promptgen.embedded").source "licenses.txt"))
      return true
    end
    local version = require("promptgen.host").version
    if ctx.json then
      local json = require "promptgen.json"
      ctx.out(json.encode(json.object {
        { "schema", "promptgen.version/1" }, { "version", version }, { "lua", _VERSION },
      }) .. "\n")
    else
      ctx.out(("promptgen %s (%s)\n"):format(version, _VERSION))
    end
    return true
  end,
}
