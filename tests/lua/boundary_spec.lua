-- Rules that hold for every C module of promptgen, checked against the list the program is built from:
-- each function is declared in a stub, refuses arguments of another type, a closed handle refuses
-- everything but closing, and strings pass with their NUL bytes. Under two collectors that move fast.
local handles = require "lua.support.handles"
local stub_reader = require "lua.support.stub_reader"

local function read_source(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

local modules = {}
for name in read_source "src/lua/lua_open.h":gmatch "X%((%l[%l_]*)%)" do
  modules[#modules + 1] = name
end

local stubs = {}
for _, name in ipairs(modules) do
  stubs[name] = stub_reader.read("lua/promptgen/_meta/" .. name .. ".lua")
end

local function declared(module, owner, name)
  local inherited
  for _, fn in ipairs(stubs[module]) do
    if fn.name == name and fn.owner == owner then
      return fn
    elseif fn.name == name and fn.method then
      inherited = fn
    end
  end
  return inherited
end

--- Metatables with methods, by type name; filled by loading the modules and opening one handle each.
local function types_with_methods()
  for _, name in ipairs(modules) do
    require("promptgen." .. name)
  end
  local types = {}
  for key, value in pairs(debug.getregistry()) do
    if type(key) == "string" and key:match "^promptgen" and type(value) == "table"
      and type(rawget(value, "__index")) == "table" and next(value.__index) then
      types[key] = value.__index
    end
  end
  return types
end

local A_FUNCTION, A_THREAD = function() end, coroutine.create(print)

--- Values that a declared type accepts (the first), and values it must refuse. nil = not checked.
local kinds = {
  string = { good = "x", bad = { 1, true, {}, A_FUNCTION, A_THREAD, io.stdout } },
  integer = { good = 1, bad = { "x", true, {}, 1.5, A_FUNCTION } },
  number = { good = 1, bad = { "x", true, {}, A_FUNCTION } },
  userdata = { good = io.stdout, bad = { "x", 1, true, {} } },
  table = { good = {}, bad = { "x", 1, true, A_FUNCTION } },
  ["function"] = { good = A_FUNCTION, bad = { "x", 1, true } },
  handle = { bad = { "x", 1, true, A_FUNCTION, io.stdout } },
  any = { good = true, bad = {} },
}

local function kind_of(declared_type)
  if declared_type:match "^fun%(" then
    return kinds["function"]
  elseif declared_type:match '^"' then
    return kinds.string
  elseif declared_type:match "%[%]$" or declared_type:match "^table" or declared_type:match "Labels$" then
    return kinds.table
  elseif declared_type:match "^promptgen%..*Options$" or declared_type:match "^promptgen%..*Definition$" then
    return kinds.table
  elseif declared_type == "promptgen.fs.Signature" then
    return { good = require("promptgen.fs").absent, bad = kinds.string.bad }
  elseif declared_type:match "^promptgen%." then
    return kinds.handle
  end
  return kinds[declared_type]
end

--- Calls `call(arguments...)` with every wrong value in every place whose forerunners can be filled.
local function check_arguments(fn, call, label)
  local arguments = {}
  for i, param in ipairs(fn.params) do
    local kind = kind_of(param.type)
    if param.name == "..." or not kind then
      return
    end
    local bad = table.move(kind.bad, 1, #kind.bad, 1, {})
    for k = 1, #bad + (param.optional and 0 or 1) do
      arguments[i] = bad[k]
      local ok, err = pcall(call, table.unpack(arguments, 1, i))
      if kind ~= kinds.any then
        local what = ("%s: argument %d (%s) as a %s"):format(label, i, param.name, type(bad[k]))
        assert.is_false(ok, what .. " was accepted")
        local said = tostring(err)
        assert.is_true(said:find "bad argument" ~= nil or said:find "bad field" ~= nil
          or kind == kinds["function"] and said:find "attempt to call" ~= nil, what .. " said: " .. said)
      end
    end
    if kind.good == nil then
      return
    end
    arguments[i] = kind.good
  end
end

--- Strings that must come back with every byte, per module.
local BYTES = "a\0b\0\xff"
local round_trips = {
  ahead = function(ahead)
    local root <close> = assert(require("promptgen.fs").root "/proc/self")
    local reader <close> = assert(ahead.new(root))
    reader:want "stat\0x"
    assert.is_false(reader:ready "stat")
  end,
  cache = function(cache)
    local c = cache.new()
    c:set(BYTES, BYTES)
    assert.equal(BYTES, (c:get(BYTES)))
    assert.same({ BYTES }, c:keys())
    assert.not_equal(cache.key(BYTES), cache.key "a")
  end,
  digest = function(digest) assert.not_equal(digest.sha256 "a\0b", digest.sha256 "a\0c") end,
  fs = function(fs)
    assert.not_equal(fs.hash "a\0b", fs.hash "a\0c")
    local root <close> = assert(fs.root "/proc/self")
    assert.equal("bad_input", select(2, root:read "stat\0x").code)
    assert.equal("bad_input", select(2, fs.root "/proc\0x").code)
  end,
  inspect = function(inspect) assert.is_nil(inspect.address "x\0") end,
  markdown = function(markdown)
    local document = markdown.parse "x a\0b"
    assert.equal("x a\0b", document:text())
  end,
  metrics = function(metrics)
    local registry = metrics.new_registry()
    local counter = registry:counter { name = "x_total", help = "x", labels = { "l" } }
    counter:inc(1, { l = "a\0b" })
    assert.equal(1, counter:get { l = "a\0b" })
    assert.equal(0, counter:get { l = "a" })
  end,
  metrics_store = function(metrics_store) -- takes a path only
    assert.error_matches(function() metrics_store.open "a\0b" end, "bad argument")
  end,
  pack = function(pack)
    assert.same({ [BYTES] = BYTES }, (pack.decode(pack.encode { [BYTES] = BYTES })))
  end,
  plan = function(plan)
    local record = assert(plan.parse("# a\0b\n**k\0**: v\0w", { path = "p\0q" }))
    assert.same({ "a\0b", "p\0q" }, { record.title, record.path })
    assert.equal("v\0w", assert(plan.load(plan.dump(record))).fields[1].value)
  end,
  pool = function(pool)
    local root <close> = assert(require("promptgen.fs").root "/proc/self")
    local result = pool.parse(root, { "stat\0x" })[1]
    assert.equal("bad_input", result.err.code)
  end,
  profiler = function(profiler)
    profiler.start()
    profiler.enter(BYTES)
    profiler.leave(BYTES)
    local names = {}
    for _, fn in ipairs(require("promptgen.pack").decode(profiler.stop()).functions) do
      names[fn[2]] = true
    end
    assert.is_true(names[BYTES])
  end,
  regex = function(regex)
    local re = assert(regex.compile "a\0(.)")
    assert.equal("\0", (re:match "xa\0\0"))
    assert.equal("x\0", (assert(regex.compile "b"):gsub("xb", "\0")))
  end,
  status = function(status)
    assert.equal(BYTES, status.error { code = "io", message = BYTES }.message)
    assert.equal(70, status.exit "io\0")
  end,
  store = function(store)
    local listing = { { name = "a\0b", type = "file" } }
    assert.not_equal(store.listing_hash(listing), store.listing_hash { { name = "a\0c", type = "file" } })
    local record <close> = handles.store_record(BYTES, BYTES)
    assert.equal(BYTES, record:payload())
    assert.equal(BYTES, record:key())
  end,
  timer = function() end, -- takes no string
}

local collectors = {
  ["a generational collector"] = function() collectgarbage "generational" end,
  ["a collector that never rests"] = function() collectgarbage("incremental", 1, 1000, 1) end,
}

teardown(handles.clean_up)

for collector, set in pairs(collectors) do
  describe("the boundary under " .. collector, function()
    before_each(set)
    after_each(function()
      collectgarbage("incremental", 200, 100, 13)
      collectgarbage()
    end)

    for _, name in ipairs(modules) do
      describe("promptgen." .. name, function()
        local module = require("promptgen." .. name)

        it("declares every function in its stub, with a description", function()
          for key, value in pairs(module) do
            if type(value) == "function" then
              local fn = declared(name, name, key)
              assert(fn, ("%s.%s is not in lua/promptgen/_meta/%s.lua"):format(name, key, name))
              assert.is_true(fn.documented, name .. "." .. key .. " has no description")
              for _, param in ipairs(fn.params) do
                assert.not_equal("undocumented", param.type, ("%s.%s(%s)"):format(name, key, param.name))
              end
            end
          end
        end)

        it("declares nothing that it does not have", function()
          for _, fn in ipairs(stubs[name]) do
            if not fn.method and fn.owner == name then
              assert.equal("function", type(module[fn.name]), name .. "." .. fn.name)
            end
          end
        end)

        it("refuses arguments of another type", function()
          for key, value in pairs(module) do
            local fn = type(value) == "function" and declared(name, name, key)
            if fn then
              check_arguments(fn, value, name .. "." .. key)
            end
          end
        end)

        it("passes strings with their NUL bytes", function()
          assert(round_trips[name], "add promptgen." .. name .. " to round_trips")(module)
        end)
      end)
    end

    for type_name, methods in pairs(types_with_methods()) do
      describe(type_name, function()
        local entry = handles[type_name]

        local function open()
          return assert(entry, "add the type to tests/lua/support/handles.lua").make()
        end

        it("declares every method in a stub, with a description", function()
          open()
          for key in pairs(methods) do
            local fn = declared(entry.module, entry.owner, key)
            assert(fn, ("%s:%s is not in a stub"):format(type_name, key))
            assert.is_true(fn.documented, ("%s:%s has no description"):format(type_name, key))
          end
        end)

        it("refuses another object and arguments of another type", function()
          for key, method in pairs(methods) do
            for _, other in ipairs(entry.static and {} or { io.stdout, {}, "x", 1 }) do
              local ok, err = pcall(method, other)
              assert.is_false(ok, key .. " took a " .. type(other))
              assert.matches("bad argument #1", tostring(err))
            end
            local fn = declared(entry.module, entry.owner, key)
            check_arguments(fn, function(...)
              local handle = open()
              return handle[key](handle, ...)
            end, type_name .. ":" .. key)
          end
        end)

        it("hides its metatable", function()
          assert.is_not_table(getmetatable(open()))
        end)

        if methods.close then
          --- Calls a method with arguments it would take from an open handle.
          local function call(handle, key)
            local arguments = {}
            for i, param in ipairs(declared(entry.module, entry.owner, key).params) do
              local kind = not param.optional and param.name ~= "..." and kind_of(param.type)
              arguments[i] = kind and kind.good or nil
            end
            return pcall(handle[key], handle, table.unpack(arguments, 1, 4))
          end

          local function assert_closed(handle)
            for key in pairs(methods) do
              local ok, err = call(handle, key)
              if key ~= "close" then
                assert.is_false(ok, key .. " works on a closed handle")
                assert.matches("closed", tostring(err))
              end
            end
          end

          it("refuses every use after closing but closing again", function()
            local handle = open()
            handle:close()
            handle:close()
            assert_closed(handle)
          end)

          it("closes by <close> and by the collector", function()
            local handle = open()
            do
              local scoped <close> = handle
              assert(scoped)
            end
            assert_closed(handle)
            for _ = 1, 20 do
              open()
            end
            collectgarbage()
          end)
        end
      end)
    end
  end)
end
