local codes = require "promptgen.state.codes"
local parallel = require "promptgen.state.parallel"
local warnings = require "promptgen.state.warnings"

local NUMBERS = { "0.1", "0.2", "1.1", "1.2" }

local function read(text)
  local found = warnings.new()
  local dependencies = parallel.read(text, "parallel.json", codes.new(NUMBERS), found, NUMBERS)
  local list = {}
  for i, warning in ipairs(found.list) do
    list[i] = warning.code
  end
  return dependencies, list, found.list
end

describe("promptgen.state.parallel", function()
  it("reads the plain shape", function()
    local found, codes_found = read [[{"plan_name": "F", "achievements": [
      {"achievement_id": "0.1", "dependencies": []},
      {"achievement_id": "1.1", "dependencies": ["0.1", "0.2", "0.1"], "estimated_hours": "4-6"}]}]]
    assert.same({}, found["0.1"])
    assert.same({ "0.1", "0.2" }, found["1.1"])
    assert.is_nil(found["1.2"])
    assert.same({}, codes_found)
  end)

  it("reads the shape with waves, whose dependencies hold where none are stated", function()
    local found, codes_found = read [[{"achievements": [
      {"achievement_id": "1.1", "dependencies": ["0.1"], "actual_hours": null},
      {"achievement_id": "1.2"}],
      "parallel_execution_waves": {
        "wave_1": {"achievements": ["1.1", "1.2"], "dependencies": ["0.2"]},
        "wave_0": {"achievements": ["0.1"], "parallelism": 1}}}]]
    assert.same({ "0.1" }, found["1.1"])
    assert.same({ "0.2" }, found["1.2"])
    assert.same({}, codes_found)
  end)

  it("takes numbers and objects as dependencies too, and one string as one", function()
    local found = read [[{"achievements": [{"achievement_id": 1.1, "dependencies": [0.1, {"id": "0.2"}]},
      {"achievement_id": "1.2", "dependencies": "Achievement 1.1"}]}]]
    assert.same({ "0.1", "0.2" }, found["1.1"])
    assert.same({ "1.1" }, found["1.2"])
  end)

  it("enforces nothing and warns when the file is malformed", function()
    for _, text in ipairs { "", "{", "[1", "7", '"x"', "null", "{}", '{"achievements": 3}',
      '{"achievements": {"1.1": []}}', ("["):rep(5000), "\0", "{\"achievements\": [1, null, [], {}]}" } do
      local found, codes_found = read(text)
      assert.same({}, found, text)
      assert.same({ "malformed_parallel" }, codes_found, text)
    end
  end)

  it("warns of numbers nobody defines and enforces the others", function()
    local found, codes_found = read [[{"achievements": [
      {"achievement_id": "1.1", "dependencies": ["9.9", "0.1"]}, {"achievement_id": "7.7"}]}]]
    assert.same({ "0.1" }, found["1.1"])
    assert.same({ "unknown_dependency" }, codes_found)
  end)

  it("names the way of a cycle", function()
    local _, codes_found, list = read [[{"achievements": [
      {"achievement_id": "0.1", "dependencies": ["1.2"]}, {"achievement_id": "1.1", "dependencies": ["0.1"]},
      {"achievement_id": "1.2", "dependencies": ["1.1", "0.2"]}]}]]
    assert.same({ "dependency_cycle" }, codes_found)
    assert.matches("0.1 %-> 1.2 %-> 1.1 %-> 0.1", list[1].message)
    _, codes_found = read [[{"achievements": [{"achievement_id": "0.1", "dependencies": ["0.1"]}]}]]
    assert.same({ "dependency_cycle" }, codes_found)
  end)
end)
