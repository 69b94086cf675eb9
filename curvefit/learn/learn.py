#!/usr/bin/env python3
"""Relearn the compiled-in tables from recorded curves.

    learn.py [--quick] [--dry] [--folds DIR] [--seed N] DATA...      DATA: study archives (*.jsonl, *.jsonl.gz) or folders of them

Cross-validates by source (the repository a curve came from), prints the score table, then trains on everything and writes
curvefit/network_alone.c, network_siblings.c and calibration.c with their card (and tests/unit/torch_answers.h). --dry writes nothing; --quick is one small
network a fold, for comparing changes (a minute or two). Needs numpy and torch (CPU), and libcurvefit.a built before.
"""
import argparse
import datetime
import json
import multiprocessing
import os
import pathlib
import sys
from dataclasses import dataclass

import numpy as np
import torch

import data
import net
import score
import siblings
import tables
import voice

FULL = dict(copies=4, per_study=80, extra=6, members=6, share=0.75, early=(0.0, 1.0, 2.0), kind=dict(epochs=3, batch=1024, noise=0.5))
QUICK = dict(copies=1, per_study=40, extra=4, members=1, share=1, early=(2.0,), kind=dict(epochs=3, batch=512, noise=0.5))
SECOND = dict(epochs=4, batch=512, noise=0.3, dropout=0.2)
DAMP = 0.4
FOLDS = 5
FEWEST_SOURCES = 2 * FOLDS
MISSED = 0.045  # share of outcomes to leave on either side of the 90 % interval: a little less than 5 %, as strangers surprise more
SMALLEST_SCALE = 1e-7  # of the study's spread; below it a forecast is a matter of rounding


