/* siblings: see siblings.h */
#include "siblings.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define CLIP 5.0
#define FINISHED 0.95 /* share of the horizon that a run must have reached to count as finished */
#define FEWEST 3      /* observations before the first grid point that is analysed */
#define NORMAL_80 2.563 /* distance of the 10 % and 90 % quantiles of a normal, in sd */

static const double grid[CF__GRID] = {.02, .035, .05, .07, .1, .14, .2, .27, .34, .4, .47, .54, .6, .67, .74, .8, .86, .92, .97};

double cf__width_of(const double q[CF_QUANTILES]) { return fmax((q[89] - q[9]) / NORMAL_80, 1e-6); }

/* ---- analysis -------------------------------------------------------------------------------------------------------------- */

static bool analyse_at(struct cf__analysis *a, int k, const cf_task *task, struct cf__view *view)
{
    struct cf__features f;
    double q[CF_QUANTILES];
    if (cf_series_count(task->series) < FEWEST || !cf__features_of(task, view, &f)) return false;
    cf__network_quantiles(&cf__network_alone, f.value, q);
    a->level[k] = f.level;
    a->log_scale[k] = log(f.scale);
    a->median[k] = q[49];
    a->width[k] = cf__width_of(q);
    return true;
}

/* What could not be analysed before point first is taken to be as there. */
static void fill_before(struct cf__analysis *a, int first)
{
    for (int k = 0; k < first; k++) {
        a->level[k] = a->level[first];
        a->log_scale[k] = a->log_scale[first];
        a->median[k] = a->median[first];
        a->width[k] = a->width[first];
    }
}

void cf__analyse(struct cf__analysis *a, const cf_series *finished, double horizon, cf_goal goal)
{
    cf_series *head = cf_series_create();
    struct cf__view *view = malloc(sizeof *view);
    int first = CF__GRID;
    *a = (struct cf__analysis){.final = (goal == CF_MAXIMISE ? -1 : 1) * cf_series_mean_from(finished, 0.98 * horizon)};
    for (int k = 0; head && view && k < CF__GRID; k++) {
        cf__series_head(head, finished, grid[k] * horizon);
        cf_task task = {.series = head, .horizon = horizon, .goal = goal};
        if (analyse_at(a, k, &task, view) && k < first) first = k;
    }
    free(view);
    cf_series_destroy(head);
    if (first < CF__GRID) fill_before(a, first);
    a->usable = first < CF__GRID && cf_series_last_x(finished) >= FINISHED * horizon && isfinite(a->final);
}

/* ---- one sibling against this run -------------------------------------------------------------------------------------------- */

struct sibling {
    double error; /* of the network's median on it, in widths */
    double gain;  /* from this progress to its end, in own widths, less what is expected of this run */
    double end;   /* its final value seen from here, likewise */
    double ratio; /* log of its width over ours */
    double place; /* where it stood at this progress, seen from here */
    double near;  /* weight: how alike it was at this progress */
};

static double limit(double v, double bound) { return isnan(v) ? 0 : fmin(fmax(v, -bound), bound); }

static struct sibling compare(const struct cf__analysis *a, double u, double level, double own, double expected)
{
    int k = (int)u < CF__GRID - 2 ? (int)u : CF__GRID - 2;
    double s = u - k, from = (1 - s) * a->level[k] + s * a->level[k + 1];
    double scale = exp((1 - s) * a->log_scale[k] + s * a->log_scale[k + 1]);
    double m = (1 - s) * a->median[k] + s * a->median[k + 1], w = (1 - s) * a->width[k] + s * a->width[k + 1];
    struct sibling j = {.error = limit((a->final - from - scale * m) / (scale * w), 20), .ratio = log(scale * w / own)};
    j.gain = limit((a->final - from) / own, 1e3) - expected;
    j.end = limit((a->final - level) / own, 1e3) - expected;
    j.place = limit((from - level) / own, 1e3);
    double near = asinh(j.place) * asinh(j.place) + 0.5 * j.ratio * j.ratio;
    j.near = exp(-0.5 * fmin(near, 30)) + 1e-9;
    return j;
}

/* Progress as a place on the grid, interpolated in its logarithm. */
static double place_on_grid(double progress)
{
    double T = fmin(fmax(progress, grid[0]), grid[CF__GRID - 1]);
    int k = 0;
    while (k < CF__GRID - 2 && grid[k + 1] < T) k++;
    return k + log(T / grid[k]) / log(grid[k + 1] / grid[k]);
}

