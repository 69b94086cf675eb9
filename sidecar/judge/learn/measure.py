#!/usr/bin/env python3
"""What the rule costs and loses on recorded sweeps, every study judged by tables that never saw its source.

    measure.py [--trials N] [--workers N] [--thaw] [--rates] [--orders N] [--studies N] [--svg FILE] KEPT DATA...

KEPT: the folder that learn.py --keep wrote, with folds.json beside its parts. DATA: study archives; one metric of a study is replayed, an
evaluation loss if there is one. Cost: share of the full sweep; regret in units of |median - best| of the finals; lost: share of the sweeps
that lost more than 5 % of that, and over the studies the upper end of a 95 % interval; wrong: of the trials stopped as hopeless the share that
would have been good enough. Studies of a file weigh equally, then files.
"""
import argparse
import collections
import json
import multiprocessing
import pathlib
import random

import ctypes as C
import numpy as np

import engine
import sweeps

DELTAS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3)
LIMITS = (0.01, 0.02, 0.05)


def one_metric_each(studies, fewest):
    """As a user would choose: an evaluation metric, a loss, of every study of enough trials."""
    held_out = ("eval", "valid", "val", "test")
    groups = collections.defaultdict(list)
    for s in studies:
        if len(s.trials) >= fewest:
            groups[s.file, s.study].append(s)
    return [sorted(g, key=lambda s: (not s.metric.startswith(held_out), "loss" not in s.metric, s.metric))[0] for _, g in sorted(groups.items())]


def some_of(studies, most):
    out = []
    for file in sorted({s.file for s in studies}):
        mine = [s for s in studies if s.file == file]
        out += random.Random(0).sample(mine, most) if 0 < most < len(mine) else mine
    return out


JOBS = {}  # what the processes inherit


def orders(study, a):
    """The study's sweeps: so many trials of it, in so many random orders; those without a spread have nothing to lose."""
    rng = random.Random("%s %d" % (study.study, a.seed))
    for _ in range(a.orders):
        trials = rng.sample(study.trials, min(a.trials, len(study.trials)))
        if sweeps.spread_of(np.array([t.final for t in trials])) is not None:
            yield engine.sweep(trials, study.metric, study.goal, a.workers, a.thaw, a.rates)


def play(lib, sweep, name, a, b=0):
    """cost, regret, trials stopped as hopeless, the wrong ones among them"""
    outcome, stops = engine.Outcome(), engine.Stops()
    if lib.play(sweep, name.encode(), a, b, outcome, stops):
        raise RuntimeError("%s cannot be replayed" % name)
    return outcome.cost, outcome.regret, stops.hopeless, stops.wrong


def replay(index):
    """{(policy, setting): [cost, regret, hopeless, wrong] of each sweep}"""
    study, out = JOBS["studies"][index], collections.defaultdict(list)
    lib = JOBS["libraries"][study.fold]
    for sweep in orders(study, JOBS["options"]):
        for name, setting in [("foregone", d) for d in DELTAS] + [("oracle", 0)]:
            out[name, setting].append(play(lib, sweep, name, setting))
    return out


def over_files(value):
    """value: of each study; its mean over the studies of a file, then over files"""
    files = [s.file for s in JOBS["studies"]]
    return np.mean([np.mean([v for v, g in zip(value, files) if g == f and v is not None], 0) for f in sorted(set(files))], 0)


def upper(losses):
    """Upper end of the 95 % interval of the mean over studies, by resampling them within their files."""
    rng, files = np.random.default_rng(0), [s.file for s in JOBS["studies"]]
    per = [[v for v, g in zip(losses, files) if g == f and v is not None] for f in sorted(set(files))]
    return float(np.quantile([np.mean([np.mean(rng.choice(p, len(p))) for p in per]) for _ in range(1000)], 0.95))


def least_cost(points, limit):
    """Interpolated along the front, as replay_least_cost of replay.h."""
    front, best = [], np.inf
    for cost, regret in sorted(points + [(1.0, 0.0)]):
        if regret < best:
            front.append((cost, regret))
            best = regret
    if front[0][1] <= limit:
        return front[0][0]
    return next(c0 + (c1 - c0) * (g0 - limit) / (g0 - g1) for (c0, g0), (c1, g1) in zip(front, front[1:]) if g0 > limit >= g1)


