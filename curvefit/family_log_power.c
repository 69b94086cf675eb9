/* log-power: y = c + a / (1 + ((t + t0) / τ)^γ), t0 = 1/64
 * Source: Domhan 2015, table 1 (log power, a / (1 + (x/e^b)^c)). Changed: with level and gain free that curve is hill's, so ours starts at
 * t0 instead of 0, which is what a run that was warmed up or fine-tuned looks like. τ in horizons, γ without unit. */
#include "family.h"

#include <math.h>

static const double START = 1.0 / 64;

static double value(double t, const double *theta) { return 1 / (1 + pow((t + START) / theta[0], theta[1])); }
static void gradient(double t, const double *theta, double *by)
{
    double u = (t + START) / theta[0], z = pow(u, theta[1]), g = 1 / (1 + z);
    by[0] = g * g * z * theta[1] / theta[0];
    by[1] = -g * g * z * log(u);
}

const struct cf__family cf__log_power = {
    .card = {"log-power", "c + a / (1 + ((t + 1/64) / tau)^gamma)", "Domhan 2015, table 1 (log power)"},
    .n_theta = 2, .theta = {{"tau", 0.005, 3, 8}, {"gamma", 0.3, 4, 5}}, .value = value, .gradient = gradient,
};
