std = "lua54"
max_line_length = 120
self = false
-- Stubs declare what they never use.
exclude_files = { "build/**", "lua/promptgen/_meta/**" }
files["tests/**/*_spec.lua"] = { std = "+busted" }
files["tests/**/support/**"] = { std = "+busted" }
-- A paragraph of a prompt is one line: how it is wrapped is the reader's business.
files["workflows/templates/**"] = { max_line_length = false }
