#!/usr/bin/env python3
"""What a known learning rate is worth: error of the final loss, by kind of decay.

    schedule.py [--cuts .2,.5,.83] [--per-study 12] DATA...

Every complete loss whose configuration states a schedule is cut; `foregone forecast --batch` is asked three times: told what is stated and the
rate logged so far, told only the logged rate, told neither. Printed, in percent of the final loss: mean / median error of the forecast,
of the last value, and the error that who knew the curve would still make: the noise of the
final value's mean, from differences of the later half, values taken to be independent; studies weigh equally. "falls": runs whose rate ends below half of its
peak, where it was logged; many a run states a decay and ends long before it.
"""
import argparse
import collections
import json
import subprocess

import numpy as np

import data
from learn import archives

KINDS = (("restart", "other"), ("multi", "other"), ("step", "step"), ("staged", "wsd"), ("wsd", "wsd"), ("trapez", "wsd"), ("warmdown", "wsd"),
         ("cosine", "cosine"), ("linear", "linear"), ("const", "constant"))
STATED = ("lr_schedule", "warmup", "lr", "lr_final", "decay_start")
MODES = ("stated", "logged", "neither")


def kind_of(word):
    return next((kind for part, kind in KINDS if part in word.lower()), "other")


def losses(paths, per_study):
    """(curve, configuration, kind, whether the rate is seen to fall)"""
    count = collections.Counter()
    for record, c in data.records(paths):
        hp = record.get("hp", {})
        if not isinstance(hp.get("lr_schedule"), str) or c.goal or min(c.y) <= 0 or c.final() < c.spread():
            continue
        count[c.study] += 1
        if count[c.study] <= per_study:
            falls = c.rate is not None and len(c.rate[1]) > 2 and c.rate[1][-1] < 0.5 * max(c.rate[1])
            yield c, hp, kind_of(hp["lr_schedule"]), falls


def floor(c):
    """Mean error, relative, of the final value by its noise alone."""
    y = c.y[len(c.y) // 2:]
    noise = min(np.sqrt(np.mean(np.diff(y) ** 2) / 2), np.sqrt(np.mean(np.diff(y, 2) ** 2) / 6))
    return np.sqrt(2 / np.pi) * noise / np.sqrt(max(1, (c.x >= data.FINAL_FROM * c.horizon).sum())) / c.final()


def question(c, hp, n, mode):
    q = {"goal": "min", "horizon": c.horizon, "x": c.x[:n].tolist(), "y": c.y[:n].tolist()}
    if mode != "neither" and c.rate:
        k = int((c.rate[0] <= c.x[n - 1]).sum())
        q["lr"] = {"x": c.rate[0][:k].tolist(), "y": c.rate[1][:k].tolist()}
    if mode == "stated":
        q["schedule"] = {k: hp[k] for k in STATED if k in hp}
    return q


def ask(questions):
    text = "".join(json.dumps(dict(q, id=str(i))) + "\n" for i, q in enumerate(questions))
    out = subprocess.run([data.ROOT / "foregone", "forecast", "--batch"], input=text, text=True, stdout=subprocess.PIPE, check=True).stdout
    return {int(a["id"]): a for a in map(json.loads, out.splitlines())}


def line(name, rows, cuts):
    """rows: (study, cut, error of the forecast, of the last value, by noise)"""
    text = "%-22s" % name
    for cut in cuts:
        studies = collections.defaultdict(list)
        for study, at, *errors in rows:
            if at == cut:
                studies[study].append(errors)
        if studies:
            each = 100 * np.array([np.mean(v, 0) for v in studies.values()])
            text += " | %2.0f %%, %3d studies: %5.2f / %5.2f  %5.2f  %4.2f" % (
                100 * cut, len(each), each[:, 0].mean(), np.median(each[:, 0]), each[:, 1].mean(), each[:, 2].mean())
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--cuts", default=".2,.5,.83")
    parser.add_argument("--per-study", type=int, default=12)
    a = parser.parse_args()
    cuts = [float(v) for v in a.cuts.split(",")]
    runs = list(losses(archives(a.data), a.per_study))
    for mode in MODES:
        asked, questions = [], []
        for c, hp, kind, falls in runs:
            for cut in cuts:
                n = int((c.x <= cut * c.horizon).sum())
                if 4 <= n < len(c.x):
                    asked.append((c, cut, n, kind, falls))
                    questions.append(question(c, hp, n, mode))
        answers, rows = ask(questions), collections.defaultdict(list)
        for i, (c, cut, n, kind, falls) in enumerate(asked):
            final, off = c.final(), lambda v: abs(v - c.final()) / c.final()
            row = (c.study, cut, off(answers[i]["final"]["q"][49]), off(c.y[n - 1]), floor(c))
            eval_or_train = "train" if "train" in c.study.rsplit("/", 1)[1] else "eval"
            names = [kind, "cosine, linear, wsd"] if kind in ("cosine", "linear", "wsd") else [kind]
            for name in names + (["falls, " + eval_or_train] if falls else []):
                rows[name].append(row)
        print("%s: forecast mean / median, last value, noise" % mode)
        for name in sorted(rows):
            print("  " + line(name, rows[name], cuts), flush=True)


if __name__ == "__main__":
    main()
