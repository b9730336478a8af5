--- `promptgen metrics`: the totals of all runs, as text for Prometheus or as JSON.
local errors = require "promptgen.errors"

local FORMATS = { prometheus = true, openmetrics = true, json = true }

--- A number as JSON holds it: what is none of its numbers becomes text, as in the other formats.
local function number(value)
  if value ~= value then
    return "NaN"
  elseif value == math.huge then
    return "+Inf"
  elseif value == -math.huge then
    return "-Inf"
  end
  return math.tointeger(value) or value
end

local function series_object(json, names, series)
  local labels, buckets = {}, nil
  for i, name in ipairs(names) do
    labels[i] = { name, series.labels[name] }
  end
  if series.buckets then
    buckets = {}
    for i, bucket in ipairs(series.buckets) do
      buckets[i] = json.object { { "le", number(bucket.le) }, { "count", bucket.count } }
    end
  end
  return json.object {
    { "labels", json.object(labels) }, { "created", series.created },
    { "value", series.value and number(series.value) }, { "count", series.count },
    { "sum", series.sum and number(series.sum) }, { "min", series.min and number(series.min) },
    { "max", series.max and number(series.max) }, { "buckets", buckets and json.array(buckets) },
  }
end

local function as_json(registry)
  local json = require "promptgen.json"
  local list = {}
  for i, metric in ipairs(registry:collect()) do
    local series = {}
    for k, one in ipairs(metric.series) do
      series[k] = series_object(json, metric.labels, one)
    end
    list[i] = json.object {
      { "name", metric.name }, { "kind", metric.kind }, { "help", metric.help }, { "unit", metric.unit },
      { "labels", json.array(metric.labels) }, { "series", json.array(series) },
    }
  end
  return json.encode(json.object {
    { "schema", "promptgen.metrics/1" }, { "metrics", json.array(list) },
  }) .. "\n"
end

local function open_store(ctx)
  local dir = ctx.state_dir
  if not dir then
    return nil, errors.new { code = "config", message = "there is no directory for totals: HOME is not set",
      hint = "set HOME or XDG_STATE_HOME" }
  end
  return require("promptgen.metrics_store").open(dir)
end

--- A registry with the totals of all runs, this one included.
local function totals(ctx, store)
  local metrics = require "promptgen.metrics"
  local flushed, problem = store:flush(metrics.registry(), true)
  local registry, err = store:load(metrics.new_registry(true))
  if flushed then
    require("promptgen.totals").report_reset(ctx.app)
  elseif registry then -- what cannot be written may still be readable
    ctx.app:log("warning", tostring(problem))
  end
  return registry, err
end

local function reset(ctx, store)
  if ctx.options.dry_run then
    ctx.out "would set the totals of the metrics back to zero\n"
    return true
  end
  local ok, err = store:reset()
  if not ok then
    return nil, err
  end
  if ctx.json then
    ctx.out '{"schema":"promptgen.metrics_reset/1"}\n'
  else
    ctx.out "the totals of the metrics start anew\n"
  end
  return true
end

return {
  name = "metrics",
  summary = "print the totals of all runs, or set them back (metrics reset)",
  usage = "[reset] [--format prometheus|openmetrics|json] [--textfile FILE]",
  arguments = { { "action", "reset: set the totals back to zero", optional = true } },
  options = {
    { "--format", "value", "prometheus (the default), openmetrics or json" },
    { "--textfile", "value", "write into a file, for the textfile collector of node_exporter", metavar = "FILE" },
  },
  run = function(ctx)
    local format = ctx.args.format or (ctx.json and "json" or "prometheus")
    if not FORMATS[format] then
      return nil, errors.new { code = "usage", message = ("unknown format '%s'"):format(format),
        hint = "prometheus, openmetrics or json" }
    elseif ctx.args.action and ctx.args.action ~= "reset" then
      return nil, errors.new { code = "usage", message = ("metrics cannot '%s'"):format(ctx.args.action),
        hint = "promptgen metrics reset sets the totals back" }
    end
    local store, err = open_store(ctx)
    if not store then
      return nil, err
    elseif ctx.args.action then
      return reset(ctx, store)
    end
    local registry
    registry, err = totals(ctx, store)
    if not registry then
      return nil, err
    end
    local text = format == "json" and as_json(registry) or registry:export(format)
    if ctx.args.textfile then
      return require("promptgen.output_file").write(ctx.app, ctx.args.textfile, text)
    end
    ctx.out(text)
    return true
  end,
}
