/* late start: y = c + a / (1 + e^((t - τ) / ω)): nothing until about τ, then a fall that takes some 4 ω
 * Source: the logistic curve; warm-up, grokking and plateaus that are left late look so. τ and ω in horizons. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return 1 / (1 + exp((t - theta[0]) / theta[1])); }
static void gradient(double t, const double *theta, double *by)
{
    double g = value(t, theta), slope = g * (1 - g) / theta[1];
    by[0] = slope;
    by[1] = slope * (t - theta[0]) / theta[1];
}

const struct cf__family cf__late = {
    .card = {"late", "c + a / (1 + exp((t - tau) / omega))", "logistic: warm-up, grokking, a plateau left late"},
    .n_theta = 2, .theta = {{"tau", 0.06, 0.95, 9}, {"omega", 0.04, 0.3, 4}}, .value = value, .gradient = gradient,
};
