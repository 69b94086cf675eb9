#!/usr/bin/env python3
"""Relearn the chance of the verdict's rule from recorded studies.

    curvefit/learn/learn.py --dry --folds FOLDS DATA...       first: forecasts that never saw their source
    sidecar/judge/learn/learn.py [--keep DIR] FOLDS DATA...   writes sidecar/judge/chance_table.c and tests/unit/chance_answers.h

Replays random sweeps of every study of eight finished runs or more with FOLDS/K's tables, K being the fold of the study's source, and
learns from what the judge saw. Cross-validates by the same folds and prints the scores; --keep writes each fold's table (DIR/K/chance_table.c,
beside copies of the forecast's tables of that fold), so that measure.py can judge every study by tables that never saw its source.
"""
import argparse
import collections
import datetime
import json
import pathlib
import shutil
import sys

import numpy as np
import torch

import engine
import sweeps

HIDDEN = (32, 16)
DAMP = 0.5        # a study of a source of n studies weighs n^-DAMP
TOLERANCE = 0.01  # CHANCE_TOLERANCE of chance.h
HEADS = 3         # beats the bar; is the best of the sweep by the tolerance; the same by any margin, weighed by it. The first is used.
EPOCHS, BATCH, RATE, DECAY = 3, 2048, 6e-3, 1e-2


