/* forecast FILE: one log, its primary metric, where it will end, with a plot in text */
#include "forecast_log.h"

#include "curvefit.h"
#include "format/reader.h"
#include "protocol/json.h"
#include "verbs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define METRICS_MOST 256
#define WIDE 64
#define HIGH 14

struct curve {
    char name[128];
    struct metric_meaning meaning;
    cf_series *series;
};

struct log {
    struct curve curves[METRICS_MOST];
    size_t n;
    bool mute; /* first pass: the reader learns which counter is x */
};

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

static struct curve *curve_of(struct log *log, const struct observation *o)
{
    for (size_t i = 0; i < log->n; i++)
        if (!strcmp(log->curves[i].name, o->metric)) return &log->curves[i];
    if (log->n == METRICS_MOST) return NULL;
    struct curve *c = &log->curves[log->n];
    *c = (struct curve){.meaning = {o->kind, o->goal}, .series = cf_series_create()};
    snprintf(c->name, sizeof c->name, "%s", o->metric);
    return c->series ? log->n++, c : NULL;
}

static void observe(void *context, const struct observation *o)
{
    struct log *log = context;
    struct curve *c = log->mute ? NULL : curve_of(log, o);
    if (c) cf_series_push(c->series, isnan(o->x) ? (double)cf_series_count(c->series) + 1 : o->x, o->value);
}

static bool feed(struct reader *reader, FILE *in)
{
    static char buffer[1 << 16];
    size_t n;
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0) reader_feed(reader, buffer, n);
    reader_end(reader);
    return !ferror(in);
}

static bool read_twice(struct reader *reader, struct log *log, FILE *in)
{
    log->mute = !fseek(in, 0, SEEK_SET);
    if (log->mute) {
        feed(reader, in);
        rewind(in);
        reader_again(reader);
        log->mute = false;
    }
    return feed(reader, in);
}

/* The metric asked for, or the best of those with a direction. */
static struct curve *primary(struct log *log, const char *name)
{
    struct curve *best = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < log->n; i++) {
        struct curve *c = &log->curves[i];
        int rank = metric_rank(c->name, c->meaning);
        if (name && !strcmp(name, c->name)) return c;
        if (!name && rank > best_rank && cf_series_count(c->series) > 1) best = c, best_rank = rank;
    }
    return best;
}

static const cf_series *rate_of(const struct log *log)
{
    for (size_t i = 0; i < log->n; i++)
        if (log->curves[i].meaning.kind == METRIC_RATE) return log->curves[i].series;
    return NULL;
}

/* ---- plot --------------------------------------------------------------------------------------------------------------- */

struct canvas {
    const char *cell[HIGH][WIDE + 2];
    double low, high, horizon;
};

static void mark(struct canvas *c, double x, double y, const char *with)
{
    int column = (int)(x / c->horizon * (WIDE - 1)), row = (int)((c->high - y) / (c->high - c->low) * (HIGH - 1) + 0.5);
    if (column >= 0 && column < WIDE + 2 && row >= 0 && row < HIGH) c->cell[row][column] = with;
}

/* The range of what is drawn; the first tenth of a curve, where it falls from its start, does not set it. */
static void set_range(struct canvas *c, const cf_bin *bins, size_t n, const cf_forecast *f)
{
    c->low = f->q[4], c->high = f->q[94];
    for (size_t i = n / 10; i < n; i++) c->low = fmin(c->low, bins[i].y), c->high = fmax(c->high, bins[i].y);
    if (!(c->high > c->low)) c->low -= 0.5 + 0.1 * fabs(c->low), c->high += 0.5 + 0.1 * fabs(c->high);
}

static void draw_future(struct canvas *c, cf_forecaster *forecaster, double from)
{
    for (int k = 0; k < WIDE; k++) {
        double x = c->horizon * k / (WIDE - 1), mean, sd, q[CF_QUANTILES];
        if (x <= from || cf_forecast_at(forecaster, x, &mean, &sd, q)) continue;
        for (int row = 0; row < HIGH; row++) {
            double y = c->high - (c->high - c->low) * row / (HIGH - 1);
            if (y >= q[4] && y <= q[94]) c->cell[row][k] = "·";
        }
        mark(c, x, q[49], "-");
    }
}

