/* forecast FILE: one log, its primary metric, where it will end, with a plot in text */
#include "forecast_log.h"

#include "study/curve_plot.h"
#include "log/log_curves.h"
#include "protocol/json.h"
#include "verbs.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* ---- answer --------------------------------------------------------------------------------------------------------------- */

static const char *outcome_text(cf_outcome outcome)
{
    switch (outcome) {
    case CF_TOO_FEW: return "  (fewer than 4 values: little more than a guess)";
    case CF_DIVERGED: return "  (diverged: it ends in values that are not finite)";
    case CF_FINISHED: return "  (the run is at its end)";
    default: return "";
    }
}

static void print_plot(const struct log_curve *c, const char *unit, cf_forecaster *forecaster, const cf_forecast *f, double seen, double horizon)
{
    struct fan fan;
    struct curve_plot_layout layout;
    struct plot_paper paper = plot_paper_of(STDOUT_FILENO);
    fan_of(&fan, forecaster, seen, horizon);
    struct curve_plot what = {"", unit ? unit : "", c->name, c->n, c->x, c->y, 0, NULL, NULL, horizon, NAN, NULL, &fan, f};
    struct plot plot = curve_plot_of(&what, &layout);
    plot_text(stdout, &plot, &paper);
}

static void print_text(const char *path, const struct log_curve *c, const cf_series *series, const char *unit, cf_forecaster *forecaster, const cf_forecast *f, double horizon)
{
    double seen = cf_series_last_x(series);
    printf("%s: %s, %g of %g seen (%.0f %%), last value %.5g%s\n\n", path, c->name, seen, horizon, 100 * seen / horizon, cf_series_last_y(series),
           outcome_text(f->outcome));
    print_plot(c, unit, forecaster, f, seen, horizon);
    printf("\nfinal value   %.5g    half of the chance in %.5g .. %.5g, nine tenths in %.5g .. %.5g\n", f->q[49], f->q[24], f->q[74], f->q[4], f->q[94]);
    printf("divergence    %.1f %%\nfamilies     ", 100 * f->p_diverged);
    for (size_t i = 0; i < f->n_families && i < 4; i++) printf(" %s %.0f %%", f->families[i].name, 100 * f->families[i].weight);
    printf("\n(the final value is the mean over the last 2 %%)\n");
}

static void print_json(const struct log_curve *c, const cf_series *series, const cf_forecast *f, double horizon)
{
    json_t *q = json_array();
    for (int i = 0; i < CF_QUANTILES; i++) json_array_append_new(q, json_real_or_null(f->q[i]));
    json_write_line(stdout, json_pack("{s:s, s:f, s:f, s:{s:f, s:f, s:o}, s:f}", "metric", c->name, "x", cf_series_last_x(series), "horizon", horizon,
                                      "final", "mean", f->mean, "sd", f->sd, "q", q, "p_diverged", f->p_diverged));
}

static cf_series *series_of(const struct log_curve *c)
{
    cf_series *series = c ? cf_series_create() : NULL;
    for (size_t i = 0; series && i < c->n; i++) cf_series_push(series, c->x[i], c->y[i]);
    return series;
}

static int forecast(const char *path, const struct log_curves *log, const struct log_curve *c, double horizon, const struct options *options)
{
    enum metric_goal goal = options->goal != GOAL_NONE ? options->goal : c->meaning.goal;
    cf_series *series = series_of(c), *rate = series_of(log_curves_rate(log));
    cf_task task = {.series = series, .horizon = horizon, .goal = goal == GOAL_MAX ? CF_MAXIMISE : CF_MINIMISE, .rate = rate};
    cf_forecaster *forecaster = cf_forecaster_create();
    cf_forecast f;
    int status = forecaster && series && !cf_forecast_final(forecaster, &task, &f) ? 0 : EXIT_SYSTEM;
    if (status == 0 && options->json) print_json(c, series, &f, horizon);
    else if (status == 0) print_text(path, c, series, log->facts.total_unit, forecaster, &f, horizon);
    cf_forecaster_destroy(forecaster);
    cf_series_destroy(rate);
    cf_series_destroy(series);
    return status;
}

static int answer(const char *path, const struct log_curves *log, const struct options *options)
{
    const struct log_curve *c = log_curves_primary(log, options->metric);
    double horizon = options->horizon > 0 ? options->horizon : log_curves_horizon(log);
    if (!c) {
        fprintf(stderr, "foregone forecast: %s: no %s. `foregone read %s` shows what is there; --metric names one\n", path, options->metric ? "such metric" : "metric to forecast", path);
        return 1;
    }
    if (horizon > 0) return forecast(path, log, c, horizon, options);
    fprintf(stderr, "foregone forecast: %s: the log does not say where the run will end. Give --horizon X, the planned last step\n", path);
    return 1;
}

int forecast_log(const char *path, const struct options *options)
{
    struct reader_options how = {options->metric_regex, options->x_regex};
    struct log_curves log;
    char error[320];
    int status = EXIT_MISUSE;
    if (log_curves_read(&log, path, &how, error)) status = answer(path, &log, options);
    else fprintf(stderr, "foregone forecast: %s\n", error);
    log_curves_free(&log);
    return status;
}