static unsigned gather(const cf_study *study, const struct cf__features *own, double m, double w, struct sibling *out)
{
    unsigned n = 0;
    double u = place_on_grid(own->progress), unit = fmax(w * own->scale, 1e-300);
    for (size_t i = cf_study_count(study); i-- && n < CF__SIBLINGS_MOST;) {
        const struct cf__analysis *a = cf__run_analysis(cf__study_run(study, i));
        if (a->usable) out[n++] = compare(a, u, own->level, unit, m / w);
    }
    return n;
}

/* ---- sums over siblings ------------------------------------------------------------------------------------------------------- */

enum sum { MEAN, KERNEL, MEAN_ABS, SQUARE, KERNEL_ASINH, MEAN_ASINH, SQUARE_ASINH };

static double sum_of(const struct sibling *s, unsigned n, size_t field, enum sum kind)
{
    double sum = 0, weight = 0;
    for (unsigned i = 0; i < n; i++) {
        double v = *(const double *)((const char *)&s[i] + field);
        double w = kind == KERNEL || kind == KERNEL_ASINH ? s[i].near : 1;
        if (kind == KERNEL_ASINH || kind == MEAN_ASINH || kind == SQUARE_ASINH) v = asinh(v);
        sum += w * (kind == MEAN_ABS ? fabs(v) : kind == SQUARE || kind == SQUARE_ASINH ? v * v : v);
        weight += w;
    }
    return sum / weight;
}

static double quantile_of(const struct sibling *s, unsigned n, size_t field, double p)
{
    double v[CF__SIBLINGS_MOST];
    for (unsigned i = 0; i < n; i++) v[i] = *(const double *)((const char *)&s[i] + field);
    gsl_sort(v, 1, n);
    return gsl_stats_quantile_from_sorted_data(v, 1, n, p);
}

#define OF(name) offsetof(struct sibling, name)

static unsigned put_sums(const struct sibling *s, unsigned n, double *out)
{
    unsigned best = 0, behind = 0;
    double *o = out;
    for (unsigned i = 0; i < n; i++) best = s[i].near > s[best].near ? i : best, behind += s[i].place < 0;
    *o++ = log1p(n) - 1;
    *o++ = sum_of(s, n, OF(error), MEAN);
    *o++ = sum_of(s, n, OF(error), KERNEL);
    *o++ = sum_of(s, n, OF(error), MEAN_ABS);
    *o++ = sqrt(sum_of(s, n, OF(error), SQUARE));
    *o++ = s[best].error;
    *o++ = quantile_of(s, n, OF(error), 0.5);
    *o++ = asinh(sum_of(s, n, OF(gain), KERNEL));
    *o++ = asinh(quantile_of(s, n, OF(gain), 0.5));
    *o++ = asinh(s[best].gain);
    *o++ = sum_of(s, n, OF(gain), KERNEL_ASINH);
    *o++ = asinh(sum_of(s, n, OF(end), KERNEL));
    *o++ = asinh(quantile_of(s, n, OF(end), 0.5));
    *o++ = asinh(quantile_of(s, n, OF(end), 0));
    *o++ = asinh(quantile_of(s, n, OF(end), 1));
    *o++ = asinh(s[best].end);
    *o++ = sum_of(s, n, OF(end), KERNEL_ASINH);
    *o++ = sum_of(s, n, OF(ratio), MEAN);
    *o++ = s[best].ratio;
    *o++ = 2.0 * behind / n - 1;
    *o++ = asinh(sum_of(s, n, OF(place), MEAN_ABS));
    *o++ = asinh(s[best].place);
    *o++ = log(s[best].near + 1e-9) / 4;
    double mean = sum_of(s, n, OF(gain), MEAN_ASINH);
    *o++ = sqrt(fmax(sum_of(s, n, OF(gain), SQUARE_ASINH) - mean * mean, 0));
    return (unsigned)(o - out);
}

unsigned cf__sibling_inputs(const cf_study *study, const struct cf__features *own, const double q[CF_QUANTILES],
                            float input[CF__SIBLING_INPUTS])
{
    static const int shape[] = {2, 10, 22, 38, 60, 76, 88, 96};
    struct sibling siblings[CF__SIBLINGS_MOST];
    double values[CF__SIBLING_INPUTS] = {0}, m = q[49], w = cf__width_of(q), *o = values;
    unsigned n = study ? gather(study, own, m, w, siblings) : 0;
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) *o++ = asinh((q[shape[i]] - m) / w);
    *o++ = log(w) / 2;
    *o++ = asinh(m / w);
    *o++ = asinh(m);
    if (n) put_sums(siblings, n, o);
    values[CF__SIBLING_INPUTS - 1] = n > 0;
    for (int i = 0; i < CF__SIBLING_INPUTS; i++) input[i] = (float)limit(values[i], CLIP);
    return n;
}
