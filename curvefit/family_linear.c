/* linear: y = c - a·t. No source needed; the last stretch of a linearly decaying rate often looks so. */
#include "family.h"

static double value(double t, const double *theta)
{
    (void)theta;
    return 1 - t;
}

const struct cf__family cf__linear = {.card = {"linear", "c + a (1 - t)", "first-order expansion"}, .value = value};
