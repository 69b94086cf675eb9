/* forecast: the public face. Decides what kind of series it is, asks the ensemble, keeps every number finite. */
#include "bridge.h"
#include "divergence.h"
#include "ensemble.h"
#include "stack.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ENOUGH 4           /* observations below which the answer is flagged as too few */
#define FINAL_SHARE 0.02   /* the last share of the horizon whose mean is the final value */

struct cf_forecaster {
    struct cf__ensemble *ensemble;
    struct cf__learned *learned;
    struct cf__bridge bridge;
    bool fitted;
};

cf_forecaster *cf_forecaster_create(void)
{
    cf_forecaster *f = calloc(1, sizeof *f);
    if (f && (f->ensemble = cf__ensemble_create()) && (f->learned = calloc(1, sizeof *f->learned))) {
        gsl_set_error_handler_off(); /* a library must not abort its user */
        return f;
    }
    cf_forecaster_destroy(f);
    return NULL;
}

void cf_forecaster_destroy(cf_forecaster *f)
{
    if (f) cf__ensemble_destroy(f->ensemble), free(f->learned);
    free(f);
}

static double bounded(double v) { return isnan(v) ? 0 : fmin(fmax(v, -DBL_MAX), DBL_MAX); }

static void make_finite(cf_forecast *out)
{
    out->mean = bounded(out->mean);
    out->sd = bounded(out->sd);
    for (int i = 0; i < CF_QUANTILES; i++) {
        out->q[i] = bounded(out->q[i]);
        if (i && out->q[i] < out->q[i - 1]) out->q[i] = out->q[i - 1];
    }
}

static void point(cf_forecast *out, double value, double sd)
{
    struct cf__mixture one = {.n = 1, .weight = {1}, .mean = {value}, .sd = {fmax(sd, 1e-12 * fabs(value) + 1e-300)}};
    out->mean = value;
    out->sd = sd;
    cf__mixture_quantiles(&one, out->q);
}

/* Too few to fit: the last value, as wide as what was seen. */
static void guess(cf_forecast *out, const cf_series *series)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(series, &bins);
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) low = fmin(low, bins[i].y_min), high = fmax(high, bins[i].y_max);
    double last = cf_series_last_y(series);
    point(out, last, n ? (high - low) + 0.2 * fabs(last) : 1);
}

static cf_outcome outcome_of(const cf_task *task)
{
    cf_trouble trouble = cf_series_trouble(task->series);
    if (trouble.nonfinite_run >= CF__DIVERGED_RUN || (trouble.nonfinite && !cf_series_count(task->series))) return CF_DIVERGED;
    if (cf_series_count(task->series) && cf_series_last_x(task->series) >= task->horizon) return CF_FINISHED;
    return cf_series_count(task->series) < ENOUGH ? CF_TOO_FEW : CF_FORECAST;
}

static void moments_of(cf_forecast *out)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < CF_QUANTILES; i++) sum += out->q[i] / CF_QUANTILES;
    for (int i = 0; i < CF_QUANTILES; i++) squares += (out->q[i] - sum) * (out->q[i] - sum) / CF_QUANTILES;
    out->mean = sum;
    out->sd = sqrt(squares);
}

/* The voices together; how far they were apart is told. */
static void voices(cf_forecaster *f, const cf_task *task, cf_forecast *out)
{
    struct cf__mixture mixture;
    struct cf__said ensemble = {.due = cf__ensemble_due(f->ensemble)};
    cf__ensemble_final(f->ensemble, task, &mixture);
    cf__mixture_quantiles(&mixture, ensemble.q);
    if (cf__learned_quantiles(f->learned, task, &ensemble, out->q)) {
        moments_of(out);
        cf__bridge_to(&f->bridge, mixture.log, ensemble.q, out->q);
        out->disagreement = out->sd > 0 ? fmin(fabs(ensemble.q[49] - f->learned->median) / out->sd, 1e6) : 0;
        return;
    }
    memcpy(out->q, ensemble.q, sizeof ensemble.q);
    cf__mixture_moments(&mixture, &out->mean, &out->sd);
}

