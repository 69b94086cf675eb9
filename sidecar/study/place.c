#include "place.h"

#include <math.h>
#include <stdio.h>

const char *place_text(double x, const struct axis *axis, char *text, size_t size)
{
    const char *space = *axis->unit ? " " : "";
    if (axis->horizon > 0 && axis->steps > 0) snprintf(text, size, "step %.0f of %.0f", fmin(round(x / axis->horizon * axis->steps), axis->steps), axis->steps);
    else if (axis->horizon > 0) snprintf(text, size, "%s%s%.5g of %.5g", axis->unit, space, x, axis->horizon);
    else snprintf(text, size, "%s%s%.5g", axis->unit, space, x);
    return text;
}
