#!/usr/bin/env python3
"""Other ways to forecast the end of one learning curve, timed on one core: SciPy curve_fit of three families, and the MCMC of
Domhan et al. 2015 (eleven families weighted in one model; 100 walkers x 2,500 steps) through emcee; the stopper of DeepHyper, which fits one family by
MCMC. Prints "name n milliseconds".

Domhan's settings take minutes to hours, so a share of the steps is run and scaled up; the line says so."""
import sys
import time

import numpy as np

FAMILIES = {
    "pow3": lambda x, c, a, alpha: c - a * x ** -alpha,
    "exp4": lambda x, c, a, b, alpha: c - np.exp(-a * x ** alpha + b),
    "mmf": lambda x, a, b, k, d: a - (a - b) / (1 + (k * x) ** d),
}
START = {"pow3": (2, -1, 0.5), "exp4": (2, 0.1, 0.1, 0.5), "mmf": (2, 4, 0.01, 1)}
WALKERS, STEPS, RUN = 100, 2500, 25


def domhan():
    """value(x, theta) of the eleven families and how many parameters each has."""
    e, log = np.exp, np.log
    return [
        (lambda x, t: t[0] - (t[1] * x + t[2]) ** -abs(t[3]), 4), (lambda x, t: t[0] - t[1] * x ** -abs(t[2]), 3),
        (lambda x, t: log(abs(t[0]) * log(x + 1) + abs(t[1]) + 1e-9), 2), (lambda x, t: t[0] / (1 + (x / e(t[1])) ** t[2]), 3),
        (lambda x, t: t[0] + t[1] * e(-abs(t[2]) * x), 3), (lambda x, t: t[0] - (t[0] - t[1]) / (1 + (abs(t[2]) * x) ** t[3]), 4),
        (lambda x, t: t[0] - e(-abs(t[1]) * x ** t[2] + t[3]), 4), (lambda x, t: t[0] - (t[0] - t[1]) * e(-abs(t[2]) * x ** t[3]), 4),
        (lambda x, t: t[0] - (t[0] - t[1]) * e(-(abs(t[2]) * x) ** t[3]), 4), (lambda x, t: t[0] - t[1] / log(x + 1), 2),
        (lambda x, t: t[0] * x ** abs(t[1]) / (abs(t[2]) ** abs(t[1]) + x ** abs(t[1])), 3),
    ]


def seconds(work, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def curve(n):
    rng, x = np.random.default_rng(1), np.arange(1, n // 2 + 1, dtype=float)
    return x, 2 + (x / n + 0.01) ** -0.4 + 0.05 * rng.uniform(-0.5, 0.5, len(x))


def time_curve_fit(n):
    from scipy.optimize import curve_fit
    x, y = curve(n)

    def work():
        for name, family in FAMILIES.items():
            try:
                curve_fit(family, x, y, START[name], maxfev=2000)
            except RuntimeError:
                pass  # no convergence: the time was spent all the same
    print("scipy_curve_fit_3 %d %.3f" % (n, 1e3 * seconds(work, 5)), flush=True)


def time_emcee(n):
    import emcee
    x, y = curve(n)
    families = domhan()
    sizes = [k for _, k in families]
    dims = sum(sizes) + len(families) + 1

    def log_probability(theta):
        weights, sigma, at, total = theta[-12:-1], theta[-1], 0, 0
        if (weights < 0).any() or sigma <= 0:
            return -np.inf
        for (value, k), w in zip(families, weights):
            total = total + w * value(x, theta[at:at + k])
            at += k
        p = -0.5 * (((y - total) / sigma) ** 2).sum() - len(x) * np.log(sigma)
        return p if np.isfinite(p) else -np.inf

    rng = np.random.default_rng(1)
    start = np.abs(np.concatenate([np.full(sum(sizes), 0.5), np.full(11, 1 / 11), [0.5]]) + 0.01 * rng.normal(size=(WALKERS, dims)))
    sampler = emcee.EnsembleSampler(WALKERS, dims, log_probability)
    took = seconds(lambda: sampler.run_mcmc(start, RUN), 1)
    print("domhan_emcee_100x2500 %d %.0f (from %d of %d steps)" % (n, 1e3 * took * STEPS / RUN, RUN, STEPS), flush=True)


class Search:
    """As much of a DeepHyper search as its stopper asks for: one finished run with a better value, nothing else."""
    id = "0.1"

    def __init__(self):
        self.storage, self.told = self, {}

    def store_job_metadata(self, job, key, value):
        self.told.setdefault(key, {})[job] = value

    def load_metadata_from_all_jobs(self, search, key):
        return list(self.told.get(key, {}).values())

    def load_out_from_all_jobs(self, search):
        return [-2.0]


def time_deephyper(n):
    """One verdict of LCModelStopper (mmf4, MCMC) after half of the run; it maximises. It takes a hundred values at its first look, so that is what it
    gets. The first verdict, which also compiles, is not counted."""
    from deephyper.stopper import LCModelStopper
    y = curve(n)[1][np.linspace(0, n // 2 - 1, 100).astype(int)]

    def stopper():
        made = LCModelStopper(max_steps=200, early_stopping_patience=200, random_state=0)
        made.job = Search()
        for budget, value in enumerate(y, 1):
            made.observe(budget, -value)
        return made
    stoppers = [stopper() for _ in range(4)]
    stoppers.pop().stop()
    print("deephyper_lcmodel %d %.0f (100 of the values)" % (n, 1e3 * seconds(lambda: stoppers.pop().stop(), 3)), flush=True)


if __name__ == "__main__":
    np.seterr(all="ignore")
    import warnings
    warnings.filterwarnings("ignore")
    for work in (time_curve_fit, time_emcee, time_deephyper):
        try:
            for n in map(int, sys.argv[1:] or ["1000"]):
                work(n)
        except ImportError as missing:
            print("# skipped: %s" % missing)