class Net(torch.nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.a, self.b, self.out = torch.nn.Linear(inputs, HIDDEN[0]), torch.nn.Linear(HIDDEN[0], HIDDEN[1]), torch.nn.Linear(HIDDEN[1], HEADS)
        with torch.no_grad():
            self.out.bias[:] = torch.tensor([-1.5, -3.0, -4.0])

    def forward(self, x):
        x = torch.nn.functional.dropout(torch.nn.functional.silu(self.a(x)), 0.1, self.training)
        return self.out(torch.nn.functional.silu(self.b(x)))


def targets(rows):
    """[n, HEADS] answers and weights. Lower is better everywhere."""
    final = np.where(np.isfinite(rows.final), rows.final, np.inf)
    gap = np.clip((rows.others - final) / rows.spread, 0, 1)
    answers = np.stack([final < rows.bar - TOLERANCE * rows.spread, gap > TOLERANCE, gap > 0], 1).astype(np.float32)
    weights = np.ones_like(answers)
    weights[:, 2] = np.where(gap > 0, gap, 1)
    return answers, weights


def weights_of(rows, studies):
    many = collections.Counter(studies[s].source for s in np.unique(rows.study))
    per_study = np.bincount(rows.study, minlength=len(studies))
    w = np.array([many[s.source] ** -DAMP / n if n else 0 for s, n in zip(studies, per_study)])[rows.study]
    return w / w.mean()


def descend(net, steps, loss):
    """loss(): of the next batch"""
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
    for _ in range(steps):
        value = loss()
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        schedule.step()
    return net.eval()


def train(X, Y, W, seed):
    torch.manual_seed(seed)
    net = Net(X.shape[1])

    def loss():
        j = torch.randint(len(X), (BATCH,))
        noisy = X[j] + 0.1 * torch.randn(BATCH, X.shape[1])
        return (torch.nn.functional.binary_cross_entropy_with_logits(net(noisy), Y[j], reduction="none") * W[j]).mean()

    return descend(net, EPOCHS * len(X) // BATCH, loss)


def chance(net, X):
    with torch.no_grad():
        return torch.sigmoid(net(X)[:, 0]).double().numpy()


# ---- scores ------------------------------------------------------------------------------------------------------------

def entropy(p, y, w):
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return float(np.average(-(y * np.log(p) + (1 - y) * np.log(1 - p)), weights=w))


def area(p, y, w):
    order = np.argsort(p)
    y, w = y[order], w[order]
    below = np.cumsum(w * (1 - y))
    return float((w * y * below).sum() / max((w * y).sum() * below[-1], 1e-12))


def scores(rows, learned, y, w):
    yield "cross-entropy of the forecast's own chance, of the learned one; area under the curve likewise; by progress, cross-validated by source:"
    for low, high in ((0, 1), (0, .06), (.06, .2), (.2, .5), (.5, 1)):
        m = (rows.t >= low) & (rows.t < high)
        yield "%4g-%-4g  %.3f %.3f   %.3f %.3f" % (low, high, entropy(rows.p[m], y[m], w[m]), entropy(learned[m], y[m], w[m]),
                                                   area(rows.p[m], y[m], w[m]), area(learned[m], y[m], w[m]))


# ---- the table -----------------------------------------------------------------------------------------------------------

def array(name, values):
    flat = ["%.6g" % v for v in np.asarray(values).ravel()]
    flat = [v + ("f" if "." in v or "e" in v else ".f") for v in flat]
    lines = [",".join(flat[i:i + 12]) for i in range(0, len(flat), 12)]
    return "static const float %s[] = {\n%s,\n};\n" % (name, ",\n".join(lines))


def table(net, card, name="chance_net", outputs=1, by="learn.py"):
    """net: two hidden layers a, b and out, of which the first outputs are written."""
    get = lambda p: p.detach().numpy()
    return "".join(["/* Written by sidecar/judge/learn/%s; do not edit.\n" % by, *(" * %s\n" % line for line in card), " */\n#include \"chance.h\"\n\n",
                    array("w1", get(net.a.weight)), array("b1", get(net.a.bias)), array("w2", get(net.b.weight)), array("b2", get(net.b.bias)),
                    array("w3", get(net.out.weight)[:outputs]), array("b3", get(net.out.bias)[:outputs]),
                    "\nconst struct chance_net %s = {.inputs = %d, .hidden = {%d, %d}, .w1 = w1, .b1 = b1, .w2 = w2, .b2 = b2, .w3 = w3, .b3 = b3};\n"
                    % (name, net.a.in_features, *HIDDEN)])


def answers(name, X, out, by="learn.py"):
    """For the unit tests: inputs, and what torch answers to them."""
    text = ["/* Written by sidecar/judge/learn/%s: inputs, and what torch answers to them. */\n#define %s_ROWS %d\n" % (by, name.upper(), len(X)),
            "static const float %s_inputs[%d][%d] = {\n" % (name, *X.shape)]
    text += ["{%s},\n" % ",".join("%.6gf" % v if "." in "%.6g" % v or "e" in "%.6g" % v else "%.6g.f" % v for v in row) for row in X]
    return "".join(text) + "};\nstatic const double %s_answers[] = {%s};\n" % (name, ",".join("%.6g" % v for v in np.ravel(out)))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folds", type=pathlib.Path)
    ap.add_argument("data", nargs="+", type=pathlib.Path)
    ap.add_argument("--keep", type=pathlib.Path)
    ap.add_argument("--rows", type=pathlib.Path, help="npz: read the rows from here, or write them where it is missing")
    a = ap.parse_args()
    torch.set_num_threads(1)
    fold_of = json.loads((a.folds / "folds.json").read_text())
    studies = sweeps.studies(a.data, fold_of)
    rows = sweeps.rows(studies, a.folds, a.rows)
    Y, W = targets(rows)
    w = weights_of(rows, studies)
    X, Y, W = torch.tensor(rows.X), torch.tensor(Y), torch.tensor(W * w[:, None], dtype=torch.float32)
    fold = np.array([s.fold for s in studies])[rows.study]
    learned = np.zeros(len(X))
    for k in range(5):
        use, rest = torch.tensor(np.flatnonzero(fold != k)), torch.tensor(np.flatnonzero(fold == k))
        net = train(X[use], Y[use], W[use], k)
        learned[rest] = chance(net, X[rest])
        if a.keep:
            shutil.copytree(a.folds / str(k), a.keep / str(k), dirs_exist_ok=True, ignore=lambda _, names: [n for n in names if not n.endswith(".c")])
            (a.keep / str(k) / "chance_table.c").write_text(table(net, ["Of fold %d." % k]))
    card = ["Learned %s from %d looks at %d studies of %d sources." % (datetime.date.today(), len(X), len(np.unique(rows.study)), len({s.source for s in studies}))]
    card += list(scores(rows, learned, Y[:, 0].numpy(), w))
    print(*card, sep="\n")
    net, some = train(X, Y, W, 9), X[:: len(X) // 4][:4]
    (engine.ROOT / "sidecar/judge/chance_table.c").write_text(table(net, card))
    (engine.ROOT / "tests/unit/chance_answers.h").write_text(answers("chance", some.numpy(), chance(net, some)))


if __name__ == "__main__":
    sys.exit(main())
