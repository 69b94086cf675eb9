/* bnsl: y = c + a·t^-α·(1 + (t / τ)^(1/s))^(-s·(β - α)), s = .2: a power law of exponent α up to τ, of exponent β after it
 * Source: Caballero, Gupta, Rish, Krueger, ICLR 2023 (broken neural scaling law), equation 1 with one break; s is their sharpness f.
 * α > β is the usual start of a run: a steep fall from the random start, then the slow one. Its shape needs the early part of a run. */
#include "family.h"

#include <math.h>

static const double SHARPNESS = 0.2;

static double value(double t, const double *theta)
{
    return pow(t, -theta[0]) * pow(1 + pow(t / theta[2], 1 / SHARPNESS), -SHARPNESS * (theta[1] - theta[0]));
}

static void gradient(double t, const double *theta, double *by)
{
    double g = value(t, theta), z = pow(t / theta[2], 1 / SHARPNESS), l = SHARPNESS * log1p(z);
    by[0] = g * (l - log(t));
    by[1] = -g * l;
    by[2] = g * (theta[1] - theta[0]) * z / (1 + z) / theta[2];
}

const struct cf__family cf__bnsl = {
    .card = {"bnsl", "c + a t^-alpha (1 + (t/tau)^5)^((alpha - beta)/5)", "Caballero 2023, eq. 1, one break"},
    .n_theta = 3, .theta = {{"alpha", 0.1, 2.5, 4}, {"beta", 0.06, 2, 6}, {"tau", 0.01, 0.6, 6}}, .value = value, .gradient = gradient,
};
