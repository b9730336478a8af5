"""Runs a program on a terminal of its own and plays a conversation with it.

usage: terminal.py STEPS PROGRAM [ARG...]

STEPS is a file of one step a line; each wait ends after SECONDS.
  expect REGEX      waits until the output since the last match has it
  absent REGEX      fails if the output since the last match has it
  send TEXT         types it; Python escapes such as \\r, \\t, \\x03 are understood
  paste COUNT TEXT  pastes TEXT, COUNT times in a row, as terminals do that mark what is pasted
  storm COUNT TEXT  COUNT times: types TEXT and Enter, and within 20 ms presses Ctrl-C
  signals COUNT TEXT  the same with a SIGINT to the program alone
  kills COUNT TEXT  the same with a SIGKILL for the program's youngest child, if there is one
  signal NAME       sends SIG<NAME> to the program
  kill NAME         sends SIG<NAME> to the program's youngest child
  resize ROWS COLS  changes the size of the terminal
  stop              waits until the program has been stopped
  end STATUS        closes nothing, waits for the end; STATUS is 0..255 or -SIGNAL
Prints the conversation; exits with 1 and says why when a step fails. After the end the modes of the
terminal must be what they were at the start.
"""

import ast
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import termios
import time

SECONDS = float(os.environ.get("SECONDS_TO_WAIT", "20"))


def lead_session(slave, argv, report):
    """Does what a shell does: gives the program the terminal and reports how it stops and ends."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(slave, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        try:
            os.execv(argv[0], argv)
        finally:
            os._exit(127)
    os.write(report, b"%d\n" % pid)
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        os.write(report, b"%d\n" % status)
        if not os.WIFSTOPPED(status):
            os._exit(0)


class Terminal:
    def __init__(self, argv):
        self.transcript = b""
        self.since = b""
        self.random = random.Random(os.environ.get("SEED", "1"))
        self.master, self.slave = pty.openpty()
        self.resize(40, 100)
        self.modes = termios.tcgetattr(self.slave)
        reports, report = os.pipe()
        if os.fork() == 0:
            os.close(self.master)
            lead_session(self.slave, argv, report)
        os.close(report)
        self.reports = os.fdopen(reports, "rb", buffering=0)
        self.pid = int(self.reports.readline())

    def resize(self, rows, cols):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.since += data
        self.transcript += data
        return True

    def expect(self, regex):
        pattern = re.compile(regex.encode(), re.S)
        end = time.monotonic() + SECONDS
        while True:
            match = pattern.search(self.since)
            if match:
                self.since = self.since[match.end():]
                return
            if time.monotonic() > end or not self.read(max(0, end - time.monotonic())):
                raise AssertionError("no output like %r in %r" % (regex, self.since[-2000:]))

    def absent(self, regex):
        if re.search(regex.encode(), self.since, re.S):
            raise AssertionError("output like %r in %r" % (regex, self.since[-2000:]))

    def send(self, text):
        data = re.sub(rb"\\(x..|.)", lambda m: ast.literal_eval('b"\\%s"' % m[1].decode()), text.encode())
        while data:
            _, ready, _ = select.select([], [self.master], [], 0.5)
            if ready:
                data = data[os.write(self.master, data[:512]):]
            self.read(0)

    def interrupt_soon(self, text, interrupt):
        """Types an entry and interrupts at a moment that differs from run to run but for the seed."""
        self.send(text + "\\r")
        end = time.monotonic() + self.random.random() * self.random.choice((0.001, 0.005, 0.02))
        while time.monotonic() < end:
            self.read(max(0, end - time.monotonic()))
        interrupt()

    def storm(self, rest, interrupt):
        count, _, text = rest.partition(" ")
        for _ in range(int(count)):
            self.interrupt_soon(text, interrupt)

    def child(self):
        with open("/proc/%d/task/%d/children" % (self.pid, self.pid)) as file:
            return int(file.read().split()[-1])

    def kill_child(self):
        """Kills it and waits until it is dead: what is typed next must not meet it dying."""
        try:
            child = self.child()
            os.kill(child, signal.SIGKILL)
            while self.state(child) not in "ZX":
                self.read(0.001)
        except (IndexError, ProcessLookupError, FileNotFoundError):
            pass  # it has gone, and the next one is not there yet

    def state(self, pid):
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[0]

    def wait(self):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            ready, _, _ = select.select([self.reports, self.master], [], [], 1)
            if self.reports in ready:
                return int(self.reports.readline())
            if self.master in ready and not self.read(0):
                break
        raise AssertionError("the program goes on; output: %r" % self.since[-2000:])

    def end(self, expected):
        status = self.wait()
        self.pid = 0
        while self.read(0.05):
            pass
        actual = os.waitstatus_to_exitcode(status)
        if actual != expected:
            raise AssertionError("exit status %d, not %d; output: %r" % (actual, expected, self.since[-2000:]))
        if termios.tcgetattr(self.slave) != self.modes:
            raise AssertionError("the modes of the terminal have changed")

    def step(self, line):
        word, _, rest = line.partition(" ")
        if word == "expect":
            self.expect(rest)
        elif word == "absent":
            self.absent(rest)
        elif word == "send":
            self.send(rest)
        elif word == "paste":
            count, _, text = rest.partition(" ")
            self.send("\\x1b[200~" + text * int(count) + "\\x1b[201~")
        elif word == "storm":
            self.storm(rest, lambda: self.send("\\x03"))
        elif word == "signals":
            self.storm(rest, lambda: os.kill(self.pid, signal.SIGINT))
        elif word == "kills":
            self.storm(rest, self.kill_child)
        elif word == "signal":
            os.kill(self.pid, getattr(signal, "SIG" + rest))
        elif word == "kill":
            os.kill(self.child(), getattr(signal, "SIG" + rest))
        elif word == "resize":
            self.resize(*map(int, rest.split()))
        elif word == "stop":
            if not os.WIFSTOPPED(self.wait()):
                raise AssertionError("the program has ended")
        elif word == "end":
            self.end(int(rest))
        else:
            raise AssertionError("unknown step %r" % line)


def main():
    with open(sys.argv[1]) as file:
        steps = [line.rstrip("\n") for line in file if line.strip()]
    terminal = Terminal(sys.argv[2:])
    try:
        for line in steps:
            try:
                terminal.step(line)
            except AssertionError as error:
                print("FAILED at %r: %s" % (line, error))
                return 1
    finally:
        if terminal.pid:
            try:
                os.kill(terminal.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        sys.stdout.flush()
        sys.stdout.buffer.write(terminal.transcript)
    return 0


if __name__ == "__main__":
    sys.exit(main())
