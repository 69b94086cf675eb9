/* stack: the voices of a forecast put together. Internal to curvefit. */
#ifndef CF_STACK_H
#define CF_STACK_H

#include "ensemble.h"
#include "network.h"
#include "shape.h"
#include "siblings.h"

struct cf__learned {
    struct cf__view view;
    struct cf__features features;
    unsigned siblings; /* how many were asked */
    double median;     /* what the network and the siblings said before the ensemble was heard, in the unit of y */
    struct { double median, width; } heard; /* what the voices said together, before the tails and what follows; unit of y, lower is better */
};

/* What the ensemble, fitted to the task, says of the final value. */
void cf__ensemble_final(const struct cf__ensemble *ensemble, const cf_task *task, struct cf__mixture *mixture);

/* Quantiles of y in z (shape.h), rising. */
void cf__in_z(const struct cf__features *features, const double q[CF_QUANTILES], double z[CF_QUANTILES]);

struct cf__said { double q[CF_QUANTILES], due; }; /* by the ensemble: quantiles of the final value, cf__ensemble_due */

/* The forecast of the final value: the network, corrected by the siblings, then by the ensemble (its quantiles of the final value),
 * kept within bounds, with a point mass where the curve stands still. false: nothing to say (too few observations). No allocation. */
bool cf__learned_quantiles(struct cf__learned *learned, const cf_task *task, const struct cf__said *ensemble, double q[CF_QUANTILES]);

/* heard of the task without its study. false: nothing to say. The forecaster's last task is forgotten. */
bool cf__voices_heard(cf_forecaster *forecaster, const cf_task *task, double *median, double *width);

#endif
