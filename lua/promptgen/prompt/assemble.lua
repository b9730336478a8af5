--- Puts the pieces of a rendered template together and makes them fit a budget of tokens or lines.
---
--- A piece is a section or the text between sections. Only sections are ever left out, least
--- priority first, and none that says `keep`; what fits beside the others again is put back. What was
--- left out is told in the prompt itself, with the way to get at it where the section names one.
local status = require "promptgen.status"
local tokens = require "promptgen.prompt.tokens"

local assemble = {}

--- Text without blank lines at both ends; nil when nothing is left.
local function trimmed(text)
  local first = text:find("%S")
  if not first then
    return nil
  end
  local last = #text
  while text:find("^%s", last) do
    last = last - 1
  end
  while first > 1 and text:byte(first - 1) ~= 10 do
    first = first - 1 -- keep the indentation of the first line
  end
  return text:sub(first, last)
end

--- The pieces that say something, each as finished text.
local function blocks_of(pieces)
  local blocks = {}
  for _, piece in ipairs(pieces) do
    local text = trimmed(piece.text)
    if text then
      blocks[#blocks + 1] = {
        text = piece.title and "## " .. piece.title .. "\n\n" .. text or text,
        name = piece.name, title = piece.title, priority = piece.priority,
        keep = piece.keep or piece.name == nil, instead = piece.instead,
      }
    end
  end
  return blocks
end

--- "1000 tokens", "80 lines", "1000 tokens and 80 lines".
local function budget_words(max_tokens, max_lines)
  local tokens_word = max_tokens and ("%d tokens"):format(max_tokens)
  local lines_word = max_lines and ("%d lines"):format(max_lines)
  return tokens_word and lines_word and tokens_word .. " and " .. lines_word or tokens_word or lines_word
end

--- What the prompt says of the sections it lacks.
local function left_out(dropped, budget)
  local titles, instead = {}, {}
  for i, block in ipairs(dropped) do
    titles[i] = ("\"%s\""):format(block.title)
    if block.instead and block.instead ~= "" then
      instead[#instead + 1] = block.instead
    end
  end
  return ("Left out, to stay within %s: %s.%s"):format(budget,
    table.concat(titles, ", "), #instead > 0 and " " .. table.concat(instead, " ") or "")
end

--- The text of the blocks that stay. The note of what was left out stands before the last block,
--- which is what the reader should see last.
local function join(blocks, dropped, budget)
  local parts = {}
  for _, block in ipairs(blocks) do
    if not block.dropped then
      parts[#parts + 1] = block.text
    end
  end
  if #dropped > 0 then
    table.insert(parts, #parts, left_out(dropped, budget))
  end
  return table.concat(parts, "\n\n") .. "\n"
end

--- The block to leave out next: the least priority, and of equals the last.
local function least(blocks)
  local found
  for _, block in ipairs(blocks) do
    if not block.keep and not block.dropped and (not found or block.priority <= found.priority) then
      found = block
    end
  end
  return found
end

--- Puts back what fits after all, the most important first: one large section may have made room for
--- several that went before it.
local function give_back(blocks, dropped, budget, fits)
  local order = table.move(dropped, 1, #dropped, 1, {})
  local place = {}
  for i, block in ipairs(blocks) do
    place[block] = i
  end
  table.sort(order, function(a, b)
    if a.priority ~= b.priority then
      return a.priority > b.priority
    end
    return place[a] < place[b]
  end)
  local text
  for _, block in ipairs(order) do
    block.dropped = nil
    local without = {}
    for _, other in ipairs(dropped) do
      without[#without + 1] = other ~= block and other or nil
    end
    local attempt = join(blocks, without, budget)
    if fits(attempt) then
      text, dropped = attempt, without
    else
      block.dropped = true
    end
  end
  return text, dropped
end

--- What is told of the sections that were left out.
local function entries_of(dropped)
  local list = {}
  for i, block in ipairs(dropped) do
    list[i] = {
      name = block.name, title = block.title, priority = block.priority, tokens = tokens.estimate(block.text),
    }
  end
  return list
end

--- By what a text is over its budget: fields of an error, `needs` and `most`; nil when it fits.
---@param text string ends with a newline
---@param max_tokens integer?
---@param max_lines integer?
---@return { code: string, hint: string, needs: string, most: integer }?
function assemble.over(text, max_tokens, max_lines)
  local estimate = max_tokens and tokens.estimate(text)
  if estimate and estimate > max_tokens then
    return {
      code = "limit", hint = "raise --max-tokens", needs = ("about %d tokens"):format(estimate), most = max_tokens,
    }
  end
  local lines = max_lines and select(2, text:gsub("\n", "\n"))
  if lines and lines > max_lines then
    return { code = "limit", hint = "raise --max-lines", needs = ("%d lines"):format(lines), most = max_lines }
  end
end

---@class promptgen.prompt.Dropped
---@field name string
---@field title string
---@field priority number
---@field tokens integer estimate

--- Joins the pieces with one blank line between them. Sections without text vanish, heading included.
---@param pieces promptgen.template.Piece[]
---@param max_tokens integer? budget; nil for none
---@param max_lines integer? budget of lines; nil for none
---@return string? text
---@return promptgen.prompt.Dropped[]|promptgen.Error dropped_or_err `limit` when the budget is too
--- small for the sections that must stay
function assemble.text(pieces, max_tokens, max_lines)
  local blocks, dropped, budget = blocks_of(pieces), {}, budget_words(max_tokens, max_lines)
  local text = join(blocks, dropped)
  while budget do
    local problem = assemble.over(text, max_tokens, max_lines)
    if not problem then
      break
    end
    local block = least(blocks)
    if not block then
      problem.message = ("the prompt needs %s even without the sections that may be left out; the budget is %s")
        :format(problem.needs, problem.most)
      problem.needs, problem.most = nil, nil
      return nil, status.error(problem)
    end
    block.dropped = true
    dropped[#dropped + 1] = block
    text = join(blocks, dropped, budget)
  end
  if #dropped > 1 then
    local fuller
    fuller, dropped = give_back(blocks, dropped, budget, function(attempt)
      return assemble.over(attempt, max_tokens, max_lines) == nil
    end)
    text = fuller or text
  end
  return text, entries_of(dropped)
end

return assemble
