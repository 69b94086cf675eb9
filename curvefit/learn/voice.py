"""What stands around the network: the ensemble, bounds, the point mass of a curve that stands still, the width of the tails. Mirrored by stack.c."""
from dataclasses import dataclass

import numpy as np

P = np.arange(1, 100) / 100.0
STILL_RUN = 2  # equal values in a row from which a curve may have come to stand


FARTHEST = 1e3
NARROWING = 0.2
LINE_NARROWING = 0.5
APART = 5.0


@dataclass
class Answer:
    """Of the networks, for each row: quantiles of z; and where there are siblings, median and width in z of their line (NaN: none)."""
    q: np.ndarray
    line: np.ndarray = None

    def __getitem__(self, rows):
        return Answer(self.q[rows], None if self.line is None else self.line[rows])


def weighed(q, median, width, doubt, narrowing):
    """q, in z, after another voice was weighed against it; doubt: (of_scale, of_own)."""
    own, middle = np.maximum((q[:, 89] - q[:, 9]) / 2.563, 1e-6), q[:, 49]
    known = np.isfinite(median)
    median, width = np.where(known, np.clip(median, -FARTHEST, FARTHEST), 0), np.where(known, width, np.inf)
    share = own ** 2 / (own ** 2 + width ** 2 + doubt[0] ** 2 + (doubt[1] * own) ** 2)
    away = np.where(known, median - middle, 0)
    factor = (1 - share) ** narrowing * np.sqrt(1 + share * (1 - share) * np.minimum(abs(away) / own, APART) ** 2)
    return (middle + share * away)[:, None] + factor[:, None] * (q - middle[:, None])


def heard(answer, meta, doubt):
    """Quantiles in z after the ensemble (last two columns of meta: its median and width), then the siblings' line were heard."""
    q = weighed(answer.q, meta[:, 6], meta[:, 7], doubt, NARROWING)
    return q if answer.line is None else weighed(q, answer.line[:, 0], answer.line[:, 1], (0, 0), LINE_NARROWING)


def bounded(q, level, room):
    """No quantile beyond the best value there can be (flipped: lower is better)."""
    return np.maximum(q, np.where(np.isfinite(room), level - room, -np.inf)[:, None])


def still_inputs(meta):
    at_bound = meta[:, 4] <= 1e-9 * np.maximum(1, abs(meta[:, 1]))
    return np.column_stack([np.ones(len(meta)), np.log(np.maximum(meta[:, 5], 1)), meta[:, 3], at_bound])


def fit_still(meta, same, weight, steps=200):
    """Logistic regression (Newton, a little ridge) of "the final value is the last one, to the digit"."""
    X, b = still_inputs(meta), np.zeros(4)
    weight = weight / weight.sum() * len(weight)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-X @ b))
        h = (X * (weight * p * (1 - p))[:, None]).T @ X + np.eye(4)
        b += np.linalg.solve(h, X.T @ (weight * (same - p)) - b)
    return b


def still_mass(meta, b):
    return np.where(meta[:, 5] >= STILL_RUN, 1 / (1 + np.exp(-still_inputs(meta) @ b)), 0)


def with_mass(q, at, mass):
    """Quantiles of (1 - mass) * q + mass * point at `at`."""
    out = q.copy()
    for i in np.flatnonzero(mass > 0):
        below = (1 - mass[i]) * np.interp(at[i], q[i], P, 0, 1)
        p = np.where(P < below, P / (1 - mass[i]), (P - mass[i]) / (1 - mass[i]))
        out[i] = np.where((P >= below) & (P <= below + mass[i]), at[i], np.interp(p, P, q[i]))
    return out


def factor_at(progress, tail):
    """tail: (early, late): the first up to T = .2, the second from T = .6 on, between them in between."""
    return tail[0] + (tail[1] - tail[0]) * np.clip((progress - 0.2) / 0.4, 0, 1)


def stretched(q, progress, low, high):
    """Tails wider by the factors low (below the median) and high (above), growing from the quartiles outwards."""
    ramp = np.clip((abs(P - 0.5) - 0.25) / 0.2, 0, 1)
    wider = np.where(P < 0.5, factor_at(progress, low)[:, None] - 1, factor_at(progress, high)[:, None] - 1)
    return q[:, 49:50] + (q - q[:, 49:50]) * (1 + ramp * wider)
