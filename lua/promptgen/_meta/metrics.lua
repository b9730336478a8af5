---@meta promptgen.metrics

--- Counters, gauges and histograms, and their text for Prometheus.
---
--- The module works on the registry of this Lua state, which holds promptgen's own metrics from the
--- start (see include/promptgen/metric_names.h); what is created is registered. All its functions down to
--- `merge` are methods of every registry too. A caller's mistake (a bad name, a missing label, a counter
--- that would shrink) raises.
---
--- ```lua
--- local metrics = require "promptgen.metrics"
--- local notes = metrics.counter { name = "myteam_notes_total", help = "Notes that were read", labels = { "kind" } }
--- notes:inc { kind = "review" }
--- local reviews = notes:labels { kind = "review" } -- look up once,
--- reviews:inc()                                    -- count often
--- ```
---@class promptgen.metrics: promptgen.metrics.Registry
---@field content_types { prometheus: string, openmetrics: string } media types of the two formats
local metrics = {}

--- A value that is not UTF-8 or longer than 1024 bytes is changed so that it can be written, and
--- counted in promptgen_metric_labels_changed_total.
---@alias promptgen.metrics.Labels table<string, string|number|boolean>

--- What every kind of metric is made from.
---@class promptgen.metrics.Definition
---@field name string [a-zA-Z_][a-zA-Z0-9_]*; a counter's ends in _total, no other's does
---@field help string one sentence
---@field labels? string[] names of its labels, at most 8, in the order in which they are written
---@field unit? string the last word of the name, before _total: "seconds", "bytes"
---@field max_series? integer default 1000; more are counted in one series whose labels are "other"
---@field register? boolean default true; false makes a metric outside the registry, for tests

---@class promptgen.metrics.GaugeDefinition: promptgen.metrics.Definition
---@field mode? "live"|"last"|"max"|"min" over several processes; default "live": not stored

---@class promptgen.metrics.HistogramDefinition: promptgen.metrics.Definition
---@field buckets? number[] ascending upper bounds, at most 64; default 0.1 ms to 5 s in seconds

--- What all metrics have. Two objects for the same metric, or for the same series of it, are equal (`==`).
--- Wherever labels are taken, they are needed for a metric with labels and
--- left out for one without, and for what `labels` returned.
---@class promptgen.metrics.Metric
local Metric = {}

--- The metric of these label values, as an object to keep: its methods take no labels.
---@param labels? promptgen.metrics.Labels
---@return self
function Metric:labels(labels) end

--- Removes a series. What others still hold of it can be used and is not written any more.
---@param labels? promptgen.metrics.Labels
---@return boolean removed
function Metric:remove(labels) end

--- Removes every series.
function Metric:clear() end

--- Zeroes one series, or all.
---@param labels? promptgen.metrics.Labels
function Metric:reset(labels) end

--- Its definition, with `kind` ("counter", "gauge" or "histogram").
---@return table definition
function Metric:describe() end

---@class promptgen.metrics.Counter: promptgen.metrics.Metric
local Counter = {}

--- Adds to the counter: `c:inc()`, `c:inc(2.5)`, `c:inc{...}`, `c:inc(2.5, {...})`.
---@param amount? number finite, 0 or more; default 1
---@param labels? promptgen.metrics.Labels
function Counter:inc(amount, labels) end

--- A function that adds to this series, for the innermost of loops.
---@return fun(amount?: number)
function Counter:incrementer() end

--- Its value; 0 for a series that does not exist, which is not made.
---@param labels? promptgen.metrics.Labels
---@return number
function Counter:get(labels) end

---@class promptgen.metrics.Gauge: promptgen.metrics.Metric
local Gauge = {}

--- Makes it this value.
---@param value number any, NaN and infinities included
---@param labels? promptgen.metrics.Labels
function Gauge:set(value, labels) end

--- Adds to it.
---@param amount? number default 1
---@param labels? promptgen.metrics.Labels
function Gauge:inc(amount, labels) end

--- Takes from it.
---@param amount? number default 1
---@param labels? promptgen.metrics.Labels
function Gauge:dec(amount, labels) end

--- Its value; 0 for a series that does not exist, which is not made.
---@param labels? promptgen.metrics.Labels
---@return number
function Gauge:get(labels) end

---@class promptgen.metrics.Histogram: promptgen.metrics.Metric
local Histogram = {}

--- Counts an observation. NaN and -math.huge are dropped, and counted as dropped.
---@param value number
---@param labels? promptgen.metrics.Labels
function Histogram:observe(value, labels) end

--- Its numbers; all 0 without observations.
---@param labels? promptgen.metrics.Labels
---@return { count: integer, sum: number, min: number, max: number, avg: number }
function Histogram:summary(labels) end

