#include "format.h"

#include <string.h>

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "|proj g|");
}

static bool meaning(const char *name, double first, struct metric_meaning *meaning)
{
    (void)first;
    if (strcmp(name, "f")) return false;
    *meaning = (struct metric_meaning){METRIC_TRAIN_LOSS, GOAL_MIN};
    return true;
}

const struct format format_lbfgsb = {.card = {"lbfgsb", "L-BFGS-B of SciPy, statsmodels and R, whose f is the objective", "At iterate    5    f=  4.53757D+00    |proj g|=  1.63376D+00"}, .probe = probe, .meaning = meaning};
