#!/usr/bin/env python3
"""Runs many processes on one cache and kills some of them at random.

usage: cache_kill.py PROMPTGEN WORKSPACE PROCESSES SECONDS

PROCESSES at a time, for SECONDS: `next`, `status`, `explain` and `plans` on a copy of WORKSPACE, among
them now and then `cache warm`, `gc`, `verify` and `clear`. About one in three is killed by SIGKILL
after a random time. Every other one must print what it prints without a cache. At the end no record
may be damaged, and nothing may be left beside the records once temporary files are an hour old. Exit
status 1 when any of this does not hold.
"""
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time


class Stress:
    def __init__(self, program, source):
        self.program = program
        self.base = tempfile.mkdtemp(prefix="promptgen-kill-")
        self.root = os.path.join(self.base, "workspace")
        shutil.copytree(source, self.root)
        self.env = dict(os.environ, XDG_CACHE_HOME=os.path.join(self.base, "cache"),
                        XDG_STATE_HOME=os.path.join(self.base, "state"))
        self.lock = threading.Lock()
        self.counts = {"runs": 0, "killed": 0, "wrong": 0}
        plans = glob.glob(os.path.join(self.root, "work-space", "**", "PLAN_*.md"), recursive=True)
        self.expected = {("plans",): None, ("plans", "--json"): None, ("status", "--all", "--json"): None}
        for path in plans:
            for command in (["next"], ["next", "--json"], ["status", "--json"], ["explain"]):
                self.expected[(command[0], os.path.relpath(path, self.root), *command[1:])] = None
        for args in self.expected:
            self.expected[args] = self.run(args + ("--no-cache",))
        self.commands = sorted(self.expected)

    def run(self, args, kill_after=None):
        process = subprocess.Popen([self.program, *args], cwd=self.root, env=self.env,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None
        return process.returncode, out, err

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def once(self, chance):
        self.count("runs")
        kill_after = chance.uniform(0, 0.012) if chance.random() < 0.35 else None
        if chance.random() < 0.1:
            args = ("cache", chance.choice(["warm", "warm", "gc", "verify", "clear"]))
            if self.run(args, kill_after) is None:
                self.count("killed")
            return
        args = chance.choice(self.commands)
        found = self.run(args, kill_after)
        if found is None:
            self.count("killed")
        elif found != self.expected[args]:
            self.count("wrong")
            print("%s: %s" % (" ".join(args), found))

    def work(self, seed, until):
        chance = random.Random(seed)
        while time.monotonic() < until:
            self.once(chance)

    def left_over(self):
        """What is no record, after temporary files were made old and collected."""
        cache = os.path.join(self.base, "cache")
        old = time.time() - 7200
        for path in glob.glob(os.path.join(cache, "**", ".*"), recursive=True):
            os.utime(path, (old, old))
        damaged = self.run(("cache", "verify", "--json"))[1].decode()
        self.run(("cache", "gc"))
        found = [os.path.join(folder, name) for folder, _, names in os.walk(cache) for name in names]
        odd = [path for path in found
               if len(os.path.basename(path)) != 16 and not path.endswith(("/gc.lock", "/hits"))]
        if '"damaged":0' not in damaged:
            odd.append(damaged)
        return odd


def main():
    if len(sys.argv) != 5:
        print(__doc__)
        return 2
    stress = Stress(os.path.abspath(sys.argv[1]), sys.argv[2])
    until = time.monotonic() + float(sys.argv[4])
    threads = [threading.Thread(target=stress.work, args=(seed, until)) for seed in range(int(sys.argv[3]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    odd = stress.left_over()
    shutil.rmtree(stress.base)
    print("%s processes, %s s: %d runs, %d killed, %d wrong, %d left over %s" % (
        sys.argv[3], sys.argv[4], stress.counts["runs"], stress.counts["killed"], stress.counts["wrong"],
        len(odd), odd[:3] or ""))
    return 1 if stress.counts["wrong"] or odd else 0


if __name__ == "__main__":
    sys.exit(main())
