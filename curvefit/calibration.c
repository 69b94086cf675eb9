/* Written by curvefit/learn/learn.py; do not edit.
 * Learned 2026-11-24 on the out-of-fold answers of networks as in network_alone.c, three members a fold, and the ensemble;
 * CRPS skill against the last value at 5/10/20/40/60/80 %, mean | share inside the 90 % interval; cross-validated by source:
 *   alone                       0.398  0.376  0.388  0.341  0.368  0.363 | 0.3724 | 0.88 0.89 0.88 0.86 0.88 0.90
 *     sources of <= 12 studies  0.477  0.433  0.412  0.422  0.432  0.397 | 0.4288 | 0.88 0.89 0.87 0.89 0.90 0.93
 *   6 siblings                  0.613  0.535  0.535  0.465  0.475  0.425 | 0.5079 | 0.92 0.93 0.92 0.89 0.90 0.90
 *     sources of <= 12 studies  0.550  0.511  0.540  0.519  0.508  0.442 | 0.5116 | 0.89 0.91 0.91 0.92 0.92 0.93
 */
#include "network.h"

const struct cf__calibration cf__calibration = {
    .doubt = {{0.5, 0.5}, {0.5, 2}},
    .still = {-3.73543, 1.11795, 2.90036, 2.0871},
    .tail_low = {{2.2, 1.5}, {1.7, 1}},
    .tail_high = {{1.2, 1.25}, {1.05, 1.1}},
};
