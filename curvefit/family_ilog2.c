/* ilog2: y = c + a / ln(1 + κ t)
 * Source: Domhan 2015, table 1 (ilog2, c - a / ln x); κ is the number of steps in a horizon, which x had there. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return 1 / log1p(theta[0] * t); }
static void gradient(double t, const double *theta, double *by)
{
    double l = log1p(theta[0] * t);
    by[0] = -t / ((1 + theta[0] * t) * l * l);
}

const struct cf__family cf__ilog2 = {
    .card = {"ilog2", "c + a / ln(1 + kappa t)", "Domhan 2015, table 1"},
    .n_theta = 1, .theta = {{"kappa", 10, 1e6, 5}}, .value = value, .gradient = gradient,
};
