/* siblings: see siblings.h */
#include "siblings.h"

#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define CLIP 5.0
#define FINISHED 0.95 /* share of the horizon that a run must have reached to count as finished */
#define FEWEST 3      /* observations before the first grid point that is analysed */
#define BEYOND 1.2    /* times the progress asked about that an unfinished run must have reached to be asked */
#define LEAST_TRUST 1e-3

static const double grid[CF__GRID] = {.02, .035, .05, .07, .1, .14, .2, .27, .34, .4, .47, .54, .6, .67, .74, .8, .86, .92, .97};

double cf__width_of(const double q[CF_QUANTILES]) { return fmax((q[89] - q[9]) / CF__NORMAL_80, 1e-6); }

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

static void copy_point(struct cf__analysis *a, int from, int to)
{
    a->level[to] = a->level[from];
    a->log_scale[to] = a->log_scale[from];
    a->median[to] = a->median[from];
    a->width[to] = a->width[from];
}

static double lowest_of(const cf_series *series)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(series, &bins);
    double lowest = INFINITY;
    for (size_t i = 0; i < n; i++) lowest = fmin(lowest, bins[i].y_min);
    return lowest;
}

/* The first grid point at which all is seen that there is of the run. */
static int last_point(double reach)
{
    int k = 0;
    while (k < CF__GRID - 1 && grid[k] < reach) k++;
    return k;
}

/* What could not be analysed before the first point that could be is taken to be as there; after the last, likewise. */
void cf__analyse(struct cf__analysis *a, const cf_series *seen, double horizon, cf_goal goal)
{
    cf_series *head = cf_series_create();
    struct cf__view *view = malloc(sizeof *view);
    double reach = cf_series_last_x(seen) / horizon;
    int first = CF__GRID, last = last_point(reach);
    *a = (struct cf__analysis){.final = (goal == CF_MAXIMISE ? -1 : 1) * cf_series_mean_from(seen, 0.98 * horizon),
                               .reach = reach >= FINISHED ? INFINITY : reach, .lowest = lowest_of(seen)};
    for (int k = 0; head && view && k <= last; k++) {
        cf_series_head(head, seen, grid[k] * horizon);
        cf_task task = {.series = head, .horizon = horizon, .goal = goal};
        if (analyse_at(a, k, &task, view) && k < first) first = k;
    }
    free(view);
    cf_series_destroy(head);
    a->analysed = first <= last;
    a->usable = a->analysed && isinf(a->reach) && isfinite(a->final);
    for (int k = 0; a->analysed && k < CF__GRID; k++)
        if (k < first || k > last) copy_point(a, k < first ? first : last, k);
}

/* ---- one sibling against this run -------------------------------------------------------------------------------------------- */

struct sibling {
    double error; /* of the network's median on it, in widths */
    double gain;  /* from this progress to its end, in own widths, less what is expected of this run */
    double end;   /* its final value seen from here, likewise */
    double ratio; /* log of its width over ours */
    double place; /* where it stood at this progress, seen from here */
    double trust; /* weight: share of the doubt in its end, at this progress, that what it went on to show has taken away; finished: 1 */
    double near;  /* weight: how alike it was at this progress, times trust */
    double doubt; /* what is left of that doubt, in own widths */
};

static double limit(double v, double bound) { return isnan(v) ? 0 : fmin(fmax(v, -bound), bound); }

/* Progress as a place on the grid, interpolated in its logarithm. */
static double place_on_grid(double progress)
{
    double T = fmin(fmax(progress, grid[0]), grid[CF__GRID - 1]);
    int k = 0;
    while (k < CF__GRID - 2 && grid[k + 1] < T) k++;
    return k + log(T / grid[k]) / log(grid[k + 1] / grid[k]);
}

struct self { double u, level, width, expected; }; /* the run asking; u: its place on the grid */

static struct sibling compare(const struct cf__analysis *a, const struct self *me)
{
    int k = (int)me->u < CF__GRID - 2 ? (int)me->u : CF__GRID - 2;
    double s = me->u - k, from = (1 - s) * a->level[k] + s * a->level[k + 1];
    double scale = exp((1 - s) * a->log_scale[k] + s * a->log_scale[k + 1]);
    double m = (1 - s) * a->median[k] + s * a->median[k + 1], w = (1 - s) * a->width[k] + s * a->width[k + 1];
    struct sibling j = {.error = limit((a->final - from - scale * m) / (scale * w), 20), .ratio = log(scale * w / me->width)};
    double left = limit(a->doubt / (scale * w), 1);
    j.trust = fmax(1 - left * left, LEAST_TRUST);
    j.doubt = limit(a->doubt / me->width, 1);
    j.gain = limit((a->final - from) / me->width, 1e3) - me->expected;
    j.end = limit((a->final - me->level) / me->width, 1e3) - me->expected;
    j.place = limit((from - me->level) / me->width, 1e3);
    double near = asinh(j.place) * asinh(j.place) + 0.5 * j.ratio * j.ratio;
    j.near = j.trust * (exp(-0.5 * fmin(near, 30)) + 1e-9);
    return j;
}

