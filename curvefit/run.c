/* run: a sibling curve, copied once and asked many times; study: a list of them. */
#include "stack.h"

#include <math.h>
#include <stdlib.h>

#define FINAL_SHARE 0.98 /* the final value is the mean of what is logged from this share of the horizon on */

struct cf_run {
    cf_series *series;
    double horizon, final;
    cf_goal goal;
    struct cf__analysis analysis;
};

cf_run *cf_run_create(const cf_series *series, double horizon, cf_goal goal)
{
    if (!series || !cf_series_count(series) || !(horizon > 0) || !isfinite(horizon)) return NULL;
    cf_run *run = calloc(1, sizeof *run);
    if (run && (run->series = cf_series_create())) {
        cf_series_copy(run->series, series);
        run->horizon = horizon;
        run->goal = goal;
        run->final = cf_series_mean_from(series, FINAL_SHARE * horizon);
        cf__analyse(&run->analysis, series, horizon, goal);
        return run;
    }
    cf_run_destroy(run);
    return NULL;
}

void cf_run_destroy(cf_run *run)
{
    if (run) cf_series_destroy(run->series);
    free(run);
}

void cf_run_set_goal(cf_run *run, cf_goal goal)
{
    if (run->goal == goal) return;
    run->goal = goal;
    cf__analyse(&run->analysis, run->series, run->horizon, goal);
}

void cf_run_forecast_end(cf_run *run, cf_forecaster *forecaster, const cf_series *rate)
{
    struct cf__analysis *a = &run->analysis;
    cf_task task = {.series = run->series, .horizon = run->horizon, .goal = run->goal, .rate = rate};
    if (isfinite(a->reach) && !a->usable) a->usable = a->analysed && cf__voices_heard(forecaster, &task, &a->final, &a->doubt);
}

const struct cf__analysis *cf__run_analysis(const cf_run *run) { return &run->analysis; }

double cf_run_final(const cf_run *run) { return run->final; }

double cf_run_at(const cf_run *run, double progress)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(run->series, &bins), low = 0, high = n - 1;
    double x = progress * run->horizon;
    while (low < high) { /* the first bin at or after x */
        size_t middle = (low + high) / 2;
        if (bins[middle].x < x) low = middle + 1;
        else high = middle;
    }
    if (low == 0 || bins[low].x <= x) return bins[low].y;
    double share = (x - bins[low - 1].x) / (bins[low].x - bins[low - 1].x);
    return bins[low - 1].y + share * (bins[low].y - bins[low - 1].y);
}
