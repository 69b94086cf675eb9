/* constant: y = c. A run that learns nothing, or nothing more. */
#include "family.h"

static double value(double t, const double *theta)
{
    (void)t, (void)theta;
    return 0;
}

const struct cf__family cf__constant = {.card = {"constant", "c", "nothing more will happen"}, .value = value};
