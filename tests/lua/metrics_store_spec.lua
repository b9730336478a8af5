local metrics = require "promptgen.metrics"
local metrics_store = require "promptgen.metrics_store"

describe("promptgen.metrics_store", function()
  local dir

  before_each(function()
    dir = io.popen("mktemp -d"):read "l"
  end)

  after_each(function()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  local labels = { workflow = "next", status = "success" }

  local function count(store, amount)
    local registry = metrics.new_registry(true)
    registry:get("prompt_generation_total"):inc(amount, labels)
    return store:flush(registry), registry
  end

  local function total(store)
    return assert(store:load(metrics.new_registry(true))):get("prompt_generation_total"):get(labels)
  end

  it("adds what each registry gained, once", function()
    local store = metrics_store.open(dir .. "/state")
    assert.equal(0.0, total(store))
    local result, registry = count(store, 2)
    assert.equal("stored", result)
    assert.equal("nothing", store:flush(registry))
    count(store, 3)
    assert.equal(5.0, total(store))
  end)

  it("gives the totals as text and sets them back", function()
    local store = metrics_store.open(dir)
    count(store, 2)
    local shown = store:load(metrics.new_registry(true))
    assert.matches('\nprompt_generation_total{workflow="next",status="success"} 2\n', shown:export(), 1, true)
    assert.is_true(store:reset())
    assert.equal(0.0, total(store))
  end)

  it("reports a damaged file and sets it aside in a thorough flush", function()
    local store = metrics_store.open(dir)
    count(store, 2)
    local file = io.open(dir .. "/metrics.v1", "w")
    file:write "x"
    file:close()
    local shown, err = store:load(metrics.new_registry(true))
    assert.is_nil(shown)
    assert.equal("corrupt", err.code)
    assert.equal("stored", store:flush(metrics.new_registry(true), true))
    assert.equal(0.0, total(store))
    assert.equal(1.0, store:load(metrics.new_registry(true)):get("promptgen_metrics_store_resets_total"):get())
  end)

  it("reports a directory that cannot be used, and keeps the gain", function()
    io.open(dir .. "/file", "w"):close()
    local store = metrics_store.open(dir .. "/file")
    local registry = metrics.new_registry(true)
    registry:get("prompt_generation_total"):inc(labels)
    local result, err = store:flush(registry)
    assert.is_nil(result)
    assert.equal("not_directory", err.code)
    assert.equal("stored", metrics_store.open(dir):flush(registry))
  end)

  it("raises for arguments of the wrong type", function()
    local store = metrics_store.open(dir)
    assert.has_error(function() metrics_store.open "" end)
    assert.has_error(function() metrics_store.open "a\0b" end)
    assert.has_error(function() metrics_store.open(dir, { lock_wait = -1 }) end)
    assert.has_error(function() store:flush() end)
    assert.has_error(function() store:flush {} end)
    assert.has_error(function() store:load(store) end)
    assert.has_error(function() store.reset {} end)
  end)
end)
