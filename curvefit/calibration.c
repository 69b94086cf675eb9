/* Written by curvefit/learn/learn.py; do not edit.
 * Learned 2026-11-24 on the out-of-fold answers of networks as in network_alone.c, six members a fold (with siblings: three and two), and the ensemble;
 * CRPS skill against the last value at 5/10/20/40/60/80 %, mean | share inside the 90 % interval; cross-validated by source:
 *   alone                       0.423  0.387  0.393  0.357  0.388  0.395 | 0.3906 | 0.90 0.89 0.89 0.87 0.88 0.91
 *     sources of <= 12 studies  0.488  0.429  0.429  0.421  0.431  0.409 | 0.4346 | 0.88 0.91 0.89 0.92 0.91 0.93
 *   6 siblings                  0.615  0.536  0.536  0.465  0.479  0.434 | 0.5107 | 0.92 0.93 0.92 0.89 0.90 0.90
 *     sources of <= 12 studies  0.549  0.502  0.543  0.518  0.505  0.443 | 0.5100 | 0.89 0.91 0.91 0.92 0.92 0.94
 */
#include "network.h"

const struct cf__calibration cf__calibration = {
    .doubt = {{0.25, 0}, {0.5, 2}},
    .still = {-3.73543, 1.11795, 2.90036, 2.0871},
    .tail_low = {{2.2, 1.4}, {1.6, 1}},
    .tail_high = {{1.2, 1.3}, {1, 1.05}},
};
