--- docs/commands.md: every command and stock workflow with its arguments and options.

local INTRODUCTION = [[
# Commands

Made from `promptgen help` by `make docs`; do not edit. Every command takes the [common options](#common-options)
and answers with one JSON object under `--json`.
]]

local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function add_page(out, page, spelling)
  out[#out + 1] = ("\n### %s\n\n`promptgen %s`\n\n%s.\n"):format(page.name,
    (page.name .. " " .. page.usage):gsub("%s+$", ""), page.summary:gsub("^%l", string.upper))
  local rows = {}
  for _, argument in ipairs(page.arguments) do
    rows[#rows + 1] = ("| `%s` | %s%s |"):format(argument.name, cell(argument.help),
      argument.optional and " (may be left out)" or "")
  end
  for _, option in ipairs(page.options) do
    rows[#rows + 1] = ("| `%s` | %s |"):format(spelling(option), cell(option.help))
  end
  if #rows > 0 then
    out[#out + 1] = "\n| argument | |\n| --- | --- |\n" .. table.concat(rows, "\n") .. "\n"
  end
end

return function(help, spelling)
  local out = { INTRODUCTION, "\n## The program's own\n" }
  for _, page in ipairs(help.pages) do
    if not page.name:find "^run " then
      add_page(out, page, spelling)
    end
  end
  out[#out + 1] = "\n## Stock workflows\n\n`promptgen NAME …` is short for `promptgen run NAME …`.\n"
  for _, page in ipairs(help.workflows) do
    add_page(out, page, spelling)
  end
  out[#out + 1] = "\n## Common options\n\nAccepted anywhere before `--`.\n\n| option | |\n| --- | --- |\n"
  for _, option in ipairs(help.options) do
    out[#out + 1] = ("| `%s` | %s |\n"):format(spelling(option), cell(option.help))
  end
  out[#out + 1] = "\n## Exit status\n\n| status | |\n| --- | --- |\n"
  for _, entry in ipairs(help.exit_statuses) do
    out[#out + 1] = ("| %d | %s |\n"):format(entry.status, entry.meaning)
  end
  return table.concat(out)
end
