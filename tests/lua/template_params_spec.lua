local template = require "promptgen.template"
local support = require "lua.support.templates"

local function render(params, values, body)
  return template.render(template.define { params = params, body = body or "x" }, values)
end

describe("template parameters", function()
  it("are an error when a required one is missing, naming both", function()
    local _, err = render({ plan = { required = true, doc = "the plan" } }, {})
    assert.equal("template_error", err.code)
    assert.matches("template 'inline'", err.message)
    assert.matches("'plan' is missing", err.message)
    assert.equal("the plan", err.hint)
  end)

  it("are an error when an unknown one is given, with the nearest name", function()
    local _, err = render({ title = {} }, { titel = "x" })
    assert.matches("no parameter 'titel'", err.message)
    assert.matches("did you mean 'title'", err.hint)
    _, err = render({}, { a = 1 })
    assert.matches("takes no parameters", err.hint)
  end)

  it("are checked for their type", function()
    for kind, good in pairs { string = "s", number = 1.5, integer = 1, boolean = false, table = {},
                              list = { 1 }, ["function"] = print, record = {}, any = 1 } do
      assert.equal("x", render({ a = { type = kind } }, { a = good }))
    end
    for kind, bad in pairs { string = 1, number = "1", integer = 1.5, boolean = 0, table = "t",
                             list = { a = 1 }, ["function"] = {}, record = 1 } do
      local _, err = render({ a = { type = kind } }, { a = bad })
      assert.matches("takes a " .. kind, err.message)
    end
  end)

  it("have defaults", function()
    assert.equal("d", render({ a = { default = "d" } }, {}, "{{ a }}"))
    assert.equal("false", render({ a = { default = true, type = "boolean" } }, { a = false },
      "{{ tostring(a) }}"))
  end)

  it("may be tested without being given, but not printed", function()
    assert.equal("none none", render({ a = {} }, {},
      "{% if a then %}some{% else %}none{% end %} {{ a | default('none') }}"))
    local _, err = render({ a = {} }, {}, "{{ a }}")
    assert.equal("undefined_name", err.code)
    assert.matches("'a' was not given", err.message)
  end)

  it("are declared correctly or not at all", function()
    local function problem(spec)
      local ok, message = pcall(template.define, spec)
      assert.is_false(ok)
      return message
    end
    assert.matches("no type 'strin'", problem { body = "", params = { a = { type = "strin" } } })
    assert.matches("default is not a string",
      problem { body = "", params = { a = { type = "string", default = 1 } } })
    assert.matches("required and has a default",
      problem { body = "", params = { a = { required = true, default = 1 } } })
    assert.matches("name of a helper", problem { body = "", params = { fence = {} } })
    assert.matches("cannot name a parameter", problem { body = "", params = { ["a-b"] = {} } })
    assert.matches("did you mean 'body_file'", problem { bodyfile = "x" })
    assert.matches("one of body, body_file and extends",
      problem { body = "x", extends = "y" })
    assert.matches("one of body, body_file and extends", problem {})
    assert.matches("extends another", problem { body = "x", blocks = {} })
    assert.matches("'append' is a string",
      problem { extends = "x", blocks = { b = { append = 1 } } })
  end)

  it("may be prepared by a function before the text runs", function()
    local spec = template.define {
      params = { n = { required = true } }, body = "{{ n }} {{ twice }} {{ where }}",
      prepare = function(values, context) return { twice = values.n * 2, where = context.root } end,
    }
    assert.equal("2 4 /w", template.render(spec, { n = 2 }, { context = { root = "/w" } }))
  end)

  it("report what a prepare function returns as an error", function()
    local status = require "promptgen.status"
    local _, err = template.render(template.define {
      body = "x",
      prepare = function() return nil, status.error { code = "not_found", message = "gone" } end,
    })
    assert.equal("not_found", err.code)
  end)

  it("are described with blocks and layers for listings", function()
    local described = support.engine {
      a = support.file("{% block b %}{% endblock %}",
        'summary = "An a", params = { x = { doc = "an x" } }'),
    }:describe("a")
    assert.equal("An a", described.summary)
    assert.equal("an x", described.params.x.doc)
    assert.same({ b = "block" }, described.blocks)
    assert.same({ { name = "a", path = "t/a.lua", layer = "t" } }, described.layers)
  end)
end)
