/* overfitting: y = c + a·((t / τ)^-α / α + t / τ): a power law down to the minimum at τ, then a straight rise
 * Source: none; the simplest curve that falls like pow3 and rises after its minimum, as validation losses do. Not monotone; with τ > 1 the
 * minimum is still to come at the horizon. τ in horizons, α without unit. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return pow(t / theta[0], -theta[1]) / theta[1] + t / theta[0]; }
static void gradient(double t, const double *theta, double *by)
{
    double u = t / theta[0], p = pow(u, -theta[1]);
    by[0] = (p - u) / theta[0];
    by[1] = -p * (log(u) / theta[1] + 1 / (theta[1] * theta[1]));
}

const struct cf__family cf__overfit = {
    .card = {"overfit", "c + a ((t/tau)^-alpha / alpha + t/tau)", "fall, then rise after a minimum"},
    .n_theta = 2, .theta = {{"tau", 0.05, 1.6, 9}, {"alpha", 0.3, 3, 3}}, .rises = true, .value = value, .gradient = gradient,
};
