/// What documents say about the state of work.
#include "support.h"

#include "promptgen/facets.h"

#include <stdio.h>
#include <string.h>

typedef struct fixture {
    pg_markdown *md;
    pg_facets facets;
} fixture;

static fixture read_plan(const char *text, const pg_facet_plan *plan)
{
    fixture f = {0};
    pg_error err = {0};
    assert_int_equal(PG_OK, pg_markdown_parse(pg_str_from(text), NULL, &f.md, &err));
    assert_int_equal(PG_OK, pg_facets_read(f.md, plan, NULL, &f.facets, &err));
    return f;
}

static fixture read_text(const char *text)
{
    return read_plan(text, NULL);
}

static void done(fixture *f)
{
    pg_facets_free(&f->facets, NULL);
    pg_markdown_free(f->md);
}

static void assert_says(const char *expected, pg_str actual)
{
    char text[256];
    (void)snprintf(text, sizeof(text), "%.*s", (int)actual.len, actual.len > 0 ? actual.ptr : "");
    assert_string_equal(expected, text);
}

static void assert_complete(const char *text, pg_facet_place where, uint32_t line, bool stale)
{
    fixture f = read_text(text);
    if ((where != PG_FACET_NOWHERE) != f.facets.says_complete || where != f.facets.where)
        print_error("in: %s\n", text);
    assert_int_equal(where != PG_FACET_NOWHERE, f.facets.says_complete);
    assert_int_equal(where, f.facets.where);
    assert_int_equal(line, f.facets.complete.line);
    assert_int_equal(stale, f.facets.stale_header);
    done(&f);
}

static void test_status_values_in_every_spelling_say_complete(void **state)
{
    static const char *const complete[] = {
        "✅ Complete",
        "Complete ✅",
        "✅ **COMPLETE** - All 4 phases finished",
        "Completed",
        "complete",
        "**Complete**",
        "✅ COMPLETE (Work already done)",
        "Complete (Skeleton Implementation)",
        "✅ SUCCESS - All objectives met",
        "Done",
        "100% Complete",
        "ALL 4 PHASES COMPLETE",
        "✅ ALL 7 ACHIEVEMENTS 100% COMPLETE (0.1, 0.2)",
        "Achievement 1.2 Complete",
        "Completed with open issues",
        "✅ Complete, ready for review",
        "Complete - Ready for Archive",
        "Fully complete",
        "Successfully completed",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(complete) / sizeof(complete[0]); i++) {
        if (pg_verdict_read(pg_str_from(complete[i])) != PG_VERDICT_COMPLETE)
            print_error("not complete: %s\n", complete[i]);
        assert_int_equal(PG_VERDICT_COMPLETE, pg_verdict_read(pg_str_from(complete[i])));
    }
}

static void test_status_values_that_only_mention_completion_do_not(void **state)
{
    static const char *const open[] = {
        "🔄 In Progress",
        "📋 Ready for Execution",
        "Design Complete",
        "Design Complete, Ready for Execution",
        "Planning Complete - Ready to Start",
        "✅ COMPLETE (Ready for Executor)",
        "✅ Complete - Ready for EXECUTION_TASK creation",
        "Complete / In Progress",
        "Complete, blocked on data",
        "Complete (partially)",
        "Not complete",
        "Complete when all tests pass",
        "Mostly complete",
        "ALL PHASES NOT COMPLETE",
        "Executing",
        "Waiting for execution...",
    };
    static const char *const other[] = {
        "",
        "Phase 1 Complete",
        "✅ PHASES 1-2 COMPLETE",
        "50% Complete",
        "Implementation complete",
        "✅ APPROVED",
        "9/9 files created ✅",
        "Incompletely specified",
        "✅ Ready for Archive",
        "✅",
        "completeness check",
        "To be completed",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        if (pg_verdict_read(pg_str_from(open[i])) != PG_VERDICT_OPEN)
            print_error("not open: %s\n", open[i]);
        assert_int_equal(PG_VERDICT_OPEN, pg_verdict_read(pg_str_from(open[i])));
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        if (pg_verdict_read(pg_str_from(other[i])) != PG_VERDICT_OTHER)
            print_error("not other: %s\n", other[i]);
        assert_int_equal(PG_VERDICT_OTHER, pg_verdict_read(pg_str_from(other[i])));
    }
}

