"""Splits by source, weights, and the score table."""
import numpy as np

CUTS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
P = np.arange(1, 100) / 100.0


def folds(rows, k=5, seed=0):
    """Fold of each study: sources whole, dealt out so that folds hold about as many studies."""
    names, sizes = np.unique(rows.sources, return_counts=True)
    rng = np.random.default_rng(seed)
    load, fold = np.zeros(k), {}
    for i in sorted(rng.permutation(len(names)), key=lambda i: -sizes[i]):
        j = int(load.argmin())
        fold[names[i]] = j
        load[j] += sizes[i]
    return np.array([fold[s] for s in rows.sources])


def weights(rows, damp=0.3, keep=None):
    """What an error of one unit of z costs in the score: scale over the study's spread, studies equal, big sources damped."""
    keep = np.ones(len(rows.group), bool) if keep is None else keep
    count = np.bincount(rows.group[keep], minlength=len(rows.studies))
    names, index, size = np.unique(rows.sources, return_inverse=True, return_counts=True)
    study = size[index].astype(float) ** -damp / np.maximum(count, 1)
    ratio = np.minimum(rows.meta[:, 2] / rows.spread, 3)
    return ratio * study[rows.group]


def crps(q, target):
    d = target[:, None] - q
    return 2 * np.maximum(P * d, (P - 1) * d).mean(1)


def tables(rows, q, pick):
    """q: quantiles of the flipped final value of the rows in pick (an index array of scored rows)."""
    unit = rows.spread[pick]
    return dict(crps=np.minimum(crps(q, rows.final[pick]) / unit, 5), last=np.minimum(abs(rows.last - rows.final)[pick] / unit, 5),
                cover=(q[:, 4] <= rows.final[pick]) & (rows.final[pick] <= q[:, 94]))


def by_study(values, group):
    ids, index = np.unique(group, return_inverse=True)
    return np.bincount(index, values) / np.bincount(index), ids


def table(rows, q, pick, studies=None):
    """[(skill, coverage)] for each cut; studies weigh equally."""
    t, out = tables(rows, q, pick), []
    for k in range(len(CUTS)):
        here = rows.cut[pick] == k
        if studies is not None:
            here &= studies[rows.group[pick]]
        if not here.any():
            out.append((np.nan, np.nan))
            continue
        mean = lambda v: by_study(v[here].astype(float), rows.group[pick][here])[0].mean()
        out.append((1 - mean(t["crps"]) / mean(t["last"]), mean(t["cover"])))
    return out


def line(name, out):
    skill, cover = [s for s, _ in out], [c for _, c in out]
    return "%-26s %s | %.4f | %s" % (name, " ".join("%6.3f" % s for s in skill), np.nanmean(skill), " ".join("%.2f" % c for c in cover))


def report(name, rows, q, pick):
    """All; sources of few studies (what a stranger's repository looks like); each file."""
    names, index, size = np.unique(rows.sources, return_inverse=True, return_counts=True)
    lines = [line(name, table(rows, q, pick)), line("  sources of <= 12 studies", table(rows, q, pick, (size <= 12)[index]))]
    for file in sorted(set(rows.files)):
        lines.append(line("  " + file.replace(".jsonl.gz", ""), table(rows, q, pick, np.array([f == file for f in rows.files]))))
    return "\n".join(lines)