--- The observation below which a share `p` of all lies; 0.0 without any. Exact up to 512 observations.
--- Beyond, within 1 % for values from 1/64 of the lowest positive bucket's bound on, over 30 powers of two
--- (1 us to 1024 s for the default buckets); values outside, negative ones among them, count as evenly
--- spread between the end of that range and `min` or `max`.
---@param p number 0 to 1
---@param labels? promptgen.metrics.Labels
---@return number
function Histogram:percentile(p, labels) end

--- A running timer whose end is observed once, in seconds, however its block ends:
---
--- ```lua
--- do
---   local timing <close> = duration:time { workflow = "next" }
---   work()
--- end
--- ```
---@param labels? promptgen.metrics.Labels
---@param clock? promptgen.timer.Clock default: the monotonic clock
---@return promptgen.metrics.Timer
function Histogram:time(labels, clock) end

--- A function that does what `fn` does and observes how long each call took. All arguments, results
--- (nil among them) and error values pass through unchanged. A call from within a call is part of
--- the outer one.
---@generic F: function
---@param fn F
---@param labels? promptgen.metrics.Labels
---@param clock? promptgen.timer.Clock
---@return F
function Histogram:wrap(fn, labels, clock) end

---@class promptgen.metrics.Timer
local Timer = {}

--- Ends the timer and observes its time, unless that has happened.
---@return number seconds
function Timer:stop() end

--- Ends the timer; nothing will be observed.
function Timer:cancel() end

--- How long it has run.
---@return number seconds so far, or in all
function Timer:elapsed() end

---@class promptgen.metrics.Registry
local Registry = {}

--- Makes and registers a counter. The same definition again gives the same counter; any difference, or a
--- name that another metric writes, raises.
---@param definition promptgen.metrics.Definition
---@return promptgen.metrics.Counter
function metrics.counter(definition) end

--- A gauge, made or found as `metrics.counter` does.
---@param definition promptgen.metrics.GaugeDefinition
---@return promptgen.metrics.Gauge
function metrics.gauge(definition) end

--- A histogram, made or found as `metrics.counter` does.
---@param definition promptgen.metrics.HistogramDefinition
---@return promptgen.metrics.Histogram
function metrics.histogram(definition) end

--- The registered metric of this name.
---@param name string
---@return promptgen.metrics.Metric? metric
function metrics.get(name) end

--- Registers a metric made with `register = false`.
---@generic M: promptgen.metrics.Metric
---@param metric M
---@return M
function metrics.register(metric) end

--- Everything the registry holds, as data, in the order of names and label values. A series has
--- `labels`, `created` (seconds since the epoch, if known) and `value`; a histogram's has `count`, `sum`, `min`,
--- `max` and `buckets` ({le=, count=} cumulative, the last `le` is math.huge) instead of `value`.
---@return { name: string, kind: string, help: string, unit: string?, labels: string[], series: table[] }[]
function metrics.collect() end

--- The registry as text: the same values give the same bytes.
---@param format? "prometheus"|"openmetrics" default "prometheus": exposition format 0.0.4
---@return string
function metrics.export(format) end

--- `export "prometheus"`.
---@return string
function metrics.export_prometheus_text() end

--- Zeroes every series of every metric.
function metrics.reset_all() end

--- What changed since the last call (or the last flush into a store), as plain data that another
--- process can merge. What is returned counts as delivered. The first row of a metric that is not
--- promptgen's own has its `definition` (see `Metric:describe`).
---@return { name: string, kind: string, labels: table<string, string>, value: number, min: number?, max: number?, counts: integer[]?, definition: table? }[]
function metrics.deltas() end

--- Adds what another process's `deltas` returned, and defines the metrics that are not known here. The
--- rows are treated as hostile: a metric that is promptgen's own to count, a definition that is not
--- allowed or not the one here, wrong labels, a number that is NaN, infinite, negative or absurd, too
--- many rows (4096), metrics (32) or new series (1000) refuse them all, and are counted.
---@param rows any what `deltas` returned
---@return true? ok
---@return promptgen.Error? err `bad_input`, `out_of_memory`
function metrics.merge(rows) end

--- Puts a new registry with promptgen's own metrics in place of this state's; for tests.
function metrics.reset_instance() end

--- The registry of this Lua state.
---@return promptgen.metrics.Registry
function metrics.registry() end

--- Another registry.
---@param standard? boolean with promptgen's own metrics; default false: empty
---@return promptgen.metrics.Registry
function metrics.new_registry(standard) end

--- `count` bounds from `start` in steps of `width`; the bucket for all that is greater is not counted.
---@param start number
---@param width number above 0
---@param count integer 1 to 64
---@return number[]
function metrics.linear_buckets(start, width, count) end

--- `count` bounds from `start`, each `factor` times the one before.
---@param start number above 0
---@param factor number above 1
---@param count integer 1 to 64
---@return number[]
function metrics.exponential_buckets(start, factor, count) end

return metrics
