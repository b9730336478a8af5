#!/usr/bin/python3
"""Strict checker of the text that promptgen writes for Prometheus.

It accepts only the subset of exposition format 0.0.4 that promptgen uses (no timestamps, HELP then TYPE
then samples), and looks at what promtool and the OpenMetrics parser of python3-prometheus-client let
pass: duplicate series, interleaved families, bucket invariants, counters that are no counters.

usage: exposition.py FILE...   prints problems and exits 1 when there are any
"""
import math
import re
import sys

NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"
LABEL = re.compile(rf'({NAME})="((?:[^"\\\n]|\\[\\"n])*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
COMMENT = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")
NUMBER = re.compile(r"NaN|[+-]Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?")
UNESCAPE = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
KINDS = {"counter", "gauge", "histogram"}


class Family:
    """What has been read of one metric."""

    def __init__(self, name):
        self.name, self.help, self.kind, self.samples = name, None, None, []


def parse_labels(text):
    """The labels between braces as a list of pairs; None when they are malformed."""
    pairs, at = [], 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match:
            return None
        pairs.append((match[1], re.sub(r"\\[\\\"n]", lambda m: UNESCAPE[m[0]], match[2])))
        at = match.end()
        if at < len(text) and text[at] != ",":
            return None
        at += 1
    return None if text.endswith(",") else pairs


def family_of(sample, kind, name):
    """True when a family of this kind writes a sample of this name."""
    if kind == "histogram":
        return sample in (name + "_bucket", name + "_sum", name + "_count")
    return sample == name


def parse(text, problems):
    """Families in the order of their first line."""
    families, current = {}, None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        comment, sample = COMMENT.fullmatch(line), SAMPLE.fullmatch(line)
        if comment:
            keyword, name, value = comment.groups()
            if current is None or current.name != name:
                if name in families:
                    problems.append(f"line {number}: family {name} is in two places")
                current = families.setdefault(name, Family(name))
            if current.samples:
                problems.append(f"line {number}: {keyword} after samples")
            attribute = "help" if keyword == "HELP" else "kind"
            if getattr(current, attribute) is not None:
                problems.append(f"line {number}: second {keyword}")
            if keyword == "HELP" and re.search(r"\\(?![\\n])", re.sub(r"\\\\", "", value)):
                problems.append(f"line {number}: unknown escape")
            setattr(current, attribute, value)
        elif sample:
            read_sample(number, sample, current, problems)
        else:
            problems.append(f"line {number}: not understood: {line!r}")
    return families


def read_sample(number, sample, current, problems):
    name, labels, value = sample[1], parse_labels(sample[2] or ""), sample[3]
    if current is None or not family_of(name, current.kind, current.name):
        problems.append(f"line {number}: {name} outside of its family")
        return
    if labels is None or sample[2] == "":
        problems.append(f"line {number}: malformed labels")
    elif not NUMBER.fullmatch(value):
        problems.append(f"line {number}: malformed number {value}")
    else:
        names = [pair[0] for pair in labels]
        if len(set(names)) < len(names):
            problems.append(f"line {number}: repeated label")
        if any(n.startswith("__") or n == "quantile" for n in names):
            problems.append(f"line {number}: reserved label")
        if ("le" in names) != name.endswith("_bucket"):
            problems.append(f"line {number}: le where it does not belong")
        current.samples.append((name, tuple(labels), float(value.replace("Inf", "inf"))))


def check_histogram(family, problems):
    series = {}
    for name, labels, value in family.samples:
        rest = tuple(pair for pair in labels if pair[0] != "le")
        one = series.setdefault(rest, {"buckets": [], "sum": None, "count": None})
        if name.endswith("_bucket"):
            le = dict(labels)["le"]
            if not NUMBER.fullmatch(le):
                problems.append(f"{family.name}: malformed bound {le}")
                return
            one["buckets"].append((float(le.replace("Inf", "inf")), value))
        else:
            one[name[len(family.name) + 1:]] = value
    for rest, one in series.items():
        bounds = [bucket[0] for bucket in one["buckets"]]
        counts = [bucket[1] for bucket in one["buckets"]]
        where = f"{family.name}{dict(rest)}"
        if not bounds or bounds[-1] != math.inf:
            problems.append(f"{where}: no +Inf bucket at the end")
        elif counts[-1] != one["count"]:
            problems.append(f"{where}: count is not the +Inf bucket")
        if one["sum"] is None:
            problems.append(f"{where}: no sum")
        if any(a >= b for a, b in zip(bounds, bounds[1:])):
            problems.append(f"{where}: bounds do not ascend")
        if any(not a <= b for a, b in zip(counts, counts[1:])):
            problems.append(f"{where}: buckets shrink")


def check_family(family, problems):
    if family.help is None or family.kind not in KINDS:
        problems.append(f"{family.name}: HELP or TYPE is missing or unknown")
        return
    if (family.kind == "counter") != family.name.endswith("_total"):
        problems.append(f"{family.name}: _total does not fit a {family.kind}")
    seen = set()
    for name, labels, value in family.samples:
        identity = (name, tuple(sorted(labels)))
        if identity in seen:
            problems.append(f"{name}{dict(labels)}: twice")
        seen.add(identity)
        if family.kind == "counter" and not value >= 0:
            problems.append(f"{name}{dict(labels)}: a counter is {value}")
    if family.kind == "histogram":
        check_histogram(family, problems)


def check(data):
    """Problems of an exposition, given as bytes."""
    problems = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ["not UTF-8"]
    if not text.endswith("\n"):
        problems.append("no line feed at the end")
    families = parse(text, problems)
    if not families:
        problems.append("empty")
    for family in families.values():
        check_family(family, problems)
    if list(families) != sorted(families):
        problems.append("families are not in the order of names")
    return problems


def main():
    failed = False
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            for problem in check(file.read()):
                failed = True
                print(f"{path}: {problem}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
