/* pow4: y = c + a·(t + β)^-α
 * Source: Domhan 2015, table 1 (pow4, c - (a x + b)^-α), and LCDB (Mohr 2022). β shifts the start, in units of the horizon: the power
 * law then begins with a finite slope. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return pow(t + theta[1], -theta[0]); }
static void gradient(double t, const double *theta, double *by)
{
    double g = value(t, theta);
    by[0] = -log(t + theta[1]) * g;
    by[1] = -theta[0] / (t + theta[1]) * g;
}

const struct cf__family cf__pow4 = {
    .card = {"pow4", "c + a (t + beta)^-alpha", "Domhan 2015, table 1; LCDB 2022"},
    .n_theta = 2, .theta = {{"alpha", 0.1, 6, 10}, {"beta", 0.003, 1, 6}}, .value = value, .gradient = gradient,
};
