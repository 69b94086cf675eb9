/* exponential: y = c + a·exp(-κ t)
 * Source: Swersky, Snoek, Adams 2014 (freeze-thaw), whose kernel is a mixture of these; LCDB's exp3. κ: decays per horizon. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return exp(-theta[0] * t); }
static void gradient(double t, const double *theta, double *by) { by[0] = -t * value(t, theta); }

const struct cf__family cf__exponential = {
    .card = {"exponential", "c + a exp(-kappa t)", "Swersky 2014; LCDB exp3"},
    .n_theta = 1, .theta = {{"kappa", 0.5, 200, 12}}, .value = value, .gradient = gradient,
};
