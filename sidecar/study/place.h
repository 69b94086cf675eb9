/* place: where in its run a trial is, as a person counts. */
#ifndef PLACE_H
#define PLACE_H

#include <stddef.h>

/* unit: of x and horizon, "" when unknown; horizon NaN: unknown; steps: the horizon in steps, NaN where x already counts them. */
struct axis { char unit[16]; double horizon, steps; };

/* "step 180 of 600", "epoch 0.41 of 3", "180"; with steps known those of x are shown, rounded. */
const char *place_text(double x, const struct axis *axis, char *text, size_t size);

#endif
