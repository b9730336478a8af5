#!/usr/bin/env python3
"""Prompts for ten plans of 500 to 3000 lines, without and with the cache.

usage: guide_table.py PROMPTGEN WORKSPACE

WORKSPACE is made by generate_plans.lua. A hundred processes, ten for each plan, in turn: `next` with
--no-cache, then `next` with a cache that was empty at first. Prints mean and 99th percentile in
milliseconds, the hit rate of documents and directories, and the largest memory of a process.
"""
import os
import re
import shutil
import sys
import tempfile
import time

REPEATS = 10
SAMPLE = re.compile(r'^plan_cache_hits_total\{cache_name="(plan|directory)_cache",hit_type="(\w+)"\} (\d+)$',
                    re.MULTILINE)


def run(args, root, env, out):
    """Milliseconds and peak KiB of one process."""
    actions = [(os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    os.chdir(root)
    start = time.perf_counter()
    pid = os.posix_spawn(args[0], args, env, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    took = time.perf_counter() - start
    if status != 0:
        raise SystemExit("%s failed" % " ".join(args))
    return took * 1e3, usage.ru_maxrss


def measure(program, root, env, plans, *options):
    samples = [run([program, "next", plan, *options], root, env, "/dev/null")
               for _ in range(REPEATS) for plan in plans]
    times = sorted(sample[0] for sample in samples)
    return sum(times) / len(times), times[len(times) * 99 // 100], max(sample[1] for sample in samples)


def hit_rate(program, root, env, base):
    out = os.path.join(base, "metrics")
    run([program, "metrics"], root, env, out)
    counts = {"hit": 0, "miss": 0}
    with open(out, encoding="utf-8") as file:
        for _, result, count in SAMPLE.findall(file.read()):
            counts[result] += int(count)
    return 100 * counts["hit"] / max(1, sum(counts.values()))


def main():
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    program, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    base = tempfile.mkdtemp(prefix="promptgen-guide-")
    env = dict(os.environ, XDG_CACHE_HOME=os.path.join(base, "cache"), XDG_STATE_HOME=os.path.join(base, "state"))
    plans = sorted(os.path.relpath(os.path.join(folder, name), root)
                   for folder, _, names in os.walk(root) for name in names if name.startswith("PLAN_"))
    cold = measure(program, root, env, plans, "--no-cache")
    warm = measure(program, root, env, plans)
    print("%d plans, %d prompts each way\twithout cache\twith cache" % (len(plans), len(plans) * REPEATS))
    print("mean, ms\t%.2f\t%.2f" % (cold[0], warm[0]))
    print("99th percentile, ms\t%.2f\t%.2f" % (cold[1], warm[1]))
    print("hit rate, %%\t-\t%.1f" % hit_rate(program, root, env, base))
    print("memory, MiB\t%.1f\t%.1f" % (cold[2] / 1024, warm[2] / 1024))
    shutil.rmtree(base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
