#!/usr/bin/env python3
"""Plots of the out-of-fold answers that learn.py --keep wrote.

    plots.py KEPT.npz reliability OUT.svg            observed against nominal probability, a panel a cut
    plots.py KEPT.npz worst OUT.svg DATA...          the twenty studies where most is lost: curve, 90 % interval, outcome
"""
import sys

import numpy as np

import data
import learn
import score

P = np.arange(1, 100) / 100
SIZE, GAP = 190, 34


def panel(column, row, title, body):
    x, y = GAP + column * (SIZE + GAP), GAP + row * (SIZE + GAP)
    return ('<g transform="translate(%d,%d)"><rect width="%d" height="%d" fill="none" stroke="#999"/><text x="0" y="-6" font-size="11">%s</text>%s</g>'
            % (x, y, SIZE, SIZE, title.replace("&", "&amp;").replace("<", "&lt;"), body))


def thin(c, most=120):
    """Indices of at most so many points of a curve."""
    return np.unique(np.linspace(0, len(c.x) - 1, most).astype(int))


def path(x, y, colour, width=1.5):
    points = " ".join("%.1f,%.1f" % (SIZE * a, SIZE * (1 - b)) for a, b in zip(x, y))
    return '<polyline points="%s" fill="none" stroke="%s" stroke-width="%g"/>' % (points, colour, width)


def page(panels, columns):
    rows = -(-len(panels) // columns)
    body = "".join(panel(i % columns, i // columns, *p) for i, p in enumerate(panels))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif"><rect width="100%%" height="100%%" fill="#fff"/>%s</svg>\n'
            % (GAP + columns * (SIZE + GAP), GAP + rows * (SIZE + GAP), body))


def observed(kept, name, here):
    """Share of outcomes at or below each quantile, studies equal; ties with the quantile count by halves."""
    q, final = kept[name][here], kept["final"][here, None]
    _, study, count = np.unique(kept["study"][here], return_inverse=True, return_counts=True)
    w = 1 / count[study]
    return (w[:, None] * ((final < q) + 0.5 * (final == q))).sum(0) / w.sum()


def reliability(kept):
    panels = []
    for k, cut in enumerate(data.CUTS):
        here = kept["cut"] == k
        body = path([0, 1], [0, 1], "#bbb", 1)
        for name, colour in (("alone", "#1f5fa8"), ("siblings", "#c44e1b")):
            body += path(P, observed(kept, name, here), colour)
        panels.append(("%g %% seen (%d)  blue: alone, orange: siblings" % (100 * cut, here.sum()), body))
    return page(panels, 3)


def losses(kept):
    lost = score.crps(kept["alone"], kept["final"]) / kept["spread"]
    lost = np.minimum(lost, 5) - np.minimum(abs(kept["last"] - kept["final"]) / kept["spread"], 5)
    names, study, count = np.unique(kept["study"], return_inverse=True, return_counts=True)
    total = np.bincount(study, lost) / count
    return [(names[i], total[i], int(np.flatnonzero(study == i)[lost[study == i].argmax()])) for i in np.argsort(-total)[:20]]


def worst(kept, curves):
    panels = []
    for name, total, row in losses(kept):
        c = curves[kept["curve"][row]]
        sign = -1 if c.goal else 1
        low, middle, high = sorted(sign * kept["alone"][row][[4, 49, 94]])
        final, cut = sign * kept["final"][row], data.CUTS[kept["cut"][row]]
        values = np.concatenate([c.y[c.x >= 0.02 * c.horizon], [final, middle]])
        a, b = values.min(), max(values.max(), values.min() + 1e-12)
        at = lambda v: np.clip((np.asarray(v) - a) / (b - a), -0.05, 1.05)
        k = thin(c)
        body = path(c.x[k] / c.horizon, at(c.y[k]), "#444", 1) + path([cut, cut], [0, 1], "#bbb", 1) + path([1, 1], at([low, high]), "#1f5fa8", 6)
        body += path([0.96, 1], at([middle, middle]), "#c44e1b", 2)
        panels.append(("%s +%.2f" % (name[-30:], total), body))
    return page(panels, 5)


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[2] not in ("reliability", "worst"):
        sys.exit(__doc__)
    kept = np.load(sys.argv[1])
    text = reliability(kept) if sys.argv[2] == "reliability" else worst(kept, data.read(list(learn.archives(sys.argv[4:]))))
    open(sys.argv[3], "w").write(text)