static void test_a_status_in_the_header_says_complete(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: ✅ Complete\n\n## A\n\nx\n", PG_FACET_HEADER, 3, false);
    assert_complete("# T\n\n**Status:** Complete\n\n## A\n", PG_FACET_HEADER, 3, false);
    assert_complete("# T\n\nStatus: Complete ✅\n\n## A\n", PG_FACET_HEADER, 3, false);
    assert_complete("# T\n\n- **Status**: Completed\n\n## A\n", PG_FACET_HEADER, 3, false);
    assert_complete("# T\n\n---\n\n**Status**: Complete\n\n---\n\n## A\n", PG_FACET_HEADER, 5,
                    false);
    assert_complete("# T\n\n**EXECUTION_TASK Status**: Complete\n\n## A\n", PG_FACET_HEADER, 3,
                    false);
}

static void test_a_status_in_an_iteration_never_counts(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: In Progress\n\n---\n\n## Log\n\n### Iteration 1\n\n"
                    "**Status**: ✅ Complete\n\nmore\n",
                    PG_FACET_NOWHERE, 0, false);
    assert_complete("# T\n\n**Status**: In Progress\n\n## Iteration 2: Completion\n\n"
                    "**Status**: ✅ Complete\n",
                    PG_FACET_NOWHERE, 0, false);
    assert_complete("# T\n\n**Status**: In Progress\n\n## Phase 4: Final Validation\n\n"
                    "**Status**: ✅ Complete\n",
                    PG_FACET_NOWHERE, 0, false);
}

static void test_the_completion_section_says_complete(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: In Progress\n\n---\n\n## ✅ Completion Status\n\n"
                    "**Final Status**: Success\n",
                    PG_FACET_COMPLETION, 9, true);
    assert_complete("# T\n\n**Status**: Executing\n\n## Completion Status\n\n"
                    "**Achievement 0.1**: ✅ **COMPLETE**\n",
                    PG_FACET_COMPLETION, 7, true);
    assert_complete("# T\n\n## Final Results\n\n**Achievement 2.1 Status**: ✅ COMPLETE\n",
                    PG_FACET_COMPLETION, 5, false);
    assert_complete("# T\n\n## Completion\n\n**ACHIEVEMENT 5.2 COMPLETE** ✅\n", PG_FACET_COMPLETION,
                    5, false);
}

static void test_a_heading_alone_never_says_complete(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: Starting\n\n## ✅ Completion: Complete\n\n- done\n\n"
                    "## ACHIEVEMENT 1.1 STATUS: COMPLETE\n",
                    PG_FACET_NOWHERE, 0, false);
}

static void test_the_closing_block_speaks_for_the_document(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: In Progress\n\n---\n\n## Log\n\n### Iteration 1\n\nx\n\n"
                    "---\n\n**Status**: ✅ Complete\n**Next**: archive\n",
                    PG_FACET_CLOSING, 15, true);
    assert_complete("# T\n\n**Status**: In Progress\n\n---\n\nwork\n\n---\n\n**Status**: Done\n",
                    PG_FACET_CLOSING, 11, true);
    assert_complete("# T\n\n## A\n\nx\n\n---\n\n**EXECUTION_TASK Status**: ✅ **COMPLETE**\n",
                    PG_FACET_CLOSING, 9, false);
}

static void test_the_rule_below_the_header_begins_no_closing_block(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: In Progress\n\n---\n\n## Parent\n\n**Status**: Complete\n",
                    PG_FACET_NOWHERE, 0, false);
}

