#!/usr/bin/env python3
"""Relearn the chances in a race (`--thaw`) from recorded studies.

    sidecar/judge/learn/race.py [--keep DIR] FOLDS DATA...   writes sidecar/judge/race_table.c and tests/unit/race_answers.h

Runs random races of every study of eight finished runs or more with FOLDS/K's tables, K being the fold of the study's source: all trials a first
leg, then one after another a leg further, some to their end; and learns from what the judge saw of all of them at some moments. Two outputs (chance.h):
a score whose softmax over the trials of a moment, beside a zero for what has finished, is the chance to be the best of all; and the chance to beat the
best finished one by the tolerance. Who goes on is chosen by the forecasts, loosely, or by the table as it is: learning twice is better than once.
Cross-validates by the folds and prints the scores; --keep writes each fold's table beside what learn.py --keep wrote there.
"""
import argparse
import collections
import datetime
import json
import pathlib
import sys

import numpy as np
import torch

import engine
import sweeps
from learn import DAMP, HIDDEN, TOLERANCE, answers, area, descend, entropy, table

EPOCHS, BATCH = 3, 128  # groups
LIMIT = 15.0            # of a score


class Net(torch.nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.a, self.b, self.out = torch.nn.Linear(inputs, HIDDEN[0]), torch.nn.Linear(HIDDEN[0], HIDDEN[1]), torch.nn.Linear(HIDDEN[1], 2)
        with torch.no_grad():
            self.out.bias[:] = torch.tensor([-1.0, -2.0])

    def forward(self, x):
        x = torch.nn.functional.dropout(torch.nn.functional.silu(self.a(x)), 0.1, self.training)
        return self.out(torch.nn.functional.silu(self.b(x)))


class Groups:
    """Rows sorted by group; start[g] .. start[g + 1] are those of g."""
    def __init__(self, rows, studies):
        order = np.argsort(rows.group, kind="stable")
        self.X, self.t, self.group, self.study = rows.X[order], rows.t[order], rows.group[order], rows.study[order]
        bar, final = rows.bar[order], rows.final[order]
        self.start = np.searchsorted(self.group, np.arange(self.group[-1] + 2))
        self.finished = ~np.isnan(bar)
        self.wins = final <= rows.best[order]
        self.beats = self.finished & (final < np.where(self.finished, bar, 0) - TOLERANCE * rows.spread[order])
        first = self.start[:-1]
        self.study_of, self.any_finished = self.study[first], self.finished[first]
        self.winner_is_in = np.bincount(self.group, weights=self.wins) > 0
        many = collections.Counter(studies[s].source for s in np.unique(self.study))
        count = np.bincount(self.study_of, minlength=len(studies))
        w = np.array([many[studies[s].source] ** -DAMP / count[s] for s in self.study_of])
        self.weight = w / w.mean()


def loss_of(net, g, batch):
    sizes = g.start[batch + 1] - g.start[batch]
    rows = np.concatenate([np.arange(g.start[k], g.start[k + 1]) for k in batch])
    place, as_float = torch.tensor(np.repeat(np.arange(len(batch)), sizes)), lambda v: torch.tensor(v.astype(np.float32))
    w, over, wins, finished = as_float(g.weight[batch]), as_float(g.any_finished[batch]), as_float(g.wins[rows]), as_float(g.finished[rows])
    x = torch.tensor(g.X[rows])
    out = net(x + 0.1 * torch.randn_like(x))
    odds = torch.exp(out[:, 0].clamp(-LIMIT, LIMIT))
    total = over.index_add(0, place, odds)
    inside = as_float(g.winner_is_in[batch])
    winner = (1 - inside).index_add(0, place, odds * wins)
    told = ((inside + over) > 0).float()
    best = (w * told * (torch.log(total) - torch.log(winner))).sum() / len(batch)
    beats = torch.nn.functional.binary_cross_entropy_with_logits(out[:, 1], as_float(g.beats[rows]), reduction="none")
    return 0.4 * best + 2 * (beats * finished * w[place]).sum() / (finished.sum() + 1)


def train(g, use, seed):
    torch.manual_seed(seed)
    rng, net, left = np.random.default_rng(seed), Net(g.X.shape[1]), np.array([], int)

    def loss():
        nonlocal left
        if len(left) < BATCH:
            left = rng.permutation(use)
        batch, left = left[:BATCH], left[BATCH:]
        return loss_of(net, g, batch)

    return descend(net, EPOCHS * len(use) // BATCH, loss)


def outputs(net, X):
    with torch.no_grad():
        return net(torch.tensor(X)).double().numpy()


def scores(g, out):
    odds = np.exp(np.clip(out[:, 0], -LIMIT, LIMIT))
    total = np.bincount(g.group, weights=odds) + g.any_finished
    winner = np.where(g.winner_is_in, np.bincount(g.group, weights=odds * g.wins), 1) / total
    w, chance = g.weight[g.group], 1 / (1 + np.exp(-out[:, 1]))
    for name, m in (("nothing", ~g.any_finished), ("something", g.any_finished & (g.winner_is_in | g.any_finished))):
        yield "%s has finished: mean -log chance of the best of all %.3f" % (name, np.average(-np.log(winner[m]), weights=g.weight[m]))
    yield "chance to beat the best finished: cross-entropy, area under the curve; by progress:"
    for low, high in ((0, .06), (.06, .2), (.2, .5), (.5, 1)):
        m = g.finished & (g.t >= low) & (g.t < high)
        yield "%4g-%-4g  %.3f   %.3f" % (low, high, entropy(chance[m], g.beats[m], w[m]), area(chance[m], g.beats[m], w[m]))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folds", type=pathlib.Path)
    ap.add_argument("data", nargs="+", type=pathlib.Path)
    ap.add_argument("--keep", type=pathlib.Path)
    ap.add_argument("--rows", type=pathlib.Path, help="npz: read the rows from here, or write them where it is missing")
    a = ap.parse_args()
    torch.set_num_threads(1)
    studies = sweeps.studies(a.data, json.loads((a.folds / "folds.json").read_text()))
    g = Groups(sweeps.race_rows(studies, a.folds, a.rows), studies)
    fold, out = np.array([s.fold for s in studies]), np.zeros((len(g.X), 2))
    for k in range(5):
        net = train(g, np.flatnonzero(fold[g.study_of] != k), k)
        rest = fold[g.study] == k
        out[rest] = outputs(net, g.X[rest])
        if a.keep:
            (a.keep / str(k) / "race_table.c").write_text(table(net, ["Of fold %d." % k], "race_net", 2, "race.py"))
    card = ["Learned %s from %d looks at %d moments of races of %d studies. Cross-validated by source:" % (datetime.date.today(), len(g.X), len(g.weight), len(np.unique(g.study)))]
    card += list(scores(g, out))
    print(*card, sep="\n")
    net, some = train(g, np.arange(len(g.weight)), 9), g.X[:: len(g.X) // 4][:4]
    (engine.ROOT / "sidecar/judge/race_table.c").write_text(table(net, card, "race_net", 2, "race.py"))
    (engine.ROOT / "tests/unit/race_answers.h").write_text(answers("race", some, outputs(net, some), "race.py"))


if __name__ == "__main__":
    sys.exit(main())
