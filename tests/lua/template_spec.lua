local template = require "promptgen.template"
local support = require "lua.support.templates"

--- Renders a body with the given values, all of them declared.
local function render(body, values, options)
  local params = {}
  for name in pairs(values or {}) do
    params[name] = {}
  end
  return template.render(template.define { params = params, body = body }, values, options)
end

describe("compiled templates", function()
  local function stats()
    for _, cache in ipairs(require("promptgen.cache").all()) do
      if cache:stats().name == "template_cache" then
        return cache:stats()
      end
    end
    return { hits = 0, misses = 0 }
  end

  --- Renders "main" with an engine of its own from these files.
  local function render_files(files)
    local engine = template.engine { loader = function(_, name)
      local body = files[name]
      return body and { source = "return template.define { body = [==[" .. body .. "]==] }", path = name,
        layer = "test" }
    end, env = { template = template } }
    return assert(engine:render("main", {}))
  end

  it("are kept by their text, so that a change of a part is seen and nothing else compiled", function()
    local files = { main = "main {% include 'part' %}", part = "one" }
    local first = render_files(files)
    local before = stats()
    assert.equal(first, render_files(files))
    local after = stats()
    assert.same({ 2, 0 }, { after.hits - before.hits, after.misses - before.misses })
    files.part = "two"
    assert.equal((first:gsub("one", "two")), render_files(files))
    local last = stats()
    assert.same({ 1, 1 }, { last.hits - after.hits, last.misses - after.misses })
  end)

  it("fail at the same place from the cache", function()
    local body = "a\n{{ missing_name }}"
    local engine = function() return template.render(template.define { body = body }, {}) end
    local _, one = engine()
    local _, two = engine()
    assert.equal(tostring(one), tostring(two))
    assert.matches("missing_name", tostring(two))
  end)
end)

describe("template expressions", function()
  it("print strings and numbers", function()
    assert.equal("a 3 2.5 4", render("{{ s }} {{ i }} {{ f }} {{ g }}",
      { s = "a", i = 3, f = 2.5, g = 4.0 }))
  end)

  it("are any Lua expression", function()
    assert.equal("6 b yes", render("{{ 1 + 2 + 3 }} {{ t[2] }} {{ #t > 1 and 'yes' or 'no' }}",
      { t = { "a", "b" } }))
  end)

  it("pass through filters from left to right, with arguments", function()
    assert.equal("A, B", render('{{ l | join(", ") | upper }}', { l = { "a", "b" } }))
  end)

  it("keep a | inside brackets and strings", function()
    assert.equal("3 a|b", render('{{ (1 | 2) }} {{ "a|b" }}'))
  end)

  it("may hold closing braces inside strings and tables", function()
    assert.equal("}} 1", render('{{ "}}" }} {{ ({ a = { b = 1 }}).a.b }}'))
  end)

  it("take any function in sight as a filter", function()
    assert.equal("cba", render(
      "{% local function turn(s) return s:reverse() end %}{{ x | turn }}", { x = "abc" }))
    assert.equal("ABC", render("{{ x | string.upper }}", { x = "abc" }))
  end)

  it("may carry a comment", function()
    assert.equal("1 2", render("{{ 1 -- one }} {{ 2 --[[ }} ]] }}"))
  end)

  it("never print nil, booleans, tables or functions", function()
    for _, value in ipairs { "true", "{}", "print", "tostring" } do
      local env = { print = print, tostring = tostring }
      local text, err = render("{{ " .. value .. " }}", nil, { env = env })
      assert.is_nil(text)
      assert.equal("template_error", err.code)
    end
    local _, err = render("{{ ({}).x }}")
    assert.equal("undefined_name", err.code)
  end)
end)

describe("template statements", function()
  it("are Lua statements", function()
    assert.equal("- a\n- b\n", render([[
{% for _, item in ipairs(list) do %}
- {{ item }}
{% end %}
]], { list = { "a", "b" } }))
    assert.equal("no", render("{% if x then %}yes{% else %}no{% end %}", { x = false }))
  end)

  it("may declare locals and functions that print", function()
    assert.equal("* a\n* b\n", render([[
{% local function item(text) %}
* {{ text }}
{% end %}
{% item("a") item("b") %}
]]))
  end)

  it("may leave a text early with return", function()
    assert.equal("a", render("a{% return %}b"))
    assert.equal("a", render("a{% if true then return end %}b"))
  end)

  it("may span lines and end in a comment", function()
    assert.equal("3", render("{% local a = 1 -- one\n  local b = 2 -- two %}{{ a + b }}"))
  end)

  it("cannot set a name that is not declared", function()
    local _, err = render("{% x = 1 %}")
    assert.equal("template_error", err.code)
    assert.matches("local x", err.hint[1], 1, true)
  end)
end)

