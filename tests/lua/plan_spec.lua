local plan = require "promptgen.plan"

local function parse(lines, options)
  local text = type(lines) == "table" and table.concat(lines, "\n") .. "\n" or lines
  return assert(plan.parse(text, options))
end

--- "number@line-end_line title" of each achievement.
local function outline(record)
  local out = {}
  for i, a in ipairs(record.achievements) do
    out[i] = ("%s@%d-%d %s"):format(a.number, a.line, a.end_line, a.title or "-")
  end
  return out
end

local function codes(record)
  local out = {}
  for i, w in ipairs(record.warnings) do
    out[i] = w.code .. "@" .. w.line
  end
  return out
end

describe("promptgen.plan", function()
  describe("definitions", function()
    it("are read in each form", function()
      local record = parse {
        "# PLAN: X", "## Desirable Achievements",
        "**Achievement 4.2**: Cache added", "",
        "**Achievement 4.2.1**: Eviction added", "",
        "**Achievement 4.3: Cache sized** ⏱️ 2-3 hours", "",
        "**Achievement 4.3.1: Sizes** - May 3, 2020", "",
        "**Achievement 4.4:** Colon inside", "",
        "**Achievement 4.5** (Added: later):", "", "- **Title**: From a bullet", "",
        "✅ **Achievement 4.6** - Dash between", "",
        "**Achievement 10.1**: Two digits",
      }
      assert.same({
        "4.2@3-3 Cache added", "4.2.1@5-5 Eviction added", "4.3@7-7 Cache sized", "4.3.1@9-9 Sizes",
        "4.4@11-11 Colon inside", "4.5@13-15 From a bullet", "4.6@17-17 Dash between",
        "10.1@19-19 Two digits",
      }, outline(record))
      assert.equal("plan", record.kind)
      assert.equal("2-3 hours", record.achievements[3].effort)
      assert.is_nil(record.achievements[4].effort)
    end)

    it("may be headings of a defining section, where no paragraph defines the number", function()
      local record = parse {
        "# PLAN: X", "## Achievements", "### Achievement 1.1: First", "text", "#### Tests", "- a", "",
        "### Achievement 1.2 - Second", "### Achievement 1.3: Heading", "",
        "**Achievement 1.3**: Paragraph", "## Other", "### Achievement 1.4: No",
      }
      assert.same({ "1.1@3-6 First", "1.2@8-8 Second", "1.3@11-11 Paragraph" }, outline(record))
    end)

    it("end at the next definition or heading, on content", function()
      local record = parse {
        "# PLAN: X", "## 🎯 Achievements", "### Priority 0: HIGH - Base", "",
        "**Achievement 0.1**: A", "", "text", "", "---", "", "**Achievement 0.2**: B", "",
        "#### Notes", "", "more", "", "***", "", "### Priority 1: LOW - Rest", "",
        "**Achievement 1.1**: C", "```", "## no heading", "```", "", "## Next Section", "x",
      }
      assert.same({ "0.1@5-7 A", "0.2@11-15 B", "1.1@21-24 C" }, outline(record))
      assert.equal("Priority 0: HIGH - Base", record.achievements[2].priority)
      assert.equal("Priority 1: LOW - Rest", record.achievements[3].priority)
    end)

    it("are not taken from code, indexes, tracking, examples, lists or prose", function()
      local record = parse {
        "# PLAN: X", "## Achievement Index", "**Achievement 1.1: A** (4h)", "**Achievement 9.1: No**",
        "## Desirable Achievements", "```", "**Achievement 9.2**: fenced", "```", "",
        "    **Achievement 9.3**: indented", "", "- **Achievement 9.4**: item", "> **Achievement 9.5**: quote",
        "", "prose first", "**Achievement 9.6**: inside", "", "**Achievement 9.7 will do**:", "",
        "**Achievement 9.8/9.9**: two", "", "**Achievement 1.1**: A",
        "### Achievement Template", "", "**Achievement 9.10**: t", "### Priority 1", "",
        "**Achievement 1.2**: B", "## Subplan Tracking", "### Achievement 1.1: A", "",
        "## Error Handling Strategy", "**Achievement 9.11**: add handling",
      }
      assert.same({ "1.1@22-22 A", "1.2@28-28 B" }, outline(record))
    end)

    it("end before the headings that the next definition stands under", function()
      local record = parse { "# PLAN: X", "## Achievements", "### Priority 1", "**Achievement 1.1**: A", "",
        "#### Notes", "text", "", "#### Added later", "", "**Achievement 1.1.1**: B", "", "#### More", "",
        "**Achievement 1.2**: C", "##### Inside", "#### Beside" }
      assert.same({ "1.1@4-7 A", "1.1.1@11-11 B", "1.2@15-16 C" }, outline(record))
    end)

    it("are no ranges of achievements", function()
      local record = parse { "# PLAN: X", "## Achievements", "**Achievement 1.1 - 1.3**: all", "",
        "**Achievement 1.4-1.5: both**" }
      assert.same({}, outline(record))
    end)

    it("count in sections that add achievements later", function()
      local record = parse {
        "# PLAN: X", "## Desirable Achievements", "**Achievement 1.1**: A", "",
        "## Achievement Addition Log", "**Achievement 1.2**: B", "",
        "## Feedback Analysis", "**Achievement 1.3**: C",
      }
      assert.same({ "1.1@3-3 A", "1.2@6-6 B", "1.3@9-9 C" }, outline(record))
    end)

    it("in a section that retells count where no other section defines them", function()
      local record = parse {
        "# PLAN: X", "## Completed Achievements", "**Achievement 1.1**: Done", "",
        "**Achievement 1.2**: Retold", "## Remaining Achievements", "**Achievement 1.2**: Open",
      }
      assert.same({ "1.1@3-3 Done", "1.2@7-7 Open" }, outline(record))
      assert.equal("document", parse("# Report\n## Completed Achievements\n**Achievement 1.1**: Done\n").kind)
    end)

    it("may stand anywhere in a plan that has no section for them", function()
      local lines = { "# PLAN: X", "**Achievement 1.1**: A", "", "## Work", "**Achievement 1.2**: B", "",
        "## Current Status & Handoff", "**Achievement 1.3**: C" }
      assert.same({ "1.1@2-2 A", "1.2@5-5 B" }, outline(parse(lines)))
      lines[1] = "# Notes"
      assert.equal("document", parse(lines).kind)
    end)

    it("are none of a document about a plan", function()
      local body = { "", "## Achievements", "**Achievement 1.1**: A" }
      for _, title in ipairs { "# PLAN Summary: X", "# PLAN Update Summary: X", "# PLAN: [FEATURE NAME]",
        "# Digest\n**Plan**: PLAN_X.md", "# PLAN-TEMPLATE", "# PLAN: FEATURE NAME" } do
        local record = parse(title .. "\n" .. table.concat(body, "\n") .. "\n")
        assert.same({}, outline(record), title)
        assert.equal("document", record.kind)
      end
      assert.equal(1, #parse("# PLAN: Summary of Things\n" .. table.concat(body, "\n")).achievements)
      local own = "# PLAN: X\n**Plan**: PLAN_X.md\n" .. table.concat(body, "\n")
      assert.equal(1, #parse(own, { path = "a/PLAN_X.md" }).achievements)
    end)

    it("with a malformed number are reported", function()
      local record = parse { "# PLAN: X", "## Achievements", "**Achievement 1**: A", "",
        "**Achievement 1.a**: B", "", "**Achievement 1.2.3.4**: C", "", "**Achievement 1.1**: D" }
      assert.same({ "1.1@9-9 D" }, outline(record))
      assert.same({ "malformed_number@3", "malformed_number@5", "malformed_number@7" }, codes(record))
      for _, number in ipairs { "1.", "1..2", "12345.1", "1.12345" } do
        record = parse { "# PLAN: X", "## Achievements", "**Achievement " .. number .. "**: A" }
        assert.equal(0, #record.achievements, number)
        assert.same({ "malformed_number@3" }, codes(record))
      end
    end)

    it("of one number twice keep the first and tell whether the titles agree", function()
      local record = parse { "# PLAN: X", "## Achievements", "**Achievement 1.1**: First thing", "",
        "**Achievement 1.1**: first *Thing* ✅", "", "**Achievement 1.1**: First think" }
      assert.same({ "1.1@3-3 First thing" }, outline(record))
      assert.same({ "duplicate_number@5", "duplicate_number@7" }, codes(record))
      assert.same({
        { number = "1.1", title = "first *Thing*", line = 5, first_line = 3, same_title = true },
        { number = "1.1", title = "First think", line = 7, first_line = 3, same_title = false },
      }, record.duplicates)
    end)
  end)

  describe("titles", function()
    it("lose their status marks, and a mark tells completion", function()
      local rows = {
        { "Cache ✅", "Cache", "complete" },
        { "Cache ✅ **COMPLETE**", "Cache", "complete" },
        { "Cache ⚠️ **HIGH**", "Cache" },
        { "Cache ✅ **SUPERSEDED**", "Cache", "complete" },
        { "Cache **DONE**", "Cache", "complete" },
        { "Cache (NEW - Gap Fix #1)", "Cache (NEW - Gap Fix #1)" },
        { "The **bold** cache", "The **bold** cache" },
        { "Use `cache` → store", "Use `cache` → store" },
        { "Überprüfung 完了", "Überprüfung 完了" },
        { "Test coverage (90%)", "Test coverage (90%)" },
      }
      for _, row in ipairs(rows) do
        local a = parse { "# PLAN: X", "## Achievements", "**Achievement 1.1**: " .. row[1] }.achievements[1]
        assert.equal(row[2], a.title)
        assert.equal(row[1], a.title_raw)
        assert.equal(row[3], a.mark)
      end
      local tail = parse { "# PLAN: X", "## Achievements", "**Achievement 1.1: Cache** ✅ **COMPLETE**" }
      assert.equal("complete", tail.achievements[1].mark)
    end)
  end)

  describe("sections of achievements", function()
    it("give goal, effort and priority in each spelling", function()
      local rows = {
        { "- Goal: G", "- **Effort**: 3h" },
        { "**Purpose**: G", "", "**Effort**: 3h" },
        { "**Description:** G  ", "**Estimated Effort**: 3h" },
      }
      for _, row in ipairs(rows) do
        local a = parse("# PLAN: X\n## Achievements\n### Priority 1: HIGH - P\n\n**Achievement 1.1**: A\n\n"
          .. table.concat(row, "\n") .. "\n").achievements[1]
        assert.same({ "G", "3h", "Priority 1: HIGH - P" }, { a.goal, a.effort, a.priority })
      end
      local own = parse("# PLAN: X\n## Achievements\n**Achievement 1.1**: A\n\n- Priority: LOW\n").achievements[1]
      assert.equal("LOW", own.priority)
      assert.is_nil(own.goal)
      assert.is_nil(own.effort)
    end)

    it("are split into labelled parts", function()
      local record = parse {
        "# PLAN: X", "## Achievements", "**Achievement 1.1**: A", "**Effort**: 3h", "",
        "**Deliverables**:", "", "- one", "- Inner: no part", "", "**Tests**: none", "",
        "- Success: yes", "- **Approach**:", "  - step", "- plain", "", "```", "**No**: code", "```", "",
        "#### Questions", "", "- Q: a", "", "**Answer**: b", "", "---",
      }
      assert.same({
        { label = "Effort", line = 4, end_line = 4 },
        { label = "Deliverables", line = 6, end_line = 9 },
        { label = "Tests", line = 11, end_line = 11 },
        { label = "Success", line = 13, end_line = 13 },
        { label = "Approach", line = 14, end_line = 15 },
        { label = "Questions", line = 22, end_line = 26 },
      }, record.achievements[1].parts)
      assert.equal("- one\n- Inner: no part", record:text(8, 9))
    end)
  end)

  describe("the handoff", function()
    local function handoff(lines, before, after)
      return parse("# PLAN: X\n" .. (before or "") .. "## 📝 Current Status & Handoff (For Pause/Resume)\n"
        .. table.concat(lines, "\n") .. "\n" .. (after or ""))
    end

    it("reaches to the line before the next heading of rank 1 or 2", function()
      local record = handoff({ "text", "### Inner", "more", "", "---", "" }, nil, "## Next\nx\n")
      assert.same({ line = 2, end_line = 8 }, record.handoff)
      assert.same({ line = 2, end_line = 3 }, handoff({ "x" }).handoff)
      for _, title in ipairs { "Current Status and Handoff", "📋 Status & Handoff", "Handoff" } do
        assert.same({ line = 1, end_line = 1 }, parse("## " .. title .. "\n").handoff, title)
      end
    end)

    it("is not sample text in a fence, nor a heading of lower rank", function()
      local record = parse { "```", "## Current Status & Handoff", "```", "### Documentation & Handoff",
        "### Current Status & Handoff" }
      assert.is_nil(record.handoff)
    end)

    it("is the newest by its dates, else the last", function()
      local function two(first, second)
        local record = parse { "## Status & Handoff", first, "- ⏳ Next: Achievement 1.1", "",
          "## Status & Handoff", second, "- ⏳ Next: Achievement 1.2" }
        assert.same({ "repeated_handoff@5" }, codes(record))
        return record.handoff_next
      end
      assert.equal("1.1", two("**Last Updated**: 2025-11-09 21:15 UTC", "**Last Updated**: 2025-11-09 06:00"))
      assert.equal("1.2", two("**Last Updated**: 2025-11-08", "**Last Updated**: 2025-11-12"))
      assert.equal("1.1", two("**Last Updated**: 2025-11-08", "no date"))
      assert.equal("1.2", two("no date", "no date"))
    end)

    it("names the next achievement in each phrasing", function()
      for _, line in ipairs {
        "- ⏳ Next: Achievement 2.2 (T)", "- ⏳ Achievement 2.2 (T)", "**⏳ Next: Achievement 2.2** (T)",
        "⏳ **Achievement 2.2: T** ← **NEXT**", "1. **Achievement 2.2: T** (1h) - ⏳ NEXT",
        "**Next Achievement**: 2.2 (T)", "**Immediate Priority**: Achievement 2.2",
        "- Create SUBPLAN for Achievement 2.2", "4. **Select Achievement 2.2**",
        "⏳ **Achievement 2.2: T** ← **START HERE**", "**Next**: Create SUBPLAN for Achievement 2.2",
        "- Working on Achievement 2.2 (T)", "**Next**: 2.2", "⏳ Next Achievement: 2.2",
        "**Up Next**: Achievement 2.2", "➡️ Achievement 2.2: T", "- 🚧 Achievement 2.2: T",
        "- Achievement 2.2: IN PROGRESS - T", "- ⏳ Achievement 2.2\n\nagain:\n- ⏳ Achievement 2.2",
        "**What's Next**:\n\n1. **Achievement 2.2: Complete the rest** (2h)",
        "**What's Next**:\n\n- Achievement 2.1 - ✅ T\n- Achievement 2.2: T - **DESIGN COMPLETE**",
      } do
        assert.equal("2.2", handoff({ line }).handoff_next, line)
        assert.equal("2.2.10", handoff({ (line:gsub("2%.2", "2.2.10")) }).handoff_next, line)
      end
    end)

    it("names none in prose, done or ranged achievements", function()
      for _, line in ipairs {
        "- ✅ Achievement 2.2 complete", "- Verify the stage (from PLAN_X.md Achievement 2.2)",
        "- Achievement 2.1-2.2: all done", "**Note**: needs Achievement 2.2 first",
        "- ✅ Created SUBPLAN for Achievement 2.2", "`⏳ Next`: see the list",
        "**Next Steps**: 3.5 hours of testing", "Next: 2.2/2.3", "**What's Next**:\n- Achievement 2.2: T (complete)",
        "**What's Next**:\n- Achievement 2.2 COMPLETE",
      } do
        assert.is_nil(handoff({ line }).handoff_next, line)
      end
      assert.is_nil(handoff({ "- ⏳ Achievement 2.2", "- ⏳ Achievement 2.3" }).handoff_next)
      assert.equal("2.1", handoff({ "- ⏳ Achievement 2.2", "- 🔄 Achievement 2.1", "- ⏳ Achievement 2.3" }).handoff_next)
      assert.is_nil(handoff({ "- 🚧 Achievement 2.2", "- 🚧 Achievement 2.3" }).handoff_next)
    end)

    it("prefers what is named to what is pending, and the steps to come to a closing line", function()
      assert.equal("1.3", handoff({ "- ⏳ Achievement 1.2", "- ⏳ Next: Achievement 1.3" }).handoff_next)
      assert.equal("0.2", handoff({ "- ⏳ Achievement 0.2", "", "---", "", "**Next**: Achievement 0.1" }).handoff_next)
      assert.equal("0.1", handoff({ "text", "", "---", "", "**Next**: Achievement 0.1" }).handoff_next)
      local steps = handoff { "**What's Done**:", "- Achievement 0.1: x", "", "**What's Next**:", "",
        "1. Achievement 0.2: ✅ done", "2. **Achievement 0.3**: IN PROGRESS", "3. Achievement 0.4" }
      assert.equal("0.3", steps.handoff_next)
      assert.equal(9, steps.handoff_next_line)
    end)

    it("says complete in its status, progress or a line", function()
      for _, line in ipairs {
        "**Status**: ✅ Complete", "**Status**: Complete ✅", "**Status**: ✅ ALL 7 ACHIEVEMENTS 100% COMPLETE",
        "**Status**: ✅ PLAN COMPLETE - 100% (All 17 Achievements Done)", "- **ALL ACHIEVEMENTS COMPLETE** ✅",
        "**Progress**: 12/12 achievements (100%)", "**PLAN STATUS**: ✅ **100% COMPLETE** - all", "Plan is complete.",
        "**Status**: ✅ COMPLETE - ready for archive", "- **PLAN READY FOR COMPLETION** 🎉",
      } do
        local record = handoff { line, "- ⏳ Next: Achievement 1.1" }
        assert.is_true(record.handoff_says_complete, line)
        assert.equal(3, record.handoff_complete_line)
        assert.is_nil(record.handoff_next)
      end
    end)

    it("does not say complete of a part, a phase or another plan", function()
      for _, line in ipairs {
        "**Status**: ✅ Priorities 0-3 Complete", "**Status**: Planning Complete, Ready to Start",
        "**Status**: Partial Completion - Priorities 0-3 Complete", "**Status**: 🚀 **PRIORITY 0 COMPLETE**",
        "- Completed Priority 0 - All 3 achievements done!", "- **Status**: Complete", "**Progress**: 7/18 complete",
        "- ✅ **Priority 0 COMPLETE**: All 3 foundation achievements done (3/3)", "**Status**: Complete (partial)",
        "**Progress**: 3/3 Priority 0 achievements", "All achievements complete by Friday", "**Status**: Paused",
        "1. Mark the plan complete", "6. All achievements complete? Follow the protocol",
        "**Status**: Complete - 17/31 achievements", "```\n**Status**: Complete\n```",
      } do
        assert.is_false(handoff({ line }).handoff_says_complete, line)
      end
      assert.is_false(handoff({ "**Status**: Active", "", "---", "", "**Status**: Complete" }).handoff_says_complete)
    end)
  end)

  describe("the header", function()
    it("gives title, status, feature and path", function()
      local record = parse({ "# PLAN: X *y* ", "", "**Type**: PLAN  ", "**Status**: 🚀 Ready (A)  ", "",
        "## Part", "**Status**: Other" }, { path = "work-space/plans/X/PLAN_A-B.md" })
      assert.equal("PLAN: X *y*", record.title)
      assert.equal(1, record.title_line)
      assert.equal("🚀 Ready (A)", record.status)
      assert.equal(4, record.status_line)
      assert.equal("A-B", record.feature)
      assert.equal("work-space/plans/X/PLAN_A-B.md", record.path)
      local other = parse({ "## Only", "**Status**: Late" }, { path = "SUBPLAN_A_01.md" })
      assert.is_nil(other.status)
      assert.is_nil(other.feature)
      assert.equal("Only", other.title)
      assert.is_nil(parse("").title)
    end)

    it("can be read alone", function()
      local text = "# FIX: T\r\n**Date**: 2025-11-12\r\n```\n# no\n```\n## Second\n**Achievement 1.1**: A\n"
      local record = parse(text, { extent = "header" })
      assert.equal("FIX: T", record.title)
      assert.same({ { label = "Date", value = "2025-11-12", line = 2, bold = true } }, record.fields)
      assert.is_true(record.partial)
      assert.equal(5, record.lines)
      assert.equal(#text, record.bytes)
      assert.equal(1, #record.sections)
      assert.is_false(parse("# A\n", { extent = "header" }).partial)
      assert.is_false(parse(text).partial)
    end)
  end)

  describe("the archive location", function()
    it("is read with its remark, from a label or its section", function()
      local record = parse { "# PLAN: X", "## 📦 Archive Location", "",
        "**Archive Location** (when complete): `documentation/archive/x/`" }
      assert.equal("documentation/archive/x/", record.archive_location)
      assert.equal(4, record.archive_line)
      assert.equal("a/b/", parse({ "# X", "## Archive Location", "", "Goes to `a/b/` in the end" }).archive_location)
      assert.is_nil(parse({ "# X", "Archive location validation: unit tests" }).archive_location)
    end)

    it("prefers a folder to a placeholder, then the section to the header", function()
      local function location(header, section)
        return parse { "# PLAN: X", "**Archive Location**: `" .. header .. "`", "", "## Archive Location",
          "**Archive Location**: `" .. section .. "`" }
      end
      assert.equal("b/", location("a/", "b/").archive_location)
      assert.equal("a/", location("a/", "b-YYYY-MM/").archive_location)
      assert.equal("b-[date]/", location("a-YYYY-MM/", "b-[date]/").archive_location)
      assert.same({ { value = "a/", line = 2 }, { value = "b/", line = 5 } }, location("a/", "b/").archives)
    end)
  end)

  describe("any text", function()
    it("keeps its lines and counts them whatever ends them", function()
      for _, eol in ipairs { "\n", "\r\n", "\r" } do
        local record = parse("\xEF\xBB\xBF# PLAN: X" .. eol .. "## Achievements" .. eol
          .. "**Achievement 1.1**: A" .. eol .. "last")
        assert.equal(4, record.lines)
        assert.same({ "1.1@3-4 A" }, outline(record))
        assert.equal("**Achievement 1.1**: A\nlast", record:text(3))
        assert.equal("# PLAN: X", record:text(1, 1))
        assert.equal("", record:text(9))
        assert.equal("", record:text(2, 1))
        assert.equal("last", record:text(4, math.maxinteger))
      end
    end)

    it("tells emptiness", function()
      for text, empty in pairs { [""] = true, [" \n\t\r\n"] = true, ["\xEF\xBB\xBF"] = true, ["x"] = false } do
        assert.equal(empty, parse(text).empty)
      end
    end)

    it("warns of malformed bytes and of a fence that is never closed", function()
      local record = parse "# A\xFF\n\n```\ntext\xFE\n"
      assert.same({ "invalid_utf8@1", "unclosed_fence@3" }, codes(record))
      assert.equal("2 malformed bytes read as U+FFFD, the first at byte offset 3", record.warnings[1].message)
      assert.equal("A\u{FFFD}", record.title)
      assert.same({}, codes(parse "```\nx\n```"))
    end)

    it("lists its sections, and fields outside code", function()
      local record = parse { "# A", "- **B**: c", "## D", "```", "E: f", "```" }
      assert.same({ { level = 1, title = "A", line = 1, end_line = 6 },
        { level = 2, title = "D", line = 3, end_line = 6 } }, record.sections)
      assert.same({ { label = "B", value = "c", line = 2, bold = true } }, record.fields)
      local text, line, end_line = record:section("d")
      assert.same({ "```\nE: f\n```", 3, 6 }, { text, line, end_line })
      assert.is_nil(record:section("none"))
    end)

    it("over the limit is an error with its path", function()
      local record, err = plan.parse(("x"):rep((16 << 20) + 1), { path = "a.md" })
      assert.is_nil(record)
      assert.same({ "too_large", "a.md" }, { err.code, err.path })
    end)
  end)

  describe("words", function()
    it("of a configuration are added to the stock ones", function()
      local config = { keyword = { "Milestone" }, labels = { effort = { "Budget" } },
        headings = { defining = { "Roadmap" } } }
      local record = parse({ "# PLAN: X", "## Roadmap", "**Milestone 1.1**: A", "", "- Budget: 2d", "",
        "**Achievement 1.2**: B", "## Status & Handoff", "- ⏳ Next: Milestone 1.1" }, { patterns = config })
      assert.same({ "1.1@3-5 A", "1.2@7-7 B" }, outline(record))
      assert.equal("2d", record.achievements[1].effort)
      assert.equal("1.1", record.handoff_next)
      assert.equal(2, #parse("# PLAN: X\n## Milestones\n**Milestone 1.1**: A\n\n**Milestone 2.1**: B\n",
        { patterns = config }).achievements)
    end)

    it("that do not compile are an error that names the pattern", function()
      local words = require("promptgen.patterns").list()
      words.patterns.next = "("
      local compiled, err = plan.patterns(words)
      assert.is_nil(compiled)
      assert.equal("regex_syntax", err.code)
      assert.truthy(err.message:find("pattern 'next'", 1, true))
      words.patterns.next = nil
      assert.has_error(function() plan.patterns(words) end)
    end)

    it("may be compiled once and given to many parses", function()
      local compiled = assert(plan.patterns(require("promptgen.patterns").list(), true))
      assert.equal("document", parse("# X", { patterns = compiled }).kind)
      assert.has_error(function() plan.parse("x", { patterns = "no" }) end)
    end)
  end)

  describe("records", function()
    it("survive dump and load", function()
      local record = parse({ "# PLAN: X", "## Achievements", "**Achievement 1.1**: A ✅", "", "- Goal: g" },
        { path = "PLAN_X.md" })
      local back = assert(plan.load(plan.dump(record)))
      for _, key in ipairs { "kind", "path", "feature", "title", "lines", "bytes", "achievements", "sections",
        "fields", "warnings", "handoff", "status" } do
        assert.same(record[key], back[key], key)
      end
      assert.same(record.achievements[1].parts, back.achievements[1].parts)
      assert.equal(plan.dump(record), plan.dump(back))
      assert.equal(record:text(), back:text())
    end)

    it("that are damaged are refused or stay in bounds", function()
      local bytes = plan.dump(parse { "# PLAN: X", "## Achievements", "**Achievement 1.1**: A", "- Goal: g" })
      assert.equal("corrupt", select(2, plan.load("")).code)
      assert.equal("corrupt", select(2, plan.load(bytes:sub(1, -2))).code)
      assert.equal("corrupt", select(2, plan.load(bytes .. "x")).code)
      for at = 1, #bytes do
        local damaged = plan.load(bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 0x81) .. bytes:sub(at + 1))
        if damaged then
          assert.is_table(damaged.achievements)
          assert.is_string(damaged:text())
        end
      end
    end)

    it("build each table once and know no other key", function()
      local record = parse "# A"
      assert.equal(record.sections, record.sections)
      assert.is_nil(record.nothing)
      assert.is_nil(record[1])
      assert.has_error(function() record.title = "B" end)
      assert.has_error(function() plan.parse() end)
      assert.has_error(function() plan.parse("x", { path = 1 }) end)
      assert.has_error(function() plan.parse("x", { extent = "half" }) end)
      assert.has_error(function() plan.dump("x") end)
    end)

    it("become JSON with a fixed order of keys", function()
      local encode = require("promptgen.plan_json").encode
      local record = parse({ "# PLAN: X", "## Achievements", "**Achievement 1.1**: A ✅", "",
        "## Status & Handoff", "Next: 1.1" }, { path = "p/PLAN_X.md" })
      assert.equal('{"schema":"promptgen.plan/1","path":"p/PLAN_X.md","kind":"plan","feature":"X",'
        .. '"title":"PLAN: X","status":null,"lines":6,"bytes":' .. record.bytes .. ',"achievements":[{'
        .. '"number":"1.1","title":"A","line":3,"end_line":3,"goal":null,"effort":null,"priority":null,'
        .. '"mark":"complete"}],"handoff":{"line":5,"end_line":6},"handoff_next":"1.1",'
        .. '"handoff_says_complete":false,"archive_location":null,"sections":['
        .. '{"level":1,"title":"PLAN: X","line":1,"end_line":6},'
        .. '{"level":2,"title":"Achievements","line":2,"end_line":3},'
        .. '{"level":2,"title":"Status & Handoff","line":5,"end_line":6}],"warnings":[]}', encode(record))
      assert.equal('{"schema":"promptgen.plan/1","path":null,"kind":"document","feature":null,"title":null,'
        .. '"status":null,"lines":0,"bytes":0,"achievements":[],"handoff":null,"handoff_next":null,'
        .. '"handoff_says_complete":false,"archive_location":null,"sections":[],"warnings":[]}', encode(parse ""))
    end)
  end)
end)
