/* course: see course.h */
#include "course.h"

#include <math.h>

#define LAST (CF__COURSE_POINTS - 1)
#define MISFIT 0.02 /* how far a logged rate may lie from its schedule, as a share of the peak */
#define LEAST 1e-3  /* futures of less weight than this are not followed */
#define RISE 2.0    /* what a rise to the peak buys besides its area, over what a fall from it buys */
#define FLAT 0.98   /* a rate counts as at its peak from this share of it on */

/* A course: up over the warm-up, then its kind from start to the end, down to final; stretch: its horizon over the run's. */
struct candidate {
    cf_schedule_kind kind;
    double start, final, stretch, prior;
};

/* The courses that are common. */
static const struct candidate candidates[] = {
    {CF_SCHEDULE_CONSTANT, 1, 1, 1, 3},
    {CF_SCHEDULE_LINEAR, 0, 0, 1, 2},        {CF_SCHEDULE_LINEAR, 0, 0.1, 1, 1},      {CF_SCHEDULE_LINEAR, 0, 0, 3, 0.1},
    {CF_SCHEDULE_COSINE, 0, 0, 1, 1.5},      {CF_SCHEDULE_COSINE, 0, 0.1, 1, 2},      {CF_SCHEDULE_COSINE, 0, 0, 3, 0.1},
    {CF_SCHEDULE_POLYNOMIAL, 0, 0, 1, 0.5},  {CF_SCHEDULE_INVERSE_SQRT, 0, 0, 1, 0.5},
    {CF_SCHEDULE_WSD, 0.9, 0, 1, 0.5},       {CF_SCHEDULE_WSD, 0.8, 0, 1, 1},         {CF_SCHEDULE_WSD, 0.7, 0, 1, 0.5},
    {CF_SCHEDULE_WSD, 0.6, 0, 1, 0.5},       {CF_SCHEDULE_WSD, 0.45, 0, 1, 0.25},     {CF_SCHEDULE_WSD, 0.3, 0, 1, 0.25},
    {CF_SCHEDULE_STEP, 0.67, 0.1, 1, 0.25},  {CF_SCHEDULE_STEP, 0.8, 0.1, 1, 0.25},
    {CF_SCHEDULE_COSINE_RESTARTS, 2, 0, 1, 0.1}, {CF_SCHEDULE_COSINE_RESTARTS, 4, 0, 1, 0.1},
};
#define CANDIDATES (sizeof candidates / sizeof *candidates)

static double blend(double from_one, double final) { return final + (1 - final) * from_one; }

/* The rate at t as a share of its peak. */
static double shape(const struct candidate *c, double warmup, double t)
{
    if (t < warmup || warmup >= 1) return t / warmup;
    double u = fmin((t - warmup) / fmax(c->stretch - warmup, 1e-9), 1), whole;
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
    double warmup; /* where the peak was first reached; where the rate still rises, where it will be */
    double fall;   /* where it was last at its peak */
    bool rising;   /* to the very end */
};

static double peak_of(const cf_bin *bins, size_t n)
{
    double peak = 0;
    for (size_t i = 0; i < n; i++) peak = fmax(peak, bins[i].y);
    return peak;
}

static void find_turns(struct logged *log)
{
    unsigned first = 0, last = log->n - 1;
    while (first + 1 < log->n && log->rate[first] < FLAT) first++;
    while (last > 0 && log->rate[last] < FLAT) last--;
    log->warmup = first > 1 || log->rate[0] < 0.5 ? (double)first / LAST : 0;
    log->fall = (double)last / LAST;
}

/* Still rising, towards a peak that is stated, or at a place that is: where that lies beyond the horizon, it rises to the end. The rates become
 * shares of the highest that there will be. Where nothing is stated, a rise is taken to be over: few take long. */
static void foresee_peak(struct logged *log, double peak, double stated_peak, double stated_warmup)
{
    unsigned n = log->n, third = n / 3;
    double last = log->rate[n - 1], before = log->rate[n - 1 - third], now = (double)(n - 1) / LAST;
    if (third < 2 || last < FLAT || before > 0.9 * last) return;
    double slope = (last - before) / third * LAST, to_end = last + slope * (1 - now), reach = last;
    if (stated_peak > peak) reach = stated_peak / peak;
    else if (stated_warmup > now) reach = last + slope * (stated_warmup - now);
    reach = fmin(reach, to_end);
    for (unsigned k = 0; k < n; k++) log->rate[k] /= (float)reach;
    log->warmup = log->fall = reach < to_end ? fmin(now + (reach - last) / slope, 1) : 1;
    log->rising = log->warmup >= 1;
}

