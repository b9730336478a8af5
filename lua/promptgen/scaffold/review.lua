--- What approve, fix and skip share: their options, the place of a review file, the words of refusals.
local errors = require "promptgen.errors"
local facts = require "promptgen.scaffold.facts"

local review = {}

--- Options of every command that writes a review file.
review.options = {
  { "--reviewer", "value", "who reviews (USER)", metavar = "NAME" },
  { "--date", "value", "date the document bears (today)", metavar = "YYYY-MM-DD" },
  { "--force", "flag", "go on although the state speaks against it" },
}

--- Option declarations of a command: its own, then those of every review.
---@param own table[]
---@return table[]
function review.with_options(own)
  return table.move(review.options, 1, #review.options, #own + 1, own)
end

--- Who reviews, and when.
---@param args {reviewer?: string, date?: string}
---@return {reviewer: string, date: string}?
---@return promptgen.Error? err `usage`
function review.signature(args)
  local reviewer, err = facts.author(args.reviewer, "--reviewer")
  if not reviewer then
    return nil, err
  end
  local date
  date, err = facts.date(args.date)
  return date and { reviewer = reviewer, date = date }, err
end

--- Refuses an option whose text is blank: it would leave a gap in the document.
---@param args table<string, any>
---@param names string[] of options, without the dashes
---@return boolean? ok
---@return promptgen.Error? err `usage`
function review.check_texts(args, names)
  for _, name in ipairs(names) do
    local given = args[name]
    for _, text in ipairs(type(given) == "table" and given or { given }) do
      if not text:find "%S" then
        return nil, errors.new { code = "usage", message = ("--%s needs a text"):format(name),
          hint = "leave the option out to write it by hand" }
      end
    end
  end
  return true
end

---@return nil
---@return promptgen.Error err `bad_input`
function review.refuse(path, message, ...)
  return nil, errors.new { code = "bad_input", path = path, message = message, hint = { ... } }
end

--- A change that writes `path` anew. A file of nothing but white space counts as absent everywhere,
--- and is replaced.
---@param run promptgen.Transition
---@param path string
---@param document promptgen.Document
---@param message string what cannot be when there is a file
---@param hint? string
---@return promptgen.Change?
---@return promptgen.Error? err `conflict` when there is a file
function review.new_file(run, path, document, message, hint)
  local seen, err = run:seen(path)
  if not seen and err.code ~= "not_found" then
    err.path = path
    return nil, err
  elseif seen and seen.old:find "%S" then
    return run:lost(path, message, hint)
  end
  return { path = path, document = document, old = seen and seen.old, expected = seen and seen.expected }
end

--- Why an answer dated `date` would not count: a file it answers is dated later.
---@param run promptgen.Transition
---@param path? string of the file it answers
---@param date string
---@return boolean? ok
---@return promptgen.Error? err `bad_input`
function review.check_date(run, path, date)
  local record = path and run.workspace:document(path)
  local stated = record and record.date
  if stated and stated.value > date then
    return review.refuse(path, ("this file is dated %s: an answer of %s would not count"):format(stated.value, date),
      "--date tells another date")
  end
  return true
end

return review
