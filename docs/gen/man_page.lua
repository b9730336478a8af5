--- The man page promptgen(1), in the man macros of roff.

--- Text for roff: no control line, no hyphenation of options, no byte above ASCII.
local function escape(text)
  return (text:gsub("\\", "\\e"):gsub("[\xC2-\xF4][\x80-\xBF]+", function(char)
    return ("\\[u%04X]"):format(utf8.codepoint(char))
  end):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"):gsub("\n([.'])", "\n\\&%1"))
end

local DESCRIPTION = [[
promptgen reads the Markdown plans of a project, works out where the work stands, and writes the next prompt for a
coding agent. A workspace is a directory with a file promptgen.lua or a directory work-space/plans; a plan is named
by its path or as @NAME, which finds it by folder, feature or file name, by a unique beginning or a unique part.]]

local ENVIRONMENT = {
  { "PROMPTGEN_ROOT", "the workspace, where --root does not name it" },
  { "PROMPTGEN_RUNTIME", "a directory to look in first for workflows and templates" },
  { "XDG_CACHE_HOME, XDG_CONFIG_HOME, XDG_STATE_HOME",
    "where caches, your own scripts and configuration, and totals are kept" },
  { "NO_COLOR", "when set and not empty, output has no colour" },
  { "PAGER, VISUAL, EDITOR", "what the menus and the REPL show and edit texts with" },
}

local FILES = {
  { "promptgen.lua", "configuration of a workspace: data only; it may lower limits, never raise them" },
  { "workflows/, workflows/templates/", "workflows and templates of a workspace, which come before the stock ones" },
  { "~/.config/promptgen/", "your own configuration, workflows and templates" },
  { "~/.cache/promptgen/", "parsed plans; may be deleted at any time" },
  { "~/.local/state/promptgen/", "totals of all runs, history of the REPL" },
}

local EXAMPLES = {
  { "promptgen next @CSV\\-IMPORT", "print the prompt for the next step of a plan" },
  { "promptgen explain @CSV\\-IMPORT 0.2", "show why an achievement is where it is" },
  { "promptgen status \\-\\-json | jq \\(aq.plans[].next\\(aq", "use an answer in a script" },
}

local function definitions(out, rows)
  for _, row in ipairs(rows) do
    out[#out + 1] = (".TP\n.B %s\n%s\n"):format(escape(row[1]), escape(row[2]))
  end
end

local function add_command(out, page, spelling)
  out[#out + 1] = (".SS %s\n.B promptgen %s\n.RI %s\n.PP\n%s.\n"):format(escape(page.name), escape(page.name),
    '"' .. escape(page.usage):gsub('"', '""') .. '"', escape((page.summary:gsub("^%l", string.upper))))
  for _, option in ipairs(page.options) do
    out[#out + 1] = (".TP\n.B %s\n%s\n"):format(escape(spelling(option)), escape(option.help))
  end
end

return function(help, spelling)
  local out = {
    ('.TH PROMPTGEN 1 "" "promptgen %s" "User Commands"\n'):format(help.version),
    ".SH NAME\npromptgen \\- write the next prompt for a coding agent from Markdown plans\n",
    ".SH SYNOPSIS\n.B promptgen\n.I COMMAND\n[arguments] [options]\n.br\n",
    ".B promptgen\n.I WORKFLOW\n[@PLAN] [options]\n",
    ".SH DESCRIPTION\n", escape(DESCRIPTION), "\n.SH COMMANDS\n",
  }
  for _, page in ipairs(help.pages) do
    if not page.name:find "^run " then
      add_command(out, page, spelling)
    end
  end
  out[#out + 1] = ".SH WORKFLOWS\n"
  for _, page in ipairs(help.workflows) do
    add_command(out, page, spelling)
  end
  out[#out + 1] = ".SH OPTIONS\nAccepted anywhere before \\-\\-.\n"
  for _, option in ipairs(help.options) do
    out[#out + 1] = (".TP\n.B %s\n%s\n"):format(escape(spelling(option)), escape(option.help))
  end
  out[#out + 1] = ".SH EXIT STATUS\n"
  for _, entry in ipairs(help.exit_statuses) do
    out[#out + 1] = (".TP\n.B %d\n%s\n"):format(entry.status, escape(entry.meaning))
  end
  out[#out + 1] = ".SH ENVIRONMENT\n"
  definitions(out, ENVIRONMENT)
  out[#out + 1] = ".SH FILES\n"
  definitions(out, FILES)
  out[#out + 1] = ".SH EXAMPLES\n"
  for _, row in ipairs(EXAMPLES) do
    out[#out + 1] = (".TP\n.B %s\n%s\n"):format(row[1], escape(row[2]))
  end
  return table.concat(out)
end
