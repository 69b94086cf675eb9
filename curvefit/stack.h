/* stack: the voices of a forecast put together. Internal to curvefit. */
#ifndef CF_STACK_H
#define CF_STACK_H

#include "network.h"
#include "shape.h"
#include "siblings.h"

struct cf__learned {
    struct cf__view view;
    struct cf__features features;
    unsigned siblings; /* how many were asked */
};

/* What the learned voice says of the final value: the network, corrected by the siblings, kept within bounds, with a point mass
 * where the curve stands still. false: it has nothing to say (too few observations). No allocation. */
bool cf__learned_quantiles(struct cf__learned *learned, const cf_task *task, double q[CF_QUANTILES]);

#endif
