--- Unified differences of texts, as `git apply` and `patch -p1` take them.
local diff = {}

local CONTEXT = 3
--- Effort: beyond this many differing lines the whole changed middle is shown as replaced.
local MAX_CHANGES = 400

--- Lines of a text with their line feeds; the last one may lack it.
local function split(text)
  local lines = {}
  for line in text:gmatch "[^\n]*\n?" do
    if line ~= "" then
      lines[#lines + 1] = line
    end
  end
  return lines
end

--- Shortest edit script of a[from_a..to_a] into b[from_b..to_b] by the greedy method of E. Myers,
--- "An O(ND) Difference Algorithm and Its Variations" (1986). The furthest points of each round are
--- kept for the way back. Nil when it takes more than MAX_CHANGES changes.
local function search(a, b, from_a, to_a, from_b, to_b)
  local n, m = to_a - from_a + 1, to_b - from_b + 1
  local furthest, rounds = { [1] = 0 }, {}
  for d = 0, math.min(n + m, MAX_CHANGES) do
    local kept = {}
    for k = -d - 1, d + 1 do
      kept[k] = furthest[k]
    end
    rounds[d] = kept
    for k = -d, d, 2 do
      local down = k == -d or (k ~= d and furthest[k - 1] < furthest[k + 1])
      local x = down and furthest[k + 1] or furthest[k - 1] + 1
      local y = x - k
      while x < n and y < m and a[from_a + x] == b[from_b + y] do
        x, y = x + 1, y + 1
      end
      furthest[k] = x
      if x >= n and y >= m then
        return rounds, d, n, m
      end
    end
  end
end

--- Marks the lines of `a` that go and of `b` that come.
local function mark(a, b, from_a, to_a, from_b, to_b)
  local gone, new = {}, {}
  local rounds, d, x, y = search(a, b, from_a, to_a, from_b, to_b)
  if not rounds then
    for i = from_a, to_a do gone[i] = true end
    for i = from_b, to_b do new[i] = true end
    return gone, new
  end
  while d > 0 do
    local furthest, k = rounds[d], x - y
    local down = k == -d or (k ~= d and furthest[k - 1] < furthest[k + 1])
    local before = down and k + 1 or k - 1
    local px = furthest[before]
    local py = px - before
    if down then
      new[from_b + py] = true
    else
      gone[from_a + px] = true
    end
    x, y, d = px, py, d - 1
  end
  return gone, new
end

--- The edit script as a list of {sign, line, line number in a, line number in b}.
local function script(a, b)
  local first, last = 1, 0
  while first <= #a and first <= #b and a[first] == b[first] do
    first = first + 1
  end
  while last < #a - first + 1 and last < #b - first + 1 and a[#a - last] == b[#b - last] do
    last = last + 1
  end
  local gone, new = mark(a, b, first, #a - last, first, #b - last)
  local out, i, j = {}, 1, 1
  while i <= #a or j <= #b do
    if gone[i] then
      out[#out + 1] = { "-", a[i], i, j }
      i = i + 1
    elseif new[j] then
      out[#out + 1] = { "+", b[j], i, j }
      j = j + 1
    else
      out[#out + 1] = { " ", a[i], i, j }
      i, j = i + 1, j + 1
    end
  end
  return out
end

--- Ranges of the script that are shown: changes with their context, near ones together.
local function hunks_of(edits)
  local hunks = {}
  for at, edit in ipairs(edits) do
    if edit[1] ~= " " then
      local last = hunks[#hunks]
      if last and at - CONTEXT <= last[2] + 1 then
        last[2] = at + CONTEXT
      else
        hunks[#hunks + 1] = { at - CONTEXT, at + CONTEXT }
      end
    end
  end
  for _, hunk in ipairs(hunks) do
    hunk[1], hunk[2] = math.max(1, hunk[1]), math.min(#edits, hunk[2])
  end
  return hunks
end

local function range(start, count)
  if count == 0 then
    start = start - 1
  end
  return count == 1 and ("%d"):format(start) or ("%d,%d"):format(start, count)
end

local function add_hunk(out, edits, hunk)
  local count = { [" "] = 0, ["-"] = 0, ["+"] = 0 }
  for at = hunk[1], hunk[2] do
    local sign = edits[at][1]
    count[sign] = count[sign] + 1
  end
  local head = edits[hunk[1]]
  out[#out + 1] = ("@@ -%s +%s @@\n"):format(range(head[3], count[" "] + count["-"]),
    range(head[4], count[" "] + count["+"]))
  for at = hunk[1], hunk[2] do
    local line = edits[at][2]
    out[#out + 1] = edits[at][1] .. line
    if line:sub(-1) ~= "\n" then
      out[#out + 1] = "\n\\ No newline at end of file\n"
    end
  end
end

--- How a file changes. Without `old` it is created, without `new` it is removed; "" when nothing
--- changes.
---@param path string
---@param old? string
---@param new? string
---@return string
function diff.unified(path, old, new)
  if old == new then
    return ""
  end
  local out = { ("diff --git a/%s b/%s\n"):format(path, path) }
  if not old then
    out[2] = "new file mode 100644\n"
  elseif not new then
    out[2] = "deleted file mode 100644\n"
  end
  local edits = script(split(old or ""), split(new or ""))
  if #edits > 0 then
    out[#out + 1] = "--- " .. (old and "a/" .. path or "/dev/null") .. "\n"
    out[#out + 1] = "+++ " .. (new and "b/" .. path or "/dev/null") .. "\n"
  end
  for _, hunk in ipairs(hunks_of(edits)) do
    add_hunk(out, edits, hunk)
  end
  return table.concat(out)
end

--- How a file is moved, unchanged.
---@param from string
---@param to string
---@return string
function diff.move(from, to)
  return ("diff --git a/%s b/%s\nsimilarity index 100%%\nrename from %s\nrename to %s\n"):format(from, to, from, to)
end

return diff