def per_study(results, key):
    return [np.mean([(c, g, g > 0.05) for c, g, _, _ in r[key]], 0) if r[key] else None for r in results]


def wrong_share(results, key):
    """Studies equal: of all stopped as hopeless in a study's sweeps the wrong ones."""
    sums = [np.sum([(h, w) for _, _, h, w in r[key]], 0) for r in results if r[key]]
    return float(np.mean([w / h for h, w in sums if h]))


def svg(points):
    at = lambda x, y: (50 + 800 * x, 290 - 800 * y)
    line = " ".join("%.1f,%.1f" % at(d, w) for d, w in points)
    dots = "".join('<circle cx="%.1f" cy="%.1f" r="3"/>' % at(d, w) for d, w in points)
    ticks = "".join('<text x="%.0f" y="306" text-anchor="middle">%g</text><text x="44" y="%.0f" text-anchor="end">%g</text>' % (at(v, 0)[0], v, at(0, v)[1] + 4, v)
                    for v in (0, .1, .2, .3))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="320" height="340" font-family="sans-serif" font-size="11">'
            '<path d="M50 290H290M50 290V50" stroke="#000"/><path d="M50 290L290 50" stroke="#999" stroke-dasharray="4"/>'
            '<polyline points="%s" fill="none" stroke="#06c"/><g fill="#06c">%s</g>%s<text x="170" y="326" text-anchor="middle">--delta</text>'
            '<text x="54" y="42">share of the stopped that would have been good enough</text></svg>\n' % (line, dots, ticks))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("kept", type=pathlib.Path)
    ap.add_argument("data", nargs="+", type=pathlib.Path)
    for name, value in (("trials", 20), ("workers", 1), ("orders", 4), ("studies", 0), ("seed", 0)):
        ap.add_argument("--" + name, type=int, default=value)
    ap.add_argument("--thaw", action="store_true")
    ap.add_argument("--rates", action="store_true", help="tell the judge the learning rate, where it was logged")
    ap.add_argument("--svg", type=pathlib.Path)
    a = ap.parse_args()
    folds = json.loads((a.kept / "folds.json").read_text())
    chosen = some_of(one_metric_each(sweeps.studies(a.data, folds), max(sweeps.FEWEST, a.trials // 2)), a.studies)
    JOBS.update(studies=chosen, options=a, libraries=[engine.library(a.kept / str(k)) for k in range(5)])
    with multiprocessing.get_context("fork").Pool() as pool:
        results = pool.map(replay, range(len(chosen)), chunksize=1)
    files = sorted({s.file for s in chosen})
    print("%d studies x %d orders, %d trials, %d worker(s)%s" % (len(chosen), a.orders, a.trials, a.workers, ", thawing" if a.thaw else ""))
    print("%-9s cost  regret  lost  (at most)  wrong | cost/regret of" % "delta", *[f.replace("sweeps-", "") for f in files])
    points, reliability = [], []
    for key in [("foregone", d) for d in DELTAS] + [("oracle", 0)]:
        study = per_study(results, key)
        cost, regret, lost = over_files(study)
        by_file = [np.mean([v[:2] for v, s in zip(study, chosen) if s.file == f and v is not None], 0) for f in files]
        wrong = wrong_share(results, key) if key[0] == "foregone" else 0
        print("%-9s %.3f %.4f  %.3f  (%.3f)    %.3f |" % (key[1] or key[0], cost, regret, lost, upper([v if v is None else v[2] for v in study]), wrong), *["%.2f/%.3f" % tuple(v) for v in by_file])
        if key[0] == "foregone":
            points.append((cost, regret))
            reliability.append((key[1], wrong))
    print("least cost at mean regret %s: %s" % (" / ".join("%g" % g for g in LIMITS), " / ".join("%.3f" % least_cost(points, g) for g in LIMITS)))
    worst = sorted(((v[1], v[0], s) for v, s in zip(per_study(results, ("foregone", 0.02)), chosen) if v is not None), key=lambda w: -w[0])[:6]
    print("most regret at 0.02:", "; ".join("%s %.2f (cost %.2f)" % (s.study, g, c) for g, c, s in worst))
    if a.svg:
        a.svg.write_text(svg(reliability))


if __name__ == "__main__":
    main()
