/* standing: where a trial stands among the others of its study, as numbers without level or scale. Internal to judge.
 *
 * Everything is flipped so that lower is better and divided by one spread of the study, so that the numbers mean the same for any metric.
 * Trials meet at the same progress, never at the same step.
 */
#ifndef JUDGE_STANDING_H
#define JUDGE_STANDING_H

#include "curvefit.h"

#define STANDING_INPUTS 41
#define RACE_INPUTS (STANDING_INPUTS + 13)
#define RACE_OWN_CHANCE STANDING_INPUTS /* the one that says, as log odds, how likely it is the best of all by the forecasts alone */

/* Another trial of the study. */
struct rival {
    const cf_series *series;
    double horizon;     /* > 0 */
    const cf_run *run;  /* when it finished; else NULL */
    const cf_forecast *forecast; /* its last one; NULL: none */
    bool running;
};

struct scene {
    const cf_series *series; /* of the trial that is judged */
    double horizon;
    cf_goal goal;
    double bar;              /* value to beat */
    unsigned planned;        /* trials of the sweep; 0: unknown */
    const cf_forecast *forecast;
    const struct rival *rivals; /* all others of the study that logged something */
    size_t n_rivals;
};

/* False where there is nothing to stand against (no finished rival). */
bool standing_inputs(const struct scene *scene, float input[STANDING_INPUTS]);

/* The same in a race, where no trial need have finished: others are met where both have been, with the ends that they are forecast to reach, and
 * the bar is the best end of all. scene->bar is NaN where nothing has finished. False: there is no other. */
bool standing_in_race(const struct scene *scene, float input[RACE_INPUTS]);

/* Chance to end better than all others that run and have a forecast, by the forecasts alone, taken as independent; in [0, 1]. */
double standing_best_of_running(const struct scene *scene);

#endif
