/* shape: see shape.h. Written in one order, which the tables of the network rely on: add at the end, and relearn. */
#include "shape.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#define CLIP 5.0
#define LEVEL_FROM 0.97  /* L is the mean from this share of what was seen on */
#define SETTLED 0.15     /* values before this share are of the random initialisation and set no scale */
#define FINAL_SHARE 0.02 /* the last share of the horizon whose mean is the final value */
#define RATE_FROM 0.3    /* progress below which the learning rate says little of its end */
#define TINY 1e-300

/* What several features are made of. */
struct gauge {
    double noise, noise1, noise2; /* sd of one observation; from first and second differences */
    double spread, spread2;       /* q95 - q05 of the values after 15 % and after 50 % */
    double slope;                 /* change for each unit of log t, over the last half */
    double residual;              /* sd around that line */
    double octave[7];             /* mean of u in [.375, .625] 2^-k, k = 0 ... */
    double expected;              /* D: expected fall from here */
    double n_level, n_tail, n_left, count;
};

static void put(struct cf__features *f, double v)
{
    if (f->n < CF__FEATURES) f->value[f->n++] = (float)(isnan(v) ? 0 : fmin(fmax(v, -CLIP), CLIP));
}

static void put_or_missing(struct cf__features *f, bool known, double v)
{
    put(f, known ? v : 0);
    put(f, known ? 0 : 1);
}

/* ---- the view -------------------------------------------------------------------------------------------------------- */

static bool look(const cf_task *task, struct cf__view *v)
{
    size_t n = cf_series_bins(task->series, &v->bins);
    double sign = task->goal == CF_MAXIMISE ? -1 : 1;
    v->m = v->sum_w[0] = v->sum_y[0] = 0;
    for (size_t i = 0; i < n; i++) {
        double t = v->bins[i].x / task->horizon;
        v->t[i] = fmax(t, 1e-7);
        v->log_t[i] = log(v->t[i]);
        v->y[i] = sign * v->bins[i].y;
        v->w[i] = (double)v->bins[i].n;
        v->sum_w[i + 1] = v->sum_w[i] + v->w[i];
        v->sum_y[i + 1] = v->sum_y[i] + v->w[i] * (v->y[i] - v->y[0]);
    }
    v->m = n;
    return cf_series_count(task->series) >= 2 && n >= 2;
}

/* The first bin at or after share u of what was seen; never past the last. */
static size_t bin_at(const struct cf__view *v, double u)
{
    size_t low = 0, high = v->m - 1;
    double t = u * v->t[v->m - 1];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (v->t[middle] < t) low = middle + 1;
        else high = middle;
    }
    return low;
}

static double mean_of(const struct cf__view *v, size_t from, size_t to)
{
    return v->y[0] + (v->sum_y[to] - v->sum_y[from]) / (v->sum_w[to] - v->sum_w[from]);
}

/* Mean over shares [from, to) of what was seen; NAN when no bin lies there. */
static double window(const struct cf__view *v, double from, double to)
{
    size_t i = bin_at(v, from), j = to >= 1 ? v->m : bin_at(v, to);
    return j > i ? mean_of(v, i, j) : NAN;
}