bool cf__voices_heard(cf_forecaster *f, const cf_task *task, double *median, double *width)
{
    cf_forecast unused;
    f->fitted = false;
    if (outcome_of(task) != CF_FORECAST || !cf__ensemble_fit(f->ensemble, task)) return false;
    f->learned->heard.width = NAN;
    voices(f, task, &unused);
    *median = f->learned->heard.median;
    *width = f->learned->heard.width;
    return isfinite(*median) && isfinite(*width);
}

cf_status cf_forecast_final(cf_forecaster *f, const cf_task *task, cf_forecast *out)
{
    if (!f || !task || !out || !task->series || !(task->horizon > 0) || !isfinite(task->horizon)) return CF_EINVAL;
    *out = (cf_forecast){.outcome = outcome_of(task), .p_diverged = cf__chance_of_divergence(task)};
    f->fitted = cf__ensemble_fit(f->ensemble, task);
    f->bridge = (struct cf__bridge){.before = 1, .after = 1};
    if (out->outcome == CF_FINISHED) {
        point(out, cf_series_mean_from(task->series, (1 - FINAL_SHARE) * task->horizon), 0);
    } else if (f->fitted && cf_series_count(task->series) >= ENOUGH) {
        voices(f, task, out);
    } else {
        guess(out, task->series);
    }
    if (f->fitted) out->n_families = cf__ensemble_families(f->ensemble, out->families);
    make_finite(out);
    return CF_OK;
}

cf_status cf_forecast_at(cf_forecaster *f, double x, double *mean, double *sd, double q[CF_QUANTILES])
{
    struct cf__mixture mixture;
    if (!f || !f->fitted || !isfinite(x)) return CF_EINVAL;
    cf__bridge_predict(&f->bridge, f->ensemble, x, &mixture);
    cf__mixture_moments(&mixture, mean, sd);
    *mean = bounded(*mean);
    *sd = bounded(*sd);
    if (q) cf__mixture_quantiles(&mixture, q);
    for (int i = 0; q && i < CF_QUANTILES; i++) q[i] = bounded(q[i]);
    return CF_OK;
}

double cf_forecast_logpdf(cf_forecaster *f, double x, double y)
{
    struct cf__mixture mixture;
    if (!f || !f->fitted || !isfinite(x) || !isfinite(y)) return -1e4;
    cf__bridge_predict(&f->bridge, f->ensemble, x, &mixture);
    return cf__mixture_logpdf(&mixture, y);
}

/* ---- reading a forecast -------------------------------------------------------------------------------------------------- */

double cf_forecast_quantile(const cf_forecast *out, double p)
{
    double u = p * 100 - 1;
    if (u <= 0) return out->q[0] - (out->q[4] - out->q[0]) / log(5) * log(0.01 / fmax(p, 1e-12));
    if (u >= CF_QUANTILES - 1) return out->q[98] + (out->q[98] - out->q[94]) / log(5) * log(0.01 / fmax(1 - p, 1e-12));
    int i = (int)u;
    return out->q[i] + (u - i) * (out->q[i + 1] - out->q[i]);
}

/* Beyond the outer quantiles the tails fall exponentially, at the rate between the 1 % and the 5 % quantile. */
static double tail(double distance, double width) { return 0.01 * (width > 0 ? exp(-distance / width * log(5)) : 0); }

double cf_forecast_cdf(const cf_forecast *out, double v)
{
    if (v < out->q[0]) return tail(out->q[0] - v, out->q[4] - out->q[0]);
    if (v >= out->q[98]) return v == out->q[98] ? 0.99 : 1 - tail(v - out->q[98], out->q[98] - out->q[94]);
    int i = 0;
    while (out->q[i + 1] <= v) i++;
    double width = out->q[i + 1] - out->q[i];
    return 0.01 * (i + 1 + (width > 0 ? (v - out->q[i]) / width : 1));
}
