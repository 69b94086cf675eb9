/* bridge: see bridge.h */
#include "bridge.h"

#include <math.h>

#define MANY 1e12     /* observations whose mean has no noise */
#define NORMAL_80 2.563
#define BETA 0.75     /* the power */
#define STRAY 0.08    /* weight of a part STRAY_WIDTH times as wide as all */
#define STRAY_WIDTH 3.0

/* Median and width of what a mixture says, on its own scale. A variance would be that of its few widest parts. */
static void describe(const struct cf__mixture *m, double *median, double *width)
{
    struct cf__mixture plain = *m;
    double q[CF_QUANTILES];
    plain.log = false;
    cf__mixture_quantiles(&plain, q);
    *median = q[49];
    *width = (q[89] - q[9]) / NORMAL_80;
}

/* Of quantiles; on the scale of a logarithm half their distance is the median times sinh(half the width): so, a bound of 0 is no infinity. */
static double width_of(const double q[CF_QUANTILES], bool log)
{
    double half = (q[89] - q[9]) / 2;
    return (log ? asinh(half / q[49]) : half) / (NORMAL_80 / 2);
}

void cf__bridge_to(struct cf__bridge *b, bool log_scale, const double ensemble[CF_QUANTILES], const double q[CF_QUANTILES])
{
    b->shift = log_scale ? log(q[49] / ensemble[49]) : q[49] - ensemble[49];
    b->before = width_of(ensemble, log_scale);
    b->after = width_of(q, log_scale);
    if (!isfinite(b->shift) || !isfinite(b->after) || !(b->before > 0)) *b = (struct cf__bridge){.before = 1, .after = 1};
}

/* Moves the parts to a new middle and width, then adds the noise to each. */
static void move(struct cf__mixture *m, double middle, double shift, double factor, double noise)
{
    for (unsigned i = 0; i < m->n; i++) {
        m->mean[i] = middle + shift + factor * (m->mean[i] - middle);
        m->sd[i] = fmax(hypot(factor * m->sd[i], noise), 1e-300);
    }
}

/* The last part is the stray one (predict.c): single values stray more often than means, and curves more often than they say. */
static void stray(struct cf__mixture *m, double middle, double width)
{
    unsigned last = m->n - 1;
    double rest = fmax(1 - m->weight[last], 1e-300);
    for (unsigned i = 0; i < last; i++) m->weight[i] *= (1 - STRAY) / rest;
    m->weight[last] = STRAY;
    m->mean[last] = middle;
    m->sd[last] = fmin(fmax(STRAY_WIDTH * width, 1e-300), 1e300);
}

void cf__bridge_predict(const struct cf__bridge *b, const struct cf__ensemble *e, double x, struct cf__mixture *m)
{
    double middle, width, with_noise;
    cf__ensemble_predict(e, x, 1, m);
    if (cf__ensemble_saw(e, x)) return;
    describe(m, &middle, &with_noise);
    cf__ensemble_predict(e, x, MANY, m);
    describe(m, &middle, &width);
    double noise = sqrt(fmax(with_noise * with_noise - width * width, 0)), beta = pow(fmin(width / b->before, 1), 2 * BETA);
    double wanted = sqrt(fmax(width * width + beta * beta * (b->after * b->after - b->before * b->before), 0));
    move(m, middle, beta * b->shift, width > 0 ? wanted / width : 1, noise);
    stray(m, middle + beta * b->shift, hypot(wanted, noise));
}
