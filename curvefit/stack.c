/* stack: see stack.h */
#include "stack.h"

#include <math.h>

bool cf__learned_quantiles(struct cf__learned *l, const cf_task *task, double q[CF_QUANTILES])
{
    const struct cf__features *f = &l->features;
    double z[CF_QUANTILES];
    if (!cf__features_of(task, &l->view, &l->features)) return false;
    cf__network_quantiles(&cf__network_alone, f->value, z);
    for (int i = 0; i < CF_QUANTILES; i++) q[i] = f->sign * (f->level + f->scale * z[f->sign > 0 ? i : CF_QUANTILES - 1 - i]);
    return true;
}
