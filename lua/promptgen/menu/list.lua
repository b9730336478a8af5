--- A list of choices as a terminal shows it: which one is marked, which part of a long list is seen,
--- and what each key does. Knows nothing of the terminal itself.
local columns = require "promptgen.columns"

local list = {}

---@class promptgen.menu.List
---@field labels string[] one line each
---@field marked integer
---@field typed string digits typed so far
---@field first integer the first choice that is seen
---@field rows integer how many choices are seen at most
local List = {}
List.__index = List

---@param labels string[] at least one
---@param marked? integer default 1
---@return promptgen.menu.List
function list.new(labels, marked)
  return setmetatable({ labels = labels, marked = marked or 1, typed = "", first = 1, rows = #labels }, List)
end

--- Keeps the marked choice in sight.
---@param rows integer lines there is room for
function List:fit(rows)
  self.rows = math.max(1, math.min(rows, #self.labels))
  self.first = math.max(self.marked - self.rows + 1, math.min(self.first, self.marked))
  self.first = math.max(1, math.min(self.first, #self.labels - self.rows + 1))
end

local function within(self, index)
  return math.max(1, math.min(index, #self.labels))
end

local MOVES = {
  up = function(self) return self.marked > 1 and self.marked - 1 or #self.labels end,
  down = function(self) return self.marked < #self.labels and self.marked + 1 or 1 end,
  home = function() return 1 end,
  ["end"] = function(self) return #self.labels end,
  page_up = function(self) return within(self, self.marked - self.rows) end,
  page_down = function(self) return within(self, self.marked + self.rows) end,
}

local LETTERS = { k = "up", j = "down", q = "back" }

--- A digit marks the choice of the number typed so far; one that makes no number begins a new one.
local function type_digit(self, digit)
  for _, typed in ipairs { self.typed .. digit, digit } do
    local number = #typed < 7 and tonumber(typed) or 0
    if number >= 1 and number <= #self.labels then
      self.typed, self.marked = typed, number
      return
    end
  end
  self.typed = ""
end

--- What a key does: "chosen" and "back" end the list; nil goes on.
---@param key string of promptgen.keyboard
---@param text? string byte of the key "text"
---@return "chosen"|"back"|nil
function List:press(key, text)
  if key == "text" and text:find "%d" then
    type_digit(self, text)
    return nil
  end
  key = key == "text" and LETTERS[text] or key
  if key == "backspace" then
    self.typed = self.typed:sub(1, -2)
    self.marked = tonumber(self.typed) or self.marked
    return nil
  end
  self.typed = ""
  if MOVES[key] then
    self.marked = MOVES[key](self)
  end
  return (key == "enter" or key == "right") and "chosen" or (key == "escape" or key == "left") and "back"
    or key == "back" and "back" or nil
end

--- The lines in sight: {text, marked}.
---@param room integer cells of a line
---@return { [1]: string, [2]: boolean }[]
function List:lines(room)
  local out, digits = {}, #tostring(#self.labels)
  for i = self.first, self.first + self.rows - 1 do
    local line = ("%s %" .. digits .. "d  %s"):format(i == self.marked and ">" or " ", i, self.labels[i])
    out[#out + 1] = { columns.cut(line, room), i == self.marked }
  end
  return out
end

return list
