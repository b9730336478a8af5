std = "lua54"
max_line_length = 120
self = false
-- Stubs declare what they never use.
exclude_files = { "build/**", "lua/promptgen/_meta/**" }
files["tests/**/*_spec.lua"] = { std = "+busted" }
files["tests/**/support/**"] = { std = "+busted" }
