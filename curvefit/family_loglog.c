/* log-log linear: y = c - a·ln(ln(1 + κ t) + β)
 * Source: Domhan 2015, table 1 (log log linear, log(a log x + b)); κ is the number of steps in a horizon, which x had there. The slowest decay here. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return -log(log1p(theta[0] * t) + theta[1]); }
static void gradient(double t, const double *theta, double *by)
{
    double l = log1p(theta[0] * t) + theta[1];
    by[0] = -t / ((1 + theta[0] * t) * l);
    by[1] = -1 / l;
}

const struct cf__family cf__loglog = {
    .card = {"loglog", "c - a ln(ln(1 + kappa t) + beta)", "Domhan 2015, table 1 (log log linear)"},
    .n_theta = 2, .theta = {{"kappa", 3, 1e4, 5}, {"beta", 0.05, 3, 3}}, .value = value, .gradient = gradient,
};
