--- The rules of `promptgen lint`: their names, usual levels, and what they find.
local rules = {}

--- {rule, level, what it finds}. An error is what makes promptgen answer wrongly or not at all; a warning
--- is something that is not true; a note is something to think about.
rules.list = {
  { "undefined_feedback", "error", "a review for a number that the plan does not define" },
  { "undefined_work", "error", "a SUBPLAN or an EXECUTION_TASK for a number that the plan does not define" },
  { "shared_code", "error", "a file that may be for several numbers" },
  { "dates", "error", "an approval dated before the FIX it should answer" },
  { "duplicate_number", "error", "a number that is defined twice with different titles" },
  { "no_achievements", "error", "a plan that defines no achievement" },
  { "malformed_parallel", "error", "a parallel.json that cannot be understood" },
  { "unknown_dependency", "error", "a dependency on a number that the plan does not define" },
  { "dependency_cycle", "error", "achievements that wait for each other" },
  { "archived_twice", "error", "a file that lies beside the plan and in its archive" },
  { "unreadable_file", "error", "a file of the plan that cannot be read" },
  { "unreadable_folder", "error", "a folder of the plan that cannot be listed" },
  { "dangling_handoff", "error", "a handoff that names a number that the plan does not define" },
  { "malformed_number", "warning", "an achievement whose number cannot be understood" },
  { "unclosed_fence", "warning", "a code block that is never closed" },
  { "invalid_utf8", "warning", "bytes that are not UTF-8" },
  { "repeated_handoff", "warning", "a second handoff section" },
  { "repeated_number", "note", "a number that is defined again with the same title" },
  { "stale_handoff", "warning", "a handoff that names a closed achievement" },
  { "handoff", "warning", "a handoff that says complete while something is open" },
  { "status", "warning", "a status in the plan's header that the files do not bear out" },
  { "claimed_done", "warning", "an achievement that is marked as done, but not closed by a review" },
  { "open_box", "warning", "an open box for a closed achievement" },
  { "count", "warning", "a figure that is not that of the files" },
  { "missing_file", "warning", "a file that the plan speaks of as done, and that is not there" },
  { "unregistered", "warning", "a file that the plan's own list of files does not name" },
  { "subplan_status", "warning", "a SUBPLAN that says complete while an execution does not" },
  { "complete_without_approvals", "warning", "a plan that says it is complete and has no reviews" },
  { "stale_header", "warning", "a document whose header and end are at odds" },
  { "feedback_mismatch", "warning", "a review whose title names another achievement than its file name" },
  { "fix_kept", "warning", "a FIX beside an approval that is not dated later" },
  { "empty_feedback", "warning", "a review with nothing in it" },
  { "draft_resolution", "warning", "an answer to a FIX in which something is still to be written" },
  { "draft_achievement", "warning", "an open achievement of which something is still to be written" },
  { "draft_fix", "warning", "a review that asks for fixes, in which something is still to be written" },
  { "foreign_file", "warning", "a file of another plan" },
  { "foreign_parallel", "warning", "a parallel.json that is for another plan of the folder" },
  { "unclear_name", "warning", "a file whose name gives no number" },
  { "shared_feedback", "warning", "a review in a folder that several plans share, without the name of one" },
  { "not_a_file", "warning", "something else where a file should be" },
  { "undefined_in_archive", "note", "an archived file for a number that the plan does not define" },
  { "approved_incomplete", "warning", "an approved achievement with an execution that is not complete" },
  { "placeholder_left", "warning", "a closed achievement with a document in which something is still to be written" },
  { "unplanned_execution", "note", "an execution that its SUBPLAN does not plan" },
  { "missing_deliverable", "warning", "an approved achievement whose deliverable is not there" },
  { "broken_link", "warning", "a link to a file that is not there" },
  { "empty_achievement", "warning", "an achievement of which nothing is said but its title" },
  { "archive_open", "note", "an archive location that is not filled in" },
  { "no_archive", "note", "a plan that names no archive location" },
  { "missing_section", "note", "a plan without one of the sections it should have" },
  { "plan_size", "note", "a plan that is longer than an agent should read" },
  { "plan_effort", "note", "a plan of more hours than one plan should hold" },
  { "subplan_size", "note", "a SUBPLAN that is longer than it should be" },
  { "execution_size", "note", "an EXECUTION_TASK that is longer than it should be" },
  { "parallel_shape", "warning", "a parallel.json with a field that is missing or of another form" },
  { "parallel_name", "warning", "a file that looks like a parallel.json and is not read" },
}

--- Settings of the configuration, and their types.
rules.settings = {
  levels = "table", plan_lines = "number", subplan_lines = "number", execution_lines = "number",
  plan_hours = "number", sections = "table",
}

local levels

--- The usual level of a rule; nil for no rule. What the parser of plans warns of is a warning.
---@param rule string
---@return promptgen.lint.Level?
function rules.level(rule)
  if not levels then
    levels = {}
    for _, row in ipairs(rules.list) do
      levels[row[1]] = row[2]
    end
  end
  return levels[rule]
end

return rules
