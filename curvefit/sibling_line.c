/* sibling_line: see siblings.h. Bayesian linear regression with one regressor, written out (Bishop 2006, section 3.3, or any text). */
#include "siblings.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW 0.1     /* share of what was seen, at its end, over which runs are set side by side */
#define WINDOW_BINS 32 /* bins of it that are looked at, at most */
#define LARGEST_LOG 345.0 /* half of a double's */

/* The priors: of the least CRPS over a grid, on runs with up to six siblings (docs/FORECAST.md). */
#define SLOPE 0.8      /* of the line: the share of the distance between two runs that stays to the end */
#define SLOPE_SD 1.0
#define OFF_LINE 0.2   /* sd of a final value off the line, over what many siblings gained ... */
#define FEW 2.0        /* ... its square times 1 + FEW / siblings: few have not shown how much they differ */
#define BELIEF 0.3     /* in how many observations' weight the last number is believed */
#define NEAR 0.3       /* distance at which a sibling counts half, over what they gained */
#define NOISES_NEAR 3.0 /* so many sds of the noise in that distance are no distance */

struct window { unsigned n; double progress[WINDOW_BINS], y[WINDOW_BINS], mean; };

/* A sibling at this progress. Variances: noise of the difference to our own level; doubt of the end of one that has not finished. */
struct mate { double level, final, noise, doubt; };

struct scales { double gain, noise, doubt; }; /* of the siblings; mean variances */

static bool positive(const cf_task *task)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(task->series, &bins);
    for (size_t i = 0; i < n; i++)
        if (!(bins[i].y_min > 0)) return false;
    return task->goal == CF_MINIMISE;
}

static void look(const cf_task *task, struct window *w)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(task->series, &bins), first = n - 1;
    double from = (1 - WINDOW) * bins[n - 1].x, weight = 0;
    while (first > 0 && bins[first - 1].x >= from) first--;
    size_t step = (n - first + WINDOW_BINS - 1) / WINDOW_BINS;
    *w = (struct window){.n = 0};
    for (size_t i = first; i < n; i += step, w->n++) {
        w->progress[w->n] = bins[i].x / task->horizon;
        w->y[w->n] = bins[i].y;
        w->mean += (bins[i].y - w->mean) / ++weight;
    }
}

static struct mate meet(const cf_run *run, const struct window *w, double sign, bool log_scale)
{
    const struct cf__analysis *a = cf__run_analysis(run);
    double mean = 0, off = 0, squares = 0, final = sign * a->final;
    for (unsigned i = 0; i < w->n; i++) {
        double theirs = cf_run_at(run, w->progress[i]), d = w->y[i] - theirs, before = off;
        mean += (theirs - mean) / (i + 1);
        off += (d - off) / (i + 1);
        squares += (d - before) * (d - off);
    }
    double noise = w->n > 2 ? squares / (w->n - 1) / w->n : 0, doubt = a->doubt * a->doubt;
    if (!log_scale) return (struct mate){mean, final, noise, doubt};
    return (struct mate){log(mean), log(fmax(final, 1e-300)), noise / (w->mean * w->mean), doubt / fmax(final * final, 1e-300)};
}

static unsigned gather(const cf_task *task, const struct cf__features *own, const struct window *w, struct mate *mates, bool *log_scale)
{
    const cf_run *runs[CF__SIBLINGS_MOST];
    unsigned n = cf__siblings_asked(task->study, own->progress, runs);
    *log_scale = positive(task);
    for (unsigned i = 0; i < n; i++) *log_scale &= cf__run_analysis(runs[i])->lowest > 0;
    for (unsigned i = 0; i < n; i++) mates[i] = meet(runs[i], w, own->sign, *log_scale);
    return n;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct scales measure(const struct mate *mates, unsigned n)
{
    double gain[CF__SIBLINGS_MOST];
    struct scales s = {0, 0, 0};
    for (unsigned i = 0; i < n; i++) {
        gain[i] = fabs(mates[i].final - mates[i].level);
        s.noise += mates[i].noise / n;
        s.doubt += mates[i].doubt / n;
    }
    qsort(gain, n, sizeof *gain, by_size);
    s.gain = 0.5 * (gain[(n - 1) / 2] + gain[n / 2]);
    return s;
}

/* The line at our own level, and the variance of a final value around it. */
static void draw(const struct mate *mates, unsigned n, double level, double *final, double *variance)
{
    struct scales s = measure(mates, n);
    double weight = 0, x = 0, y = 0, xx, xy = 0, rest, near = NEAR * (s.gain + NOISES_NEAR * sqrt(s.noise)) + 1e-12;
    double expected = OFF_LINE * OFF_LINE * s.gain * s.gain * (1 + FEW / n) + s.noise + 1e-24, k[CF__SIBLINGS_MOST];
    for (unsigned i = 0; i < n; i++) {
        double off = mates[i].level - level;
        k[i] = 1 / (1 + off * off / (near * near)) * expected / (expected + mates[i].doubt);
        weight += k[i];
        x += k[i] * off;
        y += k[i] * (mates[i].final - SLOPE * off);
    }
    x /= weight, y /= weight, xx = expected / (SLOPE_SD * SLOPE_SD), rest = 0;
    for (unsigned i = 0; i < n; i++) {
        double off = mates[i].level - level, dx = off - x, dy = mates[i].final - SLOPE * off - y;
        xx += k[i] * dx * dx, xy += k[i] * dx * dy, rest += k[i] * dy * dy;
    }
    rest = fmax(rest - xy * xy / xx, 0);
    *final = y - xy / xx * x;
    *variance = (BELIEF * expected + rest) / (BELIEF + fmax(weight - 1, 0)) * (1 + 1 / weight + x * x / xx) + s.noise + s.doubt;
}

bool cf__sibling_line(const cf_task *task, const struct cf__features *own, double *median, double *width)
{
    struct window w;
    struct mate mates[CF__SIBLINGS_MOST];
    bool log_scale;
    double final, variance;
    look(task, &w);
    unsigned n = task->study ? gather(task, own, &w, mates, &log_scale) : 0;
    if (!n) return false;
    draw(mates, n, log_scale ? log(w.mean) : w.mean, &final, &variance);
    double sd = sqrt(variance);
    if (log_scale) { /* the width is half the distance of the 10 % and 90 % quantiles, as everywhere */
        final = exp(fmin(fmax(final, -LARGEST_LOG), LARGEST_LOG));
        sd = final * sinh(fmin(CF__NORMAL_80 / 2 * sd, 20)) / (CF__NORMAL_80 / 2);
    }
    *median = (own->sign * final - own->level) / own->scale;
    *width = fmax(sd / own->scale, 1e-6);
    return isfinite(*median) && isfinite(*width);
}