static void test_boxes_steps_tables_and_other_achievements_never_decide(void **state)
{
    (void)state;
    assert_complete("# T: Achievement 1.1\n\n## Completion\n\n- [x] **Status**: Complete\n"
                    "- [x] all\n\n1. **Status**: Complete\n\n**Phase 2 Status**: Complete\n"
                    "**Deliverables Status**: Complete\n\n| Status | Complete |\n| --- | --- |\n"
                    "| Status: | Complete |\n\n**Achievement 1.2**: ✅ Complete\n"
                    "**Achievement 1.2 Status**: ✅ Complete\n\n- a\n  - **Status**: Complete\n\n"
                    "> **Status**: Complete\n\n```\n**Status**: Complete\n```\n",
                    PG_FACET_NOWHERE, 0, false);
}

static void test_a_closing_phase_does_not_undo_a_complete_header(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: ✅ Complete\n\n---\n\n## A\n\nx\n\n---\n\n"
                    "**Status**: ✅ PHASE 1 COMPLETE AND VERIFIED\n",
                    PG_FACET_HEADER, 3, false);
    assert_complete("# T\n\n**Status**: ✅ Complete\n\n---\n\n## A\n\nx\n\n---\n\n"
                    "**Status**: ✅ Ready for Archive\n",
                    PG_FACET_HEADER, 3, false);
}

static void test_header_and_end_at_odds_are_complete_with_a_stale_header(void **state)
{
    (void)state;
    assert_complete("# T\n\n**Status**: ✅ Complete\n\n---\n\n## A\n\nx\n\n---\n\n"
                    "**Status**: 📋 Ready to Execute\n",
                    PG_FACET_HEADER, 3, true);
}

static void test_the_header_status_is_kept_as_written(void **state)
{
    (void)state;
    fixture f = read_text("# T\n\n**Phase Status**: x\n**Status**: 🚀 Starting\n\n## A\n");
    assert_int_equal(4, f.facets.header.line);
    assert_says("🚀 Starting", f.facets.header.says);
    assert_false(f.facets.header_complete);
    done(&f);
}

static void assert_date(const char *expected, uint32_t line, const char *text)
{
    fixture f = read_text(text);
    assert_string_equal(expected, f.facets.date);
    assert_int_equal(line, f.facets.date_line);
    done(&f);
}

static void test_the_date_is_the_first_labelled_one_else_one_in_the_header(void **state)
{
    (void)state;
    assert_date("2025-11-14", 4,
                "# T\n\n**Created**: 2025-11-01\n**Review Date**: 2025-11-14\n\n## A\n");
    assert_date("2025-11-01", 3, "# T\n\n**Created**: 2025-11-01 21:00 UTC\n\n## A\n");
    assert_date("2025-11-07", 3, "# T\n\n**Date**: November 7, 2025\n\n## A\n");
    assert_date("2025-09-03", 3, "# T\n\n**Date**: 3rd Sept 2025\n\n## A\n");
    assert_date("2025-11-07", 3, "# T\n\n**Resolution Date**: 2025/11/07\n\n## A\n");
    assert_date("", 0, "# T\n\n**Date**: soon\n\n## A\n\n**Date**: 2025-11-07\n");
    assert_date("", 0, "# T\n\n**Date**: 2025-13-45, 12025-01-011\n\n## A\n");
    assert_date("", 0, "# T\n\n**Date**: 2025-1:-07, 2025-11-0x, 2O25-11-07\n\n## A\n");
}

static void assert_number(const char *expected, const char *text)
{
    fixture f = read_text(text);
    assert_says(expected, f.facets.number.says);
    done(&f);
}

static void test_the_title_names_an_achievement(void **state)
{
    (void)state;
    assert_number("1.1", "# APPROVED: Achievement 1.1\n\n## Achievement 2.2\n");
    assert_number("3.5.1", "# ✅ FIX_351 RESOLUTION: Achievement 3.5.1 - All fixed\n");
    assert_number("10.2", "# EXECUTION_ANALYSIS: achievement 10.2 review\n");
    assert_number("", "# APPROVED\n\nAchievement 1.1\n");
    assert_number("", "# Achievement Tracking 2.0\n");
    assert_number("", "no heading");
}

static void assert_placeholder(const char *expected, uint32_t line, const char *text)
{
    fixture f = read_text(text);
    assert_int_equal(line, f.facets.placeholder.line);
    assert_says(expected, f.facets.placeholder.says);
    done(&f);
}

