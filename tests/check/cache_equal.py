#!/usr/bin/env python3
"""Compares the program with and without its cache while a workspace changes at random.

usage: cache_equal.py PROMPTGEN WORKSPACE SEED CHANGES

Works on a copy. Each change is one of: edit, touch, rename, delete, approve, ask for fixes, skip,
copy, rewrite with the old modification time, rewrite with the same bytes, make a folder. After about
four in ten of them `plans`, `status`, `next` and `explain` must print the same bytes and end with the
same status either way. Prints every difference; exit status 1 when there is one.
"""
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile


class Workspace:
    def __init__(self, program, source, seed):
        self.program = program
        self.random = random.Random(seed)
        self.base = tempfile.mkdtemp(prefix="promptgen-cache-")
        self.root = os.path.join(self.base, "workspace")
        shutil.copytree(source, self.root)
        subprocess.run(["chmod", "-R", "u+w", self.root], check=True)
        self.env = dict(os.environ, XDG_CACHE_HOME=os.path.join(self.base, "cache"),
                        XDG_STATE_HOME=os.path.join(self.base, "state"))

    def run(self, *args):
        done = subprocess.run([self.program, *args], cwd=self.root, env=self.env, capture_output=True)
        return done.returncode, done.stdout, done.stderr

    def documents(self):
        found = glob.glob(os.path.join(self.root, "work-space", "**", "*.md"), recursive=True)
        return sorted(path for path in found if os.path.isfile(path))

    def plans(self):
        return [path for path in self.documents() if os.path.basename(path).startswith("PLAN_")]

    def change(self):
        path = self.random.choice(self.documents())
        folder = os.path.dirname(self.random.choice(self.plans()))
        kind = self.random.choice(["edit", "touch", "rename", "delete", "approve", "fix", "skip", "copy",
                                   "backdate", "same", "folder"])
        is_plan = os.path.basename(path).startswith("PLAN_")
        if kind == "edit":
            with open(path, "a", encoding="utf-8") as file:
                file.write("\n**Status**: ✅ Complete\n" if self.random.random() < 0.5 else "\ntext\n")
        elif kind == "touch":
            os.utime(path)
        elif kind == "rename" and not is_plan:
            os.rename(path, path[:-3] + "_V2.md")
        elif kind == "delete" and not is_plan:
            os.remove(path)
        elif kind in ("approve", "fix", "skip"):
            self.feedback(folder, kind)
        elif kind == "copy":
            target = os.path.join(os.path.dirname(path), os.path.basename(path).replace("_01", "_07"))
            if not os.path.exists(target):
                shutil.copy(path, target)
        elif kind in ("backdate", "same"):
            self.rewrite(path, kind)
        elif kind == "folder":
            os.makedirs(os.path.join(folder, "extra%d" % self.random.randrange(1000)), exist_ok=True)
        return kind

    def feedback(self, folder, kind):
        code = self.random.choice(["01", "02", "11", "12", "21", "31", "99"])
        below = os.path.join(folder, "execution")
        name = "SKIPPED_%s.md" % code
        if kind != "skip":
            below = os.path.join(below, "feedbacks")
            name = "%s_%s.md" % ("APPROVED" if kind == "approve" else "FIX", code)
        os.makedirs(below, exist_ok=True)
        with open(os.path.join(below, name), "w", encoding="utf-8") as file:
            file.write("# %s\n\ntext\n" % kind)

    def rewrite(self, path, kind):
        stat = os.stat(path)
        with open(path, "rb") as file:
            content = file.read()
        with open(path, "wb") as file:
            file.write(content.replace(b"a", b"e", 1) if kind == "backdate" else content)
        if kind == "backdate":
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def commands(self):
        path = os.path.relpath(self.random.choice(self.plans()), self.root)
        name = "@" + os.path.basename(path)[len("PLAN_"):-len(".md")]
        return [["plans", "--json"], ["status", "--all", "--json"], ["next", path, "--json"],
                ["next", path], ["next", name], ["explain", path, "--json"]]

    def compare(self, step, kind):
        differences = 0
        for args in self.commands():
            cached = self.run(*args)
            if cached != self.run(*args, "--no-cache"):
                differences += 1
                print("change %d (%s): %s differs without the cache" % (step, kind, " ".join(args)))
        return differences


def main():
    if len(sys.argv) != 5:
        print(__doc__)
        return 2
    workspace = Workspace(os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    differences = 0
    for step in range(int(sys.argv[4])):
        kind = workspace.change()
        if workspace.random.random() < 0.4:
            differences += workspace.compare(step, kind)
    print("seed %s: %s changes, %d differences" % (sys.argv[3], sys.argv[4], differences))
    shutil.rmtree(workspace.base)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
