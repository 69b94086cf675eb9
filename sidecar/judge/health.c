#include "health.h"

#include <math.h>

#define NONFINITE_RUN 2       /* values in a row */
#define EXPLOSION_TRAIN 10.0  /* times the first values */
#define EXPLOSION_HELD_OUT 100.0
#define EXPLOSION_RUN 3       /* bins in a row */
#define EXPLOSION_SHARE 0.05  /* of the horizon: what comes back does so sooner */
#define DEAD_RUN 20           /* times the same value to the last digit */
#define DEAD_SHARE 0.2
#define STUCK_FROM 0.5        /* progress from which a loss that never left its start is dead */
#define STUCK_BAND 0.005      /* of the first value */
#define RATE_RUN 3            /* logged rates of 0 in a row */
#define RATE_SHARE 0.02
#define NEARLY_DONE 0.95

static double share(const struct health *h, double x) { return h->horizon > 0 ? x / h->horizon : 0; }

/* Bins from the end on that lie above what; how long they last is put in *since. */
static size_t bins_above(const cf_series *series, double what, double *since)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(series, &bins), i = n;
    while (i && bins[i - 1].y_min > what) i--;
    *since = i < n ? bins[n - 1].x_last - bins[i].x : 0;
    return n - i;
}

/* One spike is not enough, runs recover from those. */
static bool exploded(const struct health *h)
{
    const cf_bin *bins;
    double since;
    size_t n = cf_series_bins(h->series, &bins);
    if (n < EXPLOSION_RUN + 2) return false;
    double start = fmax(bins[0].y, bins[1].y), times = h->held_out ? EXPLOSION_HELD_OUT : EXPLOSION_TRAIN;
    if (!(start > 0) || bins_above(h->series, times * start, &since) < EXPLOSION_RUN) return false;
    return !(h->horizon > 0) || share(h, since) >= EXPLOSION_SHARE;
}

/* Hugging Face logs a loss of 0.0 where the step was NaN; the norm of the gradient still says so. */
static bool hides_nan(const struct health *h)
{
    return h->gradient && cf_series_trouble(h->gradient).nonfinite_run >= NONFINITE_RUN && cf_series_last_y(h->series) == 0;
}

static bool repeats_itself(const struct health *h)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(h->series, &bins);
    uint64_t run = cf_series_trouble(h->series).constant_run, seen = 0;
    if (!n || run < DEAD_RUN || !(fabs(bins[n - 1].y_last) >= 0.9 * fabs(bins[0].y))) return false;
    size_t i = n;
    while (i && seen < run) seen += bins[--i].n;
    return share(h, bins[n - 1].x_last - bins[i].x) >= DEAD_SHARE;
}

/* After the first fifth of what was seen nothing left a narrow band around the start. */
static bool stuck_at_start(const struct health *h)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(h->series, &bins);
    double progress = share(h, cf_series_last_x(h->series));
    if (n < DEAD_RUN || progress < STUCK_FROM || !(bins[0].y > 0)) return false;
    for (size_t i = n; i-- && share(h, bins[i].x) >= 0.2 * progress;)
        if (bins[i].y_min < bins[0].y * (1 - STUCK_BAND) || bins[i].y_max > bins[0].y * (1 + STUCK_BAND)) return false;
    return true;
}

/* Came down to 0 and stays there: nothing will change any more. A warm-up starts at 0, restarts pass through it. */
static bool rate_is_gone(const struct health *h)
{
    const cf_bin *bins;
    size_t n = h->rate ? cf_series_bins(h->rate, &bins) : 0, i = n;
    double most = 0;
    while (i && bins[i - 1].y_max == 0) i--;
    for (size_t k = 0; k < i; k++) most = fmax(most, bins[k].y_max);
    return n - i >= RATE_RUN && most > 0 && share(h, bins[n - 1].x_last - bins[i].x) >= RATE_SHARE;
}

static bool is_dead(const struct health *h)
{
    if (h->goal != GOAL_MIN || h->ahead || !(share(h, cf_series_last_x(h->series)) < NEARLY_DONE)) return false;
    return repeats_itself(h) || stuck_at_start(h) || rate_is_gone(h);
}

bool health_is_ill(const struct health *h, enum verdict_reason *reason)
{
    bool lost = cf_series_trouble(h->series).nonfinite_run >= NONFINITE_RUN;
    bool diverged = lost || (h->goal == GOAL_MIN && (exploded(h) || hides_nan(h)));
    if (!diverged && !is_dead(h)) return false;
    *reason = diverged ? REASON_DIVERGED : REASON_DEAD;
    return true;
}
