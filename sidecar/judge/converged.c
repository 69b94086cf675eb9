#include "converged.h"

#include <math.h>
#include <stdlib.h>

#define CONVERGED_EARLIEST 0.1   /* progress */
#define CONVERGED_DOUBT 0.1      /* chance that it gains more after all */
#define CONVERGED_SHARE 0.05     /* of its own range: a gain below it is next to nothing */
#define CONVERGED_LATEST 0.95    /* what is left then costs less than it could tell */
#define REACHED_FROM 0.95        /* share of what was run from which on values count as what it has reached */
#define SETTLED_FROM 0.15
#define NOISE_FROM 0.5
#define NOISE_SDS 2.0            /* an edge within so many sd of a single value is luck */

double converged_level(const cf_series *series) { return cf_series_mean_from(series, REACHED_FROM * cf_series_last_x(series)); }

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double own_range(const cf_series *series)
{
    const cf_bin *bins;
    double y[CF_SERIES_BINS];
    size_t n = cf_series_bins(series, &bins), k = 0;
    for (size_t i = 0; i < n; i++)
        if (bins[i].x >= SETTLED_FROM * cf_series_last_x(series)) y[k++] = bins[i].y;
    qsort(y, k, sizeof *y, rising);
    return k > 1 ? y[k - 1 - k / 20] - y[k / 20] : 0;
}

/* sd of one value, from differences of neighbours. */
static double noise_of(const cf_series *series)
{
    const cf_bin *bins;
    double squares = 0, count = 0;
    size_t n = cf_series_bins(series, &bins);
    for (size_t i = 0; i < n; i++)
        if (bins[i].x >= NOISE_FROM * cf_series_last_x(series)) squares += bins[i].d1, count += (double)bins[i].n;
    return count > 0 ? sqrt(squares / count / 2) : 0;
}

bool converged(const struct converged_input *in)
{
    if (in->forecast->outcome != CF_FORECAST || in->progress < CONVERGED_EARLIEST || in->progress >= CONVERGED_LATEST) return false;
    double edge = in->spread > 0 ? policy_edge(in->policy, in->spread) : fmax(CONVERGED_SHARE * own_range(in->series), in->policy->min_delta);
    double margin = edge + NOISE_SDS * noise_of(in->series);
    double bar = converged_level(in->series) + (in->goal == CF_MAXIMISE ? margin : -margin);
    double below = cf_forecast_cdf(in->forecast, bar), better = in->goal == CF_MAXIMISE ? 1 - below : below;
    return better < CONVERGED_DOUBT;
}
