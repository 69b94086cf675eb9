#!/usr/bin/env python3
"""File by file, the rule at one delta beside patience, median stopping and ASHA, each at its settings of least cost for that very file.

    beside.py [--delta P] [--trials N] [--workers N] [--orders N] [--studies N] KEPT DATA...

KEPT and DATA as of measure.py: every study is judged by tables that never saw its source, the others learn nothing and are tuned in hindsight. Their cost is
the least, along the front of their settings, at which they lose no more than the rule does on this file; running everything (1.00) is always possible.
"""
import argparse
import collections
import json
import multiprocessing
import pathlib

import numpy as np

import engine
import measure
import sweeps

PEERS = {"patience": [(n, 0) for n in (2, 3, 4, 6, 8, 12, 16)], "median": [(g, 0) for g in (.04, .1, .2, .3, .4, .5, .6, .7)],
         "asha": [(eta, r) for eta in (2, 3, 4) for r in (.04, .07, .11, .17, .25, .4, .5)]}
JOBS = {}


def replay(index):
    """{(policy, setting): [(cost, regret)] of each sweep}"""
    study, a, out = JOBS["studies"][index], JOBS["options"], collections.defaultdict(list)
    lib = JOBS["libraries"][study.fold]
    for sweep in measure.orders(study, a):
        out["foregone"].append(measure.play(lib, sweep, "foregone", a.delta)[:2])
        for name, settings in PEERS.items():
            for setting in settings:
                out[name, setting].append(measure.play(lib, sweep, name, *setting)[:2])
    return out


def of_file(results, key):
    return np.mean([np.mean(r[key], 0) for r in results if r[key]], 0)


def row(file, results):
    cost, regret = of_file(results, "foregone")
    least = {name: measure.least_cost([tuple(of_file(results, (name, s))) for s in settings], regret) for name, settings in PEERS.items()}
    return [file, "%.2f / %.3f" % (cost, regret), *["%.2f" % least[name] for name in PEERS], "" if cost <= min(least.values()) else "dearer"]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("kept", type=pathlib.Path)
    ap.add_argument("data", nargs="+", type=pathlib.Path)
    ap.add_argument("--delta", type=float, default=0.02)
    ap.set_defaults(thaw=False, rates=False)
    for name, value in (("trials", 20), ("workers", 1), ("orders", 4), ("studies", 0), ("seed", 0)):
        ap.add_argument("--" + name, type=int, default=value)
    a = ap.parse_args()
    folds = json.loads((a.kept / "folds.json").read_text())
    chosen = measure.some_of(measure.one_metric_each(sweeps.studies(a.data, folds), max(sweeps.FEWEST, a.trials // 2)), a.studies)
    JOBS.update(studies=chosen, options=a, libraries=[engine.library(a.kept / str(k)) for k in range(5)])
    with multiprocessing.get_context("fork").Pool() as pool:
        results = pool.map(replay, range(len(chosen)), chunksize=1)
    print("| file | foregone, delta %g: cost / regret | %s | |" % (a.delta, " | ".join(PEERS)), "|---" * (len(PEERS) + 3) + "|", sep="\n")
    for file in sorted({s.file for s in chosen}):
        print("|", " | ".join(row(file.replace("sweeps-", ""), [r for r, s in zip(results, chosen) if s.file == file])), "|")


if __name__ == "__main__":
    main()
