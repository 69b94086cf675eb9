"""Study archives -> studies, and what the judge sees in random sweeps of them."""
import gzip
import json
import multiprocessing
import random
from dataclasses import dataclass, field

import numpy as np

import engine

SKIP = ("lr", "grad_norm", "epoch")
RATES = ("learning_rate", "lr")
FEWEST = 8          # trials of a study, values of a trial
ORDERS, FEW_ORDERS, MANY = 24, 6, 50  # sweeps of a study; of one whose source has more than MANY studies
PER_TRIAL = 20      # looks at a trial, at most
RACES, FEW_RACES, SNAPSHOTS = 14, 6, 8


@dataclass
class Trial:
    x: np.ndarray
    y: np.ndarray
    horizon: float
    final: float     # lower is better; infinite where the end is not finite
    rate: tuple      # x, y of the learning rate as it was logged; both empty: it was not


@dataclass
class Study:
    file: str
    source: str      # owner/name
    study: str
    metric: str
    goal: str
    fold: int
    trials: list = field(default_factory=list)


def rate_of(record):
    for name in RATES:
        if name in record["series"]:
            x, y = (np.array([np.nan if v is None else v for v in record["series"][name][k]], float) for k in "xy")
            if len(x) and np.isfinite(x).all() and (np.diff(x) >= 0).all():
                return x, y
    return np.array([]), np.array([])


def trial_of(s, record, goal):
    x, y = np.array(s["x"], float), np.array([np.nan if v is None else v for v in s["y"]], float)
    if not np.isfinite(x).all() or (np.diff(x) < 0).any() or x[-1] <= 0:
        return None
    horizon = float(max(record.get("horizon") or x[-1], x[-1]))
    if x[-1] < 0.95 * horizon and not record.get("diverged"):
        return None
    v = np.where(np.isfinite(y), y if goal == "min" else -y, np.inf)
    late = v[x / horizon >= 0.98]
    return Trial(x, y, horizon, float(late.mean()) if len(late) else float(v[-1]), rate_of(record))


def fold_of_unseen(source):
    """A source that no table was learned from: any fold will do."""
    return sum(map(ord, source)) % 5


def studies(paths, folds):
    groups = {}
    for path in sorted(p for d in paths for p in (d.glob("*.jsonl.gz") if d.is_dir() else [d])):
        with gzip.open(path, "rt") as f:
            for record in map(json.loads, f):
                if not (record.get("complete") or record.get("diverged")):
                    continue
                for metric, s in record["series"].items():
                    goal = record.get("goal", {}).get(metric)
                    if goal in engine.GOALS and len(s["x"]) >= FEWEST and metric not in SKIP:
                        trial = trial_of(s, record, goal)
                        if trial:
                            groups.setdefault((path.name[:-9], record["source"].split("@")[0], record["study"], metric, goal), []).append(trial)
    return [Study(*key, folds.get(key[1], fold_of_unseen(key[1])), trials) for key, trials in sorted(groups.items()) if len(trials) >= FEWEST]


# ---- looks ---------------------------------------------------------------------------------------------------------------

COLUMNS = ("study", "order", "trial", "t", "bar", "seen_spread", "p", "final", "others", "spread", "trials", "workers")


class Rows:
    """X [n, INPUTS], and a column each of COLUMNS. bar, final and others (the best of the other trials) are flipped: lower is better."""
    def __init__(self, X, M):
        self.X = np.ascontiguousarray(X[:, :engine.INPUTS])
        for k, name in enumerate(COLUMNS):
            setattr(self, name, M[:, k].astype(int) if k < 3 else M[:, k])


def spread_of(finals):
    """Median less best; a final that is not finite counts as the worst finite one. None: nothing to tell apart."""
    if not np.isfinite(finals.min()):
        return None
    spread = float(np.median(np.where(np.isfinite(finals), finals, finals[np.isfinite(finals)].max())) - finals.min())
    return spread if spread >= 1e-12 else None