static void test_a_placeholder_is_a_whole_value_in_brackets(void **state)
{
    (void)state;
    assert_placeholder("[TO BE FILLED]", 3, "# T\n\n**Objective**: [TO BE FILLED]\n");
    assert_placeholder("[Describe the approach]", 5, "# T\n\n## A\n\n[Describe the approach]\n");
    assert_placeholder("[Deliverable 1]", 3, "# T\n\n- [Deliverable 1]\n");
    assert_placeholder("[Deliverable 1]", 3, "# T\n\n- [ ] [Deliverable 1]\n");
    assert_placeholder("[In Progress / Complete]", 3,
                       "# T\n\n**Status**: [In Progress / Complete]\n");
    assert_placeholder("[date]", 3, "# T\n\n**Created**: [date]\n");
}

static void test_brackets_of_other_kinds_are_no_placeholders(void **state)
{
    (void)state;
    assert_placeholder("", 0,
                       "# T\n\n- [x] done\n- [ ] open\n- [a](b.md)\n- [Text](b) and [More](c)\n"
                       "- [[Wiki]]\n- [^1]\n- ['1.1', '1.2']\n- [1, 2]\n- see [Notes]\n"
                       "- `[Code]`\n- Time: [actual]\n\n```\n[TO BE FILLED]\n```\n\n"
                       "> [TO BE FILLED]\n\n| [Cell] | x |\n| --- | --- |\n| [Cell] | x |\n\n"
                       "- a\n  - b\n    - [Deep inside]\n");
}

static void test_placeholders_of_the_synthesis_do_not_make_a_draft(void **state)
{
    (void)state;
    assert_placeholder("", 0, "# T\n\nx\n\n## Execution Results Synthesis\n\n- [What worked?]\n");
}

static void assert_synthesis(uint32_t line, const char *text)
{
    fixture f = read_text(text);
    assert_int_equal(line, f.facets.synthesis);
    done(&f);
}

static void test_a_synthesis_section_with_content_is_a_synthesis(void **state)
{
    (void)state;
    assert_synthesis(5, "# T\n\n## 📊 Execution Results Synthesis\n\nBoth parts work.\n");
    assert_synthesis(5, "# T\n\n## Synthesis\n\n**Learnings**: names matter\n");
    assert_synthesis(0, "# T\n\n## Synthesis\n\n");
    assert_synthesis(0, "# T\n\n## Synthesis\n\n**To be completed after execution finishes**\n");
    assert_synthesis(0, "# T\n\n## Synthesis\n\n**Review** (after all):\n\n**Results**: [Summary]\n"
                        "- [What worked?]\n\nTBD\n");
    assert_synthesis(0, "# T\n\n## Synthesis Strategy\n\nLater, together.\n");
}

static void test_header_and_closing_block_both_complete_are_a_synthesis(void **state)
{
    (void)state;
    assert_synthesis(3,
                     "# T\n\n**Status**: Complete\n\n## A\n\nx\n\n---\n\n**Status**: Complete\n");
    assert_synthesis(0, "# T\n\n**Status**: Complete\n\n## A\n\nx\n\n---\n\n**Status**: Ready\n");
}

static void assert_planned(const char *expected, const char *text)
{
    char actual[512] = "";
    fixture f = read_text(text);
    for (size_t i = 0; i < f.facets.planned_count; i++) {
        const pg_facet_planned *planned = &f.facets.planned[i];
        size_t at = strlen(actual);
        (void)snprintf(actual + at, sizeof(actual) - at, "%s%.*s:%.*s@%u", i > 0 ? " " : "",
                       (int)planned->feature.len, planned->feature.ptr, (int)planned->code.len,
                       planned->code.ptr, planned->line);
    }
    assert_string_equal(expected, actual);
    done(&f);
}

