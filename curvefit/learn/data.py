"""Study archives -> rows to learn from. The features come from the C library, so that learning and use cannot differ."""
import ctypes, gzip, hashlib, json, pathlib, subprocess, tempfile
from dataclasses import dataclass, field

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CUTS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)  # progress at which forecasts are scored
SKIP = ("lr", "grad_norm", "epoch")
FEATURES = 160  # CF__FEATURES of shape.h
META = 6
FINAL_FROM = 0.98


@dataclass
class Curve:
    study: str      # study and metric
    source: str     # owner/name of the repository it came from, or the study
    run: str
    x: np.ndarray
    y: np.ndarray
    horizon: float
    goal: int       # 1: to be maximised
    rate: tuple = None
    file: str = ""

    def final(self):
        tail = self.y[self.x >= FINAL_FROM * self.horizon]
        return float(tail.mean()) if len(tail) else float(self.y[-1])

    def spread(self):
        return float(np.quantile(self.y, 0.95) - np.quantile(self.y, 0.05))


def usable(record, x, y, horizon):
    return len(x) >= 12 and horizon > 0 and np.isfinite(y).all() and x[-1] >= 0.95 * horizon


def source_of(record):
    """owner/name; a study of one's own is its own source."""
    return record.get("source", record["study"]).split("@")[0]


def curves_of(record, file):
    goals = record.get("goal", {})
    rate = record["series"].get("lr")
    for metric, s in record["series"].items():
        if metric in SKIP or goals.get(metric) not in ("min", "max"):
            continue
        x = np.asarray(s["x"], float)
        y = np.asarray([np.nan if v is None else v for v in s["y"]], float)
        horizon = record.get("horizon") or (x[-1] if len(x) else 0)
        if usable(record, x, y, horizon):
            pair = (np.asarray(rate["x"], float), np.asarray([0 if v is None else v for v in rate["y"]], float)) if rate else None
            yield Curve(record["study"] + "/" + metric, source_of(record), record["run"], x, y, max(horizon, x[-1]),
                        int(goals[metric] == "max"), pair, file)


def records(paths):
    """(record, curve) of all complete curves, in file order."""
    for path in map(pathlib.Path, paths):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as f:
            for record in map(json.loads, f):
                if record.get("complete"):
                    for curve in curves_of(record, path.name):
                        yield record, curve


def read(paths):
    return [curve for _, curve in records(paths)]


def digest(paths):
    return [(pathlib.Path(p).name, hashlib.sha256(pathlib.Path(p).read_bytes()).hexdigest()[:16]) for p in paths]


# ---- features, from C ----------------------------------------------------------------------------------------------

def library():
    folder = tempfile.mkdtemp()
    path = folder + "/rows.so"
    subprocess.run(["cc", "-std=c11", "-O2", "-fPIC", "-shared", "-I", ROOT / "curvefit", HERE / "rows.c", ROOT / "libcurvefit.a",
                    "-lgsl", "-lgslcblas", "-lm", "-o", path], check=True)
    lib = ctypes.CDLL(path)
    d, z = np.ctypeslib.ndpointer(float, flags="C"), np.ctypeslib.ndpointer(np.uintp, flags="C")
    lib.rows_of.argtypes = [d, d, ctypes.c_double, ctypes.c_int, d, d, ctypes.c_size_t, z, ctypes.c_size_t,
                            np.ctypeslib.ndpointer(np.float32, flags="C"), d, ctypes.c_void_p, ctypes.c_void_p]
    lib.run_of.argtypes, lib.run_of.restype = [d, d, ctypes.c_size_t, ctypes.c_double, ctypes.c_int], ctypes.c_void_p
    lib.line_of.argtypes = [d, d, ctypes.c_size_t, ctypes.c_double, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, d]
    lib.cf__ensemble_create.restype = ctypes.c_void_p
    lib.ensemble = lib.cf__ensemble_create()
    return lib


_NONE = np.zeros(0)


def features(lib, curve, cuts, ask=False):
    """(values, meta, used) for the rising observation counts in cuts. ask: the ensemble, too; its median and width in z are the last two
    columns of meta, NaN otherwise."""
    cuts = np.asarray(cuts, np.uintp)
    values, meta, voice = np.zeros((len(cuts), FEATURES), np.float32), np.zeros((len(cuts), META)), np.full((len(cuts), 2), np.nan)
    rx, ry = curve.rate or (_NONE, _NONE)
    used = lib.rows_of(np.ascontiguousarray(curve.x), np.ascontiguousarray(curve.y), curve.horizon, curve.goal, rx, ry, len(rx),
                       cuts, len(cuts), values, meta, lib.ensemble, voice.ctypes.data if ask else None)
    return values, np.hstack([meta, voice]), used


def run(lib, curve):
    """The curve as a finished sibling, of C; None where it cannot be one."""
    return lib.run_of(np.ascontiguousarray(curve.x), np.ascontiguousarray(curve.y), len(curve.x), curve.horizon, curve.goal)


def line(lib, curve, n, runs):
    """Median and width in z of the line through the siblings (of run()) for the first n observations."""
    out, runs = np.zeros(2), [r for r in runs if r]
    lib.line_of(np.ascontiguousarray(curve.x), np.ascontiguousarray(curve.y), n, curve.horizon, curve.goal,
                (ctypes.c_void_p * len(runs))(*runs), len(runs), out)
    return out


# ---- augmentation ----------------------------------------------------------------------------------------------------

def thinned(c, rng):
    k = int(rng.integers(2, 6))
    return Curve(c.study, c.source, c.run, c.x[k - 1::k], c.y[k - 1::k], c.horizon, c.goal, c.rate)