static void plot(const struct curve *curve, cf_forecaster *forecaster, const cf_forecast *f, double horizon)
{
    struct canvas c = {.horizon = horizon};
    const cf_bin *bins;
    size_t n = cf_series_bins(curve->series, &bins);
    set_range(&c, bins, n, f);
    draw_future(&c, forecaster, cf_series_last_x(curve->series));
    for (size_t i = 0; i < n; i++) mark(&c, bins[i].x, bins[i].y, "*");
    for (int i = 4; i <= 94; i++) mark(&c, horizon * (1 + 1.5 / WIDE), f->q[i], "|");
    mark(&c, horizon * (1 + 1.5 / WIDE), f->q[49], "o");
    for (int row = 0; row < HIGH; row++) {
        printf("%11.5g ", c.high - (c.high - c.low) * row / (HIGH - 1));
        for (int k = 0; k < WIDE + 2; k++) fputs(c.cell[row][k] ? c.cell[row][k] : " ", stdout);
        putchar('\n');
    }
    printf("%12s0%*s%g\n", "", WIDE - 8, "", horizon);
}

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

static void print_text(const char *path, const struct curve *c, cf_forecaster *forecaster, const cf_forecast *f, double horizon)
{
    double seen = cf_series_last_x(c->series);
    printf("%s: %s, %g of %g seen (%.0f %%), last value %.5g%s\n\n", path, c->name, seen, horizon, 100 * seen / horizon, cf_series_last_y(c->series),
           outcome_text(f->outcome));
    plot(c, forecaster, f, horizon);
    printf("\nfinal value   %.5g    half of the chance in %.5g .. %.5g, nine tenths in %.5g .. %.5g\n", f->q[49], f->q[24], f->q[74], f->q[4], f->q[94]);
    printf("divergence    %.1f %%\nfamilies     ", 100 * f->p_diverged);
    for (size_t i = 0; i < f->n_families && i < 4; i++) printf(" %s %.0f %%", f->families[i].name, 100 * f->families[i].weight);
    printf("\n* seen, - and dots: where single values are expected, o and bar: the final value (the mean over the last 2 %%)\n");
}

static void print_json(const struct curve *c, const cf_forecast *f, double horizon)
{
    json_t *q = json_array();
    for (int i = 0; i < CF_QUANTILES; i++) json_array_append_new(q, json_real_or_null(f->q[i]));
    json_write_line(stdout, json_pack("{s:s, s:f, s:f, s:{s:f, s:f, s:o}, s:f}", "metric", c->name, "x", cf_series_last_x(c->series), "horizon", horizon,
                                      "final", "mean", f->mean, "sd", f->sd, "q", q, "p_diverged", f->p_diverged));
}

static int answer(const char *path, struct log *log, const struct reader_facts *facts, const struct options *options)
{
    struct curve *c = primary(log, options->metric);
    double horizon = options->horizon > 0 ? options->horizon : isfinite(facts->total) ? facts->total : facts->x * facts->bar_total / facts->bar_done;
    cf_forecast f;
    if (!c) {
        fprintf(stderr, "foregone forecast: %s: no %s. `foregone read %s` shows what is there; --metric names one\n", path, options->metric ? "such metric" : "metric to forecast", path);
        return 1;
    }
    if (!(horizon > 0)) {
        fprintf(stderr, "foregone forecast: %s: the log does not say where the run will end. Give --horizon X, the planned last step\n", path);
        return 1;
    }
    enum metric_goal goal = options->goal != GOAL_NONE ? options->goal : c->meaning.goal;
    cf_task task = {.series = c->series, .horizon = horizon, .goal = goal == GOAL_MAX ? CF_MAXIMISE : CF_MINIMISE, .rate = rate_of(log)};
    cf_forecaster *forecaster = cf_forecaster_create();
    int status = forecaster && !cf_forecast_final(forecaster, &task, &f) ? 0 : EXIT_SYSTEM;
    if (status == 0 && options->json) print_json(c, &f, horizon);
    else if (status == 0) print_text(path, c, forecaster, &f, horizon);
    cf_forecaster_destroy(forecaster);
    return status;
}

int forecast_log(const char *path, const struct options *options)
{
    static struct log log;
    struct reader_options how = {options->metric_regex, options->x_regex};
    char error[256];
    FILE *in = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    struct reader *reader = in ? reader_create(&how, observe, &log, error, sizeof error) : NULL;
    int status = EXIT_MISUSE;
    if (!in) fprintf(stderr, "foregone forecast: %s: %s. Give the path of a log file\n", path, strerror(errno));
    else if (!reader) fprintf(stderr, "foregone forecast: %s\n", error);
    else if (!read_twice(reader, &log, in)) fprintf(stderr, "foregone forecast: %s: %s. Give the path of a log file\n", path, strerror(errno));
    else {
        struct reader_facts facts = reader_facts(reader);
        status = answer(path, &log, &facts, options);
    }
    while (log.n) cf_series_destroy(log.curves[--log.n].series);
    reader_destroy(reader);
    if (in && in != stdin) fclose(in);
    return status;
}