static void test_executions_are_planned_in_tables_of_both_spellings(void **state)
{
    (void)state;
    assert_planned(":11_01@7 :11_02@8",
                   "# T\n\n## 🔄 Active EXECUTION_TASKs\n\n| Execution | Needs |\n| --- | --- |\n"
                   "| 11_01 | None |\n| **11_02** | 11_01 |\n");
    assert_planned("FEAT-2_X:11_01@7 FEAT-2_X:11_02@8",
                   "# T\n\n## Active EXECUTION_TASKs\n\n| Name | Status |\n| --- | --- |\n"
                   "| EXECUTION_TASK_FEAT-2_X_11_01 | Planning |\n"
                   "| `EXECUTION_TASK_FEAT-2_X_11_02.md` | Planning |\n");
    assert_planned(":3.5.1_01@7", "# T\n\n## Planned Executions\n\n| A |B|\n| --- |---|\n"
                                  "| 3.5.1_01 |b|\n");
}

static void test_executions_are_planned_in_lists(void **state)
{
    (void)state;
    assert_planned(
        ":01_01@5 :01_02@8",
        "# T\n\n## 🔄 Execution Strategy\n\n1. **EXECUTION_TASK_01_01**: first\n\n"
        "   - Dependencies: EXECUTION_TASK_01_09\n2. **EXECUTION_TASK_01_02**: second\n");
    assert_planned(":01@5 :02@6",
                   "# T\n\n## Execution Strategy\n\n- EXECUTION_01: Core\n- EXECUTION_02: Scripts\n"
                   "- Synthesis: together\n");
    assert_planned("F:11_01@5", "# T\n\n## Active EXECUTION_TASKs (Updated)\n\n"
                                "- [ ] **EXECUTION_TASK_F_11_01**: Status: In Progress\n");
}

static void test_prose_alternatives_and_other_sections_plan_nothing(void **state)
{
    (void)state;
    assert_planned(
        "", "# T\n\n## Execution Strategy\n\n**EXECUTION_TASK**: `EXECUTION_TASK_F_11_01.md`\n"
            "\n- If circular: EXECUTION_TASK_F_11_02\n- EXECUTION_TASK_F_11_03 if needed\n"
            "- EXECUTION_TASK_F_11_04 (optional)\n- Depends on EXECUTION_TASK_F_11_05\n"
            "- Can be made independently of the others, EXECUTION_TASK_F_11_06\n"
            "- EXECUTION_TASK_XX_01\n- RE_EXECUTION_\n\n| 11_07 | ❌ Cancelled |\n| --- | --- |\n"
            "| 11_07 | ❌ Cancelled |\n\n## Execution Task Reference\n\n"
            "- EXECUTION_TASK_F_11_08\n");
}

static const pg_facet_achievement achievements[] = {
    {.number = {"0.1", 3}, .line = 100},
    {.number = {"0.2", 3}, .line = 110},
    {.number = {"1.1", 3}, .line = 120},
    {.number = {"1.2", 3}, .line = 130, .priority = {"Priority 2: LOW", 15}},
    {.number = {"2.1", 3}, .line = 140},
    {.number = {"3.5.1", 5}, .line = 150},
};

static void assert_claims(const char *expected, const char *handoff, const char *next)
{
    char text[2048], actual[256] = "";
    (void)snprintf(text, sizeof(text), "# P\n\n## Current Status & Handoff\n\n%s\n", handoff);
    pg_facet_plan plan = {.achievements = achievements,
                          .achievement_count = 6,
                          .handoff_line = 3,
                          .handoff_end = 1000,
                          .handoff_next = pg_str_from(next)};
    fixture f = read_plan(text, &plan);
    for (size_t i = 0; i < f.facets.claim_count; i++) {
        size_t at = strlen(actual);
        (void)snprintf(actual + at, sizeof(actual) - at, "%s%.*s", i > 0 ? " " : "",
                       (int)f.facets.claims[i].number.len, f.facets.claims[i].number.ptr);
    }
    if (strcmp(expected, actual) != 0)
        print_error("in: %s\n", handoff);
    assert_string_equal(expected, actual);
    done(&f);
}

