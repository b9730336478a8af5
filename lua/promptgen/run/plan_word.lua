--- Which word of a command line is the plan of a workflow. Mostly it is the first one; where options or
--- other arguments stand before it, the workflow's own declaration decides.
local plan_word = {}

--- What no word of a command line can be: it has a NUL.
local MARK = "@\0"

local function looks_like_target(word)
  return word:sub(1, 1) == "@" or word:match("%.md$") ~= nil
end

--- What the words become. A declaration may come from a worker, which may send anything.
local function parse(declared, words)
  local arguments = require "promptgen.arguments"
  local ok, args = pcall(arguments.parse, {
    name = declared.name, options = declared.options, arguments = declared.arguments or arguments.of_workflow,
  }, words)
  return ok and args or nil
end

--- The place of the word that becomes the argument `plan`.
---@param words string[]
---@param describe fun(): table? the declaration of the workflow: it is asked for only where it decides
---@return integer? place nil where no word names a plan, or the command line is not right
function plan_word.find(words, describe)
  if words[1] and looks_like_target(words[1]) then
    return 1
  end
  local declared
  for place = 2, #words do
    if looks_like_target(words[place]) then
      declared = declared or describe()
      if not declared then
        return nil -- the run will tell what is wrong with it
      end
      local marked = table.move(words, 1, #words, 1, {})
      marked[place] = MARK
      local args = parse(declared, marked)
      if args and args.plan == MARK then
        return place
      end
    end
  end
  return nil
end

return plan_word
