/* series: a learning curve of any length in a fixed number of bins.
 *
 * Up to CF_SERIES_BINS observations are held one by one. When the bins are full, neighbours are merged: a bin may hold as many
 * observations as 1/256 of the series or 1/24 of what came before it, whichever is less. So the beginning keeps its detail
 * on a logarithmic scale (where curves fall fastest), and the rest on a linear one. Sums of squared first and second
 * differences are taken before binning, so the noise of a long series is that of its raw values.
 */
#include "siblings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BINS 384     /* bins left after merging: a merge pass pays for at least CF_SERIES_BINS - KEEP_BINS pushes */
#define LINEAR_BINS 256.0 /* a bin holds at most this share of the series ... */
#define LOG_BINS 24.0     /* ... and this share of what came before it */
#define HISTORY 3         /* last values kept for differences, one more than they need so that one can be taken back */

struct cf_series {
    cf_bin bins[CF_SERIES_BINS];
    size_t n;
    uint64_t count;
    double last[HISTORY]; /* last finite values, newest first */
    unsigned n_last;
    uint64_t repeats;     /* how many observations were averaged into the newest one (equal x) */
    cf_trouble trouble;
};

cf_series *cf_series_create(void) { return calloc(1, sizeof(cf_series)); }
void cf_series_destroy(cf_series *series) { free(series); }
void cf_series_clear(cf_series *series) { memset(series, 0, sizeof *series); }

cf_status cf_series_copy(cf_series *to, const cf_series *from)
{
    if (!to || !from) return CF_EINVAL;
    *to = *from;
    return CF_OK;
}

/* ---- merging ------------------------------------------------------------------------------------------------------ */

static void merge_into(cf_bin *a, const cf_bin *b)
{
    double n = (double)a->n + (double)b->n, share = (double)b->n / n, step = b->y - a->y;
    a->m2 += b->m2 + step * step * (double)a->n * share;
    a->x += (b->x - a->x) * share;
    a->y += step * share;
    a->x_last = b->x_last;
    a->y_last = b->y_last;
    a->y_min = fmin(a->y_min, b->y_min);
    a->y_max = fmax(a->y_max, b->y_max);
    a->d1 += b->d1;
    a->d2 += b->d2;
    a->n += b->n;
}

/* One pass over the bins, left to right; bins may grow to factor times their share. The newest stays as it is. */
static size_t merge_pass(cf_series *s, double factor)
{
    size_t out = 0;
    double before = 0; /* observations ahead of bin out */
    for (size_t i = 1; i < s->n; i++) {
        cf_bin *left = &s->bins[out];
        double joined = (double)(left->n + s->bins[i].n);
        double limit = factor * fmin((double)s->count / LINEAR_BINS, before / LOG_BINS);
        if (i + 1 < s->n && joined <= limit) {
            merge_into(left, &s->bins[i]);
            continue;
        }
        before += (double)left->n;
        s->bins[++out] = s->bins[i];
    }
    return out + 1;
}

static void make_room(cf_series *s)
{
    for (double factor = 1; s->n > KEEP_BINS; factor *= 1.5) s->n = merge_pass(s, factor);
}

/* ---- pushing ------------------------------------------------------------------------------------------------------ */

static void remember(cf_series *s, double y)
{
    memmove(s->last + 1, s->last, sizeof s->last - sizeof *s->last);
    s->last[0] = y;
    if (s->n_last < HISTORY) s->n_last++;
}

static void append(cf_series *s, double x, double y)
{
    double first = s->n_last >= 1 ? y - s->last[0] : 0;
    double second = s->n_last >= 2 ? first - (s->last[0] - s->last[1]) : 0;
    if (s->n == CF_SERIES_BINS) make_room(s);
    s->bins[s->n++] = (cf_bin){.x = x, .x_last = x, .y = y, .y_min = y, .y_max = y, .y_last = y,
                               .d1 = first * first, .d2 = second * second, .n = 1};
    s->count++;
    remember(s, y);
}

/* Takes the newest observation back; it always has a bin of its own. */
static void drop_newest(cf_series *s)
{
    s->n--;
    s->count--;
    memmove(s->last, s->last + 1, sizeof s->last - sizeof *s->last);
    if (s->n_last) s->n_last--;
}

/* The run went back to x: a checkpoint was loaded. What was logged from there on did not happen. */
static void rewind_to(cf_series *s, double x)
{
    while (s->n && s->bins[s->n - 1].x_last >= x) s->count -= s->bins[--s->n].n;
    s->n_last = 0;
    for (size_t i = s->n < HISTORY ? 0 : s->n - HISTORY; i < s->n; i++) remember(s, s->bins[i].y_last);
    s->trouble.restarts++;
    s->trouble.constant_run = 0;
}

static void note_repeat(cf_series *s, double y)
{
    bool same = s->n && s->bins[s->n - 1].y_last == y;
    s->trouble.constant_run = same ? s->trouble.constant_run + 1 : 1;
    s->trouble.nonfinite_run = 0;
}

cf_status cf_series_push(cf_series *s, double x, double y)
{
    if (!s || !isfinite(x)) return CF_EINVAL;
    if (!isfinite(y)) {
        s->trouble.nonfinite++;
        s->trouble.nonfinite_run++;
        return CF_OK;
    }
    if (s->n && x < s->bins[s->n - 1].x_last) rewind_to(s, x);
    if (s->n && x == s->bins[s->n - 1].x_last && s->bins[s->n - 1].n == 1) {
        double mean = s->bins[s->n - 1].y_last;
        mean += (y - mean) / (double)(++s->repeats + 1);
        drop_newest(s);
        append(s, x, mean);
        s->trouble.nonfinite_run = 0;
        return CF_OK;
    }
    s->repeats = 0;
    note_repeat(s, y);
    append(s, x, y);
    return CF_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

size_t cf_series_bins(const cf_series *s, const cf_bin **bins)
{
    *bins = s->bins;
    return s->n;
}

uint64_t cf_series_count(const cf_series *s) { return s->count; }
double cf_series_last_x(const cf_series *s) { return s->n ? s->bins[s->n - 1].x_last : 0; }
double cf_series_last_y(const cf_series *s) { return s->n ? s->bins[s->n - 1].y_last : 0; }
cf_trouble cf_series_trouble(const cf_series *s) { return s->trouble; }

double cf_series_mean_from(const cf_series *s, double from_x)
{
    double sum = 0, n = 0;
    for (size_t i = s->n; i-- && s->bins[i].x >= from_x;) {
        sum += s->bins[i].y * (double)s->bins[i].n;
        n += (double)s->bins[i].n;
    }
    return n > 0 ? sum / n : cf_series_last_y(s);
}

/* Bins are whole: of a merged bin that reaches past last_x nothing is taken. */
void cf_series_head(cf_series *to, const cf_series *from, double last_x)
{
    cf_series_clear(to);
    while (to->n < from->n && from->bins[to->n].x_last <= last_x) {
        const cf_bin *bin = &from->bins[to->n];
        bool same = to->n && bin->n == 1 && bin->y == to->bins[to->n - 1].y_last;
        to->trouble.constant_run = same ? to->trouble.constant_run + 1 : 1;
        to->count += bin->n;
        to->bins[to->n++] = *bin;
    }
}