def archives(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(p for p in path.iterdir() if p.name.endswith((".jsonl", ".jsonl.gz"))) if path.is_dir() else [path]


# ---- training, a process for each network -----------------------------------------------------------------------------------

JOBS = {}  # what the processes inherit


def one_job(job):
    torch.set_num_threads(1)
    X, z, w, mask, seed, kind = JOBS["X"], JOBS["z"], JOBS["w"], job[0], job[1], job[2]
    return net.train(X[mask], z[mask], w[mask], seed=seed, **kind)


def train_all(X, z, w, jobs):
    JOBS.update(X=X, z=z, w=w)
    with multiprocessing.get_context("fork").Pool(min(len(jobs), os.cpu_count() or 1)) as pool:
        return pool.map(one_job, jobs, chunksize=1)


def bagged(rows, allowed, usable, set_, seed):
    """Jobs of one bag: each member sees a share of the sources, so that together they know how far sources differ."""
    source = np.array(rows.sources)
    names = np.unique(source[allowed])
    jobs = []
    for m in range(set_["members"]):
        rng = np.random.default_rng(seed * 1000 + m)
        use = names if set_["share"] >= 1 else rng.permutation(names)[:max(1, int(set_["share"] * len(names)))]
        kind = dict(set_["kind"], early=set_["early"][m % len(set_["early"])])
        mask = (allowed & np.isin(source, use))[rows.group] & usable
        jobs.append((np.flatnonzero(mask), seed * 100 + m + 1, kind))
    return jobs


def average(nets, X):
    return sum(net.predict(n, X) for n in nets) / len(nets)


class First:
    """The network alone: out-of-fold answers for every row, and the final members."""
    def __init__(self, rows, set_, seed):
        self.fold = score.folds(rows, FOLDS)
        self.z = (rows.final - rows.meta[:, 1]) / rows.meta[:, 2]
        self.usable = rows.meta[:, 2] / rows.spread > SMALLEST_SCALE
        weight = score.weights(rows, DAMP)
        jobs = []
        for k in range(FOLDS):
            jobs += bagged(rows, self.fold != k, self.usable, set_, seed + k)
        nets = train_all(rows.X, self.z, weight, jobs)
        self.nets = [nets[k * set_["members"]:(k + 1) * set_["members"]] for k in range(FOLDS)]
        self.q = self.of(self.fold[rows.group], rows.X)

    def of(self, fold, X):
        q = np.zeros((len(X), 99), np.float32)
        for k in range(FOLDS):
            q[fold == k] = average(self.nets[k], X[fold == k])
        return q


class Second:
    """The correction by siblings: likewise."""
    def __init__(self, rows, curves, first, seed):
        fold_of = dict(zip(rows.studies, first.fold))
        self.bank = siblings.Bank(curves)
        self.bank.predict(lambda curve, X: first.of(np.array([fold_of[curves[i].study] for i in curve]), X))
        which, who = siblings.draw(rows, self.bank, curves, np.random.default_rng(seed), 2)
        self.which = which
        self.X = siblings.columns(rows.meta[which], first.q[which], who, self.bank)
        m, w = first.q[:, 49], siblings.width_of(first.q)
        self.z, self.weight = ((first.z - m) / w)[which], (score.weights(rows, DAMP) * w)[which]
        self.usable, self.fold = first.usable[which], first.fold[rows.group][which]

    def train(self, members, seed):
        jobs = [(np.flatnonzero((self.fold != k) & self.usable), seed + m, SECOND) for k in range(-1, FOLDS) for m in range(members)]
        nets = train_all(self.X, self.z, self.weight, jobs)
        self.final = nets[:members]
        self.nets = [nets[members * (k + 1):members * (k + 2)] for k in range(FOLDS)]

    def corrected(self, rows, curves, first, pick):
        """Out-of-fold answers with six siblings of the scored runs."""
        which, who = siblings.draw(rows, self.bank, curves, np.random.default_rng(5), 1, fixed=6)
        keep = np.isin(which, pick)
        assert (which[keep] == pick).all()
        X, q, fold = siblings.columns(rows.meta[pick], first.q[pick], who[keep], self.bank), first.q[pick].copy(), first.fold[rows.group[pick]]
        has = (who[keep] >= 0).any(1)
        for k in range(FOLDS):
            e = (fold == k) & has
            q[e] = q[e, 49:50] + siblings.width_of(q[e])[:, None] * average(self.nets[k], X[e])
        return voice.Answer(q, siblings.lines(rows, curves, pick, who[keep], self.bank))


# ---- what stands around -----------------------------------------------------------------------------------------------------

@dataclass
class Around:
    """still: of the point mass. For each kind of answer, alone and with siblings: doubt in the ensemble, factors of the tails."""
    still: np.ndarray
    doubt: list
    tails: list


def fit_still(rows, allowed):
    """allowed: which studies may be learned from."""
    same = (abs(rows.final - rows.last) <= 1e-9 * np.maximum(abs(rows.last), 1e-12)).astype(float)
    m = rows.real & (rows.meta[:, 5] >= voice.STILL_RUN) & allowed[rows.group]
    count = np.bincount(rows.group[m], minlength=len(rows.studies))
    return voice.fit_still(rows.meta[m], same[m], 1 / count[rows.group[m]])


def finished(rows, pick, answer, still, doubt, tail):
    meta = rows.meta[pick]
    out = meta[:, 1:2] + meta[:, 2:3] * voice.stretched(voice.heard(answer, meta, doubt), meta[:, 3], *tail)
    return voice.with_mass(voice.bounded(out, meta[:, 1], meta[:, 4]), rows.last[pick], voice.still_mass(meta, still))


def source_weights(rows, pick, damp):
    """Studies equal, sources of n studies damped by n^-damp."""
    names, index, size = np.unique(rows.sources, return_inverse=True, return_counts=True)
    group = rows.group[pick]
    return size[index][group] ** -damp / np.bincount(group)[group]


def fit_doubt(rows, pick, answer):
    """(of_scale, of_own) of the least CRPS."""
    weight, meta = source_weights(rows, pick, DAMP), rows.meta[pick]

    def loss(doubt):
        out = voice.bounded(meta[:, 1:2] + meta[:, 2:3] * voice.heard(answer, meta, doubt), meta[:, 1], meta[:, 4])
        return (weight * np.minimum(score.crps(out, rows.final[pick]) / rows.spread[pick], 5)).sum()

    return min(((a, b) for a in (0.125, 0.25, 0.5, 1.0) for b in (0.0, 0.5, 1.0, 2.0, 4.0)), key=loss)


def fit_tails(rows, pick, answer, still, doubt):
    """((low early, low late), (high early, high late)): factors that leave MISSED on either side of those that do not stand still, sources
    weighing by the root of their size; never below 1, at most 2.2."""
    moving = voice.still_mass(rows.meta[pick], still) == 0
    pick, answer = pick[moving], answer[moving]
    weight, meta, z = source_weights(rows, pick, 0.5), rows.meta[pick], voice.heard(answer, rows.meta[pick], doubt)
    factors = np.arange(1, 2.21, 0.05)

    def missed(side, factor):
        at = z[:, 49] + factor * (z[:, (4, 94)[side]] - z[:, 49])
        at = voice.bounded((meta[:, 1] + meta[:, 2] * at)[:, None], meta[:, 1], meta[:, 4])[:, 0]
        return rows.final[pick] > at if side else rows.final[pick] < at

    def best(side, cuts):
        here = np.isin(rows.cut[pick], cuts)
        return float(min(factors, key=lambda f: abs((weight * missed(side, f))[here].sum() / weight[here].sum() - MISSED)))

    return tuple((best(side, (0, 1, 2)), best(side, (4, 5))) for side in (0, 1))


def fit_around(rows, pick, answers, allowed):
    """From the out-of-fold answers for the studies allowed."""
    here = allowed[rows.group[pick]]
    around = Around(fit_still(rows, allowed), [fit_doubt(rows, pick[here], a[here]) for a in answers.values()], [])
    for answer, doubt in zip(answers.values(), around.doubt):
        around.tails.append(fit_tails(rows, pick[here], answer[here], around.still, doubt))
    return around


def calibration(around, card):
    number = lambda v: ", ".join("%.6g" % x for x in v)
    pairs = lambda rows: ", ".join("{%s}" % number(row) for row in rows)
    return ("/* Written by curvefit/learn/learn.py; do not edit.\n%s */\n#include \"network.h\"\n\nconst struct cf__calibration cf__calibration = {\n"
            "    .doubt = {%s},\n    .still = {%s},\n    .tail_low = {%s},\n    .tail_high = {%s},\n};\n"
            % ("".join(" * %s\n" % c for c in card), pairs(around.doubt), number(around.still), pairs(t[0] for t in around.tails),
               pairs(t[1] for t in around.tails)))


def card_of(paths, rows, seed, lines):
    return (["Learned %s, seed %d, from %d rows of %d studies of %d sources:" % (datetime.date.today(), seed, len(rows.X), len(rows.studies), len(set(rows.sources)))]
            + ["  %s sha256 %s..." % pair for pair in data.digest(paths)]
            + ["CRPS skill against the last value at 5/10/20/40/60/80 %, mean | share inside the 90 % interval; cross-validated by source:"]
            + ["  " + l for l in lines])


# ---- tables -------------------------------------------------------------------------------------------------------------------

def write_tables(folder, alone, with_siblings, around, card):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "network_alone.c").write_text(tables.source("cf__network_alone", alone, card))
    (folder / "network_siblings.c").write_text(tables.source("cf__network_siblings", with_siblings, card))
    (folder / "calibration.c").write_text(calibration(around, card))


