--- `promptgen completions`: what may come next, and the scripts of the shells that ask for it.
local cjson = require "cjson"
local program = require "support.program"
local workspace = require "support.workspace"

local quote = program.quote

describe("promptgen completions", function()
  local ws

  setup(function()
    ws = workspace.new("--example")
    ws:write("work-space/plans/OTHER/PLAN_OTHER.md",
      "# PLAN: Other\n\n## Achievements\n\n**Achievement 1.1**: Thing: a, b\n\n- **Goal**: g\n")
    ws:write("workflows/mine.lua", [[return require("promptgen.workflow").define { name = "mine", summary = "Mine",
      options = { { "-d --depth", "value", "how deep" } }, run = function() return "x" end }]])
  end)
  teardown(function()
    ws:close()
  end)

  --- Words that complete a line, which is split at single spaces.
  local function words(line)
    local list = { "completions", "words", "--" }
    for word in (line .. " "):gmatch "([^ ]*) " do
      list[#list + 1] = word
    end
    local out, got = ws:ok(table.unpack(list)), {}
    for one in out:gmatch "([^\t\n]+)[^\n]*\n" do
      got[#got + 1] = one
    end
    return got, out
  end

  local function has(list, ...)
    for _, wanted in ipairs { ... } do
      local found = false
      for _, one in ipairs(list) do
        found = found or one == wanted
      end
      assert(found, wanted .. " is not among " .. table.concat(list, " "))
    end
  end

  it("know commands and workflows, with what they do", function()
    local list, out = words ""
    has(list, "status", "next", "review", "mine", "completions")
    assert.matches("\nstatus\tshow where a plan stands", out, 1, true)
    assert.same({ "status" }, (words "st"))
    has(words "run ", "fix", "next", "mine")
    has(words "help re", "review", "repl")
  end)

  it("know plans, in any case, and their numbers", function()
    assert.same({ "@OTHER", "@WORD-COUNT" }, (words "status @"))
    assert.same({ "@WORD-COUNT" }, (words "next @word"))
    assert.same({ "@OTHER" }, (words "mine @o"))
    assert.same({ "1.1", "1.2", "2.1" }, (words "approve @WORD-COUNT "))
    assert.same({ "2.1" }, (words "explain @WORD-COUNT 2"))
    assert.same({ "1.1", "1.2", "2.1" }, (words "next @WORD-COUNT --achievement "))
    assert.same({ "--achievement=1.1", "--achievement=1.2" }, (words "next @WORD-COUNT --achievement=1"))
    assert.same({ "1.1" }, (words "new subplan @OTHER "))
    assert.same({}, (words "approve @NONE "))
  end)

  it("know options and their values", function()
    assert.same({ "--json" }, (words "status --js"))
    has(words "approve @WORD-COUNT 1.1 --", "--reviewer", "--all", "--json", "--dry-run")
    has(words "mine @OTHER --d", "--depth", "--dry-run")
    assert.same({ "auto", "always", "never" }, (words "--color "))
    assert.same({ "--color=always" }, (words "status --color=al"))
    assert.same({ "tree", "mermaid", "dot" }, (words "graph @OTHER --format "))
    assert.same({ "no_achievements", "no_archive" }, (words "lint --rule no_a"))
    assert.same({}, (words "approve @OTHER 1.1 --reviewer "))
    assert.same({}, (words "next -- --"))
  end)

  it("know the kinds of what is made", function()
    assert.same({ "plan", "subplan", "execution", "workflow" }, (words "new "))
    assert.same({ "subplans", "executions" }, (words "batch @OTHER "))
    assert.same({ "create", "continue", "synthesize" }, (words "subplan @OTHER "))
    assert.same({ "create", "continue", "next" }, (words "run execution @OTHER "))
    has(words "cache ", "stats", "verify")
    has(words "copy skeletons/sub", "skeletons/subplan")
  end)

  it("leave names of files and folders to the shell", function()
    assert.same({ ":files" }, (words "parse "))
    assert.same({ ":files" }, (words "run work/"))
    assert.same({ ":dirs" }, (words "--root "))
    assert.same({ ":dirs" }, (words "archive @OTHER --to "))
    assert.same({ ":files" }, (words "--log-file=x"))
  end)

  it("look where --root points, and are silent where nothing is", function()
    local result = program.run({ "completions", "words", "--", "status", "--root", ws.root, "@" }, { cwd = "/" })
    assert.matches("^@OTHER\t", result.out)
    result = program.run({ "completions", "words", "--", "status", "@" }, { cwd = "/" })
    assert.same({ 0, "", "" }, { result.status, result.out, result.err })
    result = program.run({ "completions", "words", "--", "status", "--root", "/none", "@" }, { cwd = "/" })
    assert.same({ 0, "", "" }, { result.status, result.out, result.err })
  end)

  it("offer no word that a shell would run, and no control characters", function()
    ws:write("workflows/$(touch pwned).lua", "return 1")
    ws:write("work-space/plans/BAD/PLAN_`id`.md", "# PLAN\n\n## Achievements\n\n**Achievement 1.1**: A\n")
    ws:write("work-space/plans/ESC/PLAN_ESC.md", "# PLAN\n\n## Achievements\n\n**Achievement 1.1**: A\27[31m\x9b\n")
    local _, out = words "run "
    assert.is_nil(out:find("pwned", 1, true))
    _, out = words "status @"
    assert.is_nil(out:find("`", 1, true))
    assert.same({ "@ESC", "@OTHER", "@WORD-COUNT" }, (words "status @"))
    _, out = words "approve @ESC "
    assert.matches("^1%.1\tA\\x1b%[31m", out)
    program.sh(("rm -r %s/workflows/*pwned* %s/work-space/plans/BAD %s/work-space/plans/ESC"):format(ws.root, ws.root,
      ws.root))
  end)

  it("answer --json, and name the shells there are", function()
    local function answer(...)
      return cjson.decode((ws:ok("--json", "completions", "words", "--", ...)))
    end
    assert.equal("status", answer("st").words[1].word)
    assert.equal("files", answer("parse", "").complete_by_shell)
    assert.equal(cjson.null, ws:json("completions", "words").complete_by_shell)
    assert.matches("complete %-F", ws:json("completions", "bash").script)
    ws:fails("usage", "completions", "csh")
    ws:fails("usage", "completions")
    ws:fails("usage", "completions", "bash", "more")
  end)

  --- Runs a script in a shell with the program on PATH; skipped where the shell is not there.
  local function shell(name, text)
    if select(2, program.sh("command -v " .. name)) ~= 0 then
      return nil
    end
    program.write(ws.top .. "/script", text)
    program.sh(("mkdir -p %s/bin && ln -sf %s %s/bin/promptgen"):format(ws.top, quote(program.path), ws.top))
    local line = "cd %s && PATH=%s/bin:$PATH HOME=%s %s %s/script"
    return (program.sh(line:format(ws.root, ws.top, ws.top, name, ws.top)))
  end

  it("work in bash, whose words end at @ and =", function()
    local out = shell("bash", [==[
eval "$(promptgen completions bash)"
ask() { COMP_LINE=$1; COMP_POINT=${#1}; COMPREPLY=(); _promptgen 2>/dev/null; printf '%s|' "${COMPREPLY[@]}"; echo; }
ask "promptgen sta"
ask "promptgen status @W"
ask "promptgen next @WORD-COUNT --achievement=1"
ask "promptgen new "
ask "promptgen parse promptgen.l"
ask "promptgen status @NOPE"
]==])
    assert.equal("status|\nWORD-COUNT|\n1.1|1.2|\nplan|subplan|execution|workflow|\npromptgen.lua|\n|", out)
  end)

  it("work in zsh", function()
    local out = shell("zsh", [==[
zmodload zsh/zpty 2>/dev/null || { echo none; exit }
compdef() { : }
_describe() { local array=$argv[-1]; print -l -- "${(@P)array}" }
_files() { print files "$@" }
eval "$(promptgen completions zsh)"
ask() { words=(${(@s: :)1} "$2"); CURRENT=$#words; _promptgen }
ask "promptgen" "sta"
ask "promptgen status" "@W"
ask "promptgen approve @OTHER" ""
ask "promptgen --root" ""
]==])
    if not out or out == "none" then
      return pending "zsh is not here"
    end
    assert.equal("status:show where a plan stands, or all of them\n"
      .. "@WORD-COUNT:work-space/plans/WORD-COUNT/PLAN_WORD-COUNT.md\n1.1:Thing: a, b\nfiles -/", out)
  end)

  it("work in fish", function()
    local out = shell("fish", [==[
promptgen completions fish | source
complete -C "promptgen sta"
complete -C "promptgen status @W"
complete -C "promptgen next @WORD-COUNT --achievement="
]==])
    if not out then
      return pending "fish is not here"
    end
    assert.equal("status\tshow where a plan stands, or all of them\n"
      .. "@WORD-COUNT\twork-space/plans/WORD-COUNT/PLAN_WORD-COUNT.md\n"
      .. "--achievement=1.1\tCount the words of one file\n--achievement=1.2\tCount the words of several files\n"
      .. "--achievement=2.1\tTell people how to use it", out)
  end)
end)
