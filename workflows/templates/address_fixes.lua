-- The prompt for an achievement whose review asks for fixes.
local template = require "promptgen.template"

return template.define {
  summary = "Address the fixes a review asks for",
  extends = "base",
  blocks = {
    heading = "Address the review of achievement {{ brief.label | inline }}",
    intro = [==[
A review of one achievement of a plan asks for fixes. Make them, prove them, and write down what you did. All you need to know stands here or in the files named here. All paths are relative to the root of the repository.
]==],
    findings = [==[
{% local issues, left = brief.issues, brief.unwritten_fix %}
{% if left then %}
The review is not finished: {{ left.says | code }} in line {{ left.line }} is still to be written. A text in square brackets asks for nothing. Do what the review does say, ask the reviewer for the rest, and do not guess it.

{% end %}
{% if issues then %}
The reviewer's own words, lines {{ issues.first }}-{{ issues.last }} ({{ issues.count | plural("line") }}) of {{ brief.files.fix | code }}{{ issues.whole and "" or "; only the beginning is quoted, so read those lines first" }}:

{{ issues.text | fence("markdown") }}
{% else %}
The review is {{ brief.files.fix | code }}; read it whole before anything else.
{% end %}
{% include("partials/fix_list", { brief = brief }) %}
]==],
    steps = [==[
1. Read the whole review. {{ brief.fix and #brief.fix.issues > 0 and "The list above holds its issues; add what else it asks for." or "Make a list of its issues: the critical ones, then the minor ones." }} If it offers several ways out, take the one it recommends.
2. Reproduce each issue: a failing test, a command and its output, or the lines that are wrong. An issue that you cannot reproduce stays on the list, with what you tried.
3. Solve the critical issues one at a time, each with a test that failed before, wherever a test can show it. Then the minor ones; if you leave one, give the reason.
4. Keep what the review says works well as it is.
5. Run the tests for this work and the project's whole suite.
6. Write the resolution described below.
]==],
    write = [==[
Create {{ brief.files.resolution | code }}. {{ ("%s %s --resolution --reviewer NAME"):format(brief.commands.fix, brief.number) | code }}, with your name, makes its skeleton with the issues of the review; while a text in square brackets is left in it, it counts as a draft. It holds:

- Title line: `# RESOLUTION: Achievement {{ brief.number }}`
- Header, one line each: `**Date**: ` with today's date (`date +%F`), `**Status**: ✅ Resolved`. If something stays unsolved, do not create this file yet.
- `## Issues`: one section for each issue of the review, with the review's number and title. In it: what was wrong, what you changed (files and lines), and how it is proved (the test or the command, with its result).
- `## Tests`: the commands you ran and their results.
- `## Left as it is`: minor issues that you did not change, each with the reason; "nothing" if there are none.

If the review says that the log or another document is not true, correct that document too.
]==],
    limits = [==[
- Fix what the review names and nothing else; achievement {{ brief.number }} only.
- Where the review and the plan contradict each other, follow the review, and say so in the resolution.
- Do not edit or delete {{ brief.files.fix | code }}, and do not create {{ brief.files.approved | code }}: only a reviewer does.
- Do not weaken or delete a test to make it pass.
- Delete nothing that is not committed: where the review asks to take code out, commit the present state first, so that it can be found again.
]==],
    verify = [==[
- {{ brief.fix and #brief.fix.issues > 1 and ("All %d issues of the list appear"):format(#brief.fix.issues) or "Every issue of the review appears" }} in the resolution.
- The tests pass, those that existed before too.
- {{ brief.commands.status | code }} shows achievement {{ brief.number }} as `fix_resolved`.
]==],
    review = [==[
- Each issue is solved in the code, not only in the text about it.
- Each critical issue has a test that would fail without the fix, wherever a test can show it.
- Nothing else changed.
]==],
    closing = "Begin now by reading {{ brief.files.fix | code }}, and end by creating {{ brief.files.resolution | code }}.\n",
  },
}