def write_folds(folder, rows, pick, first, second, answers, card):
    """For each fold the tables that saw none of its sources: what else is built on a forecast can then be measured on sources never seen."""
    for k in range(FOLDS):
        around = fit_around(rows, pick, answers, first.fold != k)
        write_tables(folder / str(k), first.nets[k], second.nets[k], around, card + ["Without the sources of fold %d." % k])
    (folder / "folds.json").write_text(json.dumps({s: int(k) for s, k in sorted(zip(rows.sources, first.fold))}, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folds", type=pathlib.Path, help="write here the tables of each fold, learned without its sources, and folds.json: source -> fold")
    parser.add_argument("--keep", help="write the out-of-fold answers here (npz), for plots")
    a = parser.parse_args()
    set_ = QUICK if a.quick else FULL
    paths = list(archives(a.data))
    curves = data.read(paths)
    if not curves:
        sys.exit("learn: no complete curve of at least 12 values in the files given")
    sources = {c.source for c in curves}
    if len(sources) < FEWEST_SOURCES:
        sys.exit("learn: the curves come from %d source(s) (%s); at least %d are needed, since each is scored by networks that never saw it. Give more "
                 "archives: other studies, or the recorded curves besides your own." % (len(sources), ", ".join(sorted(sources)[:5]), FEWEST_SOURCES))
    rows = data.rows(curves, a.seed, set_["per_study"], copies=set_["copies"], extra=set_["extra"])
    pick = np.flatnonzero((rows.cut >= 0) & rows.real)
    print("%d curves, %d rows (%d scored), %d studies, %d sources" % (len(curves), len(rows.X), len(pick), len(rows.studies), len(set(rows.sources))), flush=True)
    first = First(rows, set_, a.seed)
    print(score.line("network, bare", score.table(rows, rows.meta[pick, 1:2] + rows.meta[pick, 2:3] * first.q[pick], pick)), flush=True)
    second = Second(rows, curves, first, a.seed)
    second.train(1 if a.quick else 3, a.seed)
    answers = {"alone": voice.Answer(first.q[pick]), "6 siblings": second.corrected(rows, curves, first, pick)}
    around = fit_around(rows, pick, answers, np.ones(len(rows.studies), bool))
    lines, keep = [], {}
    for (name, answer), doubt, tail in zip(answers.items(), around.doubt, around.tails):
        keep[name] = finished(rows, pick, answer, around.still, doubt, tail)
        text = score.report(name, rows, keep[name], pick)
        lines += text.split("\n")[:2]
        print(text, "\ndoubt", doubt, "tails", tail, flush=True)
    if a.keep:
        np.savez_compressed(a.keep, alone=keep["alone"], siblings=keep["6 siblings"], final=rows.final[pick], last=rows.last[pick], cut=rows.cut[pick],
                            study=np.array(rows.studies)[rows.group[pick]], spread=rows.spread[pick], curve=rows.curve[pick])
    card = card_of(paths, rows, a.seed, lines)
    if a.folds:
        write_folds(a.folds, rows, pick, first, second, answers, card)
    if not a.dry:
        jobs = bagged(rows, np.ones(len(rows.studies), bool), first.usable, set_, a.seed + 77)
        final = train_all(rows.X, first.z, score.weights(rows, DAMP), jobs)
        folder = data.ROOT / "curvefit"
        write_tables(folder, final, second.final, around, card)
        (data.ROOT / "tests/unit/torch_answers.h").write_text(tables.answers(folder / "network_alone.c"))
        print("written: network_alone.c network_siblings.c calibration.c; build again")


if __name__ == "__main__":
    main()