def averaged(c, rng):
    k = int(rng.integers(2, 6))
    n = len(c.x) // k * k
    return Curve(c.study, c.source, c.run, c.x[:n][k - 1::k], c.y[:n].reshape(-1, k).mean(1), c.horizon, c.goal, c.rate)


def shortened(c, rng):
    """A run planned to end earlier. Where the rate decays this is no such run, so only runs without a logged rate."""
    horizon = c.horizon * rng.uniform(0.25, 0.9)
    keep = c.x <= horizon
    return Curve(c.study, c.source, c.run, c.x[keep], c.y[keep], horizon, c.goal, None)


def transformed(c, rng):
    """A monotone map of y: as if another, equivalent metric had been logged."""
    y, kind = c.y, rng.integers(4)
    low, high = y.min(), y.max()
    if not high > low:
        return c
    if kind == 0 and low > 0 and c.goal == 0:
        y = np.log(y) - min(0.0, np.log(low)) * rng.choice([0, 1.1])
    elif kind == 1 and low >= 0:
        y = np.sqrt(y)
    elif kind == 2 and low >= 0:
        y = y ** rng.uniform(1.2, 2)
    else:
        u = (y - low) / (high - low)
        y = low + (high - low) * np.expm1(u * rng.uniform(0.5, 1.5))
    return Curve(c.study, c.source, c.run, c.x, y, c.horizon, c.goal, c.rate)


def noisier(c, rng):
    y = c.y + rng.normal(0, 1, len(c.y)) * c.spread() * 10 ** rng.uniform(-3, -1.2)
    return Curve(c.study, c.source, c.run, c.x, y, c.horizon, c.goal, c.rate)


def denser(c, rng):
    """As if every step had been logged: interpolated, with noise, so that the summary has to merge bins."""
    k = int(rng.integers(3, 40))
    x = np.interp(np.arange((len(c.x) - 1) * k + 1) / k, np.arange(len(c.x)), c.x)
    y = np.interp(x, c.x, c.y) + rng.normal(0, 1, len(x)) * c.spread() * 10 ** rng.uniform(-3, -0.7)
    return Curve(c.study, c.source, c.run, x, y, c.horizon, c.goal, c.rate)


AUGMENT = (thinned, averaged, shortened, shortened, transformed, transformed, noisier, denser)


def augmented(c, rng):
    out = AUGMENT[rng.integers(len(AUGMENT))](c, rng)
    return transformed(out, rng) if rng.random() < 0.25 and len(out.x) >= 12 else out


# ---- rows --------------------------------------------------------------------------------------------------------------

@dataclass
class Rows:
    """One forecast to be made, a row. group: index into studies; cut: index into CUTS, or -1 where it is not scored."""
    X: np.ndarray = None
    meta: np.ndarray = None
    final: np.ndarray = None   # flipped: lower is better
    last: np.ndarray = None    # likewise, the last value
    spread: np.ndarray = None  # of the study
    group: np.ndarray = None
    cut: np.ndarray = None
    curve: np.ndarray = None   # index into the curves given; -1: augmented
    real: np.ndarray = None
    studies: list = field(default_factory=list)
    sources: list = field(default_factory=list)  # of each study
    files: list = field(default_factory=list)


def counts_at(c, shares):
    return np.searchsorted(c.x, np.asarray(shares) * c.horizon, "right")


def cuts_of(c, rng, scored, extra):
    """{observation count: index of the scored cut or -1}"""
    chosen = {}
    for n in counts_at(c, np.concatenate([10 ** rng.uniform(-1.5, 0, extra // 2), rng.uniform(0.02, 0.97, extra - extra // 2)])):
        chosen[int(n)] = -1
    for k, n in enumerate(counts_at(c, CUTS) if scored else ()):
        chosen[int(n)] = k
    return {n: k for n, k in sorted(chosen.items()) if 4 <= n < len(c.x)}


def rows(curves, seed=1, per_study=40, limit=12, extra=4, copies=1):
    """Scored rows of the first `limit` curves of a study, and rows to learn from of `per_study` of them, with augmented copies."""
    lib, rng = library(), np.random.default_rng(seed)
    names = {}
    for i, c in enumerate(curves):
        names.setdefault(c.study, []).append(i)
    out = Rows(studies=list(names), sources=[curves[v[0]].source for v in names.values()], files=[curves[v[0]].file for v in names.values()])
    parts, used = [], 0

    def add(c, g, spread, chosen, index, ask=False):
        nonlocal used
        if not chosen:
            return
        values, meta, n = features(lib, c, list(chosen), ask)
        used = max(used, n)
        sign = -1.0 if c.goal else 1.0
        count = np.array(list(chosen))
        ok = meta[:, 2] > 0
        k = len(count)
        parts.append([a[ok] for a in (values, meta, np.full(k, sign * c.final()), sign * c.y[count - 1], np.full(k, spread), np.full(k, g),
                                      np.array(list(chosen.values())), np.full(k, index))])

    for g, members in enumerate(names.values()):
        spread = max(float(np.median([curves[i].spread() for i in members[:limit]])), 1e-12)
        chosen = members[:limit] + list(rng.permutation(members[limit:])[:max(0, per_study - limit)])
        for k, i in enumerate(chosen):
            c = curves[i]
            add(c, g, spread, cuts_of(c, rng, k < limit, extra), i, k < limit)
            for _ in range(copies):
                a = augmented(c, rng)
                if len(a.x) >= 8 and np.isfinite(a.y).all() and a.spread() > 0:
                    add(a, g, spread * a.spread() / max(c.spread(), 1e-12), cuts_of(a, rng, False, extra + 2), -1)
    X, out.meta, out.final, out.last, out.spread, out.group, out.cut, out.curve = (np.concatenate(p) for p in zip(*parts))
    out.X = X[:, :used]
    out.real = out.curve >= 0
    return out
