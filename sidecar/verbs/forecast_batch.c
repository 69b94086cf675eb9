/* forecast --batch: JSON lines in, JSON lines out (docs/WIRE.md). One answer for every line but declarations of curves. */
#include "forecast_batch.h"

#include "curvefit.h"
#include "protocol/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct batch {
    cf_forecaster *forecaster;
    cf_series *series, *rate;
    cf_study *study;
    json_t *curves;          /* name -> pointer of a cf_run, as an integer */
    cf_run *inline_runs[64]; /* siblings written out in the request */
    size_t n_inline;
    char fault[160];
};

/* ---- in ------------------------------------------------------------------------------------------------------------- */

/* Pushes the pairs of {"x": [...], "y": [...]}; false with a fault when they are not two arrays of one length with rising x. */
static bool fill_series(struct batch *b, cf_series *series, const json_t *object, const char *what)
{
    const json_t *xs = json_object_get(object, "x"), *ys = json_object_get(object, "y");
    size_t n = json_array_size(xs);
    cf_series_clear(series);
    if (!json_is_array(xs) || !json_is_array(ys) || n != json_array_size(ys)) {
        snprintf(b->fault, sizeof b->fault, "%s: x and y must be arrays of the same length", what);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        double x, y;
        if (!json_number_of(json_array_get(xs, i), &x) || !json_number_of(json_array_get(ys, i), &y) || !isfinite(x)) {
            snprintf(b->fault, sizeof b->fault, "%s: value %zu is not a number", what, i);
            return false;
        }
        cf_series_push(series, x, y);
    }
    return true;
}

static cf_goal goal_of(const json_t *object)
{
    const char *goal = json_text_at(object, "goal");
    return goal && !strcmp(goal, "max") ? CF_MAXIMISE : CF_MINIMISE;
}

static cf_run *run_of(struct batch *b, const json_t *object)
{
    double horizon;
    if (!fill_series(b, b->rate, object, "curve")) return NULL;
    if (!json_number_at(object, "horizon", &horizon)) horizon = cf_series_last_x(b->rate);
    return cf_run_create(b->rate, horizon, goal_of(object));
}

static void declare_curve(struct batch *b, const json_t *line)
{
    cf_run *run = run_of(b, line);
    if (run) json_object_set_new(b->curves, json_text_at(line, "curve"), json_integer((json_int_t)(intptr_t)run));
}

static void add_sibling(struct batch *b, const json_t *item, cf_goal goal)
{
    cf_run *run = NULL;
    if (json_is_string(item)) {
        run = (cf_run *)(intptr_t)json_integer_value(json_object_get(b->curves, json_string_value(item)));
    } else if (json_is_object(item) && b->n_inline < sizeof b->inline_runs / sizeof *b->inline_runs) {
        run = run_of(b, item);
        if (run) b->inline_runs[b->n_inline++] = run;
    }
    if (!run) return;
    cf_run_set_goal(run, goal); /* a declared curve does not say its goal */
    cf_run_forecast_end(run, b->forecaster, NULL);
    cf_study_add(b->study, run);
}

static void gather_siblings(struct batch *b, const json_t *line)
{
    size_t i;
    json_t *item;
    cf_study_clear(b->study);
    while (b->n_inline) cf_run_destroy(b->inline_runs[--b->n_inline]);
    json_array_foreach(json_object_get(line, "siblings"), i, item) add_sibling(b, item, goal_of(line));
}

static double number_or_nan(const json_t *object, const char *key)
{
    double v;
    return json_number_at(object, key, &v) ? v : NAN;
}

static cf_schedule schedule_of(const json_t *o)
{
    return (cf_schedule){.kind = cf_schedule_kind_of(json_text_at(o, "lr_schedule")), .warmup = number_or_nan(o, "warmup"),
                         .decay_start = number_or_nan(o, "decay_start"), .peak = number_or_nan(o, "lr"), .final = number_or_nan(o, "lr_final")};
}

static bool read_task(struct batch *b, const json_t *line, cf_task *task, cf_schedule *schedule)
{
    double horizon;
    gather_siblings(b, line);
    const json_t *rate = json_object_get(line, "lr"), *stated = json_object_get(line, "schedule");
    if (!json_number_at(line, "horizon", &horizon) || !(horizon > 0) || !isfinite(horizon)) {
        snprintf(b->fault, sizeof b->fault, "horizon must be a positive number");
        return false;
    }
    if (!fill_series(b, b->series, line, "series") || (rate && !fill_series(b, b->rate, rate, "lr"))) return false;
    *schedule = schedule_of(stated);
    *task = (cf_task){.series = b->series, .horizon = horizon, .goal = goal_of(line), .rate = rate ? b->rate : NULL,
                      .schedule = stated ? schedule : NULL, .study = cf_study_count(b->study) ? b->study : NULL};
    return true;
}