def looks(lib, study, index, order, rng):
    """One random sweep, cut meanwhile by the forecast's own chance at a random threshold; some trials are spared."""
    n = rng.choice([8, 12, 20, 20, 20, 20, 40, 60])
    trials = rng.sample(study.trials, min(n, len(study.trials)))
    workers, delta, spared = rng.choice([1, 1, 1, 2, 4]), rng.choice([0, .05, .1, .2, .35]), rng.choice([.1, .3])
    finals = np.array([t.final for t in trials])
    spread = spread_of(finals)
    if spread is None:
        return None
    room = PER_TRIAL * len(trials)
    X, meta = np.zeros((room, engine.INPUTS), np.float32), np.zeros((room, engine.META))
    flipped = np.zeros(len(trials))
    n = lib.rows_of(engine.sweep(trials, study.metric, study.goal, workers), delta, spared, rng.getrandbits(60), X.ctypes.data, meta.ctypes.data, room, flipped.ctypes.data)
    if n <= 0:
        return None
    X, meta = X[:n], meta[:n]
    which, ranked = meta[:, 0].astype(int), np.sort(np.where(np.isfinite(flipped), flipped, np.inf))
    others = np.where(flipped[which] == ranked[0], ranked[1], ranked[0])
    sign = 1 if study.goal == "min" else -1
    if rng.random() < 0.15:
        X[:, 4:7] = .5, 0, 0  # as if the number of trials were not known (put_place of standing.c)
    full = lambda v: np.full(n, v)
    return X, np.column_stack([full(index), full(order), which, meta[:, 1], sign * meta[:, 2], meta[:, 3], meta[:, 4], flipped[which], others,
                               full(spread), full(len(trials)), full(workers)])


JOBS = {}  # what the processes inherit


def looks_of(index):
    study, lib = JOBS["studies"][index], JOBS["libraries"][JOBS["studies"][index].fold]
    rng = random.Random("/".join((study.study, study.metric, study.goal)))
    many = sum(s.source == study.source for s in JOBS["studies"]) > MANY
    return [r for r in (looks(lib, study, index, o, rng) for o in range(FEW_ORDERS if many else ORDERS)) if r]


def gather(studies, folds, rows_of, kind, cache):
    if cache and cache.exists():
        kept = np.load(cache)
        return kind(kept["X"], kept["M"])
    JOBS.update(studies=studies, libraries=[engine.library(folds / str(k)) for k in range(5)])
    with multiprocessing.get_context("fork").Pool() as pool:
        parts = [r for some in pool.map(rows_of, range(len(studies)), chunksize=1) for r in some]
    X, M = (np.concatenate(p) for p in zip(*parts))
    if cache:
        np.savez(cache, X=X, M=M)
    return kind(X, M)


def rows(studies, folds, cache=None):
    return gather(studies, folds, looks_of, Rows, cache)


# ---- races ---------------------------------------------------------------------------------------------------------------

RACE_COLUMNS = ("study", "group", "t", "bar", "final", "best", "spread")


class RaceRows:
    """X [n, RACE_INPUTS], and a column each of RACE_COLUMNS; rows of a group saw the same moment. bar (NaN: none) and finals: lower is better."""
    def __init__(self, X, M):
        self.X = X
        for k, name in enumerate(RACE_COLUMNS):
            setattr(self, name, M[:, k].astype(int) if k < 2 else M[:, k])
        self.group = np.unique(self.group, return_inverse=True)[1]


def race(lib, study, index, order, rng):
    n = rng.choice([8, 12, 20, 20, 20, 20, 20, 40])
    trials = rng.sample(study.trials, min(n, len(study.trials)))
    spread = spread_of(np.array([t.final for t in trials]))
    if spread is None:
        return None
    room = SNAPSHOTS * len(trials)
    X, meta, finals = np.zeros((room, engine.RACE_INPUTS), np.float32), np.zeros((room, engine.RACE_META)), np.zeros(len(trials))
    n = lib.race_rows_of(engine.sweep(trials, study.metric, study.goal), rng.getrandbits(60), X.ctypes.data, meta.ctypes.data, room, finals.ctypes.data)
    if n <= 0:
        return None
    meta, sign, finals = meta[:n], 1 if study.goal == "min" else -1, np.where(np.isfinite(finals), finals, np.inf)
    full = lambda v: np.full(n, v)
    return X[:n], np.column_stack([full(index), (index * RACES + order) * SNAPSHOTS + meta[:, 0], meta[:, 2], sign * meta[:, 3], finals[meta[:, 1].astype(int)],
                                   full(finals.min()), full(spread)])


def races_of(index):
    study, lib = JOBS["studies"][index], JOBS["libraries"][JOBS["studies"][index].fold]
    rng = random.Random("/".join(("race", study.study, study.metric, study.goal)))
    many = sum(s.source == study.source for s in JOBS["studies"]) > MANY
    return [r for r in (race(lib, study, index, o, rng) for o in range(FEW_RACES if many else RACES)) if r]


def race_rows(studies, folds, cache=None):
    return gather(studies, folds, races_of, RaceRows, cache)
