/* shape: the shape of a curve as some hundred plain numbers. Internal to curvefit.
 *
 * All are free of the unit of y, and of its level but for those that know of a natural bound (a loss ends above 0, a share
 * below 1). They are computed here and only here, in training (through the shared library) as in use, so the two cannot differ.
 *
 * y is flipped for goals to be maximised: lower is better throughout. t = x / horizon, T = progress, u = t / T = share of what was seen.
 *     level  L: mean of the last 3 % of what was seen
 *     scale  A: how far the final value may lie from L, judged from noise, local slope, the last octaves and the room left
 * The network forecasts z = (final - L) / A.
 */
#ifndef CF_SHAPE_H
#define CF_SHAPE_H

#include "curvefit.h"

#define CF__FEATURES 160 /* values a feature vector has, each within [-5, 5] */

struct cf__features {
    double sign;     /* +1, or -1 for goals to be maximised: value = sign * (level + scale * z) */
    double level;    /* L, flipped */
    double scale;    /* A, > 0 */
    double progress; /* T, in (0, 1] */
    double run;      /* how many of the last observations equal the last one to the digit */
    double room;     /* L - the best value possible; infinite when there is no bound */
    unsigned n;      /* values used; equal for every series of one build */
    float value[CF__FEATURES];
};

/* What the features are computed from; some 30 kB, may be reused, needs no initialisation. */
struct cf__view {
    size_t m;
    double t[CF_SERIES_BINS], log_t[CF_SERIES_BINS], y[CF_SERIES_BINS], w[CF_SERIES_BINS];
    double sum_w[CF_SERIES_BINS + 1], sum_y[CF_SERIES_BINS + 1]; /* of the bins before i, y weighted */
    const cf_bin *bins;
};

/* False when the series holds fewer than 2 observations or none before the horizon. */
bool cf__features_of(const cf_task *task, struct cf__view *view, struct cf__features *features);

#endif
