--- The words of plans, as data: which headings, labels and phrases mean what.
---
--- `patterns.list(config)` gives what `promptgen.plan` compiles: phrases for labels and headings, and
--- one Perl-syntax pattern for each form of a line that `promptgen/plan.h` declares. A configuration
--- may add spellings:
---
---     patterns = {
---       keyword = { "Milestone" },            -- beside "Achievement"
---       labels = { effort = { "Budget" } },   -- beside "Effort" and its like
---       headings = { defining = { "Roadmap" } },
---     }
---
--- Spellings are plain words: case does not matter, a space stands for any white space. A label has
--- to equal one; a heading has to contain one, or to equal one that begins with "=".
local patterns = {}

--- What an achievement is called. `{keyword}` below stands for each of these.
patterns.keyword = { "Achievement" }

--- Labels of fields, by meaning.
patterns.labels = {
  goal = { "Goal", "Purpose", "Description", "Objective" },
  effort = { "Effort", "Estimated Effort", "Effort Estimate", "Estimate", "Estimated", "Estimated Time",
    "Time Estimate" },
  priority = { "Priority", "Priority Level" },
  title = { "Title", "Name" },
  status = { "Status", "Current Status", "Overall Status", "PLAN Status", "Overall PLAN Status" },
  progress = { "Progress", "Overall Progress", "Completed {keyword}s", "{keyword}s Completed",
    "{keyword}s Complete" },
  archive = { "Archive Location", "Final Archive Location", "Default Location",
    "Default Archive Location", "Archive Folder" },
}

--- Headings, by meaning.
patterns.headings = {
  defining = { "{keyword}s", "{keyword} Addition", "{keyword} Additions", "Feedback Analysis" },
  retelling = { "Completed {keyword}s", "{keyword}s Completed", "{keyword}s Complete",
    "Key {keyword}s", "{keyword}s Summary", "Summary of {keyword}s", "{keyword}s Overview",
    "{keyword}s Status", "{keyword}s Progress" },
  listing = { "{keyword} Index", "{keyword}s Index", "Index of {keyword}s", "{keyword} Tracking",
    "{keyword}s Tracking", "{keyword} Tracker", "{keyword} Template", "{keyword} Example",
    "{keyword} Examples", "Example {keyword}s", "Subplan Tracking" },
  aside = { "Index", "Tracking", "Tracker", "Example", "Examples", "Template", "Templates", "Strategy",
    "Handling", "Log", "Completed", "Next Steps", "Status", "Summary", "Statistics", "What to Read" },
  handoff = { "Status & Handoff", "Status and Handoff", "Status / Handoff", "Status + Handoff",
    "Status & Hand-off", "Status and Hand-off", "=Handoff", "=Hand-off" },
  archive = { "Archive Location", "Archive Plan" },
}

-- The number of an achievement: no range, fraction or amount of something.
local NUMBER = [==[(\d+(?:\.\d+)+)(?![.\d]*[-–—/]\s*\d)(?!\s*(?:h|hrs?|hours?|d|days?|weeks?|min|%|x)\b)]==]
-- Emphasis, symbols and white space, in which no word stands.
local MARKS = [==[[^\w\n]*]==]
-- A step that is done; a title may begin with "Complete", and a design is not the work.
local DONE = [==[✅|☑|✔|(?<!design\s)(?<!planning\s)(?-i:\b(?:COMPLETED?|DONE)\b)|]==]
  .. [==[[-–—:(]\s*(?:is\s+)?(?:complete|completed|done)\b\s*(?:[).,;]|$)]==]
-- Between a number and a title.
local DASH = [==[(?::|\s[-–—]|[–—])]==]

