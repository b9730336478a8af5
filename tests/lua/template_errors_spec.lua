local template = require "promptgen.template"
local support = require "lua.support.templates"

--- The error of rendering `main` from these files.
local function failure(files, options)
  local text, err = support.engine(files, options):render("main")
  assert.is_nil(text)
  return err
end

describe("template errors", function()
  it("carry file, line, column and excerpt", function()
    local err = failure {
      main = support.file("one\n  two {{ plan.titel }} three\n",
        "params = { plan = { default = { title = 1 } } }"),
    }
    assert.equal("undefined_name", err.code)
    assert.equal("t/main.lua", err.path)
    assert.equal(6, err.line)
    assert.equal(10, err.column)
    assert.same({ "did you mean 'title'?", "    6 |   two {{ plan.titel }} three",
                  "      |          ^" }, err.hint)
    assert.equal("t/main.lua:6:10: 'plan' has no field 'titel'", tostring(err))
  end)

  it("name the nearest name in sight", function()
    local err = failure {
      main = support.file("{{ tilte }}", 'params = { title = { default = "" } }'),
    }
    assert.equal("'tilte' is not defined", err.message)
    assert.equal("did you mean 'title'?", err.hint[1])
    err = failure { main = support.file("{{ 'x' | uper }}") }
    assert.equal("did you mean 'upper'?", err.hint[1])
  end)

  it("say which step of a path is missing", function()
    local err = failure { main = support.file("{{ a.b.c }}", "params = { a = { default = {} } }") }
    assert.matches("'a.b' is not defined, so it has no field 'c'", err.message)
    err = failure {
      main = support.file("{% for _, x in ipairs({ {} }) do %}\n{{ x.title }}\n{% end %}"),
    }
    assert.matches("'x' has no field 'title'", err.message)
    assert.equal(5, err.line)
  end)

  it("carry the include chain, innermost first", function()
    local err = failure {
      main = support.file("a\nb {{ render('middle') }}\n"),
      middle = support.file('{% include("inner", { x = 1 }) %}\n'),
      inner = support.file("\n\n{{ nope }}\n", "params = { x = {} }"),
    }
    assert.equal("t/inner.lua", err.path)
    assert.equal(7, err.line)
    assert.same({ "included from t/middle.lua:4", "included from t/main.lua:5" },
      { table.unpack(err.hint, #err.hint - 1) })
  end)

  it("lie in the layer that changed a block", function()
    local err = failure {
      base = support.file("\n{% block b %}{% endblock %}\n"),
      main = 'local template = require "promptgen.template"\nreturn template.define {\n'
        .. '  extends = "base",\n' .. "  blocks = { b = [[\n first\n second {{ missing }}\n]] },\n"
        .. "}\n",
    }
    assert.equal("t/main.lua", err.path)
    assert.equal(6, err.line)
    assert.equal("included from t/base.lua:5", err.hint[#err.hint])
  end)

  it("tell body:N when the text is not in its file as it is", function()
    local err = failure {
      main = 'return require("promptgen.template").define { body = "a\\n{{ b }}" }',
    }
    assert.equal("t/main.lua", err.path)
    assert.is_nil(err.line)
    assert.equal("body:2: 'b' is not defined", err.message)
    assert.equal("    2 | {{ b }}", err.hint[#err.hint - 1])
  end)

  it("tell block NAME:N when a text stands twice in its file", function()
    local err = failure {
      base = support.file("{% block a %}{% endblock %}{% block b %}{% endblock %}"),
      main = support.derived("base", 'a = "{{ x }}", b = "{{ x }}"'),
    }
    assert.equal("block a:1: 'x' is not defined", err.message)
  end)

  it("find the line in files with CRLF line ends", function()
    local err = failure { main = (support.file("a\n{{ b }}\n"):gsub("\n", "\r\n")) }
    assert.equal(5, err.line)
  end)

  it("place the errors of Lua inside a statement of several lines", function()
    local err = failure { main = support.file("{%\nlocal x = 1\nlocal y = x.a.b\n%}\n") }
    assert.equal("template_error", err.code)
    assert.equal(6, err.line)
    assert.matches("attempt to index a number value", err.message)
  end)

  it("place a loop that fails in its own line, not in the last one of its body", function()
    local once = "local n = 0 return function() n = n + 1 return n < 2 and n or error('stop') end"
    local err = failure {
      main = support.file("{% for x in (function() " .. once .. " end)() do %}\n{{ x }}\n\n"
        .. "{% end %}"),
    }
    assert.equal(4, err.line)
  end)

  it("place syntax errors, and say lines of the file", function()
    local err = failure { main = support.file("a\n{% if x then %}\nb\n") }
    assert.equal("template_syntax", err.code)
    assert.matches("'end' expected", err.message)
    err = failure { main = support.file("a\n{% for i in do %}\n") }
    assert.equal(5, err.line)
    err = failure { main = support.file("a\nb {{ 1 + }}\n") }
    assert.equal("template_syntax", err.code)
    assert.equal(5, err.line)
  end)

  for name, case in pairs {
    ["an open expression"] = { "a {{ b", "}} is missing" },
    ["an open statement"] = { "a {% b }} {% c %}", "ends with %}, not with }}" },
    ["an open note"] = { "{# b }}", "#} is missing" },
    ["an open raw block"] = { "{% raw %} b", "{% endraw %} is missing" },
    ["an open block"] = { "{% block b %}", "{% endblock %} is missing" },
    ["an open bracket"] = { "{{ f(1 }}", "is not closed" },
    ["a stray bracket"] = { "{{ 1) }}", "closes nothing" },
    ["an open string"] = { "{{ 'a }}", "has no end" },
    ["an open long string"] = { "{{ [[a }}", "has no end" },
    ["an empty tag"] = { "{{ }}", "is empty" },
    ["a stray endblock"] = { "{% endblock %}", "closes nothing" },
    ["a stray endraw"] = { "{% endraw %}", "closes nothing" },
    ["a wrong endblock"] = { "{% block a %}{% endblock b %}", "closes 'a', not 'b'" },
    ["a block without a name"] = { "{% block %}{% endblock %}", "needs a name" },
    ["a block twice"] = { "{% block a %}{% endblock %}{% block a %}{% endblock %}", "is taken" },
    ["a section without a title"] = { "{% section a %}{% endsection %}", "needs a title" },
    ["two values"] = { "{{ 1, 2 }}", "one value" },
    ["a filter that is none"] = { "{{ 1 | 2 }}", "a filter is written" },
    ["a filter without a value"] = { "{{ | upper }}", "no value before" },
  } do
    it("say what is wrong with " .. name, function()
      local err = failure { main = support.file("x\n" .. case[1]) }
      assert.equal("template_syntax", err.code)
      assert.equal(5, err.line)
      assert.truthy(err.message:find(case[2], 1, true), err.message)
    end)
  end

  it("name a template that is not there, and what asked for it", function()
    local err = failure { main = support.file("a\n{% include('gone') %}") }
    assert.equal("not_found", err.code)
    assert.equal("t/main.lua", err.path)
    assert.equal(5, err.line)
  end)

  it("report a file that does not compile, fails, or returns no template", function()
    local err = failure { main = "return {\n  = 1\n}" }
    assert.equal("script_syntax", err.code)
    assert.same({ "t/main.lua", 2 }, { err.path, err.line })
    err = failure { main = "\nerror('broken')" }
    assert.same({ "template_error", "t/main.lua", 2, "broken" },
      { err.code, err.path, err.line, err.message })
    err = failure { main = "return {}" }
    assert.matches("does not return a template", err.message)
    err = failure { main = 'return require("promptgen.template").define {\n  bdy = "" }' }
    assert.equal("t/main.lua", err.path)
    assert.matches("did you mean 'body'", err.message)
  end)

  it("keep the place of an error that has one, and add the template", function()
    local err = failure {
      main = support.file("{% include('part') %}"),
      part = 'local template = require "promptgen.template"\nreturn template.define {\n'
        .. '  body = "x", prepare = function() local x = nil; return x.y end }',
    }
    assert.same({ "t/part.lua", 3 }, { err.path, err.line })
    assert.equal("included from t/main.lua:4", err.hint[#err.hint])
  end)

  it("survive an error that is no string", function()
    local err = failure { main = support.file("{% error({}) %}") }
    assert.equal("(error object is a table value)", err.message)
  end)
end)

describe("template limits", function()
  it("stop a template that includes itself", function()
    local err = failure { main = support.file("{% include('main') %}") }
    assert.equal("template_error", err.code)
    assert.matches("100 deep", err.message)
    assert.equal("t/main.lua", err.path)
    assert.equal(4, err.line)
    assert.truthy(#err.hint < 15)
  end)

  it("stop two templates that include each other", function()
    local err = failure {
      main = support.file("{% include('b') %}"), b = support.file("\n{% include('main') %}"),
    }
    assert.matches("100 deep", err.message)
    assert.truthy(table.concat(err.hint, "\n"):find("included from t/b.lua:5", 1, true))
  end)

  it("allow 100 levels and refuse 101", function()
    local function nested(count)
      local files = {}
      for i = 1, count - 1 do
        files[i == 1 and "main" or "t" .. i] = support.file("{% include('t" .. i + 1 .. "') %}")
      end
      files["t" .. count] = support.file("deep")
      return support.engine(files):render("main")
    end
    assert.equal("deep", nested(100))
    local text, err = nested(101)
    assert.is_nil(text)
    assert.equal("template_error", err.code)
  end)

  it("refuse a text with too many tags or bytes", function()
    local err = failure { main = support.file(("{{ 1 }}"):rep(10001)) }
    assert.equal("template_syntax", err.code)
    assert.matches("10000 tags", err.message)
    err = failure { main = support.file(("x"):rep(256 * 1024 + 1)) }
    assert.matches("may be 262144", err.message)
    err = failure { main = support.file(("{{ 1 }}"):rep(1000000)) }
    assert.equal("template_error", err.code)
  end)

  it("stop output that grows without end", function()
    local err = failure { main = support.file("{% while true do %}{{ ('x'):rep(1000) }}{% end %}") }
    assert.equal("limit", err.code)
    assert.equal(4, err.line)
  end)
end)

describe("template values", function()
  it("are not evaluated when text for Lua is given as a template name", function()
    for _, name in ipairs { "../x", "/etc/passwd", "a//b", "", "a\0b", "a b" } do
      local text, err = template.engine({ loader = support.loader {} }):render(name)
      assert.is_nil(text)
      assert.equal("template_error", err.code)
    end
  end)
end)

describe("any text", function()
  it("is a template or an error with a place, and never breaks the engine", function()
    local pieces = {
      "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "|", "x", "1", " ", "\n", "if x then", "end",
      "for i=1,2 do", "block a", "endblock", "section a {title='t'}", "endsection", "raw", "endraw",
      "include('main')", "super()", "return", "'", '"', "[[", "]]", "--", "(", ")", "{", "}", "[", "]",
      ",", ".", "%", "local x = 1", "break", "\0", "\xFF", "x.y", "upper", "fence('a')",
    }
    local seed = 7
    local function random(n)
      seed = (seed * 6364136223846793005 + 1442695040888963407) & 0x7FFFFFFFFFFFFFFF
      return (seed >> 33) % n + 1
    end
    local rendered, failed = 0, 0
    for _ = 1, 4000 do
      local parts = {}
      for i = 1, random(14) do
        parts[i] = pieces[random(#pieces)]
      end
      local body = table.concat(parts)
      local text, err = template.render(template.define { params = { x = { default = "v" } }, body = body },
        {}, { max_output = 10000, max_depth = 10 })
      if text then
        rendered = rendered + 1
      else
        failed = failed + 1
        assert.truthy(err.code == "template_syntax" or err.code == "template_error"
          or err.code == "undefined_name" or err.code == "not_found" or err.code == "limit", body)
        assert.equal("inline", err.path)
        assert.equal("string", type(err.message))
      end
    end
    assert.truthy(rendered > 100 and failed > 1000, rendered .. " " .. failed)
  end)
end)
