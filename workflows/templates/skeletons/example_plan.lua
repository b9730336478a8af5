-- The plan of `promptgen init --example`: small, real, and done in an hour.
local template = require "promptgen.template"

return template.define {
  summary = "The plan of the example workspace",
  params = {
    name = { required = true, type = "string", doc = "as in PLAN_NAME.md" },
    date = { required = true, type = "string", doc = "YYYY-MM-DD" },
    archive = { required = true, type = "string", doc = "folder for the time after" },
  },
  body = [==[
# PLAN: Word Count

**Status**: Planning
**Priority**: LOW
**Created**: {{ date }}
**Goal**: Count the words of a text, as an example of how a plan becomes work

## 🎯 Goal

A shell script `wordcount.sh` counts the words of files. It is small enough to be done in an hour, and
passes through every step that a plan has: SUBPLAN, EXECUTION_TASK, review, approval.

## Success Criteria

**Must have**:

- `sh wordcount.sh FILE` prints the number of words of a file
- `sh tests/run.sh` passes

## Scope

**In scope**:

- One script for a POSIX shell, and its tests

**Out of scope**:

- Languages that do not put spaces between words

## Constraints

- Nothing but a POSIX shell and the standard tools

## Desirable Achievements

### Priority 1: HIGH - The counter

**Achievement 1.1**: Count the words of one file

- **Goal**: `sh wordcount.sh FILE` prints the number of words of FILE
- **Effort**: 0.5 hours
- **Deliverables**:
  - `wordcount.sh`, which prints one number
  - `tests/run.sh`, which runs every test and exits 0 when all pass
- **Tests**: an empty file, one word without a newline, several lines, a file that does not exist

**Achievement 1.2**: Count the words of several files

- **Goal**: with several files, each gets a line with its count and name, then the total
- **Effort**: 0.5 hours
- **Deliverables**:
  - `wordcount.sh` takes any number of files
- **Tests**: two files and their total; a missing file among others is reported, and the rest is counted

### Priority 2: LOW - For users

**Achievement 2.1**: Tell people how to use it

- **Goal**: somebody who has never seen the script can use it
- **Effort**: 0.25 hours
- **Deliverables**:
  - `README.md` with one example for each kind of call
- **Tests**: every command of the README is run as it stands there, and prints what it says

## 📝 Current Status & Handoff

`promptgen status @{{ name }}` shows where the work stands, `promptgen next @{{ name }}` what is next.

## Archive

**Archive Location**: `{{ archive }}`
]==],
}