static void test_the_handoff_claims_achievements(void **state)
{
    (void)state;
    assert_claims("0.1 0.2", "- ✅ Achievement 0.1: first\n- ✅ **Achievement 0.2 COMPLETE**: x\n",
                  "");
    assert_claims("1.1", "- **Achievement 1.1**: ✅ Complete (0.5h) - tests\n", "");
    assert_claims("1.1", "1. Achievement 1.1: Baseline run - **COMPLETE**\n", "");
    assert_claims("1.1", "- [x] Achievement 1.1: Baseline\n- [ ] Achievement 0.1: x ✅\n", "");
    assert_claims("3.5.1", "- ✅ Achievement 3.5.1: ids\n", "");
}

static void test_pending_lines_and_the_next_achievement_claim_nothing(void **state)
{
    (void)state;
    assert_claims("",
                  "- ⏳ Achievement 0.1: x\n- ✅ Achievement 0.2: IN PROGRESS\n"
                  "- ⏳ Achievement 0.1 - **COMPLETE**\n- 🔜 Achievement 0.2 complete\n"
                  "- 📋 Achievement 1.1: y - **DESIGN COMPLETE**\n"
                  "1. Create SUBPLAN for Achievement 1.2\n- Working on Achievement 2.1\n"
                  "- Achievement 0.1-2.1: All complete\n- (0.1, 0.2 complete)\n",
                  "");
    assert_claims("", "- ✅ Achievement 0.1: x\n- ⏳ Next: Achievement 0.1\n", "");
    assert_claims("0.2", "- ✅ Achievement 0.1: x\n- ✅ Achievement 0.2: x\n", "0.1");
}

static void test_a_complete_priority_claims_its_achievements(void **state)
{
    (void)state;
    assert_claims("0.1 0.2 1.1 1.2 2.1 3.5.1", "**Status**: ✅ Priorities 0-2 and 3.5 Complete\n",
                  "");
    assert_claims("0.1 0.2", "**Status**: Paused - Priority 0 Complete, moving to Priority 1\n",
                  "");
    assert_claims("0.1 0.2 1.1", "**Status**: Paused - Priority 0 and Priority 1 Complete\n", "");
    assert_claims("0.1 0.2", "- ✅ Priority 0: 2/2 achievements\n- ✅ Priority 2: 1/2 achievements\n",
                  "");
    assert_claims("0.1 0.2",
                  "**Priority 0: Fixes** ✅ 2/2 complete\n**Priority 1**: ✅ MOSTLY COMPLETE\n", "");
    assert_claims("1.2 2.1", "- **Priority 2**: ✅ COMPLETE\n- **Priority 1**: 📋 Not started\n", "");
    assert_claims("0.2", "**Status**: Priority 0 Complete\n\n- ⏳ Achievement 0.1: deferred\n", "");
}

static void test_what_the_handoff_says_of_other_plans_claims_nothing(void **state)
{
    (void)state;
    assert_claims(
        "",
        "### Relationship to Other Plans\n\n- **Status**: In Progress (Priority 0 complete)\n"
        "- ✅ Achievement 0.1: theirs\n\n**Status**: Priority 1 Complete\n",
        "");
    assert_claims("",
                  "- **Status**: In Progress (Priority 0, 1.1 complete)\n"
                  "- **Sequential**: after Priority 0 complete\n",
                  "");
}

static void test_a_section_of_completed_work_and_title_marks_claim(void **state)
{
    (void)state;
    pg_facet_achievement list[2] = {
        {.number = {"1.1", 3}, .line = 7, .title = {"One ✅", 7}, .marked = true},
        {.number = {"1.2", 3}, .line = 9},
    };
    pg_facet_plan plan = {.achievements = list, .achievement_count = 2};
    fixture f = read_plan("# P\n\n## Completion Summary\n\n- ✅ Achievement 1.2: two\n", &plan);
    assert_int_equal(2, f.facets.claim_count);
    assert_int_equal(7, f.facets.claims[0].line);
    assert_int_equal(5, f.facets.claims[1].line);
    done(&f);
    f = read_plan("# P\n\n## Completion Criteria\n\n- ✅ Achievement 1.2: two\n\n"
                  "## Subplan Tracking\n\n- ✅ Achievement 1.2: two\n",
                  &plan);
    assert_int_equal(1, f.facets.claim_count);
    done(&f);
}

