std = "lua54"
max_line_length = 100
files["tests/**/*_spec.lua"] = { std = "+busted" }
files["lua/promptgen/_meta/*.lua"] = { ignore = { "212" } } -- stubs declare and do nothing
exclude_files = { "build/**" }
