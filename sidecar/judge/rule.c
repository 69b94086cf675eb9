#include "rule.h"

#include <math.h>

#define RULE_FACTOR 1.5     /* times delta and what is left: chances below it are not worth their cost */
#define RULE_FULL_TRUST 0.2 /* progress from which δ counts in full */
#define RULE_EARLIEST 0.04  /* progress before which a forecast is a guess */
#define RULE_PROMISE 0.5    /* of delta, where the one to beat still runs: it may not keep what it promises */
#define RULE_NEARLY_DONE 0.95
#define RACE_FIRST 0.05       /* progress of the first leg */
#define RACE_LEG 1.5          /* a leg ends at so many times where it began, and RACE_FIRST */
#define RACE_FACTOR 3.0       /* times delta and what is left: odds below it are not worth a leg */
#define RACE_FULL_TRUST 0.1
#define LATE_RISE 0.002     /* chance that a trial of which nothing is expected rises after all */

double policy_edge(const struct policy *policy, double spread) { return fmax(policy->tolerance * spread, policy->min_delta); }

void policy_weigh(struct policy *policy, double worth)
{
    policy->delta = 1 / (RULE_FACTOR * worth);
}

double rule_margin(double edge, cf_goal goal) { return goal == CF_MAXIMISE ? edge : -edge; }

static double chance_by_forecast(const struct rule_input *in, double bar)
{
    double below = cf_forecast_cdf(in->forecast, bar);
    double p = in->goal == CF_MAXIMISE ? 1 - below : below;
    return fmin(fmax(p, 0), 1) * (1 - in->forecast->p_diverged);
}

/* Late risers look like the dead until they rise, so nothing makes hopeless for sure. */
static double with_late_rise(double chance) { return LATE_RISE + (1 - LATE_RISE) * chance; }

/* The network was taught on the best finished trial as the bar; of another bar the kinder of both voices is heard. */
double rule_p_good(const struct rule_input *in)
{
    if (!isnan(in->policy->target)) return chance_by_forecast(in, in->policy->target);
    if (isnan(in->bar)) return NAN;
    double forecast = chance_by_forecast(in, in->bar + rule_margin(policy_edge(in->policy, in->spread), in->goal));
    if (isnan(in->learned)) return forecast;
    double learned = with_late_rise(in->learned);
    return in->policy->keep > 1 ? fmax(learned, forecast) : learned;
}

/* The less there is left to run, the less a chance must be worth it. */
static double race_delta_at(const struct rule_input *in)
{
    double odds = RACE_FACTOR * in->policy->delta * fmax(0, 1 - in->progress) * fmin(1, in->progress / RACE_FULL_TRUST);
    return odds / (1 + odds);
}

static double delta_at(const struct rule_input *in)
{
    if (in->policy->thaw) return race_delta_at(in);
    double whole = RULE_FACTOR * in->policy->delta * (in->promised ? RULE_PROMISE : 1);
    return whole * fmax(0, 1 - in->progress) * fmin(1, in->progress / RULE_FULL_TRUST);
}

bool rule_leg_over(double began, double progress) { return progress >= RACE_LEG * began + RACE_FIRST && progress < RULE_NEARLY_DONE; }

void rule_apply(const struct rule_input *in, struct verdict *v)
{
    double delta = delta_at(in);
    v->stop = false;
    v->p_good = rule_p_good(in);
    if (isnan(v->p_good)) v->reason = REASON_NO_RIVAL;
    else if (in->progress >= 1) v->reason = REASON_FINISHED;
    else if (in->progress >= RULE_NEARLY_DONE) v->reason = REASON_NEARLY_DONE;
    else if (v->p_good < delta && in->progress < RULE_EARLIEST) v->reason = REASON_UNSURE;
    else if (v->p_good < delta) v->stop = true, v->reason = REASON_HOPELESS;
    else v->reason = v->p_good < in->policy->delta ? REASON_UNSURE : REASON_GOOD_CHANCE;
}
