/* hill: y = c + a / (1 + (κ t)^η)
 * Source: Domhan 2015, table 1 (hill3 and MMF: the same curve once level and gain are free). κ: 1 / half time in horizons; η: order. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return 1 / (1 + pow(theta[0] * t, theta[1])); }
static void gradient(double t, const double *theta, double *by)
{
    double z = pow(theta[0] * t, theta[1]), g = 1 / (1 + z);
    by[0] = -g * g * z * theta[1] / theta[0];
    by[1] = -g * g * z * log(theta[0] * t);
}

const struct cf__family cf__hill = {
    .card = {"hill", "c + a / (1 + (kappa t)^eta)", "Domhan 2015, table 1 (hill3, MMF)"},
    .n_theta = 2, .theta = {{"kappa", 0.4, 300, 10}, {"eta", 0.3, 5, 6}}, .value = value, .gradient = gradient,
};