describe("template notes and raw blocks", function()
  it("leave nothing of a note", function()
    assert.equal("ab", render("a{# {{ undefined }} {% if %} #}b"))
    assert.equal("a\nb\n", render("a\n  {# a note\n  of two lines #}\nb\n"))
  end)

  it("print a raw block as it is", function()
    assert.equal("{{ x }} {% y %} {# z #}", render("{% raw %}{{ x }} {% y %} {# z #}{% endraw %}"))
    assert.equal("a\n  {{ x }}\nb\n", render("a\n{% raw %}\n  {{ x }}\n{% endraw %}\nb\n"))
  end)
end)

describe("template white space", function()
  it("loses a line that holds only statements and notes", function()
    assert.equal("a\nb\n", render("a\n  {% local x = 1 %}\t\nb\n"))
    assert.equal("a\nb\n", render("a\n {% local x = 1 %} {# n #} {% local y = 2 %} \r\nb\n"))
    assert.equal("a\n", render("a\n{% local x = 1 %}"))
    assert.equal("b", render("{% local x = 1 %}\nb"))
  end)

  it("keeps a line that holds anything else", function()
    assert.equal("a\n x\nb", render("a\n x{% local x = 1 %}\nb"))
    assert.equal("a\n 1\nb", render("a\n {% local x = 1 %}{{ x }}\nb"))
    assert.equal("a\n1 \nb", render("a\n{{ 1 }} {% local x = 1 %}\nb"))
  end)

  it("is never touched round an expression", function()
    assert.equal("a\n 1 \nb", render("a\n {{ 1 }} \nb"))
  end)

  it("goes on the side of a minus sign", function()
    assert.equal("a1b", render("a \n {{- 1 -}} \n b"))
    assert.equal("ab", render("a\n\n{%- local x = 1 -%}\n\nb"))
    assert.equal("a\nb", render("a\n\n{%- local x = 1 %}\nb"))
    assert.equal("ab", render("a {#- n -#} b"))
  end)

  it("stays where a plus sign asks for it", function()
    assert.equal("a\n\nb", render("a\n{%+ local x = 1 %}\nb"))
  end)

  it("leaves no blank line behind loops and conditions", function()
    local text = render([[
one
{% if true then %}
{% for i = 1, 2 do %}
{{ i }}
{% end %}
{% end %}
two
]])
    assert.equal("one\n1\n2\ntwo\n", text)
  end)
end)

describe("template includes", function()
  local engine = support.engine {
    main = support.file('a\n{% include("part", { x = 1 }) %}\n'
      .. 'b {{ render("part", { x = 2 }) }} c\n'),
    part = support.file("x={{ x }}\n", "params = { x = { required = true } }"),
    leak = support.file('{% include("inner") %}', "params = { secret = {} }"),
    inner = support.file("{{ secret }}"),
    from_file = 'return require("promptgen.template").define {\n'
      .. 'body_file = "text.md", params = { x = {} } }',
    ["text.md"] = "file says {{ x }}\n",
  }

  it("print another template with arguments of its own", function()
    assert.equal("a\nx=1\nb x=2 c\n", engine:render("main"))
  end)

  it("show a template nothing but its arguments", function()
    local _, err = engine:render("leak", { secret = "s" })
    assert.equal("undefined_name", err.code)
  end)

  it("take the text from a body file", function()
    assert.equal("file says 7\n", engine:render("from_file", { x = 7 }))
    local _, err = engine:render("from_file", {})
    assert.equal("t/text.md", err.path)
    assert.equal(1, err.line)
  end)

  it("record every file that was read", function()
    local paths = {}
    for _, source in ipairs(engine.sources) do
      paths[source.path] = source.kind
    end
    assert.equal("template", paths["t/main.lua"])
    assert.equal("template", paths["t/part.lua"])
    assert.equal("body", paths["t/text.md"])
  end)

  it("go on after an include that failed inside pcall", function()
    local text = support.engine {
      main = support.file('{% local ok, err = pcall(include, "bad") %}\n'
        .. '{{ err.code }} {% include("good") %}'),
      bad = support.file("gone {{ nothing }}"),
      good = support.file("{% block b %}fine{% endblock %}"),
    }:render("main")
    assert.equal("undefined_name fine", text)
  end)
end)

describe("the compile function of an engine", function()
  it("is the only way source becomes code", function()
    local seen = {}
    local text = support.engine({ main = support.file("{{ 1 }}") }, {
      compile = function(source, name, env)
        seen[#seen + 1] = name
        return load(source, name, "t", env)
      end,
    }):render("main")
    assert.equal("1", text)
    assert.same({ "@t/main.lua", "=[template 1]" }, seen)
  end)

  it("may ignore the environment it is given for a text", function()
    local env = { require = require, ipairs = ipairs }
    assert.equal("1", support.engine({
      main = support.file("{% for _, v in ipairs({1}) do %}{{ v }}{% end %}"),
    }, {
      env = env,
      compile = function(source, name) return load(source, name, "t", env) end,
    }):render("main"))
  end)
end)
