#!/usr/bin/env python3
"""Is p_diverged what it says? Counts, by what the forecast answers, how many recorded curves ended so.

    divergence.py [--per-study 20] DATA...

Every loss and score, also those that end in values that are not finite, is cut at 5 to 80 % of its horizon; `foregone forecast --batch` is asked. A run
diverged if it ends in a value that is not finite, was noted as diverged and ends early, or, a loss, ends above ten times the larger of its first two values.
Printed, for each range of answers: forecasts, mean answer, share that diverged, the same with sources equal, sources that have any.
"""
import argparse
import collections
import gzip
import json
import pathlib
import subprocess

import numpy as np

import data

EXPLODED = 10
RANGES = (0, 0.0003, 0.001, 0.0015, 0.0025, 0.1, 0.6, 0.9, 1.0001)


def curves(paths, per_study):
    """(source, x, y, horizon, goal, whether it diverged)"""
    seen = collections.Counter()
    for path in map(pathlib.Path, paths):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as f:
            for record in map(json.loads, f):
                for metric, s in record["series"].items():
                    goal = record.get("goal", {}).get(metric)
                    seen[record["study"], metric] += 1
                    if goal in ("min", "max") and metric not in data.SKIP and seen[record["study"], metric] <= per_study:
                        yield from usable(record, s, goal)


def usable(record, s, goal):
    x, y = np.asarray(s["x"], float), np.asarray([np.nan if v is None else v for v in s["y"]], float)
    horizon = record.get("horizon") or (x[-1] if len(x) else 0)
    finite = np.isfinite(y)
    if len(x) < 12 or not horizon > 0 or finite.sum() < 3:
        return
    early, lost = x[-1] < 0.95 * horizon and bool(record.get("diverged")), not finite[-1]
    tail = y[finite & (x >= data.FINAL_FROM * horizon)]
    start, end = y[finite][:2].max(), tail.mean() if len(tail) else y[finite][-1]
    if lost or early or x[-1] >= 0.95 * horizon:
        yield data.source_of(record), x, y, horizon, goal, bool(lost or early or (goal == "min" and start > 0 and end > EXPLODED * start))


def questions(curve):
    source, x, y, horizon, goal, diverged = curve
    for cut in data.CUTS:
        n = int((x <= cut * horizon).sum())
        if 4 <= n < len(x) and np.isfinite(y[:n]).sum() >= 4 and np.isfinite(y[n - 2:n]).any():
            yield {"goal": goal, "horizon": horizon, "x": x[:n].tolist(), "y": [float(v) if np.isfinite(v) else None for v in y[:n]]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--per-study", type=int, default=20)
    a = parser.parse_args()
    asked = subprocess.Popen([data.ROOT / "foregone", "forecast", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    rows = []
    for curve in curves(a.data, a.per_study):
        for q in questions(curve):
            asked.stdin.write(json.dumps(dict(q, id="0")) + "\n")
            asked.stdin.flush()
            rows.append((curve[0], json.loads(asked.stdout.readline())["p_diverged"], curve[-1]))
    asked.stdin.close()
    answer, diverged = np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    source = np.array([r[0] for r in rows])
    for low, high in zip(RANGES, RANGES[1:]):
        here = (answer >= low) & (answer < high)
        if here.any():
            each = [diverged[here & (source == s)].mean() for s in set(source[here])]
            print("%.4f to %.4f: %6d forecasts, answer %.4f, diverged %.4f (%d), sources equal %.4f, %d of %d sources"
                  % (low, high, here.sum(), answer[here].mean(), diverged[here].mean(), diverged[here].sum(), np.mean(each), np.count_nonzero(each), len(each)))


if __name__ == "__main__":
    main()
