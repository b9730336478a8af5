-- Tests of promptgen.regex: searching, walking and replacing from Lua.
local regex = require "promptgen.regex"

local function compile(pattern, flags, jit)
    return assert(regex.compile(pattern, flags, { jit = jit }))
end

local function collect(iterator, state, control, closing)
    local all = {}
    for capture in iterator, state, control, closing do
        all[#all + 1] = capture
    end
    return all
end

for _, jit in ipairs { true, false } do
    describe("promptgen.regex " .. (jit and "compiled" or "interpreted"), function()
        it("compiles a pattern once, and gives each caller a handle of his own", function()
    local cache = require "promptgen.cache"
    local one, two = assert(regex.compile("a(?<n>b+)c", "i")), assert(regex.compile("a(?<n>b+)c", "i"))
    local stats
    for _, one_cache in ipairs(cache.all()) do
      stats = one_cache:stats().name == "regex_cache" and one_cache:stats() or stats
    end
    assert.is_true(stats.hits >= 1)
    one:close()
    assert.equal("bb", two:match "xABBC":lower())
    assert.same({ n = 1 }, two:names())
    local other = assert(regex.compile("a(?<n>b+)c"))
    assert.is_nil(other:match "xABBC")
    assert.is_nil(regex.compile "(")
    assert.is_nil(regex.compile "(")
    for i = 1, 300 do
      assert.is_true(regex.compile("x" .. i):test("x" .. i))
    end
    two:close()
    assert.equal("b", assert(regex.compile("a(?<n>b+)c", "i")):match "abc")
  end)

  it("returns groups, or the whole match without groups", function()
            assert.equal("b2", compile("[a-z]\\d", "", jit):match "1b2")
            assert.same({ "b", "2" }, { compile("([a-z])(\\d)", "", jit):match "1b2" })
            assert.same({ false, "b" }, { compile("(a)|(b)", "", jit):match "b" })
            assert.is_nil(compile("x", "", jit):match "abc")
            assert.equal(1, select("#", compile("x", "", jit):match "abc"))
        end)

        it("finds positions in bytes, 1-based", function()
            local re = compile("(é)(x)?", "", jit)
            assert.same({ 2, 3, "é", false }, { re:find "aé" })
            assert.same({ 4, 3 }, { compile("$", "", jit):find "abc" })
            assert.same({ 3, 3 }, { compile("a", "", jit):find("aba", 2) })
            assert.same({ 3, 3 }, { compile("a", "", jit):find("aba", -1) })
            assert.same({ 1, 1 }, { compile("a", "", jit):find("aba", -99) })
            assert.same({ 1, 1 }, { compile("a", "", jit):find("aba", 0) })
            assert.is_nil(compile("", "", jit):find("aba", 5))
            assert.same({ 4, 3 }, { compile("", "", jit):find("aba", 4) })
            assert.is_nil(compile("", "", jit):find("aba", math.maxinteger))
            assert.same({ 1, 0 }, { compile("", "", jit):find("aba", math.mininteger) })
        end)

        it("returns a table with names and positions on request", function()
            local re = compile("(?<key>\\w+)=(?:(?<number>\\d+)|(\\w+))", "", jit)
            assert.same({
                [0] = "a=bc", "a", false, "bc", start = 3, stop = 6,
                named = { key = "a", number = false },
            }, re:exec "  a=bc")
            assert.same({ key = 1, number = 2 }, re:names())
            assert.same({}, compile("a", "", jit):names())
        end)

        it("tests", function()
            assert.is_true(compile("b", "", jit):test "abc")
            assert.is_false(compile("x", "", jit):test "abc")
        end)

        it("obeys its flags", function()
            assert.is_true(compile("PLAN", "i", jit):test "plan")
            assert.is_true(compile("^b$", "m", jit):test "a\nb")
            assert.is_true(compile("^\\w$", "u", jit):test "é")
            assert.error_matches(function() regex.compile("a", "g") end, "flags are letters")
        end)

        it("walks over all matches, the empty ones once", function()
            assert.same({ "", "aa", "", "" }, collect(compile("a*", "", jit):gmatch "baac"))
            assert.same({ "", "", "" }, collect(compile("", "", jit):gmatch "éx"))
            assert.same({}, collect(compile("x", "", jit):gmatch "abc"))
            assert.same({ "b" }, collect(compile("[ab]", "", jit):gmatch("ab", 2)))
            assert.same({}, collect(compile("", "", jit):gmatch("ab", 9)))
        end)

        it("replaces by a template", function()
            local re = compile("(?<word>\\w+)", "", jit)
            assert.same({ "<a> <b>", 2 }, { re:gsub("a b", "<${word}>") })
            assert.same({ "aa b", 1 }, { re:gsub("a b", "$1$0", 1) })
            assert.same({ "a b", 0 }, { re:gsub("a b", "x", 0) })
            assert.same({ "a\0b", 1 }, { compile("\\x00", "", jit):gsub("a\0b", "\0") })
            local text, err = re:gsub("a", "$2")
            assert.is_nil(text)
            assert.equal("regex_syntax", err.code)
        end)

        it("replaces by a table or a function", function()
            local re = compile("(\\w)(\\d)?", "", jit)
            assert.same({ "1 b", 2 }, { re:gsub("a b", { a = 1 }) })
            assert.same({ "A B", 2 }, { re:gsub("a b", string.upper) })
            assert.same({ "a b1", 2 }, { re:gsub("a b1", function() end) })
            local function digit(_, d) return tostring(d) end
            assert.same({ "false 1", 2 }, { re:gsub("a b1", digit) })
            assert.same({ "a -b -", 2 }, { compile("(?<= )", "", jit):gsub("a b ", function()
                return "-"
            end) })
            assert.error_matches(function() re:gsub("a", function() return {} end) end,
                                 "invalid replacement value %(a table%)")
        end)

        it("reports a runaway pattern as a limit", function()
            local re = compile("^(a+)+$", "", jit)
            local subject = ("a"):rep(40) .. "!"
            for _, method in ipairs { "match", "find", "exec", "test" } do
                local found, err = re[method](re, subject)
                assert.is_nil(found)
                assert.equal("limit", err.code)
            end
            assert.equal("limit", select(2, re:gsub(subject, "x")).code)
            assert.equal("limit", select(2, re:gsub(subject, {})).code)
            local ok, err = pcall(function() return re:gmatch(subject)() end)
            assert.is_false(ok)
            assert.equal("limit", err.code)
        end)

        it("reports text that is not UTF-8 with its offset", function()
            local found, err = compile("b", "", jit):match "ab\xff"
            assert.is_nil(found)
            assert.equal("bad_input", err.code)
            assert.equal(2, err.offset)
        end)

        it("handles more groups than fit on the C stack", function()
            local re = compile(("(a)"):rep(100), "", jit)
            local found = { re:match(("a"):rep(100)) }
            assert.equal(100, #found)
            assert.equal(100, #{ re:gmatch(("a"):rep(100))() })
        end)
    end)
end

describe("promptgen.regex", function()
    it("says where a pattern is wrong", function()
        local re, err = regex.compile "a(b"
        assert.is_nil(re)
        assert.equal("regex_syntax", err.code)
        assert.equal(3, err.offset)
        assert.matches("parenthesis", tostring(err))
    end)

    it("escapes a text so that it matches itself", function()
        for _, text in ipairs { "a.b*c", "é[x]", "a\0b", " # ", "" } do
            local re = compile("\\A" .. regex.escape(text) .. "\\z", "x")
            assert.is_true(re:test(text))
            assert.is_false(re:test(text .. "x"))
        end
    end)

    it("lets a callback use the same pattern", function()
        local re = compile "\\w"
        local text = re:gsub("ab", function(c)
            return c .. re:match "z" .. table.concat(collect(re:gmatch "xy"))
        end)
        assert.equal("azxybzxy", text)
    end)

    it("keeps subject and pattern alive for its iterators", function()
        local iterator = compile "\\w":gmatch(("ab"):rep(1))
        collectgarbage()
        assert.equal("a", iterator())
        collectgarbage()
        assert.equal("b", iterator())
        assert.is_nil(iterator())
        assert.is_nil(iterator())
    end)

    it("frees an iterator when its loop is left", function()
        local re = compile "\\w"
        for c in re:gmatch "abc" do
            if c == "b" then break end
        end
        local iterator, _, _, walk = re:gmatch "abc"
        do
            local done <close> = walk
            assert.equal("a", iterator(done))
        end
        assert.is_nil(iterator())
    end)

    it("raises when its pattern is closed during a walk", function()
        local re = compile "\\w"
        local iterator = re:gmatch "abc"
        iterator()
        re:close()
        assert.error_matches(iterator, "closed")
        local other = compile "\\w"
        assert.error_matches(function()
            other:gsub("abc", function() other:close() end)
        end, "closed")
    end)

    it("survives a finalizer that uses and closes the pattern", function()
        collectgarbage "stop"
        for _, method in ipairs { "match", "find", "exec", "gmatch" } do
            local re = compile "(?<a>\\w)(?<b>\\w)"
            setmetatable({}, { __gc = function() re:match "xy" re:close() end })
            collectgarbage("incremental", 1, 1000000)
            collectgarbage "restart"
            pcall(function()
                for _ = 1, 200 do
                    local first = re[method](re, "ab" .. ("c"):rep(100))
                    assert(first)
                end
            end)
            collectgarbage "collect"
            collectgarbage "stop"
        end
        collectgarbage "restart"
        collectgarbage "generational"
        collectgarbage "incremental"
    end)

    it("refuses every use of a closed pattern but closing", function()
        local re = compile "a"
        re:close()
        re:close()
        for _, method in ipairs { "match", "find", "exec", "test", "gmatch", "names", "jit" } do
            assert.error_matches(function() re[method](re, "a") end, "closed")
        end
        assert.error_matches(function() re:gsub("a", "b") end, "closed")
    end)
end)
