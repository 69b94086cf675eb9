/* stretched exponential: y = c + a·exp(-(κ t)^δ)
 * Source: Domhan 2015, table 1 (Janoschek and Weibull: the same curve once level and gain are free); exp4 likewise. κ: decays per
 * horizon; δ < 1 a heavy tail, δ > 1 a flat start. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return exp(-pow(theta[0] * t, theta[1])); }
static void gradient(double t, const double *theta, double *by)
{
    double z = pow(theta[0] * t, theta[1]), g = exp(-z);
    by[0] = -g * z * theta[1] / theta[0];
    by[1] = -g * z * log(theta[0] * t);
}

const struct cf__family cf__stretched = {
    .card = {"stretched", "c + a exp(-(kappa t)^delta)", "Domhan 2015, table 1 (Janoschek, Weibull)"},
    .n_theta = 2, .theta = {{"kappa", 0.4, 200, 10}, {"delta", 0.25, 3, 6}}, .value = value, .gradient = gradient,
};
