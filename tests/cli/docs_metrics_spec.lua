--- Runs the Lua blocks of docs/metrics.md, docs/logging.md and docs/profiling.md as workflows.
local program = require "support.program"

local HEAD = [[
local workflow = require "promptgen.workflow"
return workflow.define { name = "page", summary = "A block of a page", run = function(ctx)
]]

describe("the Lua of the pages", function()
  local root, env

  before_each(function()
    root = program.example_copy()
    env = { XDG_STATE_HOME = root .. "/state", XDG_CACHE_HOME = root .. "/cache" }
    program.sh("mkdir -p " .. root .. "/workflows")
  end)

  after_each(function()
    program.remove(root)
  end)

  local function blocks_of(page)
    local blocks = {}
    for text in program.read(program.source_dir .. "/docs/" .. page):gmatch "```lua\n(.-)```\n" do
      blocks[#blocks + 1] = text:gsub("%f[%w]then %.%.%. end", "then end"):gsub("%(dir%) %.%.%. end", "(dir) end")
    end
    return blocks
  end

  for _, page in ipairs { "metrics.md", "logging.md", "profiling.md" } do
    it("runs without a complaint: " .. page, function()
      local blocks = blocks_of(page)
      assert.is_true(#blocks > 0)
      for i, text in ipairs(blocks) do
        local needs = text:find("metrics = require", 1, true) and "" or 'local metrics = require "promptgen.metrics"\n'
        program.write(root .. "/workflows/page.lua", HEAD .. needs .. text .. '\nreturn "done", metrics end }\n')
        local result = program.run({ "page", "@CSV-IMPORT" }, { cwd = root, env = env })
        assert.equal(0, result.status, page .. " " .. i .. ": " .. result.err)
        assert.matches("done\n$", result.out)
        assert.is_nil(result.err:find("promptgen: warning: what", 1, true), result.err)
      end
    end)
  end

  it("counts what docs/metrics.md says it counts", function()
    program.write(root .. "/workflows/page.lua", HEAD .. blocks_of("metrics.md")[1] .. '\nreturn "done" end }\n')
    assert.equal(0, program.run({ "page" }, { cwd = root, env = env }).status)
    local text = program.run({ "metrics" }, { cwd = root, env = env }).out
    assert.matches('\nmyteam_errors_total{kind="timeout"} 1\n', text, 1, true)
    assert.matches('\nmyteam_prompt_size_bytes_sum{workflow="next"} 24701\n', text, 1, true)
  end)
end)
