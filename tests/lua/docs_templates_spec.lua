--- Runs every example of docs/templates.md.
---
--- A block of Lua that begins with a file's name is that file. `-- render NAME`, `-- prompt NAME` and
--- `-- error NAME` begin a table of values; the block after it is what comes out.
local prompt = require "promptgen.prompt"
local stock = require("lua.support.prompts").stock
local template = require "promptgen.template"

local source_dir = os.getenv "PROMPTGEN_SOURCE_DIR" or "."

--- The fenced blocks of a page, as { info, text, line }.
local function blocks_of(path)
  local blocks, open, number = {}, nil, 0
  for line in io.lines(path) do
    number = number + 1
    local ticks, info = line:match("^(```+)(%w*)$")
    if open and line == open.ticks then
      open.text = table.concat(open.lines, "\n") .. "\n"
      blocks[#blocks + 1], open = open, nil
    elseif open then
      open.lines[#open.lines + 1] = line
    elseif ticks then
      open = { ticks = ticks, info = info, line = number, lines = {} }
    end
  end
  assert(not open, "a block is left open")
  return blocks
end

describe("the examples of docs/templates.md", function()
  local files, run = {}, 0

  --- The stock templates, below those of the page.
  local function loader(kind, name)
    local hit, err = stock(kind, name)
    local path = "workflows/templates/" .. name .. ".lua"
    if files[path] then
      return { source = files[path], path = path, layer = "workspace", shadowed = { hit } }
    end
    return hit, err
  end

  local function outcome(kind, name, values)
    if kind == "prompt" then
      return assert(prompt.render(loader, name, values)).text
    end
    local text, err = template.render(name, values, { loader = loader })
    if kind == "render" then
      assert(text, tostring(err))
      return text
    end
    return tostring(err) .. "\n" .. table.concat(err.hint, "\n") .. "\n"
  end

  local wanted
  for _, block in ipairs(blocks_of(source_dir .. "/docs/templates.md")) do
    local path = block.text:match("^%-%- (workflows/[%w_/]+%.lua)\n")
    local kind, name, values = block.text:match("^%-%- (%l+) ([%w_/]+)\n(.*)$")
    if path then
      -- A page that changes a stock template shows it last: it shadows that template from there on.
      files[path] = block.text
      it(("compile: line %d, %s"):format(block.line, path), function()
        assert(load(block.text, "@" .. path))
        assert(template.engine({ loader = loader }):describe(path:match("templates/(.*)%.lua")))
      end)
    elseif kind then
      wanted = { kind, name, assert(load("return " .. values))() }
    elseif wanted then
      local call, expected, line = wanted, block.text, block.line
      wanted, run = nil, run + 1
      it(("print what the page says: line %d, %s"):format(line, call[2]), function()
        assert.equal(expected, outcome(table.unpack(call)))
      end)
    end
  end

  it("are found", function()
    assert.truthy(run >= 9, run)
  end)

  it("list every stock template and every block of the frame", function()
    local file = assert(io.open(source_dir .. "/docs/templates.md"))
    local page = file:read "a"
    file:close()
    for name in pairs(template.engine({ loader = stock }):describe("base").blocks) do
      assert.truthy(page:find("`" .. name .. "`", 1, true), name)
    end
    for path in io.popen("ls '" .. source_dir .. "/workflows/templates'"):lines() do
      local name = path:match("^(.*)%.lua$")
      assert.truthy(not name or page:find("`" .. name .. "`", 1, true), name)
    end
  end)
end)
