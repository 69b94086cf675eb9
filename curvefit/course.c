/* course: see course.h */
#include "course.h"

#include <math.h>

#ifndef CF__LAG
#define CF__LAG 0.02 /* in horizons */
#endif
#define LAST (CF__COURSE_POINTS - 1)
#define MISFIT 0.02    /* how far a logged rate may lie from its schedule, as a share of the peak */
#define LEAST 1e-3     /* futures of less weight than this are not followed */

/* The courses that are common: where the decay starts, what is left of the peak at the end. */
static const struct candidate {
    cf_schedule_kind kind;
    double start, final, prior;
} candidates[] = {
    {CF_SCHEDULE_CONSTANT, 1, 1, 2},        {CF_SCHEDULE_LINEAR, 0, 0, 2},          {CF_SCHEDULE_LINEAR, 0, 0.1, 0.5},
    {CF_SCHEDULE_COSINE, 0, 0, 1.5},        {CF_SCHEDULE_COSINE, 0, 0.1, 1.5},      {CF_SCHEDULE_POLYNOMIAL, 0, 0, 0.5},
    {CF_SCHEDULE_INVERSE_SQRT, 0, 0, 0.5},  {CF_SCHEDULE_WSD, 0.9, 0, 0.5},         {CF_SCHEDULE_WSD, 0.8, 0, 1},
    {CF_SCHEDULE_WSD, 0.6, 0, 0.5},         {CF_SCHEDULE_WSD, 0.3, 0, 0.25},        {CF_SCHEDULE_STEP, 0.67, 0.1, 0.25},
    {CF_SCHEDULE_STEP, 0.8, 0.1, 0.25},     {CF_SCHEDULE_COSINE_RESTARTS, 2, 0, 0.1}, {CF_SCHEDULE_COSINE_RESTARTS, 4, 0, 0.1},
};
#define CANDIDATES (sizeof candidates / sizeof *candidates)

static double blend(double from_one, double final) { return final + (1 - final) * from_one; }

/* The rate at t as a share of its peak. */
static double shape(const struct candidate *c, double warmup, double t)
{
    if (t < warmup) return t / warmup;
    double u = (t - warmup) / fmax(1 - warmup, 1e-9), whole;
    switch (c->kind) {
    case CF_SCHEDULE_LINEAR: return blend(1 - u, c->final);
    case CF_SCHEDULE_COSINE: return blend(0.5 * (1 + cos(M_PI * u)), c->final);
    case CF_SCHEDULE_COSINE_RESTARTS: return blend(0.5 * (1 + cos(M_PI * modf(fmin(u, 0.999999) * c->start, &whole))), c->final);
    case CF_SCHEDULE_POLYNOMIAL: return blend((1 - u) * (1 - u), c->final);
    case CF_SCHEDULE_INVERSE_SQRT: return sqrt(fmax(warmup, 0.01) / fmax(t, fmax(warmup, 0.01)));
    case CF_SCHEDULE_WSD: return t < c->start ? 1 : blend((1 - t) / fmax(1 - c->start, 1e-9), c->final);
    case CF_SCHEDULE_STEP: return t < c->start ? 1 : c->final;
    default: return 1;
    }
}

/* ---- what was logged --------------------------------------------------------------------------------------------------- */

struct logged {
    unsigned n; /* points of the course that were seen */
    float rate[CF__COURSE_POINTS];
    double warmup; /* where the peak was first reached */
};

static double peak_of(const cf_bin *bins, size_t n)
{
    double peak = 0;
    for (size_t i = 0; i < n; i++) peak = fmax(peak, bins[i].y);
    return peak;
}

static void read_rate(const cf_task *task, double stated_peak, struct logged *log)
{
    const cf_bin *bins;
    size_t n = task->rate ? cf_series_bins(task->rate, &bins) : 0, j = 0;
    double peak = n ? fmax(peak_of(bins, n), stated_peak > 0 ? stated_peak : 0) : 0;
    log->n = 0;
    log->warmup = 0;
    if (n < 2 || !(peak > 0) || !isfinite(peak)) return;
    for (unsigned k = 0; k <= LAST; k++) {
        double x = task->horizon * k / LAST;
        if (x > bins[n - 1].x) break;
        while (j + 1 < n && bins[j + 1].x <= x) j++;
        double share = j + 1 < n && x > bins[j].x ? (x - bins[j].x) / (bins[j + 1].x - bins[j].x) : 0;
        double rate = (bins[j].y + (j + 1 < n ? share * (bins[j + 1].y - bins[j].y) : 0)) / peak;
        log->rate[log->n++] = (float)fmin(fmax(rate, 0), 1);
    }
    for (unsigned k = 0; k < log->n; k++)
        if (log->rate[k] > 0.98) {
            log->warmup = k < log->n / 2 || k < 16 ? (double)k / LAST : 0;
            break;
        }
}

