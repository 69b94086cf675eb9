/* rule: from a forecast and the rivals to CONTINUE or STOP. Internal to judge.
 *
 * Card
 *   Tested: P(the trial ends good enough) < RULE_FACTOR δ (1 - t)·min(1, t / RULE_FULL_TRUST), t = progress of the trial: the less there is left
 *     to run, the less a chance must be worth it. Told what a good trial is worth in full runs (policy_weigh), δ is such that going on
 *     pays while P worth > 1 - t. Good enough is: at least as good as --target; else better than the K-th best finished trial by the tolerance.
 *   P: the learned chance (chance.h) from where the trial stands among its siblings and what its forecast says. Of a target, the forecast's own.
 *     Never below 0.002: so often, about, do recorded trials beat the bar of which the network says that they cannot (by maximum
 *     likelihood 0.0014; 0.0004 to 0.003 with a fifth of the sources left out). Before t = 0.06 and with few finished siblings it is more.
 *   Looks: every logged value. Repeated looks are paid for by asking more of early ones (the factor above); spreading a budget over
 *     the looks changed little on recorded sweeps.
 *   Before the first rival has finished those that run are judged among themselves, by their forecasts, at RULE_PROMISE δ. Without any rival and
 *     without a target nothing but divergence and dead runs (health.h) stops.
 *   In a race (policy.thaw: what was stopped may go on) every trial runs a first leg, to RACE_FIRST of its horizon. Then the stopped one of the best
 *     chance goes on, is looked at when its leg is over (rule_leg_over), and paused if another one's chance is better by then; until nobody's
 *     odds, P / (1 - P), are above RACE_FACTOR δ (1 - t)·min(1, t / RACE_FULL_TRUST): the less there is left to run, the less a chance must be worth it. Only the last
 *     look at a trial lets it go, so the factor is there: of those that are left at the end no more than δ would have been good enough.
 *   Figures: docs/VERDICT.md.
 */
#ifndef JUDGE_RULE_H
#define JUDGE_RULE_H

#include "judge.h"

struct rule_input {
    const struct policy *policy;
    cf_goal goal;
    double progress;      /* share of the horizon that was run */
    double bar;           /* value to beat; NaN: none */
    double spread;        /* of the rivals' finals; 0: unknown */
    bool promised;        /* the bar is what a running rival is forecast to reach: none has finished */
    double learned;       /* chance to beat the bar by what chance.h was taught; NaN: not known */
    const cf_forecast *forecast;
};

/* What is added to a bar that must be beaten by so large an edge. */
double rule_margin(double edge, cf_goal goal);
double rule_p_good(const struct rule_input *in);
/* Whether a leg that began at progress began, 0 the first, is over at progress. */
bool rule_leg_over(double began, double progress);
/* Fills stop, reason, p_good. */
void rule_apply(const struct rule_input *in, struct verdict *verdict);

#endif