static void read_rate(const cf_task *task, const cf_schedule *stated, struct logged *log)
{
    const cf_bin *bins;
    size_t n = task->rate ? cf_series_bins(task->rate, &bins) : 0, j = 0;
    double peak = n ? peak_of(bins, n) : 0;
    *log = (struct logged){.warmup = 0};
    if (n < 2 || !(peak > 0) || !isfinite(peak)) return;
    for (unsigned k = 0; k <= LAST; k++) {
        double x = task->horizon * k / LAST;
        if (x > bins[n - 1].x) break;
        while (j + 1 < n && bins[j + 1].x <= x) j++;
        double share = j + 1 < n && x > bins[j].x ? (x - bins[j].x) / (bins[j + 1].x - bins[j].x) : 0;
        double rate = (bins[j].y + (j + 1 < n ? share * (bins[j + 1].y - bins[j].y) : 0)) / peak;
        log->rate[log->n++] = (float)fmin(fmax(rate, 0), 1);
    }
    if (!log->n) return;
    find_turns(log);
    if (stated) foresee_peak(log, peak, stated->peak, stated->warmup / task->horizon);
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

struct pace { double clock, keep; };

static void follow(struct cf__course *course, unsigned future, const struct candidate *c, double warmup, const struct logged *log, const struct pace *pace)
{
    float *area = course->area[future], *drop = course->drop[future];
    double step = 1.0 / LAST, felt = 0, pending = 0, peak = 0, before = 0, pace_before = 0;
    double joint = log->n ? log->rate[log->n - 1] / fmax(shape(c, warmup, (log->n - 1) * step), 0.02) : 1;
    for (unsigned k = 0; k <= LAST; k++) {
        double rate = k < log->n ? log->rate[k] : fmin(joint * shape(c, warmup, k * step), 1);
        double fall = rate >= peak ? 0 : before - rate; /* after the peak; a rise takes back */
        double now = pace->clock == 1 || rate >= peak ? rate : pow(rate, pace->clock);
        peak = fmax(peak, rate);
        area[k] = (float)(k ? area[k - 1] + 0.5 * step * (pace_before + now) : 0);
        felt += pending * (1 - pace->keep);
        pending = pending * pace->keep + fall;
        drop[k] = (float)(felt + (log->rising ? RISE * peak : 0));
        before = rate;
        pace_before = now;
    }
}

/* ---- what may come --------------------------------------------------------------------------------------------------------- */

/* The candidate with what the configuration states about it, and with what was seen: a decay that has begun, began where it did. */
static struct candidate refined(struct candidate c, const cf_task *task, const struct logged *log)
{
    const cf_schedule *s = task->schedule;
    bool dated = c.kind == CF_SCHEDULE_WSD || c.kind == CF_SCHEDULE_STEP, stated = s && s->kind == c.kind;
    double seen = log->n ? (double)(log->n - 1) / LAST : 0;
    if (stated && dated && s->decay_start > 0 && s->decay_start < task->horizon) c.start = s->decay_start / task->horizon;
    if (stated && s->final >= 0 && s->peak > 0) c.final = fmin(s->final / s->peak, 1);
    if (c.kind == CF_SCHEDULE_WSD && log->fall < seen && log->n > 2 && c.start < seen) c.start = log->fall;
    return c;
}

static double prior_of(const struct candidate *c, const cf_schedule *stated, const struct cf__course_priors *p)
{
    if (!stated || stated->kind == CF_SCHEDULE_UNKNOWN) return c->prior;
    return c->prior * (stated->kind == c->kind ? 1 : p->contradicted);
}

struct future { struct candidate course; double weight; };

/* The heaviest candidates, heaviest first; their number. */
static unsigned weigh(const cf_task *task, double warmup, const struct logged *log, const struct cf__course_priors *p, struct future best[CF__FUTURES])
{
    unsigned n = 0;
    for (unsigned i = 0; i < CANDIDATES; i++) {
        struct future f = {refined(candidates[i], task, log), 0};
        f.weight = prior_of(&candidates[i], task->schedule, p) * agreement(&f.course, warmup, log);
        unsigned at = n < CF__FUTURES ? n++ : CF__FUTURES;
        for (; at > 0 && best[at - 1].weight < f.weight; at--)
            if (at < CF__FUTURES) best[at] = best[at - 1];
        if (at < CF__FUTURES) best[at] = f;
    }
    return n;
}

/* Nothing known: a constant rate as far as seen, and a chance that it falls. */
static unsigned guess(const cf_task *task, const struct cf__course_priors *p, struct logged *log, struct future best[CF__FUTURES])
{
    double seen = cf_series_last_x(task->series) / task->horizon;
    log->n = (unsigned)fmin(fmax(seen * LAST, 1), LAST) + 1;
    for (unsigned k = 0; k < log->n; k++) log->rate[k] = 1;
    best[0] = (struct future){{CF_SCHEDULE_CONSTANT, 1, 1, 1, 1}, 1 - p->hidden};
    best[1] = (struct future){{CF_SCHEDULE_WSD, seen, 0, 1, 1}, p->hidden};
    return p->hidden > 0 ? 2 : 1;
}

void cf__course_of(struct cf__course *course, const cf_task *task, const struct cf__course_priors *p)
{
    struct logged log;
    struct future best[CF__FUTURES];
    const struct pace pace = {p->clock, exp(-1 / (LAST * p->lag))};
    const cf_schedule *s = task->schedule;
    double sum = 0, stated = s ? s->warmup / task->horizon : NAN;
    read_rate(task, s, &log);
    course->known = log.n || (s && s->kind != CF_SCHEDULE_UNKNOWN);
    double warmup = log.n ? log.warmup : stated > 0 ? fmin(stated, 1) : 0;
    unsigned n = course->known ? weigh(task, warmup, &log, p, best) : guess(task, p, &log, best);
    course->n = 0;
    for (unsigned i = 0; i < n; i++) {
        if (i && !(best[i].weight > LEAST * best[0].weight)) continue;
        follow(course, course->n, &best[i].course, warmup, &log, &pace);
        sum += course->weight[course->n++] = fmax(best[i].weight, 1e-300);
    }
    for (unsigned i = 0; i < course->n; i++) course->weight[i] /= sum;
}

struct cf__moment cf__course_at(const struct cf__course *course, unsigned future, double t)
{
    double u = fmin(fmax(t, 0), 1) * LAST;
    unsigned k = u < LAST ? (unsigned)u : LAST - 1;
    double share = u - k;
    const float *area = course->area[future], *drop = course->drop[future];
    return (struct cf__moment){area[k] + share * (area[k + 1] - area[k]), drop[k] + share * (drop[k + 1] - drop[k])};
}
