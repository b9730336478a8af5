--- A workspace in memory: paths to texts, or to records as promptgen.plan would give them.
--- It counts what is listed and read, so that a spec can say what must not be touched.
local fake = {}

local function not_found(path)
  return nil, { code = "not_found", message = "there is no " .. path, path = path }
end

local Workspace = {}
Workspace.__index = Workspace

--- `files`: path to text, record (a table), or `false` for a folder.
function fake.workspace(files)
  return setmetatable({
    root = "/fake", files = files, listed = {}, looked_at = {},
  }, Workspace)
end

function Workspace:list(dir)
  self.listed[dir] = (self.listed[dir] or 0) + 1
  local prefix = (dir == "" or dir == ".") and "" or dir .. "/"
  local kinds = {}
  for path, content in pairs(self.files) do
    if path:sub(1, #prefix) == prefix and #path > #prefix then
      local name, rest = path:sub(#prefix + 1):match("^([^/]+)(.*)$")
      local kind = (rest ~= "" or content == false) and "dir" or "file"
      if type(content) == "table" and content.entry_type and rest == "" then
        kind = content.entry_type
      end
      kinds[name] = kind
    end
  end
  if next(kinds) == nil and self.files[dir] ~= false then
    return not_found(dir)
  end
  local entries = {}
  for name, kind in pairs(kinds) do
    entries[#entries + 1] = { name = name, type = kind }
  end
  table.sort(entries, function(a, b) return a.name < b.name end)
  return entries
end

function Workspace:read(path)
  local content = self.files[path]
  if type(content) ~= "string" then
    return not_found(path)
  end
  self.looked_at[path] = (self.looked_at[path] or 0) + 1
  return content
end

function Workspace:document(path)
  local content = self.files[path]
  if not content then
    return not_found(path)
  elseif type(content) == "table" and content.error then
    return nil, content.error
  end
  self.looked_at[path] = (self.looked_at[path] or 0) + 1
  if type(content) == "table" then
    return content
  end
  return require("promptgen.plan").parse(content, { path = path })
end

Workspace.plan = Workspace.document

--- Record of a plan. `spec.achievements` lists numbers or {number, title}.
function fake.plan(path, spec)
  local feature = path:match("PLAN_([^/]*)%.md$")
  local plan = {
    kind = "plan", path = path, feature = feature, title = "PLAN: " .. tostring(feature), achievements = {},
    claims = {}, warnings = {}, handoff_says_complete = false, text = function() return "" end,
  }
  for i, one in ipairs(spec.achievements) do
    local number, title = one, "Title of " .. tostring(one)
    if type(one) == "table" then
      number, title = one[1], one[2]
    end
    plan.achievements[i] = { number = number, title = title, line = 10 * i, end_line = 10 * i + 5 }
  end
  for key, value in pairs(spec) do
    if key ~= "achievements" then
      plan[key] = value
    end
  end
  return plan
end

--- Record of a document that says what `fields` tell.
function fake.document(fields)
  local record = {
    kind = "document", empty = false, says_complete = false, stale_header = false, planned = {},
    claims = {}, achievements = {},
  }
  for key, value in pairs(fields or {}) do
    record[key] = value
  end
  return record
end

function fake.complete(fields)
  local record = fake.document(fields)
  record.says_complete = true
  record.complete = { line = 5, says = "✅ Complete", where = "header" }
  record.header_status = { line = 5, says = "✅ Complete", complete = true }
  return record
end

function fake.in_progress(fields)
  local record = fake.document(fields)
  record.header_status = { line = 5, says = "In Progress", complete = false }
  return record
end

function fake.feedback(number, date, fields)
  local record = fake.document(fields)
  record.names_number = number and { number = number, line = 1 } or nil
  record.date = date and { value = date, line = 3 } or nil
  record.header_status = { line = 4, says = "✅ APPROVED", complete = false }
  return record
end

--- A plan folder: names below `work-space/plans/F` to contents, beside a plan record.
function fake.nested(spec, files)
  local dir = "work-space/plans/F"
  local plan = fake.plan(dir .. "/PLAN_F.md", spec)
  local all = { [dir .. "/PLAN_F.md"] = plan }
  for name, content in pairs(files or {}) do
    all[dir .. "/" .. name] = content
  end
  return fake.workspace(all), plan
end

return fake
