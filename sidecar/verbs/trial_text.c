#include "trial_text.h"

#include "place.h"

#include <math.h>
#include <stdio.h>

/* A value that is not finite moves the verdict on, not the curve. */
double trial_reached(const struct store_trial *t) { return *t->reason && !(t->x >= t->verdict_x) ? t->verdict_x : t->x; }

double trial_seconds_left(const struct store_trial *t)
{
    if (!(t->horizon > 0) || trial_reached(t) >= t->horizon) return NAN;
    return t->seconds_per_x * (t->horizon - trial_reached(t));
}

const char *trial_place(const struct store_trial *t, double x, char *text, size_t size)
{
    struct axis axis = {"", t->horizon, t->steps};
    snprintf(axis.unit, sizeof axis.unit, "%s", t->unit);
    return place_text(x, &axis, text, size);
}

const char *duration_text(double seconds, char *text, size_t size)
{
    if (seconds < 100) snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 6000) snprintf(text, size, "%.0f min", seconds / 60);
    else snprintf(text, size, "%.1f h", seconds / 3600);
    return text;
}
