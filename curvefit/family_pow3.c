/* pow3: y = c + a·t^-α
 * Source: Domhan, Springenberg, Hutter, IJCAI 2015, table 1 (pow3); the usual scaling law. α is the exponent, without unit.
 * Fails: a flat start (warm-up) and curves that fall to their floor exponentially. */
#include "family.h"

#include <math.h>

static double value(double t, const double *theta) { return pow(t, -theta[0]); }
static void gradient(double t, const double *theta, double *by) { by[0] = -log(t) * value(t, theta); }

const struct cf__family cf__pow3 = {
    .card = {"pow3", "c + a t^-alpha", "Domhan 2015, table 1"},
    .n_theta = 1, .theta = {{"alpha", 0.03, 3, 14}}, .value = value, .gradient = gradient,
};