static void test_odd_texts_are_harmless(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "---\n",
        "[",
        "[]\n",
        "- [",
        "- []\n",
        "**",
        "**Status**:",
        "# \n\n## \n",
        "# Achievement",
        "Achievement 1.",
        "## Execution Plan\n\n| |\n|-|\n| |\n",
        "## Completion\n\n**Achievement**: \n\nAchievement 1.1",
        "## Synthesis\n\n(\n\n:\n\n****\n",
        "Status: \xff\xfe complete\n",
    };
    (void)state;
    pg_facet_plan plan = {.achievements = achievements,
                          .achievement_count = 6,
                          .handoff_line = 1,
                          .handoff_end = 100};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        fixture f = read_plan(texts[i], &plan);
        done(&f);
    }
}

static bool read_failing(const pg_alloc *alloc, void *ctx)
{
    const pg_markdown *md = ctx;
    pg_facet_plan plan = {.achievements = achievements, .achievement_count = 6};
    pg_facets facets;
    pg_error err = {0};
    pg_status status = pg_facets_read(md, &plan, alloc, &facets, &err);
    if (status != PG_OK)
        assert_int_equal(PG_NOMEM, status);
    pg_facets_free(&facets, alloc);
    return status == PG_OK;
}

static void test_running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    fixture f = read_text("# P\n\n## Completion Summary\n\n- ✅ Achievement 0.1: two\n\n"
                          "## Active Executions\n\n- EXECUTION_01\n- EXECUTION_02\n");
    test_alloc_sweep(read_failing, f.md);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_values_in_every_spelling_say_complete),
        cmocka_unit_test(test_status_values_that_only_mention_completion_do_not),
        cmocka_unit_test(test_a_status_in_the_header_says_complete),
        cmocka_unit_test(test_a_status_in_an_iteration_never_counts),
        cmocka_unit_test(test_the_completion_section_says_complete),
        cmocka_unit_test(test_a_heading_alone_never_says_complete),
        cmocka_unit_test(test_the_closing_block_speaks_for_the_document),
        cmocka_unit_test(test_the_rule_below_the_header_begins_no_closing_block),
        cmocka_unit_test(test_boxes_steps_tables_and_other_achievements_never_decide),
        cmocka_unit_test(test_a_closing_phase_does_not_undo_a_complete_header),
        cmocka_unit_test(test_header_and_end_at_odds_are_complete_with_a_stale_header),
        cmocka_unit_test(test_the_header_status_is_kept_as_written),
        cmocka_unit_test(test_the_date_is_the_first_labelled_one_else_one_in_the_header),
        cmocka_unit_test(test_the_title_names_an_achievement),
        cmocka_unit_test(test_a_placeholder_is_a_whole_value_in_brackets),
        cmocka_unit_test(test_brackets_of_other_kinds_are_no_placeholders),
        cmocka_unit_test(test_placeholders_of_the_synthesis_do_not_make_a_draft),
        cmocka_unit_test(test_a_synthesis_section_with_content_is_a_synthesis),
        cmocka_unit_test(test_header_and_closing_block_both_complete_are_a_synthesis),
        cmocka_unit_test(test_executions_are_planned_in_tables_of_both_spellings),
        cmocka_unit_test(test_executions_are_planned_in_lists),
        cmocka_unit_test(test_prose_alternatives_and_other_sections_plan_nothing),
        cmocka_unit_test(test_the_handoff_claims_achievements),
        cmocka_unit_test(test_pending_lines_and_the_next_achievement_claim_nothing),
        cmocka_unit_test(test_a_complete_priority_claims_its_achievements),
        cmocka_unit_test(test_what_the_handoff_says_of_other_plans_claims_nothing),
        cmocka_unit_test(test_a_section_of_completed_work_and_title_marks_claim),
        cmocka_unit_test(test_odd_texts_are_harmless),
        cmocka_unit_test(test_running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
