/* Rules that look at one trial, or at what will come. */
#include "clock.h"
#include "policies.h"

#include <math.h>

static bool never(void *state, const struct track *track, size_t k)
{
    (void)state, (void)track, (void)k;
    return false;
}

cf_status run_no_stop(const struct run_request *r) { return clock_run(r->tracks, r->sweep->workers, false, &(struct online){.log = never}); }

/* ---- patience: no value of the last N is better than the best before them ------------------------------------------------------ */

static double least(const double *v, size_t n)
{
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) least = fmin(least, v[i]);
    return least;
}

static bool without_gain(void *state, const struct track *track, size_t k)
{
    size_t n = *(const size_t *)state;
    return k >= n && least(track->v, k + 1 - n) <= least(track->v + k + 1 - n, n);
}

cf_status run_patience(const struct run_request *r)
{
    size_t n = (size_t)r->settings[0];
    return clock_run(r->tracks, r->sweep->workers, false, &(struct online){.state = &n, .log = without_gain});
}

/* ---- oracle ----------------------------------------------------------------------------------------------------------------------- */

static bool will_not_win(void *state, const struct track *track, size_t k)
{
    (void)k;
    return track->final >= *(const double *)state;
}

static void remember_best(void *state, const struct track *track, bool finished)
{
    if (finished) *(double *)state = fmin(*(double *)state, track->final);
}

cf_status run_oracle(const struct run_request *r)
{
    double best = INFINITY;
    return clock_run(r->tracks, r->sweep->workers, false, &(struct online){.state = &best, .log = will_not_win, .end = remember_best});
}