/* The same, or interpolated in the middle when no bin lies there. */
static double window_or_near(const struct cf__view *v, double from, double to)
{
    double mean = window(v, from, to);
    if (!isnan(mean)) return mean;
    size_t j = bin_at(v, from);
    if (j == 0) return v->y[0];
    double middle = (from + to) / 2 * v->t[v->m - 1], step = v->t[j] - v->t[j - 1];
    return step > 0 ? v->y[j - 1] + (v->y[j] - v->y[j - 1]) * fmin(1, fmax(0, (middle - v->t[j - 1]) / step)) : v->y[j];
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

struct line {
    double slope, end, residual, correlation; /* end: the line at the last bin */
};

static struct line fit_line(const struct cf__view *v, const double *column, size_t from)
{
    size_t last = v->m - 1;
    double w = 0, x = 0, y = 0, xx = 0, xy = 0, within = 0, sum = 0, pairs = 0, before = 0;
    for (size_t i = from; i <= last; i++) {
        double dx = column[i] - column[last], dy = v->y[i] - v->y[last];
        w += v->w[i], x += v->w[i] * dx, y += v->w[i] * dy;
        xx += v->w[i] * dx * dx, xy += v->w[i] * dx * dy;
        within += v->bins[i].m2;
    }
    x /= w, y /= w;
    double variance = xx / w - x * x;
    struct line line = {.slope = variance > 1e-14 * (x * x + TINY) ? (xy / w - x * y) / variance : 0};
    line.end = v->y[last] + y - line.slope * x;
    for (size_t i = from; i <= last; i++) {
        double r = v->y[i] - line.end - line.slope * (column[i] - column[last]);
        sum += v->w[i] * r * r;
        if (i > from) pairs += v->w[i] * r * before;
        before = r;
    }
    line.residual = sqrt((sum + within) / fmax(w - 2, 1));
    line.correlation = sum > TINY ? pairs / sum : 0;
    return line;
}

/* ---- gauges ---------------------------------------------------------------------------------------------------------- */

static void gauge_noise(const struct cf__view *v, struct gauge *g)
{
    double d1 = 0, d2 = 0, n = 0, n2 = 0;
    for (size_t i = bin_at(v, 0.5); i < v->m; i++) {
        if (i > 0) d1 += v->bins[i].d1, n += v->w[i];
        if (i > 1) d2 += v->bins[i].d2, n2 += v->w[i];
    }
    g->noise1 = n > 0 ? sqrt(d1 / n / 2) : 0;
    g->noise2 = n2 > 0 ? sqrt(d2 / n2 / 6) : g->noise1;
    g->noise = fmin(g->noise1, g->noise2);
}

/* q95 - q05 of the bins from one on; order sorts them. */
static double spread_from(const struct cf__view *v, const size_t *order, size_t from)
{
    double total = v->sum_w[v->m] - v->sum_w[from], below = 0, low = NAN, high = NAN;
    for (size_t k = 0; k < v->m; k++) {
        if (order[k] < from) continue;
        below += v->w[order[k]];
        if (isnan(low) && below >= 0.05 * total) low = v->y[order[k]];
        if (isnan(high) && below >= 0.95 * total) high = v->y[order[k]];
    }
    return high - low;
}

static void gauge_spread(const struct cf__view *v, struct gauge *g)
{
    size_t order[CF_SERIES_BINS];
    gsl_sort_index(order, v->y, 1, v->m);
    g->spread = spread_from(v, order, bin_at(v, SETTLED));
    g->spread2 = spread_from(v, order, bin_at(v, 0.5));
    if (!(g->spread > 0)) g->spread = spread_from(v, order, 0);
}

/* The last octave's change, each octave to come changing ρ times as much as the one before it. */
static double octaves_left(const struct gauge *g, double level, double progress)
{
    double e1 = fabs(g->octave[0] - level), e2 = fabs(g->octave[1] - g->octave[0]);
    double ratio = e2 > 0 ? fmin(1, fmax(0.2, e1 / e2)) : 1, left = log2(1 / progress);
    return ratio > 0.999 ? e1 * left : e1 * ratio * (1 - pow(ratio, left)) / (1 - ratio);
}

static double room_left(const cf_task *task, const struct cf__view *v, double level)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < v->m; i++) low = fmin(low, v->bins[i].y_min), high = fmax(high, v->bins[i].y_max);
    if (low < 0) return INFINITY;
    if (task->goal == CF_MINIMISE) return level;
    return high <= 1 ? 1 + level : high <= 100 ? 100 + level : INFINITY;
}

