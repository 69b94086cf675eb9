/* divergence: will the run end in values that are not finite, or far above its start? Internal to curvefit. */
#ifndef CF_DIVERGENCE_H
#define CF_DIVERGENCE_H

#include "curvefit.h"

#define CF__DIVERGED_RUN 2 /* values in a row that are not finite */

double cf__chance_of_divergence(const cf_task *task);

#endif
