"""Time from starting a program on a terminal to its first prompt, and memory at that moment.

usage: bench_repl.py PAIRS PROMPTGEN [DIR]

Runs `lua5.4 -i` and `promptgen repl` in turn, PAIRS times, in DIR (default: the example workspace);
with and without a plan. Prints one row a program: name, runs, median microseconds, the ratio of times
within pairs, and kilobytes of memory of all its processes: the peak of each, and what they hold together
when shared pages count once.
"""

import os
import pty
import select
import statistics
import sys
import time


def field_kb(pid, name, field):
    with open("/proc/%d/%s" % (pid, name)) as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(field))


def memory_kb(pid):
    """Peaks and proportional shares of a process and its children."""
    peak, share = field_kb(pid, "status", "VmHWM:"), field_kb(pid, "smaps_rollup", "Pss:")
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        for child in file.read().split():
            child_peak, child_share = memory_kb(int(child))
            peak, share = peak + child_peak, share + child_share
    return peak, share


def first_prompt(argv, prompt):
    start = time.perf_counter()
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(argv[0], argv)
    output = b""
    while prompt not in output:
        if not select.select([master], [], [], 10)[0]:
            raise SystemExit("no prompt from %r: %r" % (argv, output))
        output += os.read(master, 65536)
    elapsed = time.perf_counter() - start
    memory = memory_kb(pid)
    os.write(master, b"\x04")
    try:
        while os.read(master, 65536):
            pass
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(master)
    return elapsed * 1e6, memory


def main():
    pairs, promptgen = int(sys.argv[1]), os.path.abspath(sys.argv[2])
    here = os.path.dirname(os.path.abspath(__file__))
    os.chdir(sys.argv[3] if len(sys.argv) > 3 else os.path.join(here, "../fixtures/example"))
    programs = {
        "lua5.4 -i": (["lua5.4", "-i"], b"> "),
        "promptgen repl": ([promptgen, "repl"], b"promptgen>"),
        "promptgen repl @CSV": ([promptgen, "repl", "@CSV"], b"CSV-IMPORT>"),
    }
    times = {name: [] for name in programs}
    memory = {}
    for _ in range(pairs):
        for name, (argv, prompt) in programs.items():
            elapsed, memory[name] = first_prompt(argv, prompt)
            times[name].append(elapsed)
    base = times["lua5.4 -i"]
    for name, values in times.items():
        ratio = statistics.median(value / other for value, other in zip(values, base))
        print("%s\t%d\t%.0f\t%.2f\t%d\t%d" % (name, pairs, statistics.median(values), ratio, *memory[name]))


main()