--- Forms of lines. `{keyword}` is any spelling of it, `{number}` a number as group.
local FORMS = {
  definition = "(?i)^" .. MARKS .. [[\*\*]] .. MARKS .. [==[(?:{keyword})\s+(\d[\w.]*)]==]
    .. [==[(?|\*\*\s*(?:\([^()]*\)\s*)?(?:]==] .. DASH .. [==[\s*(.*)())$]==]      -- **A 1.2**: title
    .. [==[|\s*:\s*\*\*\s*(.*)()$]==]                                            -- **A 1.2:** title
    .. "|" .. DASH .. [==[(?!\s*\d+\.\d)\s*(.+?)\*\*\s*(.*)$]==]                               -- **A 1.2: title** tail
    .. [==[|\*\*\s*()()$)]==],                                                   -- **A 1.2**
  heading = "(?i)^" .. MARKS .. [==[(?:{keyword})\s+(\d[\w.]*)\s*]==] .. DASH
    .. [==[[*_]*\s*(.+)$]==],
  plan_title = [[(?i)^\W*PLAN\W*(?::|\s[-–—]\s)]],
  -- "PLAN Summary: X", "PLAN: [NAME]"
  other_title = [==[(?i)^\W*PLAN[\s-]+(?:[\w-]+\s+){0,2}?(?:Summary|Update|Digest|Overview|Review|]==]
    .. [==[Alignment|Report|Notes?)\b[^:]*:|^\W*PLAN[\s_-]+Template\b|^\W*PLAN\W+FEATURE[\s_-]?NAME\s*$|]==]
    .. [==[^\W*PLAN\W+[[{<][^]}>]*[]}>]\s*$]==],
  -- **Plan**: PLAN_NAME.md
  other_field = [==[(?i)^\W*(?:Plan|Plan File|Source Plan|Summary of)\W+PLAN_[\w.-]+\.md\b]==],
  priority = [[(?i)^\W*Priority\s+\d]],
  effort_tail = [==[(?i)^\W*(\d[\d.]*\s*(?:[-–]\s*\d[\d.]*\s*)?(?:h|hrs?|hours?|d|days?|m|min|]==]
    .. [==[minutes?|w|weeks?)\b.*?)\W*$]==],
  -- "✅", "⚠️ **HIGH**", "**COMPLETE**", "← NEXT"
  title_mark = [==[((?:\s*(?:[^\x00-\x{203B}\x{20A0}-\x{20BF}\x{2C00}-\x{FDFF}\x{FE10}-\x{1EFFF}]+]==]
    .. [==[(?:\s*\*\*[^*]+\*\*|\s*[A-Z]{4,}\b)?|\*\*[A-Z][A-Z \d%/-]*\*\*))+\s*)$]==],
  complete_mark = [==[✅|☑|✔|(?i)\b(?:complete|completed|done)\b]==],
  all_done = "(?i)^" .. MARKS .. [==[(?:plan(?:\s+status)?\W+(?:is\s+)?(?:now\s+)?(?:fully\s+)?]==]
    .. [==[(?:100\s*%\W*)?(?:complete|completed|done|executed|finished)|plan\s+(?:is\s+)?ready\s+]==]
    .. [==[(?:for|to)\s+(?:be\s+)?(?:complet\w*|archiv\w*|clos\w*)|all\s+(?:\d+\s+)?(?:planned\s+)?]==]
    .. [==[(?:(?:{keyword})s|priorities)\W+(?:\([^)]*\)\W*)?(?:are\s+)?(?:now\s+)?(?:100\s*%\W*)?]==]
    .. [==[(?:complete|completed|done|finished))\b(?!\W*\?|\s+(?:by|when|once|if|before|until|in)\b)]==],
  status_done = [==[(?i)^\W*(?:complete|completed|done|finished|100\s*%(?:\s+complete)?)\b]==]
    .. [==[(?!.*\b(?:partial|partially|priorit(?:y|ies)\s+\d|phase|pending|remaining|except|blocked|]==]
    .. [==[through|(\d+)\s*/\s*(?!\1\b)\d+\s+(?:(?:{keyword})s?|complete)|]==]
    .. [==[ready\s+(?:for|to)\s+(?!archiv|clos|review|final)))]==],
  progress_done = [==[(?i)^\W*(\d+)\s*(?:/|of)\s*\1\b(?!.*\bpriority\s+\d)]==],
  next = "(?i)^" .. MARKS .. [==[(?:immediate\s+|current\s+|what.{1,3}s\s+)?]==]
    .. [==[(?:next(?:\s+(?:up|steps?|action|priority|task|{keyword}))?|up\s+next|immediate\s+priority)\b]==]
    .. [==[(?:]==] .. MARKS .. [==[(?:(?:{keyword})\s+)?|[^:]{0,20}:.*?\b(?:{keyword})\s+){number}]==],
  next_mark = [==[(?i)\b(?:{keyword})\s+{number}.*(?:←|<-+|⏳|→|➡|👉|\s[-–—]|\()\W*(?-i:NEXT|UP NEXT|]==]
    .. [==[START HERE|Next\b)]==],
  started = "(?i)^" .. MARKS .. [==[(?|[🚧🔄]]==] .. MARKS .. [==[(?:{keyword})\s+{number}|(?:{keyword})\s+]==]
    .. [==[{number}[^\w\n]*(?:status\W+)?in\s+progress\b)]==],
  pending = "(?i)^" .. MARKS .. [==[[⏳⏭🔜⬜➡👉]]==] .. MARKS .. [==[(?:{keyword})\s+{number}]==],
  next_block = "(?i)^" .. MARKS .. [==[(?:what.{1,3}s\s+next|next\s+(?:steps?|actions?|up)|]==]
    .. [==[immediate\s+(?:next\s+)?steps?|next)\b[^\w\n]*$]==],
  next_item = "(?i)^(?!.*(?:" .. DONE .. "))" .. MARKS .. [==[(?:{keyword})\s+{number}]==],
  action = [==[(?i)^(?!.*✅)(?!.*\[x\]).*?\b(?:create|start|begin|select|continue|resume|execute|]==]
    .. [==[design|implement|working\s+on|work\s+on|proceed\s+(?:to|with)|move\s+to)\b[^.;:]{0,60}?]==]
    .. [==[\b(?:{keyword})\s+{number}]==],
  placeholder = [==[(?i)\[[^]]*\]|\{[^}]*\}|<[^>]*>|YYYY|\bMM\b|\bTBD\b|\bDD\b]==],
}

