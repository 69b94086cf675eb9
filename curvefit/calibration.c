/* Written by curvefit/learn/learn.py; do not edit.
 * Learned 2026-11-25 on the out-of-fold answers of networks as in network_alone.c and network_siblings.c (six and three members a fold), the
 * siblings' line, and the ensemble; CRPS skill against the last value at 5/10/20/40/60/80 %, mean | share inside the 90 % interval; cross-validated by source:
 *   alone                       0.425  0.401  0.393  0.364  0.400  0.400 | 0.3972 | 0.89 0.89 0.89 0.87 0.88 0.91
 *     sources of <= 12 studies  0.489  0.436  0.434  0.430  0.440  0.403 | 0.4388 | 0.88 0.90 0.88 0.91 0.91 0.94
 *   6 siblings                  0.696  0.603  0.585  0.522  0.539  0.502 | 0.5745 | 0.91 0.92 0.92 0.90 0.90 0.89
 *     sources of <= 12 studies  0.562  0.515  0.553  0.537  0.538  0.474 | 0.5299 | 0.88 0.91 0.90 0.93 0.92 0.93
 */
#include "network.h"

const struct cf__calibration cf__calibration = {
    .doubt = {{0.125, 0}, {0.5, 0.5}},
    .still = {-3.73543, 1.11795, 2.90036, 2.0871},
    .tail_low = {{2.2, 1.35}, {1.6, 1}},
    .tail_high = {{1.3, 1.35}, {1.25, 1.25}},
};