static void gauge_all(const cf_task *task, const struct cf__view *v, struct cf__features *f, struct gauge *g)
{
    double seen = v->t[v->m - 1];
    f->progress = fmin(seen, 1);
    f->level = mean_of(v, bin_at(v, LEVEL_FROM), v->m);
    f->room = room_left(task, v, f->level);
    gauge_noise(v, g);
    gauge_spread(v, g);
    for (int k = 0; k < 7; k++) g->octave[k] = window_or_near(v, ldexp(0.375, -k), ldexp(0.625, -k));
    struct line half = fit_line(v, v->log_t, v->m - bin_at(v, 0.5) < 3 && v->m >= 3 ? v->m - 3 : bin_at(v, 0.5));
    g->slope = half.slope;
    g->residual = half.residual;
    double by_slope = fabs(g->slope) * log(1 / f->progress), by_octave = octaves_left(g, f->level, f->progress);
    g->expected = fmin(sqrt((by_slope * by_slope + by_octave * by_octave) / 2), fmax(f->room, 0));
    g->count = v->sum_w[v->m];
    g->n_level = v->sum_w[v->m] - v->sum_w[bin_at(v, LEVEL_FROM)];
    double rate = (v->sum_w[v->m] - v->sum_w[bin_at(v, 0.5)]) / (0.5 * seen); /* observations for each unit of t */
    g->n_tail = fmax(1, FINAL_SHARE * rate);
    g->n_left = (1 - f->progress) * rate;
}

static double sum_of_squares(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] * v[i];
    return sum;
}

static double scale_of(const struct gauge *g)
{
    double parts[] = {g->noise / sqrt(g->n_tail), g->noise / sqrt(g->n_level), 0.3 * g->residual, g->expected, 0.002 * g->spread2,
                      0.0003 * g->spread};
    double scale = sqrt(sum_of_squares(parts, sizeof parts / sizeof *parts));
    return fmin(scale, g->spread > 0 ? 5 * g->spread : INFINITY);
}

/* ---- groups of features -------------------------------------------------------------------------------------------------- */

static double ratio(double v, double scale) { return fmin(fmax(0.5 * log((v + 1e-6 * scale) / scale), -CLIP), CLIP); }
static double signed_ratio(double v, double scale) { return asinh(v / scale); }

static void put_progress(struct cf__features *f, const struct gauge *g)
{
    double T = f->progress;
    put(f, 2 * T - 1);
    put(f, 0.5 * log(T) + 0.5);
    put(f, sqrt(T));
    put(f, 0.5 * log(1 - fmin(T, 0.999)) + 0.5);
    put(f, 0.5 * log(g->count) - 2);
    put(f, 0.5 * log(g->n_tail));
    put(f, 0.5 * log(g->n_level));
    put(f, 0.5 * log(1 + g->n_left) - 2);
}

static void put_scales(struct cf__features *f, const struct gauge *g)
{
    put(f, ratio(g->noise, f->scale));
    put(f, ratio(g->spread, f->scale));
    put(f, ratio(g->spread2, f->scale));
    put(f, ratio(g->expected, f->scale));
    put(f, ratio(g->residual, f->scale));
    put(f, signed_ratio(g->slope * log(1 / f->progress), f->scale));
    put(f, ratio(octaves_left(g, f->level, f->progress), f->scale));
    put(f, ratio(g->noise1, g->noise2 + 1e-9 * g->spread + TINY));
    put(f, ratio(g->spread2, g->spread + TINY));
}

static void put_windows(const struct cf__view *v, struct cf__features *f)
{
    static const double edge[] = {0, .02, .05, .1, .15, .2, .3, .4, .5, .6, .7, .8, .85, .9, .94, .97};
    for (size_t i = 0; i + 1 < sizeof edge / sizeof *edge; i++) {
        double mean = window(v, edge[i], edge[i + 1]);
        if (isnan(mean) && i > 2) mean = window_or_near(v, edge[i], edge[i + 1]);
        put(f, isnan(mean) ? 0 : signed_ratio(mean - f->level, f->scale));
        if (i <= 2) put(f, isnan(mean));
    }
    put(f, signed_ratio(v->y[v->m - 1] - f->level, f->scale));
    put(f, signed_ratio(v->y[v->m - 2] - f->level, f->scale));
    put(f, 0.5 * signed_ratio(v->y[0] - f->level, f->scale));
}

