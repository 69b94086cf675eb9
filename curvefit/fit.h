/* fit: what the ensemble holds after it was conditioned on a series; shared by ensemble.c and predict.c. Internal to curvefit. */
#ifndef CF_FIT_H
#define CF_FIT_H

#include "ensemble.h"
#include "grid.h"

#define CF__FIT_BINS 32
#define CF__HEAVY 1024     /* nodes × rates that are kept for predictions */
#define CF__FARTHEST 1e6   /* no value counts as farther than this from the last one, in spreads */

struct cf__step { double gain, keep, weight, one, y, d; }; /* the filter at one bin, and the shared columns whitened */

struct cf__filter { /* one κ */
    struct cf__step step[CF__FIT_BINS];
    double log_prior, log_det, variance_end, one_end, y_end, d_end;
    double yy, one_one, one_y, dd, d_one, d_y; /* products of the whitened shared columns */
};

struct cf__sums { cf__lanes gg, g1, gy, gd, end; }; /* products with a node's column, and where the filter stands at the last bin */

struct cf__heavy { /* a node under one κ, solved: c and a, their inverse precision over σ², σ², and what places the node's column */
    unsigned rate, node;
    double weight, c, a, cc, ca, aa, noise, end, scale, state, gd;
};

struct cf__ensemble {
    struct cf__grid grid;
    const struct cf__priors *priors;
    double node_prior[CF__NODES];               /* logarithms */
    bool log;                                   /* y is positive and to be minimised: its logarithm is fitted */
    double horizon, centre, spread, sigma;      /* sigma: noise of one observation, in spreads */
    double prior_c, prior_a, gain_mean;         /* precisions over σ² */
    double drop_mean, drop_sd;                  /* of b, in spreads, with its sign */
    unsigned n, settled;                        /* bins; the first of them past the random start */
    double t[CF__FIT_BINS], tau[CF__FIT_BINS], y[CF__FIT_BINS], noise[CF__FIT_BINS], drop[CF__FIT_BINS];
    struct cf__place place[CF__FIT_BINS];
    struct cf__course course;
    bool dropped;                               /* the rate has fallen already: the drop is a column of what was seen */
    struct cf__filter filter[CF__RATES];
    cf__lanes scale[CF__BLOCKS];
    struct cf__sums sums[CF__RATES][CF__BLOCKS];
    cf__lanes weight[CF__RATES][CF__BLOCKS];    /* log evidence, then log weight */
    unsigned n_heavy;
    struct cf__heavy heavy[CF__HEAVY];
};

double cf__tau(const struct cf__ensemble *ensemble, double t);
double cf__kappa(const struct cf__ensemble *ensemble, unsigned rate);

#endif
