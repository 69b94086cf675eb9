/* converged: has a trial got all but all that it will get? Internal to judge.
 *
 * Card
 *   Asked only with --stop-when-converged, since a trial so stopped is never seen at its end.
 *   Tested: P(the final value is better than what the trial has reached by more than a margin) < 0.1, by the forecast alone. The margin is the
 *     tolerance times the study's spread, or, while there is none, 5 % of the trial's own range (the values in its last 85 %, outer twentieths
 *     left out: the random start sets no scale), and two sd of its noise: a lucky last value is no gain.
 *   Figures: of 882 recorded curves, each as the first trial of a study, 20 were ended so, at 66 % of their horizon in the mean; none of them would
 *     have gained more than the 5 %. Most curves still fall until their learning rate is down, and are let alone.
 */
#ifndef JUDGE_CONVERGED_H
#define JUDGE_CONVERGED_H

#include "judge.h"

struct converged_input {
    const cf_series *series;     /* of the judged metric, not empty */
    const cf_forecast *forecast; /* of its final value */
    cf_goal goal;
    double progress;             /* share of the horizon that was run */
    double spread;               /* of the study's finals; 0: unknown */
    const struct policy *policy;
};

/* The value that the trial has reached: the mean of the last twentieth of what it has run. */
double converged_level(const cf_series *series);
bool converged(const struct converged_input *in);

#endif
