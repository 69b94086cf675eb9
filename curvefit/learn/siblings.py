"""What finished runs of the same study say, as inputs of a second network. Mirrored by siblings.c, which also asks unfinished ones by what
is forecast of their end: to learn on those, too, gained nothing.

Every sibling is analysed once, at the progress points GRID: its level L, scale A, and the first network's median m and width w
of z there. At forecast time these are interpolated at the run's own progress and set against the run's own L, A, m, w."""
import numpy as np

import data

GRID = np.array([.02, .035, .05, .07, .1, .14, .2, .27, .34, .4, .47, .54, .6, .67, .74, .8, .86, .92, .97])
MIN_POINTS = 3
MOST = 12      # siblings used for learning, at most
INPUTS = 40    # at most; the number in use is that of columns()
SHAPE = [2, 10, 22, 38, 60, 76, 88, 96]  # quantiles of the first network handed on


def thinned(c):
    """As siblings are often recorded: at most 200 points, dense at the beginning."""
    k = np.unique(np.concatenate([np.geomspace(1, len(c.x), 100).astype(int) - 1, np.linspace(0, len(c.x) - 1, 100).astype(int)]))
    return data.Curve(c.study, c.source, c.run, c.x[k], c.y[k], c.horizon, c.goal, None)


class Bank:
    """Analysed siblings. L, A: [curves, grid]; X: features to predict from; final: flipped."""
    def __init__(self, curves, per_study=24):
        lib, seen = data.library(), {}
        self.index, keep, self.final, parts = {}, [], [], []
        for i, c in enumerate(curves):
            seen[c.study] = seen.get(c.study, 0) + 1
            if seen[c.study] > per_study:
                continue
            t = thinned(c)
            counts = np.maximum(np.searchsorted(t.x, GRID * t.horizon, "right"), 1)
            values, meta, used = data.features(lib, t, counts)
            if (meta[:, 2] > 0).any():
                self.index[i] = len(keep)
                keep.append(i)
                self.final.append((-1 if c.goal else 1) * t.final())
                meta[counts < MIN_POINTS, 2] = 0
                parts.append((values[:, :used], meta))
        self.final = np.array(self.final)
        self.X = np.stack([v for v, _ in parts])
        self.meta = np.stack([m for _, m in parts])
        self.ok = self.meta[:, :, 2] > 0
        self.curve = np.array(keep)

    def predict(self, predictor):
        """predictor(curve indices, X) -> quantiles of z; sets m and w."""
        n, g, k = self.X.shape
        q = predictor(np.repeat(self.curve, g), self.X.reshape(n * g, k))
        self.m, self.w = q[:, 49].reshape(n, g), width_of(q).reshape(n, g)
        self.log_a = np.log(np.where(self.ok, self.meta[:, :, 2], 1))
        for i in range(n):  # before the first usable point: that point
            good = np.flatnonzero(self.ok[i])
            if len(good):
                first = good[0]
                for a in (self.m, self.w, self.log_a, self.meta[:, :, 1]):
                    a[i, :first] = a[i, first]

    def at(self, which, progress):
        """L, A, m, w of siblings `which` at each row's progress, interpolated in log progress."""
        u = np.interp(np.log(progress), np.log(GRID), np.arange(len(GRID)))
        k = np.minimum(u.astype(int), len(GRID) - 2)
        s = u - k
        pick = lambda a: (1 - s) * a[which, k] + s * a[which, k + 1]
        return pick(self.meta[:, :, 1]), np.exp(pick(self.log_a)), pick(self.m), pick(self.w)


def width_of(q):
    return np.maximum((q[:, 89] - q[:, 9]) / 2.563, 1e-6)


def weighted_mean(v, w):
    return (v * w).sum(1) / w.sum(1)


def quantile(v, share):
    return np.nanquantile(v, share, axis=1)


def draw(rows, bank, curves, rng, copies, fixed=None):
    """(row indices, sibling matrix [n, MOST] of bank indices, -1 padded). fixed: that many siblings, no dropout."""
    members = {}
    for i, k in bank.index.items():
        members.setdefault(curves[i].study, []).append((i, k))
    out, who = [], []
    for r in np.flatnonzero(rows.real):
        others = [k for i, k in members.get(rows.studies[rows.group[r]], ()) if i != rows.curve[r]]
        if fixed is not None:
            others = [k for i, k in members.get(rows.studies[rows.group[r]], ())[:12] if i != rows.curve[r]]
        for _ in range(copies):
            n = min(len(others), fixed if fixed is not None else int(rng.choice([0, 1, 2, 3, 4, 5, 6, 6, 6, 8, 10, 12])))
            pick = rng.permutation(others)[:n] if n else []
            out.append(r)
            who.append(list(pick) + [-1] * (MOST - n))
    return np.array(out), np.array(who, int)


