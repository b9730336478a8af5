-- The prompt for a SUBPLAN that is empty or still has placeholders.
local template = require "promptgen.template"

return template.define {
  summary = "Finish a SUBPLAN that is empty or has placeholders left",
  extends = "create_subplan",
  blocks = {
    heading = "Finish the SUBPLAN for achievement {{ brief.label | inline }}",
    intro = [==[
A SUBPLAN, the design of one achievement, was begun and not finished: {{ brief.files.subplan | code }}. Finish it, so that somebody else can do the work without asking you anything. Change no other file. All paths are relative to the root of the repository.
]==],
    caution = [==[
{% if brief.state == "subplan_draft" then %}
{% for _, item in ipairs(brief.evidence) do %}
What is missing: {{ item.path | code }}{{ item.line and (" line " .. item.line) or "" }} {{ item.says | sentence }}
{% end %}
{% else %}
Nothing in it is marked as open. Hold each part against what is asked for below, and complete what falls short.
{% end %}
]==],
    steps = {
      prepend = [==[
Keep what the file says already unless it is wrong; replace every part that is empty or still in square brackets. Then work through this list for the parts that are missing:

]==],
    },
    skeleton = "",
    closing = "Begin now with {{ brief.files.subplan | code }}.\n",
  },
}