/* How well a course agrees with what was logged, in (0, 1]. */
static double agreement(const struct candidate *c, double warmup, const struct logged *log)
{
    double sum = 0;
    for (unsigned k = 0; k < log->n; k++) {
        double off = fmin(fabs(log->rate[k] - shape(c, warmup, (double)k / LAST)), 0.5);
        sum += off * off;
    }
    return log->n ? exp(-4 * sum / log->n / (MISFIT * MISFIT)) : 1;
}

/* ---- area and drop --------------------------------------------------------------------------------------------------------- */

static void follow(struct cf__course *course, unsigned future, const struct candidate *c, double warmup, const struct logged *log)
{
    float *area = course->area[future], *drop = course->drop[future];
    double step = 1.0 / LAST, keep = exp(-step / CF__LAG), felt = 0, pending = 0, peak = 0, before = 0;
    double joint = log->n ? log->rate[log->n - 1] / fmax(shape(c, warmup, (log->n - 1) * step), 0.02) : 1;
    for (unsigned k = 0; k <= LAST; k++) {
        double rate = k < log->n ? log->rate[k] : fmin(joint * shape(c, warmup, k * step), 1);
        double fall = rate >= peak ? 0 : before - rate; /* after the peak; a rise takes back */
        peak = fmax(peak, rate);
        area[k] = (float)(k ? area[k - 1] + 0.5 * step * (before + rate) : 0);
        felt += pending * (1 - keep);
        pending = pending * keep + fall;
        drop[k] = (float)felt;
        before = rate;
    }
}

static bool compatible(const struct candidate *c, const cf_schedule *stated)
{
    return !stated || stated->kind == CF_SCHEDULE_UNKNOWN || stated->kind == c->kind;
}

/* The candidate with what the configuration states about it. */
static struct candidate refined(struct candidate c, const cf_task *task)
{
    const cf_schedule *s = task->schedule;
    bool dated = c.kind == CF_SCHEDULE_WSD || c.kind == CF_SCHEDULE_STEP;
    if (!s || s->kind == CF_SCHEDULE_UNKNOWN) return c;
    if (dated && s->decay_start > 0 && s->decay_start < task->horizon) c.start = s->decay_start / task->horizon;
    if (s->final >= 0 && s->peak > 0 && c.kind != CF_SCHEDULE_CONSTANT) c.final = fmin(s->final / s->peak, 1);
    return c;
}

static unsigned weigh(const cf_task *task, double warmup, const struct logged *log, double weights[CANDIDATES])
{
    double sum = 0;
    unsigned n = 0;
    for (unsigned i = 0; i < CANDIDATES; i++) {
        struct candidate c = refined(candidates[i], task);
        weights[i] = compatible(&c, task->schedule) ? c.prior * agreement(&c, warmup, log) : 0;
        sum += weights[i];
    }
    for (unsigned i = 0; i < CANDIDATES; i++) {
        weights[i] = sum > 0 ? weights[i] / sum : 0;
        n += weights[i] >= LEAST;
    }
    return n;
}

void cf__course_of(struct cf__course *course, const cf_task *task)
{
    struct logged log;
    double weights[CANDIDATES], sum = 0, peak = task->schedule ? task->schedule->peak : NAN;
    course->known = false;
    course->n = 1;
    course->weight[0] = 1;
    read_rate(task, peak, &log);
    if (!log.n && (!task->schedule || task->schedule->kind == CF_SCHEDULE_UNKNOWN)) return;
    double stated = task->schedule ? task->schedule->warmup / task->horizon : NAN;
    double warmup = log.n ? log.warmup : stated > 0 && stated < 0.5 ? stated : 0;
    unsigned n = weigh(task, warmup, &log, weights), future = 0;
    for (unsigned i = 0; i < CANDIDATES && n && future < CF__FUTURES; i++) {
        if (weights[i] < LEAST) continue;
        struct candidate c = refined(candidates[i], task);
        follow(course, future, &c, warmup, &log);
        sum += course->weight[future++] = weights[i];
    }
    if (!future) return;
    course->known = true;
    course->n = future;
    for (unsigned i = 0; i < future; i++) course->weight[i] /= sum;
}

struct cf__moment cf__course_at(const struct cf__course *course, unsigned future, double t)
{
    if (!course->known) return (struct cf__moment){t, 0};
    double u = fmin(fmax(t, 0), 1) * LAST;
    unsigned k = u < LAST ? (unsigned)u : LAST - 1;
    double share = u - k;
    const float *area = course->area[future], *drop = course->drop[future];
    return (struct cf__moment){area[k] + share * (area[k + 1] - area[k]), drop[k] + share * (drop[k + 1] - drop[k])};
}
