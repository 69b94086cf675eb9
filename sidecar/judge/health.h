/* health: divergence and dead runs, which need no rival and no forecast. Internal to judge.
 *
 * Card
 *   Diverged: two values in a row that are not finite; a train loss three times in a row, over 5 % of the horizon, above ten times its start
 *     (an evaluation loss: a hundred times, since overfitting does ten); a loss of 0.0 while the gradient norm is not finite (a trainer
 *     that hides NaN steps).
 *   Dead: one loss repeated to the last digit twenty times near its start, over a fifth of the horizon; a loss that half of the horizon has
 *     left within half a per cent of its start; a learning rate that has come down to 0 for good while steps remain. Never a trial that is
 *     ahead of every finished rival, never a score: scores stand at chance for long and rise.
 *   Figures: docs/VERDICT.md.
 */
#ifndef JUDGE_HEALTH_H
#define JUDGE_HEALTH_H

#include "judge.h"

struct health {
    const cf_series *series;
    const cf_series *gradient; /* gradient norm; NULL: not logged */
    const cf_series *rate;     /* learning rate; NULL: not logged */
    double horizon;            /* NaN: unknown, then only what needs none counts */
    enum metric_goal goal;
    bool held_out;             /* an evaluation metric */
    bool ahead;                /* the last value is better than every finished rival: never dead */
};
bool health_is_ill(const struct health *health, enum verdict_reason *reason);

#endif