/* ---- out ------------------------------------------------------------------------------------------------------------ */

static json_t *array_of(const double *v, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(array, json_real_or_null(v[i]));
    return array;
}

static json_t *at_of(struct batch *b, const json_t *xs)
{
    json_t *out = json_array(), *item;
    size_t i;
    json_array_foreach(xs, i, item) {
        double x, mean, sd, q[CF_QUANTILES];
        if (!json_number_of(item, &x) || cf_forecast_at(b->forecaster, x, &mean, &sd, q)) json_array_append_new(out, json_null());
        else json_array_append_new(out, json_pack("{s:f, s:f, s:o}", "x", x, "mean", mean, "q", array_of(q, CF_QUANTILES)));
    }
    return out;
}

static json_t *logpdf_of(struct batch *b, const json_t *at)
{
    const json_t *xs = json_object_get(at, "x"), *ys = json_object_get(at, "y");
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(xs) && i < json_array_size(ys); i++) {
        double x = NAN, y = NAN;
        json_number_of(json_array_get(xs, i), &x);
        json_number_of(json_array_get(ys, i), &y);
        json_array_append_new(out, json_real(cf_forecast_logpdf(b->forecaster, x, y)));
    }
    return out;
}

static const char *status_of(cf_outcome outcome)
{
    return outcome == CF_DIVERGED ? "diverged" : outcome == CF_TOO_FEW ? "too_few" : "ok";
}

static json_t *answer_of(struct batch *b, const json_t *line, const cf_forecast *f, double microseconds)
{
    json_t *families = json_array(), *answer;
    for (size_t i = 0; i < f->n_families; i++)
        json_array_append_new(families, json_pack("{s:s, s:f}", "name", f->families[i].name, "weight", f->families[i].weight));
    answer = json_pack("{s:s, s:{s:f, s:f, s:o}, s:f, s:o, s:f}", "status", status_of(f->outcome), "final", "mean", f->mean, "sd", f->sd,
                       "q", array_of(f->q, CF_QUANTILES), "p_diverged", f->p_diverged, "families", families, "fit_us", microseconds);
    if (json_object_get(line, "at")) json_object_set_new(answer, "at", at_of(b, json_object_get(line, "at")));
    if (json_object_get(line, "score_at")) json_object_set_new(answer, "logpdf", logpdf_of(b, json_object_get(line, "score_at")));
    return answer;
}

static json_t *bad_input(const struct batch *b)
{
    char text[192];
    snprintf(text, sizeof text, "bad_input: %s", b->fault);
    return json_pack("{s:s}", "status", text);
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static json_t *forecast_line(struct batch *b, const json_t *line)
{
    cf_task task;
    cf_schedule schedule;
    cf_forecast forecast;
    if (!read_task(b, line, &task, &schedule)) return bad_input(b);
    double start = now_us();
    if (cf_forecast_final(b->forecaster, &task, &forecast)) {
        snprintf(b->fault, sizeof b->fault, "the forecast failed");
        return bad_input(b);
    }
    return answer_of(b, line, &forecast, now_us() - start);
}

static bool handle(struct batch *b, const char *text, size_t length)
{
    json_t *line = json_read_object(text, length, b->fault, sizeof b->fault), *answer;
    if (line && json_text_at(line, "curve")) {
        declare_curve(b, line);
        json_decref(line);
        return true;
    }
    answer = line ? forecast_line(b, line) : bad_input(b);
    json_t *id = json_object_get(line, "id");
    json_object_set_new(answer, "id", id ? json_incref(id) : json_null());
    json_decref(line);
    return json_write_line(stdout, answer);
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

static void batch_clear(struct batch *b)
{
    const char *name;
    json_t *run;
    json_object_foreach(b->curves, name, run) cf_run_destroy((cf_run *)(intptr_t)json_integer_value(run));
    while (b->n_inline) cf_run_destroy(b->inline_runs[--b->n_inline]);
    json_decref(b->curves);
    cf_study_destroy(b->study);
    cf_series_destroy(b->series);
    cf_series_destroy(b->rate);
    cf_forecaster_destroy(b->forecaster);
}

bool forecast_batch(FILE *in)
{
    struct batch b = {.forecaster = cf_forecaster_create(), .series = cf_series_create(), .rate = cf_series_create(),
                      .study = cf_study_create(), .curves = json_object()};
    bool ok = b.forecaster && b.series && b.rate && b.study && b.curves;
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    while (ok && (length = getline(&text, &room, in)) >= 0)
        if (length && strspn(text, " \t\r\n") < (size_t)length) ok = handle(&b, text, (size_t)length);
    free(text);
    batch_clear(&b);
    return ok;
}
