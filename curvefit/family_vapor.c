/* vapor pressure: y = c + a·t^-α·e^(-β / t)
 * Source: Domhan 2015, table 1 (vapor pressure, exp(a + b / x + c log x)), with level and gain free and falling: it stands still until about β,
 * then falls as a power law. Rises up to t = β / α, so e^(-β / t) is continued flat there. β in horizons. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta)
{
    double u = fmax(t, theta[1] / theta[0]);
    return pow(u, -theta[0]) * exp(-theta[1] / u);
}

static void gradient(double t, const double *theta, double *by)
{
    double top = theta[1] / theta[0], u = fmax(t, top), g = value(t, theta);
    by[0] = -log(u) * g; /* at the top the slope along u is 0, so its moving does not count */
    by[1] = -g / u;
}

const struct cf__family cf__vapor = {
    .card = {"vapor", "c + a t^-alpha exp(-beta / t)", "Domhan 2015, table 1 (vapor pressure)"},
    .n_theta = 2, .theta = {{"alpha", 0.2, 4, 5}, {"beta", 0.01, 0.5, 4}}, .value = value, .gradient = gradient,
};
