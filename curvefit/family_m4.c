/* m4: y = c + a·v with v / (1 - v)^α = (t / τ)^-β
 * Source: Alabdulmohsin, Neyshabur, Zhai, NeurIPS 2022 (M4): (y - ε∞) / (ε0 - y)^α = β x^c, which interpolates between a plateau at the
 * start (ε0) and a power law at the end. α = 0 is pow3, α = 1 hill. v has no closed form: it is found by Newton's method in log(v / (1 - v)). */
#include "family.h"

#include <math.h>

/* With s = log(v / (1 - v)): log v - α·log(1 - v) = s - (1 - α)·log(1 + e^s) = b; the left side rises by (1 - v) + α v > 0 per s and is
 * concave or convex throughout, so that Newton's method does not go astray. */
static double solve(double b, double alpha)
{
    double s = b < 0 ? b : b / alpha;
    for (int i = 0; i < 60; i++) {
        double v = 1 / (1 + exp(-s)), off = s - (1 - alpha) * (s > 0 ? s + log1p(exp(-s)) : log1p(exp(s))) - b;
        double step = off / (1 - v + alpha * v);
        s -= step;
        if (fabs(step) < 1e-13 * (1 + fabs(s))) break;
    }
    return s;
}

static double value(double t, const double *theta) { return 1 / (1 + exp(-solve(-theta[2] * log(t / theta[1]), theta[0]))); }

/* By the implicit function theorem, with dv = v (1 - v) ds. */
static void gradient(double t, const double *theta, double *by)
{
    double l = log(t / theta[1]), s = solve(-theta[2] * l, theta[0]), v = 1 / (1 + exp(-s));
    double log_rest = s > 0 ? -s - log1p(exp(-s)) : -log1p(exp(s)), per_b = v * (1 - v) / (1 - v + theta[0] * v);
    by[0] = per_b * log_rest;
    by[1] = per_b * theta[2] / theta[1];
    by[2] = -per_b * l;
}

const struct cf__family cf__m4 = {
    .card = {"m4", "c + a v, v / (1 - v)^alpha = (t / tau)^-beta", "Alabdulmohsin 2022 (M4)"},
    .n_theta = 3, .theta = {{"alpha", 0.3, 4, 3}, {"tau", 0.003, 1, 6}, {"beta", 0.3, 3, 4}}, .value = value, .gradient = gradient,
};
