-- Tests of promptgen.fs: what Lua sees of files beneath a root.
local fs = require "promptgen.fs"
local timer = require "promptgen.timer"

local function temp_dir()
    local pipe = assert(io.popen "mktemp -d")
    local path = pipe:read "l"
    pipe:close()
    return path
end

local function put(path, text)
    local file = assert(io.open(path, "wb"))
    assert(file:write(text))
    assert(file:close())
end

for _, walk in ipairs { false, true } do
    describe("promptgen.fs " .. (walk and "walking" or "with openat2"), function()
        local dir, root

        before_each(function()
            dir = temp_dir()
            root = assert(fs.root(dir, { walk = walk }))
        end)

        after_each(function()
            root:close()
            os.execute("rm -rf '" .. dir .. "'")
        end)

        it("reads bytes as they are", function()
            put(dir .. "/x", "a\0b\xff\n")
            assert.equal("a\0b\xff\n", root:read "x")
            assert.equal("a\0b\xff\n", (root:read "./x"))
        end)

        it("says why a path is refused, with the path", function()
            local text, err = root:read "none.md"
            assert.is_nil(text)
            assert.equal("not_found", err.code)
            assert.equal("none.md", err.path)
            assert.matches("^none%.md: ", tostring(err))
            local codes = { ["../x"] = "outside_root", ["/etc/passwd"] = "outside_root",
                            [""] = "bad_input", ["a\0b"] = "bad_input", ["."] = "not_regular" }
            for path, code in pairs(codes) do
                assert.equal(code, select(2, root:read(path)).code)
            end
        end)

        it("limits a read by the smaller of both limits", function()
            put(dir .. "/x", "12345")
            assert.equal("12345", (root:read("x", 5)))
            assert.equal("too_large", select(2, root:read("x", 4)).code)
            local small <close> = assert(fs.root(dir, { max_bytes = 4, walk = walk }))
            assert.equal("too_large", select(2, small:read("x", 100)).code)
        end)

        it("lists in byte order with types", function()
            put(dir .. "/b", "")
            put(dir .. "/B", "")
            os.execute("mkdir '" .. dir .. "/d' && ln -s b '" .. dir .. "/l'")
            assert.same({
                { name = "B", type = "file" }, { name = "b", type = "file" },
                { name = "d", type = "dir" }, { name = "l", type = "link" },
            }, (root:list "."))
            assert.equal("not_directory", select(2, root:list "b").code)
        end)

        it("tells whether a file is what it was", function()
            local clock = timer.manual(4102444800)
            local later <close> = assert(fs.root(dir, { clock = clock, walk = walk }))
            put(dir .. "/x", "one")
            local _, signature = later:read "x"
            assert.not_equal("stale", later:check("x", signature))
            assert.is_true(fs.same(signature, later:signature "x"))
            assert.is_true(fs.same(signature, later:stat "x".signature))
            put(dir .. "/x", "longer")
            assert.equal("stale", later:check("x", signature))
            assert.equal("fresh", later:check("y", fs.absent))
            assert.equal("stale", later:check("x", fs.absent))
        end)

        it("doubts a file that has just changed", function()
            put(dir .. "/x", "one")
            local _, signature = root:read "x"
            assert.equal("doubtful", root:check("x", signature))
        end)

        it("states files", function()
            put(dir .. "/x", "12345")
            local stat = root:stat "x"
            assert.equal("file", stat.type)
            assert.equal(5, stat.size)
            assert.equal(stat.mtime_ns // 1000000000, stat.mtime // 1)
            assert.equal("dir", root:stat ".".type)
        end)

        it("writes a file as a whole and refuses a lost race", function()
            local first = assert(root:write("a/b/x", "one\0", { parents = true, sync = false }))
            assert.equal("one\0", root:read "a/b/x")
            assert(root:write("a/b/x", "two", { expected = first }))
            local _, err = root:write("a/b/x", "three", { expected = first })
            assert.equal("conflict", err.code)
            assert.equal("conflict", select(2, root:write("a/b/x", "", { no_replace = true })).code)
            assert.equal("conflict",
                         select(2, root:write("a/b/x", "", { expected = fs.absent })).code)
            assert.equal("two", root:read "a/b/x")
            assert.same({ { name = "x", type = "file" } }, (root:list "a/b"))
            assert.is_true(root:make_dirs "c/d")
            assert.equal("dir", root:stat "c/d".type)
        end)

        it("removes the file that was meant and no directory", function()
            local signature = assert(root:write("a/x", "one", { parents = true, sync = false }))
            assert(root:write("a/x", "other", { sync = false }))
            assert.equal("conflict", select(2, root:remove("a/x", { expected = signature })).code)
            assert.equal("other", root:read "a/x")
            assert.is_true(root:remove "a/x")
            assert.equal("not_found", select(2, root:remove "a/x").code)
            assert.is_nil((root:remove "a"))
            assert.equal("outside_root", select(2, root:remove "../x").code)
        end)
    end)
end

describe("promptgen.fs", function()
    it("finds the workspace upwards", function()
        local dir = temp_dir()
        os.execute("mkdir -p '" .. dir .. "/sub/deep' && chmod 755 '" .. dir .. "'")
        put(dir .. "/promptgen.lua", "")
        local markers = { "promptgen.lua", "work-space/plans/" }
        local found, marker = fs.find_up(dir .. "/sub/deep", markers)
        assert.equal(dir, found)
        assert.equal("promptgen.lua", marker)
        assert.equal("not_found", select(2, fs.find_up("/", { "no such marker" })).code)
        os.execute("rm -rf '" .. dir .. "'")
    end)

    it("hashes content", function()
        assert.equal("99aa06d3014798d86001c324468d497f", fs.hash "")
        assert.not_equal(fs.hash "a\0b", fs.hash "a\0c")
    end)

    it("raises for a caller's mistakes", function()
        local root <close> = assert(fs.root "/tmp")
        assert.error_matches(function() root:read(1) end, "bad argument #1 to 'read'")
        assert.error_matches(function() root:read("x", 0) end, "positive number of bytes")
        assert.error_matches(function() root:check("x", "short") end, "signature")
        assert.error_matches(function() root:write("x", "y", { mode = 4096 }) end, "mode")
        assert.error_matches(function() root:write("x", "y", { sync = 1 }) end, "bad field 'sync'")
        assert.error_matches(function() fs.root("/tmp", { racy_window = -1 }) end, "racy_window")
        assert.error_matches(function() fs.find_up("relative", { "x" }) end, "absolute")
        assert.error_matches(function() fs.find_up("/", {}) end, "markers")
    end)

    it("refuses every use of a closed root but closing", function()
        local root = assert(fs.root "/tmp")
        root:close()
        root:close()
        assert.error_matches(function() root:read "x" end, "closed")
        assert.error_matches(function() root:path() end, "closed")
    end)
end)
