--- What the resolver and the parser warn of, with a way to mend each.
local warnings = {}

--- Ways to mend what the resolver warns of.
local WAYS = {
  stale_handoff = "let the handoff name the next achievement: %s",
  dangling_handoff = "let the handoff name an achievement that the plan defines: %s is next",
  stale_header = "set the status in the header to what the end of the document says",
  feedback_mismatch = "tell the reviewer: the title is wrong, or the name of the file",
  empty_feedback = "have the review written; until then it counts as absent",
  fix_kept = "ask the reviewer which of the two counts; an approval that is dated later settles it",
  draft_resolution = "finish the resolution",
  draft_achievement = "write what is still in square brackets, or take it out",
  draft_fix = "have the reviewer write what is still in square brackets, or take it out",
  complete_without_approvals = "have the work reviewed; `promptgen approve %s --all` records a review of the whole",
  foreign_file = "move it to the plan it belongs to, or correct its name",
  foreign_parallel = "leave it to that plan: %s needs a file of its own; or correct `plan_name`",
  unclear_name = "give it the number of an achievement",
  shared_feedback = "put the name of its plan into the file name",
  not_a_file = "put a file in its place, or take it away",
  unreadable_file = "make it readable",
  unreadable_folder = "make it readable",
  unknown_dependency = "correct the number, or take the dependency out",
  malformed_parallel = "correct the file; promptgen discover %s writes the prompt for a new one",
  dependency_cycle = "take out the dependency that is not needed",
  undefined_in_archive = "nothing, if it belongs to an older numbering; otherwise correct its name",
}

--- Told by another comparison already.
local TOLD = { claimed_done = true, conflict_trusted = true }

--- These end in the next achievement, the others in what means the plan.
local ABOUT_NEXT = { stale_handoff = true, dangling_handoff = true }

--- The way to mend a warning.
local function way_of(self, code)
  local way, step = WAYS[code], self.status.next
  if not way then
    return "decide which of the two is right, and correct the other"
  elseif not ABOUT_NEXT[code] then
    return (way:gsub("%%s", (self.word:gsub("%%", "%%%%"))))
  end
  return way:format(step and step.number or self.status.state == "plan_complete" and "none, as all are closed"
    or "none, as all wait")
end

--- Adds the warnings.
---@param self table of promptgen.comparison
function warnings.compare(self)
  for _, warning in ipairs(self.status.warnings) do
    if not TOLD[warning.code] then
      self.checked = self.checked + 1
      local own = warning.path == nil or warning.path == self.plan.path
      self:add(warning.code, warning.path or self.plan.path, warning.line,
        own and warning.line and self:excerpt(warning.line) or nil, warning.message,
        way_of(self, warning.code))
    end
  end
  for _, warning in ipairs(self.plan.warnings) do
    self.checked = self.checked + 1
    self:add(warning.code, self.plan.path, warning.line, self:excerpt(warning.line), warning.message,
      "correct the plan")
  end
end

return warnings
