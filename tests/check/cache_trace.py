#!/usr/bin/env python3
"""Plays a working day on a workspace and tells how much of it the cache served.

usage: cache_trace.py PROMPTGEN WORKSPACE SEED RUNS LEAST

Works on a copy. RUNS separate processes: `next` for 60 % of them, `status` of one plan for 25 %,
`plans` for 15 %. The plan is chosen by Zipf's law (exponent 1), so that a few plans get most of the
work. Before every tenth run one document of a chosen plan is edited. Afterwards the hits and misses
of all runs are read from the metrics file, through `promptgen metrics`: every PLAN, SUBPLAN,
execution and feedback file and every directory that was served from the cache or read anew. Exit
status 1 unless more than LEAST per cent were served, 77 when there is no such workspace.
"""
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

COMMANDS = (["next"] * 12 + ["status"] * 5 + ["plans"] * 3)
SAMPLE = re.compile(r'^plan_cache_hits_total\{cache_name="(\w+)",hit_type="(\w+)"\} (\d+)$', re.MULTILINE)


class Day:
    def __init__(self, program, source, seed):
        self.program = program
        self.random = random.Random(seed)
        self.base = tempfile.mkdtemp(prefix="promptgen-trace-")
        self.root = os.path.join(self.base, "workspace")
        shutil.copytree(source, self.root)
        subprocess.run(["chmod", "-R", "u+w", self.root], check=True)
        self.env = dict(os.environ, XDG_CACHE_HOME=os.path.join(self.base, "cache"),
                        XDG_STATE_HOME=os.path.join(self.base, "state"))
        found = glob.glob(os.path.join(self.root, "work-space", "**", "PLAN_*.md"), recursive=True)
        self.plans = sorted(os.path.relpath(path, self.root) for path in found)
        self.random.shuffle(self.plans)
        self.weights = [1 / rank for rank in range(1, len(self.plans) + 1)]
        self.statuses = {}

    def choose(self):
        return self.random.choices(self.plans, self.weights)[0]

    def edit(self):
        folder = os.path.join(self.root, os.path.dirname(self.choose()))
        documents = glob.glob(os.path.join(folder, "**", "*.md"), recursive=True)
        with open(self.random.choice(sorted(documents)), "a", encoding="utf-8") as file:
            file.write("\nOne line more.\n")

    def run(self, *args):
        done = subprocess.run([self.program, *args], cwd=self.root, env=self.env, capture_output=True,
                              check=False)
        self.statuses[done.returncode] = self.statuses.get(done.returncode, 0) + 1
        if done.returncode not in (0, 4, 7):  # a plan may have no achievements, or a conflict
            raise SystemExit("%s ended with %d: %s" % (args, done.returncode, done.stderr.decode()))
        return done.stdout.decode()

    def step(self, number):
        if number > 0 and number % 10 == 0:
            self.edit()
        command = self.random.choice(COMMANDS)
        if command == "plans":
            self.run("plans")
        else:
            self.run(command, self.choose())

    def lookups(self):
        counts = {}
        for cache, result, count in SAMPLE.findall(self.run("metrics")):
            counts.setdefault(cache, {"hit": 0, "miss": 0})[result] = int(count)
        return counts


def rate(hits, misses):
    return 100 * hits / (hits + misses) if hits + misses else 0


def main():
    if len(sys.argv) != 6:
        print(__doc__)
        return 2
    if not os.path.isdir(sys.argv[2]):
        print("skipped: there is no %s" % sys.argv[2])
        return 77
    day = Day(os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    for number in range(int(sys.argv[4])):
        day.step(number)
    counts = day.lookups()
    shutil.rmtree(day.base)
    for cache, row in sorted(counts.items()):
        print("%-16s %7d hits %6d misses  %.2f %%" % (cache, row["hit"], row["miss"],
                                                     rate(row["hit"], row["miss"])))
    documents = [counts.get(name, {"hit": 0, "miss": 0}) for name in ("plan_cache", "directory_cache")]
    served = rate(sum(row["hit"] for row in documents), sum(row["miss"] for row in documents))
    print("%s runs over %d plans, seed %s: %.2f %% of the documents and directories served"
          % (sys.argv[4], len(day.plans), sys.argv[3], served))
    return 0 if served > float(sys.argv[5]) else 1


if __name__ == "__main__":
    sys.exit(main())