static void put_lines(const struct cf__view *v, struct cf__features *f)
{
    static const double from[] = {0, .25, .5, .75, .88};
    double T = f->progress;
    for (size_t k = 0; k < sizeof from / sizeof *from; k++) {
        size_t i = bin_at(v, from[k]);
        bool known = v->m - i >= 3;
        if (!known) i = v->m >= 3 ? v->m - 3 : 0;
        struct line t = fit_line(v, v->t, i), log_t = fit_line(v, v->log_t, i);
        put(f, signed_ratio(t.slope * (1 - T), f->scale));
        put(f, signed_ratio(t.end - f->level, f->scale));
        put(f, ratio(t.residual, f->scale));
        put(f, 2 * t.correlation);
        put(f, signed_ratio(log_t.slope * log(1 / T), f->scale));
        put(f, signed_ratio(log_t.end - f->level, f->scale));
        put(f, ratio(log_t.residual, t.residual + 1e-6 * f->scale));
        put(f, known);
    }
}

static void put_octaves(struct cf__features *f, const struct gauge *g)
{
    double after = f->level;
    for (int k = 0; k < 6; k++) {
        put(f, signed_ratio(g->octave[k] - after, f->scale));
        after = g->octave[k];
    }
    double e1 = g->octave[0] - f->level, e2 = g->octave[1] - g->octave[0], e3 = g->octave[2] - g->octave[1];
    double floor = 1e-3 * g->spread + TINY;
    put(f, ratio(fabs(e1) + floor, fabs(e2) + floor));
    put(f, ratio(fabs(e2) + floor, fabs(e3) + floor));
    put(f, e1 * e2 > 0 ? 1 : -1);
}

/* Smoothed over pairs, so that one lucky value is no extremum. */
static void put_extrema(const struct cf__view *v, struct cf__features *f)
{
    size_t low = 1, high = 1;
    double falls = 0, records = 0, weight = 0, lowest = INFINITY, highest = -INFINITY;
    for (size_t i = 1; i < v->m; i++) {
        double pair = 0.5 * (v->y[i] + v->y[i - 1]);
        if (v->t[i] > 0.5 * v->t[v->m - 1]) {
            falls += v->y[i] < v->y[i - 1];
            records += pair < lowest;
            weight++;
        }
        if (pair < lowest) lowest = pair, low = i;
        if (pair > highest && v->t[i] >= SETTLED * v->t[v->m - 1]) highest = pair, high = i;
    }
    if (highest < lowest) highest = lowest;
    put(f, 2 * v->t[low] / v->t[v->m - 1] - 1);
    put(f, 2 * v->t[high] / v->t[v->m - 1] - 1);
    put(f, signed_ratio(lowest - f->level, f->scale));
    put(f, signed_ratio(highest - f->level, f->scale));
    put(f, weight > 0 ? 4 * (falls / weight - 0.5) : 0);
    put(f, weight > 0 ? 4 * records / weight - 1 : 0);
}