--- Words that stand for themselves in a pattern; a space is any white space.
local function quote(word)
  return (word:gsub("[%^$().%[%]*+?|{}\\#-]", "\\%0"):gsub("%s+", "\\s+"))
end

--- Adds the spellings of `words` to `out`, once for each keyword.
local function spell(out, words, keywords)
  for _, word in ipairs(words or {}) do
    if word:find("{keyword}", 1, true) then
      for _, keyword in ipairs(keywords) do
        out[#out + 1] = word:gsub("{keyword}", (keyword:gsub("%%", "%%%%")))
      end
    else
      out[#out + 1] = word
    end
  end
end

local function spell_all(stock, extra, keywords)
  local out = {}
  for meaning, words in pairs(stock) do
    out[meaning] = {}
    spell(out[meaning], words, keywords)
    spell(out[meaning], extra and extra[meaning], keywords)
  end
  return out
end

---@class (exact) promptgen.patterns.Config
---@field keyword? string[] what an achievement is called, beside "Achievement"
---@field labels? table<string, string[]> spellings beside those of `patterns.labels`
---@field headings? table<string, string[]> spellings beside those of `patterns.headings`

--- The words for `promptgen.plan`, with the spellings of a configuration added to the stock ones.
---@param config? promptgen.patterns.Config
---@return promptgen.plan.Words words
function patterns.list(config)
  config = config or {}
  local keywords, quoted = {}, {}
  spell(keywords, patterns.keyword, {})
  spell(keywords, config.keyword, {})
  for i, keyword in ipairs(keywords) do
    quoted[i] = quote(keyword)
  end
  local values = { keyword = "(?:" .. table.concat(quoted, "|") .. ")", number = NUMBER }
  local forms = {}
  for name, pattern in pairs(FORMS) do
    forms[name] = pattern:gsub("{(%l+)}", values)
  end
  return {
    patterns = forms,
    labels = spell_all(patterns.labels, config.labels, keywords),
    headings = spell_all(patterns.headings, config.headings, keywords),
    keyword = #keywords > #patterns.keyword and keywords or nil,
  }
end

return patterns
