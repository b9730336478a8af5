local template = require "promptgen.template"
local support = require "lua.support.templates"

local derived = support.derived

local base = support.file([[
top
{% block verify %}
run the tests
{% endblock %}
end
]], "params = { x = { default = 1 } }")

--- Renders `name` from layers given as {workspace files, user files, stock files}.
local function render(layers, name, values)
  local named = {}
  for i, files in ipairs(layers) do
    named[i] = { name = ({ "workspace", "user", "stock" })[i], files = files }
  end
  return template.engine({ loader = support.loader(named) }):render(name, values)
end

describe("template blocks", function()
  it("print their own text when nothing changes them", function()
    assert.equal("top\nrun the tests\nend\n", render({ { base = base } }, "base"))
  end)

  it("are replaced, appended to and prepended to by a template that extends theirs", function()
    local function change(spec)
      return render({ { base = base, d = derived("base", "verify = " .. spec) } }, "d")
    end
    assert.equal("top\nsee CI\nend\n", change '"see CI\\n"')
    assert.equal("top\nrun the tests\nsee CI\nend\n", change '{ append = "see CI\\n" }')
    assert.equal("top\nsee CI\nrun the tests\nend\n", change '{ prepend = "see CI\\n" }')
    assert.equal("top\na\nrun the tests\nb\nend\n", change '{ prepend = "a\\n", append = "b\\n" }')
    assert.equal("top\nend\n", change '""')
  end)

  it("are changed through any number of layers", function()
    local files = { base = base }
    local below = "base"
    for i = 1, 20 do
      files["l" .. i] = derived(below, ('verify = { append = "%d\\n" }'):format(i))
      below = "l" .. i
    end
    local numbers = {}
    for i = 1, 20 do
      numbers[i] = i .. "\n"
    end
    assert.equal("top\nrun the tests\n" .. table.concat(numbers) .. "end\n",
      render({ files }, "l20"))
  end)

  it("are changed by a workspace template that extends the one it shadows", function()
    local layers = {
      { base = derived("base", 'verify = { append = "workspace\\n" }') },
      { base = derived("base", 'verify = { append = "user\\n" }') },
      { base = base },
    }
    assert.equal("top\nrun the tests\nuser\nworkspace\nend\n", render(layers, "base"))
  end)

  it("are changed in a shadowed partial wherever it is included", function()
    local layers = {
      { part = derived("part", 'p = { append = "mine " }') },
      {},
      {
        part = support.file("{% block p %}stock {% endblock %}"),
        a = support.file('{% include("part") %}'),
      },
    }
    assert.equal("stock mine ", render(layers, "a"))
  end)

  it("may print the text below with super", function()
    assert.equal("top\n> \nrun the tests\n<\nend\n", render({ {
      base = base, d = derived("base", 'verify = "> \\n{% super() %}\\n<\\n"'),
    } }, "d"))
  end)

  it("see the parameters, and what the block hands them", function()
    assert.equal("1 2", render({ {
      base = support.file("{% local n = 2 %}{% block b { n = n } %}{% endblock %}",
        "params = { x = { default = 1 } }"),
      d = derived("base", 'b = "{{ x }} {{ n }}"'),
    } }, "d"))
  end)

  it("see parameters the derived template adds", function()
    assert.equal("top\nyou\nend\n", render({ {
      base = base,
      d = derived("base", 'verify = "{{ who }}\\n"', "params = { who = { required = true } }"),
    } }, "d", { who = "you" }))
  end)

  it("may be defined inside a change and changed again", function()
    assert.equal("top\n[inner+]end\n", render({ {
      base = base,
      d = derived("base", 'verify = "[{% block inner %}inner{% endblock %}]"'),
      e = derived("d", 'inner = { append = "+" }'),
    } }, "e"))
  end)

  it("keep the locals of the text they are written in", function()
    assert.equal("1 2 ", render({ {
      base = support.file("{% for i = 1, 2 do %}{% block b %}{{ i }} {% endblock %}{% end %}"),
      d = derived("base", 'b = "{% super() %}"'),
    } }, "d"))
  end)

  it("must exist to be changed, and the nearest name is offered", function()
    local _, err = render({ { base = base, d = derived("base", 'verfy = ""') } }, "d")
    assert.equal("template_error", err.code)
    assert.equal("workspace/d.lua", err.path)
    assert.matches("did you mean 'verify'", err.hint)
  end)

  it("cannot be changed by a template that extends itself in a circle", function()
    local _, err = render({ {
      a = derived("b"), b = derived("a"),
    } }, "a")
    assert.equal("template_error", err.code)
    assert.matches("a %-> b %-> a", err.message)
    _, err = render({ { a = derived("a") } }, "a")
    assert.equal("not_found", err.code)
    assert.matches("shadows no template", err.message)
  end)
end)

describe("template sections", function()
  local files = {
    base = support.file([[
Intro.
{% section goal { title = "Goal", keep = true } %}
Do it.
{% endsection %}
{% section extra { title = "Extra", priority = 10 } %}
More.
{% endsection %}
Last.
]]),
  }

  it("are printed under a heading", function()
    assert.equal("Intro.\n## Goal\n\nDo it.\n## Extra\n\nMore.\nLast.\n",
      support.engine(files):render("base"))
  end)

  it("are pieces of their own, with title and priority", function()
    local pieces = support.engine(files):pieces("base")
    assert.same({
      { text = "Intro.\n" },
      { name = "goal", title = "Goal", priority = 50, keep = true, text = "Do it.\n" },
      { name = "extra", title = "Extra", priority = 10, keep = false, text = "More.\n" },
      { text = "Last.\n" },
    }, pieces)
  end)

  it("are changed like blocks, title and priority included", function()
    files.d = derived("base",
      'extra = { title = "Further", priority = 90, append = "And more.\\n" }')
    assert.same({
      name = "extra", title = "Further", priority = 90, keep = false, text = "More.\nAnd more.\n",
    }, support.engine(files):pieces("d")[3])
  end)

  it("cannot stand inside each other", function()
    local open, close = '{%% section %s { title = "A" } %%}', "{% endsection %}"
    local _, err = support.engine {
      a = support.file(open:format("a") .. open:format("b") .. close .. close),
    }:render("a")
    assert.equal("template_syntax", err.code)
    _, err = support.engine {
      a = support.file('{% section a { title = "A" } %}{% include("b") %}{% endsection %}'),
      b = support.file('{% section b { title = "B" } %}{% endsection %}'),
    }:render("a")
    assert.equal("template_error", err.code)
    assert.matches("inside the section 'a'", err.message)
  end)
end)