/* rms of differences over 1, 2, 4 ... bins in the last half: white noise stays level, a drift or a random walk grows. */
static void put_structure(const struct cf__view *v, struct cf__features *f, const struct gauge *g)
{
    size_t from = bin_at(v, 0.5);
    for (size_t lag = 1; lag <= 16; lag *= 2) {
        double sum = 0, up = 0, n = 0;
        for (size_t i = from > lag ? from : lag; i < v->m; i++, n++) {
            double d = v->y[i] - v->y[i - lag];
            sum += d * d;
            up += d > 0 ? d * d : 0;
        }
        put(f, n > 1 ? ratio(sqrt(sum / n), f->scale) : 0);
        put(f, n > 1 && sum > TINY ? 2 * up / sum - 1 : 0);
    }
    double rise = 0, fall = 0;
    for (size_t i = from ? from : 1; i < v->m; i++) {
        rise = fmax(rise, v->y[i] - v->y[i - 1]);
        fall = fmax(fall, v->y[i - 1] - v->y[i]);
    }
    put(f, ratio(rise, g->noise + 1e-3 * g->spread + TINY));
    put(f, ratio(fall, g->noise + 1e-3 * g->spread + TINY));
}

static void put_place(const cf_task *task, const struct cf__view *v, struct cf__features *f, const struct gauge *g)
{
    bool bounded = isfinite(f->room);
    double first = v->y[0] - f->level, room = fmax(f->room, 0);
    put(f, task->goal == CF_MAXIMISE ? 1 : -1);
    put_or_missing(f, bounded, bounded ? ratio(room, f->scale) : 0);
    put(f, bounded ? ratio(room, fabs(first) + 1e-3 * room + TINY) : 0);
    put(f, ratio(fabs(f->level), g->spread + TINY));
    put(f, ratio(fabs(first), g->spread + TINY));
    put(f, first > 0 ? 1 : -1);
    f->run = (double)cf_series_trouble(task->series).constant_run;
    put(f, 2 * f->run / g->count);
    put(f, f->run > 2 ? log(f->run) : 0);
    double gap = v->t[v->m - 1] - v->t[v->m - 2], all = v->t[v->m - 1] - v->t[0];
    put(f, 0.5 * log((gap + 1e-9) * (double)(v->m - 1) / (all + 1e-9)));
    put(f, 0.5 * log((1 - f->progress + 1e-4) / (gap + 1e-9)) - 1);
    put(f, (double)cf_series_trouble(task->series).restarts > 0);
}

/* ---- learning rate ------------------------------------------------------------------------------------------------------- */

static double rate_peak(const cf_series *rate)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(rate, &bins);
    double peak = 0;
    for (size_t i = 0; i < n; i++) peak = fmax(peak, bins[i].y);
    return peak;
}

/* Where the rate stands against its peak, and against what the usual schedules would show at this progress. */
static void put_rate(const cf_task *task, struct cf__features *f)
{
    double T = f->progress, peak = task->rate && cf_series_count(task->rate) > 2 ? rate_peak(task->rate) : 0;
    bool known = peak > 0 && T >= RATE_FROM;
    double now = known ? cf_series_last_y(task->rate) / peak : 0;
    double before = known ? cf_series_mean_from(task->rate, 0.9 * cf_series_last_x(task->rate)) / peak : 0;
    put_or_missing(f, known, 2 * now - 1);
    put(f, known ? 3 * (now - (1 - T)) : 0);
    put(f, known ? 3 * (now - 0.5 * (1 + cos(M_PI * T))) : 0);
    put(f, known ? 10 * (now - before) : 0);
    put(f, known ? (now > 0.97) - (now < 0.03) : 0);
}

bool cf__features_of(const cf_task *task, struct cf__view *v, struct cf__features *f)
{
    struct gauge g;
    memset(f, 0, sizeof *f);
    if (!look(task, v)) return false;
    f->sign = task->goal == CF_MAXIMISE ? -1 : 1;
    gauge_all(task, v, f, &g);
    f->scale = scale_of(&g);
    if (!(f->scale > 1e-12 * fabs(f->level)) || !isfinite(f->scale)) f->scale = 1e-6 * fabs(f->level) + 1e-30;
    put_progress(f, &g);
    put_scales(f, &g);
    put_windows(v, f);
    put_lines(v, f);
    put_octaves(f, &g);
    put_extrema(v, f);
    put_structure(v, f, &g);
    put_place(task, v, f, &g);
    put_rate(task, f);
    return isfinite(f->level);
}
