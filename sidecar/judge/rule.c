#include "rule.h"

#include <math.h>

#define RULE_FULL_TRUST 0.2 /* progress from which δ counts in full */
#define RULE_EARLIEST 0.04      /* progress before which a forecast is a guess */
#define RULE_THAW_FACTOR 4.0    /* a stop that may be taken back is given at so many times delta */
#define RULE_NEARLY_DONE 0.95
#define NONFINITE_RUN 2     /* values in a row */
#define EXPLOSION 10.0      /* times the first values */
#define EXPLOSION_RUN 3
#define DEAD_RUN 20         /* times the same value to the last digit */

static double bar_with_tolerance(const struct rule_input *in)
{
    double margin = in->policy->tolerance * in->spread;
    return in->goal == CF_MAXIMISE ? in->bar + margin : in->bar - margin;
}

double rule_p_good(const struct rule_input *in)
{
    double bar = isnan(in->policy->target) ? bar_with_tolerance(in) : in->policy->target;
    if (isnan(bar)) return NAN;
    double below = cf_forecast_cdf(in->forecast, bar);
    double p = in->goal == CF_MAXIMISE ? 1 - below : below;
    return fmin(fmax(p, 0), 1) * (1 - in->forecast->p_diverged);
}

void rule_apply(const struct rule_input *in, struct verdict *v)
{
    v->stop = false;
    v->p_good = rule_p_good(in);
    double delta = in->policy->delta * fmin(1, in->progress / RULE_FULL_TRUST);
    if (in->policy->thaw && !in->thawed) delta = fmin(0.9, RULE_THAW_FACTOR * delta);
    if (isnan(v->p_good)) v->reason = REASON_NO_RIVAL;
    else if (in->progress >= 1) v->reason = REASON_FINISHED;
    else if (in->progress >= RULE_NEARLY_DONE) v->reason = REASON_NEARLY_DONE;
    else if (v->p_good < delta && in->progress < RULE_EARLIEST) v->reason = REASON_UNSURE;
    else if (v->p_good < delta) v->stop = true, v->reason = REASON_HOPELESS;
    else v->reason = v->p_good < in->policy->delta ? REASON_UNSURE : REASON_GOOD_CHANCE;
}

/* ---- divergence and dead runs ------------------------------------------------------------------------------------------ */

/* The last few values all lie far above where the run began; one spike is not enough, runs recover from those. */
static bool exploded(const cf_series *series)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(series, &bins);
    if (n < EXPLOSION_RUN + 2) return false;
    double start = fmin(bins[0].y, bins[1].y);
    for (size_t i = n - EXPLOSION_RUN; i < n; i++)
        if (!(bins[i].y_min > EXPLOSION * start)) return false;
    return start > 0;
}

/* Hugging Face logs a loss of 0.0 where the step was NaN; the norm of the gradient still says so. */
static bool hides_nan(const cf_series *series, const cf_series *gradient)
{
    return gradient && cf_series_trouble(gradient).nonfinite_run >= NONFINITE_RUN && cf_series_last_y(series) == 0;
}

static bool stuck_at_start(const cf_series *series)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(series, &bins);
    return n && cf_series_trouble(series).constant_run >= DEAD_RUN && fabs(bins[n - 1].y_last) >= 0.9 * fabs(bins[0].y);
}

bool rule_is_ill(const struct health *h, enum verdict_reason *reason)
{
    bool falls = h->goal == GOAL_MIN;
    bool lost = cf_series_trouble(h->series).nonfinite_run >= NONFINITE_RUN;
    if (lost || (falls && (exploded(h->series) || hides_nan(h->series, h->gradient)))) {
        *reason = REASON_DIVERGED;
        return true;
    }
    if (falls && !h->ahead && stuck_at_start(h->series)) {
        *reason = REASON_DEAD;
        return true;
    }
    return false;
}