def columns(meta, q, who, bank):
    """[rows, inputs]: the first network's own answer, and the siblings'. q: quantiles of z of the first network."""
    n, k = who.shape
    L, A, T = meta[:, 1], meta[:, 2], np.clip(meta[:, 3], GRID[0], GRID[-1])
    m, w = q[:, 49], width_of(q)
    out = [np.arcsinh((q[:, i] - m) / w) for i in SHAPE] + [np.log(w) / 2, np.arcsinh(m / w), np.arcsinh(m)]
    there = who >= 0
    count = there.sum(1)
    safe = np.where(there, who, 0)
    flat = safe.ravel()
    l, a, mj, wj = (v.reshape(n, k) for v in bank.at(flat, np.repeat(T, k)))
    final = bank.final[flat].reshape(n, k)
    own = np.maximum(w * A, 1e-300)[:, None]
    with np.errstate(all="ignore"):
        error = np.clip((final - l - a * mj) / (a * wj), -20, 20)           # the first network's error on it, in its own widths
        gain = np.clip((final - l) / own, -1e3, 1e3) - (m / w)[:, None]     # what it gained from here, against what we expect
        ratio = np.log(a * wj / own)
        place = np.clip((l - L[:, None]) / own, -1e3, 1e3)                  # where it stood
        end = np.clip((final - L[:, None]) / own, -1e3, 1e3) - (m / w)[:, None]
        near = np.exp(-0.5 * np.minimum(np.arcsinh(place) ** 2 + 0.5 * ratio ** 2, 30)) * there + 1e-9 * there
    lone = count == 0
    nan = np.where(there, 1.0, np.nan)
    nan[lone] = 0  # placeholder; masked below
    near[lone] = 1
    mean = lambda v: np.nanmean(v * nan, 1)
    kernel = lambda v: weighted_mean(np.where(there | lone[:, None], v, 0), near)
    nearest = near.argmax(1)
    best = lambda v: v[np.arange(n), nearest]
    s = [np.log1p(count) - 1]
    s += [mean(error), kernel(error), mean(abs(error)), np.sqrt(mean(error ** 2)), best(error), quantile(error * nan, 0.5)]
    s += [np.arcsinh(kernel(gain)), np.arcsinh(quantile(gain * nan, 0.5)), np.arcsinh(best(gain)), kernel(np.arcsinh(gain))]
    s += [np.arcsinh(kernel(end)), np.arcsinh(quantile(end * nan, 0.5)), np.arcsinh(quantile(end * nan, 0.)), np.arcsinh(quantile(end * nan, 1.)),
          np.arcsinh(best(end)), kernel(np.arcsinh(end))]
    s += [mean(ratio), best(ratio), 2 * mean((place < 0) * 1.0) - 1, np.arcsinh(mean(abs(place))), np.arcsinh(best(place)), np.log(near.max(1) + 1e-9) / 4]
    s += [np.sqrt(np.maximum(mean(np.arcsinh(gain) ** 2) - mean(np.arcsinh(gain)) ** 2, 0))]
    s = np.clip(np.nan_to_num(np.column_stack(s)), -5, 5)
    s[lone] = 0
    return np.clip(np.column_stack(out + [s, ~lone * 1.0]), -5, 5).astype(np.float32)


def lines(rows, curves, pick, who, bank):
    """Median and width in z of the siblings' line for the scored rows in pick; NaN where a row has no sibling."""
    lib, runs, out = data.library(), {}, np.full((len(pick), 2), np.nan)
    for i, (r, mates) in enumerate(zip(pick, who)):
        mates = [int(bank.curve[k]) for k in mates if k >= 0]
        for k in mates:
            if k not in runs:
                runs[k] = data.run(lib, thinned(curves[k]))
        if mates:
            c = curves[rows.curve[r]]
            out[i] = data.line(lib, c, int(data.counts_at(c, data.CUTS[rows.cut[r]])), [runs[k] for k in mates])
    return out
