/* standing: where a trial stands among the others of its study, as numbers without level or scale. Internal to judge.
 *
 * Everything is flipped so that lower is better and divided by one spread of the study, so that the numbers mean the same for any metric.
 * Trials meet at the same progress, never at the same step.
 */
#ifndef JUDGE_STANDING_H
#define JUDGE_STANDING_H

#include "curvefit.h"

#define STANDING_INPUTS 41

/* Another trial of the study. */
struct rival {
    const cf_series *series;
    double horizon;     /* > 0 */
    const cf_run *run;  /* when it finished; else NULL */
    double median;      /* of its last forecast; NaN: none */
    bool running;
};

struct scene {
    const cf_series *series; /* of the trial that is judged */
    double horizon;
    cf_goal goal;
    double bar;              /* value to beat; finite */
    unsigned planned;        /* trials of the sweep; 0: unknown */
    const cf_forecast *forecast;
    const struct rival *rivals; /* all others of the study that logged something */
    size_t n_rivals;
};

/* False where there is nothing to stand against (no finished rival). */
bool standing_inputs(const struct scene *scene, float input[STANDING_INPUTS]);

#endif
