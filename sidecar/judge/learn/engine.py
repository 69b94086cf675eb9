"""The judge and the replay engine as a shared library, one for each folder of tables."""
import ctypes as C
import functools
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
INPUTS = 41  # STANDING_INPUTS of standing.h
META = 5
RACE_INPUTS, RACE_META = 54, 4  # of standing.h, rows.c
TABLES = ("network_alone.c", "network_siblings.c", "calibration.c", "chance_table.c", "race_table.c")
GOALS = {"min": 1, "max": 2}


class Curve(C.Structure):
    _fields_ = [("n", C.c_size_t), ("x", C.c_void_p), ("y", C.c_void_p)]


class Trial(C.Structure):
    _fields_ = [("name", C.c_char_p), ("horizon", C.c_double), ("n", C.c_size_t), ("x", C.c_void_p), ("y", C.c_void_p), ("rate", Curve)]


class Sweep(C.Structure):
    _fields_ = [("trials", C.POINTER(Trial)), ("n", C.c_size_t), ("metric", C.c_char_p), ("goal", C.c_int), ("workers", C.c_uint), ("live", C.c_bool), ("thaw", C.c_bool)]


class Outcome(C.Structure):
    _fields_ = [("cost", C.c_double), ("best", C.c_double), ("kept", C.c_double), ("best_trial", C.c_size_t), ("scored", C.c_bool), ("spread", C.c_double),
                ("regret", C.c_double), ("regret_less_noise", C.c_double), ("kept_within_1", C.c_bool), ("kept_within_5", C.c_bool)]


class Stops(C.Structure):
    _fields_ = [("hopeless", C.c_uint), ("wrong", C.c_uint)]


def sources(tables):
    found = {p.name: p for p in sorted((ROOT / "curvefit").glob("*.c"))}
    for room in ("judge", "replay", "metric"):
        found.update({p.name + "@" + room if p.name in found else p.name: p for p in sorted((ROOT / "sidecar" / room).glob("*.c"))})
    for name in TABLES:
        if tables and (tables / name).exists():
            found[name] = tables / name
    return [*found.values(), HERE / "rows.c"]


@functools.cache
def library(tables=None):
    """tables: a folder whose files stand for the committed ones of the same name; None: the committed ones."""
    path = tempfile.mkdtemp() + "/judge.so"
    subprocess.run(["cc", "-std=c11", "-O2", "-march=native", "-ffp-contract=off", "-fPIC", "-shared", "-D_GNU_SOURCE", "-I", ROOT / "curvefit",
                    "-I", ROOT / "sidecar", "-I", ROOT / "sidecar/judge", *sources(tables), "-lgsl", "-lgslcblas", "-lm", "-o", path], check=True)
    lib = C.CDLL(path)
    lib.rows_of.restype = C.c_long
    lib.rows_of.argtypes = [C.POINTER(Sweep), C.c_double, C.c_double, C.c_uint64] + 2 * [C.c_void_p] + [C.c_size_t, C.c_void_p]
    lib.race_rows_of.restype = C.c_long
    lib.race_rows_of.argtypes = [C.POINTER(Sweep), C.c_uint64] + 2 * [C.c_void_p] + [C.c_size_t, C.c_void_p]
    lib.play.argtypes = [C.POINTER(Sweep), C.c_char_p, C.c_double, C.c_double, C.POINTER(Outcome), C.POINTER(Stops)]
    return lib


def curve(xy):
    return Curve(len(xy[0]), xy[0].ctypes.data, xy[1].ctypes.data)


def sweep(trials, metric, goal, workers=1, thaw=False, rates=False):
    """trials: of sweeps.py, in the order in which they start; rates: the judge is told the learning rate, too"""
    array = (Trial * len(trials))(*[Trial(b"t%d" % i, t.horizon, len(t.x), t.x.ctypes.data, t.y.ctypes.data, curve(t.rate) if rates else Curve()) for i, t in enumerate(trials)])
    out = Sweep(array, len(trials), metric.encode(), GOALS[goal], workers, False, thaw)
    out.keep = array
    return out