/* Adds the newest of one sort to the n in out. */
static unsigned ask(const cf_study *study, bool finished, double progress, const cf_run **out, unsigned n)
{
    for (size_t i = cf_study_count(study); i-- && n < CF__SIBLINGS_MOST;) {
        const struct cf__analysis *a = cf__run_analysis(cf__study_run(study, i));
        bool fits = finished ? isinf(a->reach) : isfinite(a->reach) && a->reach >= BEYOND * progress;
        if (a->usable && fits) out[n++] = cf__study_run(study, i);
    }
    return n;
}

/* No end is as sure as one that was seen: unfinished ones are asked where few have finished. */
unsigned cf__siblings_asked(const cf_study *study, double progress, const cf_run *asked[CF__SIBLINGS_MOST])
{
    unsigned n = ask(study, true, progress, asked, 0);
    return n < CF_FINISHED_ENOUGH ? ask(study, false, progress, asked, n) : n;
}

static unsigned gather(const cf_study *study, const struct cf__features *own, double m, double w, struct sibling *out)
{
    struct self me = {place_on_grid(own->progress), own->level, fmax(w * own->scale, 1e-300), m / w};
    const cf_run *asked[CF__SIBLINGS_MOST];
    unsigned n = cf__siblings_asked(study, own->progress, asked);
    for (unsigned i = 0; i < n; i++) out[i] = compare(cf__run_analysis(asked[i]), &me);
    return n;
}

/* ---- sums over siblings ------------------------------------------------------------------------------------------------------- */

enum sum { MEAN, KERNEL, MEAN_ABS, SQUARE, KERNEL_ASINH, MEAN_ASINH, SQUARE_ASINH };

static double sum_of(const struct sibling *s, unsigned n, size_t field, enum sum kind)
{
    double sum = 0, weight = 0;
    for (unsigned i = 0; i < n; i++) {
        double v = *(const double *)((const char *)&s[i] + field);
        double w = kind == KERNEL || kind == KERNEL_ASINH ? s[i].near : s[i].trust;
        if (kind == KERNEL_ASINH || kind == MEAN_ASINH || kind == SQUARE_ASINH) v = asinh(v);
        sum += w * (kind == MEAN_ABS ? fabs(v) : kind == SQUARE || kind == SQUARE_ASINH ? v * v : v);
        weight += w;
    }
    return sum / weight;
}

/* By interpolation, each value taking as much of the way as it is trusted. */
static double quantile_of(const struct sibling *s, unsigned n, size_t field, double p)
{
    double v[CF__SIBLINGS_MOST] = {0}, way[CF__SIBLINGS_MOST], gone = 0;
    size_t order[CF__SIBLINGS_MOST];
    unsigned k = 0;
    for (unsigned i = 0; i < n; i++) v[i] = *(const double *)((const char *)&s[i] + field);
    gsl_sort_index(order, v, 1, n);
    for (unsigned i = 0; i < n; i++) way[i] = gone, gone += s[order[i]].trust;
    if (n == 1) return v[0];
    while (k + 2 < n && way[k + 1] <= p * way[n - 1]) k++;
    double share = (p * way[n - 1] - way[k]) / (way[k + 1] - way[k]);
    return v[order[k]] + share * (v[order[k + 1]] - v[order[k]]);
}

#define OF(name) offsetof(struct sibling, name)

static unsigned put_sums(const struct sibling *s, unsigned n, double *out)
{
    unsigned best = 0;
    double *o = out, behind = 0, trust = 0;
    for (unsigned i = 0; i < n; i++) best = s[i].near > s[best].near ? i : best, behind += s[i].trust * (s[i].place < 0), trust += s[i].trust;
    *o++ = log1p(trust) - 1;
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
    *o++ = 2 * behind / trust - 1;
    *o++ = asinh(sum_of(s, n, OF(place), MEAN_ABS));
    *o++ = asinh(s[best].place);
    *o++ = log(s[best].near + 1e-9) / 4;
    double mean = sum_of(s, n, OF(gain), MEAN_ASINH);
    *o++ = sqrt(fmax(sum_of(s, n, OF(gain), SQUARE_ASINH) - mean * mean, 0));
    return (unsigned)(o - out);
}

unsigned cf__sibling_inputs(const cf_study *study, const struct cf__features *own, const double q[CF_QUANTILES],
                            float input[CF__SIBLING_INPUTS], double *doubt)
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
    *doubt = n ? sum_of(siblings, n, OF(doubt), MEAN) : 0;
    values[CF__SIBLING_INPUTS - 1] = n > 0;
    for (int i = 0; i < CF__SIBLING_INPUTS; i++) input[i] = (float)limit(values[i], CLIP);
    return n;
}
