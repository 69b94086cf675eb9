#include "standing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RIVALS_MOST 64     /* the newest so many are looked at */
#define SMOOTH 0.97        /* a value at x is the mean of what was logged in [SMOOTH x, x] */
#define CLIP 5.0
#define NORMAL_80 2.563    /* distance of the 10 % and 90 % quantiles of a normal, in sd */

/* ---- one curve ---------------------------------------------------------------------------------------------------------------------- */

/* Mean of what was logged shortly before x; the last value before x, the first one after. */
static double value_at(const cf_series *series, double x, double sign)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(series, &bins), low = 0, high = n;
    while (low < high) { /* the first bin that ends after x */
        size_t middle = (low + high) / 2;
        if (bins[middle].x_last <= x) low = middle + 1;
        else high = middle;
    }
    if (!low) return sign * bins[0].y;
    double sum = bins[low - 1].y, count = 1;
    for (size_t i = low - 1; i-- && bins[i].x_last >= SMOOTH * x;) sum += bins[i].y, count++;
    return sign * sum / count;
}

static double first_value(const cf_series *series, double horizon, double sign) { return value_at(series, 0.02 * horizon, sign); }

/* Noise of a single value, from the differences in the later half: the smaller of what first and second ones say. */
static double noise_of(const cf_series *series)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(series, &bins);
    double d1 = 0, d2 = 0, count = 0;
    for (size_t i = n / 2; i < n; i++) d1 += bins[i].d1, d2 += bins[i].d2, count += (double)bins[i].n;
    return count ? fmin(sqrt(d1 / count / 2), sqrt(d2 / count / 6)) : 0;
}

/* ---- what is known of the others at this progress -------------------------------------------------------------------------------------- */

struct peer {
    double at, half, first, final, gain; /* at this progress, at half of it, at its start, at its end, from here to its end */
};

struct view {
    double sign, t, y, half, first, noise, bar;
    double median, width;       /* of the own forecast */
    double spread;
    struct peer peers[RIVALS_MOST]; /* finished ones */
    size_t n_peers;
    double ends[2 * RIVALS_MOST]; /* finals of those that finished, forecasts of those that were stopped */
    size_t n_ends;
    size_t reached, ahead;      /* rivals of any kind that came as far, of them those that stood better here */
    size_t stopped, running;
    double best_running;        /* least median of the running ones' forecasts */
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(const double *values, size_t n)
{
    double v[2 * RIVALS_MOST];
    memcpy(v, values, n * sizeof *v);
    qsort(v, n, sizeof *v, ascending);
    return n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

static void add_peer(struct view *v, const struct rival *r)
{
    struct peer *p = &v->peers[v->n_peers++];
    p->at = value_at(r->series, v->t * r->horizon, v->sign);
    p->half = value_at(r->series, 0.5 * v->t * r->horizon, v->sign);
    p->first = first_value(r->series, r->horizon, v->sign);
    p->final = v->sign * cf_run_final(r->run);
    p->gain = p->at - p->final;
}

static double end_of(const struct rival *r, double sign)
{
    if (r->run) return sign * cf_run_final(r->run);
    return r->forecast ? sign * r->forecast->q[CF_QUANTILES / 2] : NAN;
}

static void add_rival(struct view *v, const struct rival *r)
{
    bool reached = r->run || cf_series_last_x(r->series) >= v->t * r->horizon;
    double end = end_of(r, v->sign);
    if (reached) v->reached++, v->ahead += value_at(r->series, v->t * r->horizon, v->sign) < v->y;
    if (r->run) add_peer(v, r);
    else if (r->running) v->running++, v->best_running = fmin(v->best_running, isnan(end) ? INFINITY : end);
    else v->stopped++;
    if (!r->running && isfinite(end)) v->ends[v->n_ends++] = end;
}

/* Robust spread of where trials end; a little of the own uncertainty and noise keeps it away from 0 while few have ended. */
static double spread_of(const struct view *v)
{
    double away[2 * RIVALS_MOST], middle = median_of(v->ends, v->n_ends), least = INFINITY;
    for (size_t i = 0; i < v->n_ends; i++) away[i] = fabs(v->ends[i] - middle), least = fmin(least, v->ends[i]);
    return 1.48 * median_of(away, v->n_ends) + 0.15 * (middle - least) + 0.1 * v->width + 0.5 * v->noise + 1e-6 * fabs(v->bar) + 1e-12;
}

static void look(struct view *v, const struct scene *s)
{
    double x = cf_series_last_x(s->series);
    *v = (struct view){.sign = s->goal == CF_MAXIMISE ? -1 : 1, .t = fmin(x / s->horizon, 1), .best_running = INFINITY};
    v->y = value_at(s->series, x, v->sign);
    v->half = value_at(s->series, 0.5 * x, v->sign);
    v->first = first_value(s->series, s->horizon, v->sign);
    v->noise = noise_of(s->series);
    v->bar = v->sign * s->bar;
    v->median = v->sign * s->forecast->q[49];
    v->width = (s->forecast->q[89] - s->forecast->q[9]) / NORMAL_80;
    size_t from = s->n_rivals > RIVALS_MOST ? s->n_rivals - RIVALS_MOST : 0;
    for (size_t i = from; i < s->n_rivals; i++) add_rival(v, &s->rivals[i]);
    if (v->n_ends) v->spread = spread_of(v);
}

/* ---- sums over the finished ------------------------------------------------------------------------------------------------------------- */

struct sums {
    double rank, gap_leader;       /* share of the finished that stood better here; own value less the incumbent's here */
    double gain_most, gain_leader, gain_median; /* from here to the end */
    double kernel, chance_like, chance_any;     /* end by those that stood nearby; share of gains that would reach the bar */
    double slope;                  /* end by the own slope, scaled by how the others' slopes came true */
    double concordance;            /* share of pairs whose order here was the order at the end */
    double late_most, late_median; /* share of a whole drop that came after here */
    double moved;                  /* median of the finished: from the start until here */
};

static double octaves_left(double t) { return log2(1 / fmax(t, 1e-3)); }

static double concordance(const struct view *v)
{
    double agree = 1, pairs = 2;
    for (size_t i = 0; i < v->n_peers; i++)
        for (size_t k = 0; k < i; k++) {
            pairs++;
            agree += (v->peers[i].at < v->peers[k].at) == (v->peers[i].final < v->peers[k].final);
        }
    return agree / pairs;
}

static void kernel_sums(const struct view *v, struct sums *s)
{
    double weight = 0, any = 0;
    for (size_t i = 0; i < v->n_peers; i++) {
        const struct peer *p = &v->peers[i];
        double d = (p->at - v->y) / v->spread, w = exp(-0.5 * fmin(d * d, 30)) + 1e-3;
        bool would = v->y - p->gain < v->bar;
        weight += w;
        s->kernel += w * p->gain;
        s->chance_like += w * would;
        any += would;
    }
    s->kernel = v->y - s->kernel / weight;
    s->chance_like /= weight;
    s->chance_any = (any + 0.5) / ((double)v->n_peers + 1);
}

static void slope_sum(const struct view *v, struct sums *s)
{
    double gained = 0, promised = 0, left = octaves_left(v->t);
    for (size_t i = 0; i < v->n_peers; i++) gained += v->peers[i].gain, promised += fabs(v->peers[i].half - v->peers[i].at) * left;
    double ratio = promised > 0 ? fmin(fmax(gained / promised, 0), 3) : 1;
    s->slope = v->y - ratio * (v->half - v->y) * left;
}

static struct sums sums_of(const struct view *v)
{
    struct sums s = {.gain_most = -INFINITY, .late_most = -INFINITY};
    double gains[RIVALS_MOST], late[RIVALS_MOST], moved[RIVALS_MOST];
    const struct peer *leader = &v->peers[0];
    for (size_t i = 0; i < v->n_peers; i++) {
        const struct peer *p = &v->peers[i];
        if (p->final < leader->final) leader = p;
        gains[i] = p->gain;
        late[i] = p->gain / fmax(fabs(p->first - p->final), 1e-3 * v->spread);
        moved[i] = p->first - p->at;
        s.gain_most = fmax(s.gain_most, p->gain);
        s.late_most = fmax(s.late_most, late[i]);
        s.rank += p->at < v->y;
    }
    s.rank = (s.rank + 0.5) / ((double)v->n_peers + 1);
    s.gap_leader = v->y - leader->at;
    s.gain_leader = leader->gain;
    s.gain_median = median_of(gains, v->n_peers);
    s.late_median = median_of(late, v->n_peers);
    s.moved = median_of(moved, v->n_peers);
    s.concordance = concordance(v);
    kernel_sums(v, &s);
    slope_sum(v, &s);
    return s;
}

/* ---- inputs ------------------------------------------------------------------------------------------------------------------------------ */

static double limit(double x, double bound) { return isnan(x) ? 0 : fmin(fmax(x, -bound), bound); }
static double logit(double p) { return log(fmax(p, 1e-4) / fmax(1 - p, 1e-4)); }

static double *put_place(double *o, const struct view *v, const struct scene *s)
{
    double over = (double)(v->n_peers + v->stopped), all = over + (double)v->running + 1;
    double planned = s->planned ? fmax(s->planned, all) : 0;
    *o++ = v->t;
    *o++ = log(fmax(v->t, 1e-3)) / 3;
    *o++ = log1p((double)v->n_peers) - 1;
    *o++ = log1p(over) - 1;
    *o++ = planned > 0 ? 1 - over / planned : 0.5;
    *o++ = planned > 0 ? log(planned) / 3 - 1 : 0;
    *o++ = planned > 0;
    *o++ = log1p((double)v->running);
    *o++ = log((double)cf_series_count(s->series) + 1) / 3 - 1;
    return o;
}

static double *put_forecast(double *o, const struct view *v, const struct scene *s, double chance)
{
    double w = fmax(v->width, 1e-9 * v->spread), best = s->goal == CF_MAXIMISE ? s->forecast->q[97] : s->forecast->q[1];
    *o++ = logit(chance) / 3;
    *o++ = asinh((v->median - v->bar) / v->spread);
    *o++ = asinh((v->median - v->bar) / w);
    *o++ = asinh((v->sign * best - v->bar) / v->spread);
    *o++ = log(w / v->spread + 1e-3) / 2;
    *o++ = asinh((v->y - v->median) / v->spread);
    *o++ = isinf(v->best_running) ? 0 : asinh((v->median - v->best_running) / v->spread);
    *o++ = isinf(v->best_running) ? 0 : asinh((v->median - v->best_running) / w);
    *o++ = isinf(v->best_running) ? 0 : asinh((v->best_running - v->bar) / v->spread);
    *o++ = s->forecast->p_diverged;
    return o;
}

static double *put_standing(double *o, const struct view *v, const struct sums *s)
{
    double to_gain = v->y - v->bar, tiny = 1e-3 * v->spread, own = v->first - v->y;
    *o++ = 2 * s->rank - 1;
    *o++ = 2 * ((double)v->ahead + 0.5) / ((double)v->reached + 1) - 1;
    *o++ = asinh(s->gap_leader / v->spread);
    *o++ = asinh(to_gain / v->spread);
    *o++ = asinh(to_gain / fmax(s->gain_most, tiny));
    *o++ = asinh(to_gain / fmax(s->gain_leader, tiny));
    *o++ = asinh(to_gain / fmax(s->gain_median, tiny));
    *o++ = asinh(to_gain / fmax(fabs(own), tiny));
    *o++ = asinh((s->kernel - v->bar) / v->spread);
    *o++ = asinh((s->slope - v->bar) / v->spread);
    *o++ = 2 * s->chance_like - 1;
    *o++ = 2 * s->chance_any - 1;
    *o++ = 2 * s->concordance - 1;
    *o++ = log(v->noise / v->spread + 1e-3) / 2;
    return o;
}

static double *put_late(double *o, const struct view *v, const struct sums *s)
{
    double own = v->first - v->y;
    *o++ = limit(s->late_most, 3);
    *o++ = limit(s->late_median, 3);
    *o++ = asinh(own / v->spread);
    *o++ = asinh((own - s->moved) / v->spread);
    *o++ = asinh((v->half - v->y) / v->spread);
    *o++ = asinh(own / fmax(v->noise, 1e-3 * v->spread)) / 3;
    *o++ = asinh(s->gain_most / v->spread);
    *o++ = asinh(s->gain_median / v->spread);
    return o;
}

static double chance_of(const struct scene *s)
{
    double below = cf_forecast_cdf(s->forecast, s->bar);
    return fmin(fmax(s->goal == CF_MAXIMISE ? 1 - below : below, 0), 1);
}

bool standing_inputs(const struct scene *scene, float input[STANDING_INPUTS])
{
    struct view v;
    double values[STANDING_INPUTS] = {0}, *o = values;
    look(&v, scene);
    if (!v.n_peers) return false;
    struct sums sums = sums_of(&v);
    o = put_place(o, &v, scene);
    o = put_forecast(o, &v, scene, chance_of(scene));
    o = put_standing(o, &v, &sums);
    o = put_late(o, &v, &sums);
    for (int i = 0; i < STANDING_INPUTS; i++) input[i] = (float)limit(values[i], CLIP);
    return true;
}

/* ---- in a race ------------------------------------------------------------------------------------------------------------------------- */

#define ABOUT_AS_FAR 0.7 /* of the own progress */
#define EVERY 4          /* quantiles that are looked at: one of so many */

static double progress_of(const struct rival *r) { return r->run ? 1 : fmin(cf_series_last_x(r->series) / r->horizon, 1); }

/* Met where both have been; the difference there is kept, the level is that of now. */
static void add_racing_peer(struct view *v, const struct scene *s, const struct rival *r, double end)
{
    double t = fmin(v->t, progress_of(r)), moved = v->y - value_at(s->series, t * s->horizon, v->sign);
    struct peer *p = &v->peers[v->n_peers++];
    p->at = value_at(r->series, t * r->horizon, v->sign) + moved;
    p->half = value_at(r->series, 0.5 * t * r->horizon, v->sign) + moved;
    p->first = first_value(r->series, r->horizon, v->sign);
    p->final = end;
    p->gain = p->at - p->final;
}

struct field {
    double furthest, finished, best, best_width, best_progress; /* of the others; best: by its end */
    double better_common, better_end, n;                        /* others that stood better where both had been; that end better */
    double bar;                 /* infinite: none */
    double p_best;
};

static void add_racer(struct view *v, struct field *f, const struct scene *s, const struct rival *r)
{
    double end = end_of(r, v->sign), t = progress_of(r), common = fmin(t, v->t);
    if (!isfinite(end)) return;
    f->n++;
    f->furthest = fmax(f->furthest, t);
    f->finished += r->run != NULL;
    f->better_end += end < v->median;
    f->better_common += value_at(r->series, common * r->horizon, v->sign) < value_at(s->series, common * s->horizon, v->sign);
    if (!r->run && end < f->best) f->best = end, f->best_progress = t, f->best_width = (r->forecast->q[89] - r->forecast->q[9]) / NORMAL_80;
    v->ends[v->n_ends++] = end;
    v->reached += t >= v->t;
    v->ahead += t >= v->t && value_at(r->series, v->t * r->horizon, v->sign) < v->y;
    v->stopped += !r->run;
}

/* Those that came about as far; where none did, all. */
static void add_racing_peers(struct view *v, const struct scene *s)
{
    for (double far = ABOUT_AS_FAR * v->t; !v->n_peers && far >= 0; far -= ABOUT_AS_FAR * v->t)
        for (size_t i = 0; i < s->n_rivals; i++) {
            double end = end_of(&s->rivals[i], v->sign);
            if (isfinite(end) && progress_of(&s->rivals[i]) >= far) add_racing_peer(v, s, &s->rivals[i], end);
        }
}

/* Chance that a rival ends above value, by its own forecast. */
static double stays_above(const struct rival *r, double value, double sign)
{
    if (r->run) return sign * cf_run_final(r->run) > value;
    if (!r->forecast) return 1;
    double below = cf_forecast_cdf(r->forecast, sign * value);
    return sign < 0 ? below : 1 - below;
}

/* Chance to be the best of all, or of those that run, as if all forecasts were independent. */
static double chance_best(const struct scene *s, bool of_running)
{
    double sum = 0, n = 0, sign = s->goal == CF_MAXIMISE ? -1 : 1;
    for (size_t k = EVERY / 2; k < CF_QUANTILES; k += EVERY) {
        double chance = 1;
        for (size_t i = 0; i < s->n_rivals; i++)
            if (!of_running || s->rivals[i].running) chance *= stays_above(&s->rivals[i], sign * s->forecast->q[k], sign);
        sum += chance, n++;
    }
    return sum / n;
}

double standing_best_of_running(const struct scene *scene) { return chance_best(scene, true); }

static void look_in_race(struct view *v, struct field *f, struct scene *s)
{
    size_t from = s->n_rivals > RIVALS_MOST ? s->n_rivals - RIVALS_MOST : 0;
    s->rivals += from, s->n_rivals -= from;
    struct scene alone = *s;
    alone.n_rivals = 0;
    look(v, &alone);
    *f = (struct field){.best = INFINITY, .bar = isnan(s->bar) ? INFINITY : v->sign * s->bar};
    for (size_t i = 0; i < s->n_rivals; i++) add_racer(v, f, s, &s->rivals[i]);
    if (f->bar <= f->best) f->best = f->bar, f->best_progress = 1, f->best_width = 0;
    v->bar = f->best;
    s->bar = v->sign * f->best;
    if (v->n_ends) v->spread = spread_of(v);
    f->p_best = chance_best(s, false);
}

static double *put_race(double *o, const struct view *v, const struct field *f, const struct scene *s)
{
    bool any = isfinite(f->bar);
    double below = any ? cf_forecast_cdf(s->forecast, v->sign * f->bar) : 0;
    double gap = v->median - f->best;
    *o++ = logit(f->p_best) / 3;
    *o++ = asinh(gap / (sqrt(v->width * v->width + f->best_width * f->best_width) + 1e-9 * v->spread));
    *o++ = log(f->best_width / v->spread + 1e-3) / 2;
    *o++ = f->best_progress;
    *o++ = f->furthest;
    *o++ = log1p(f->finished);
    *o++ = f->finished > 0;
    *o++ = 2 * (f->better_end + 0.5) / (f->n + 1) - 1;
    *o++ = 2 * (f->better_common + 0.5) / (f->n + 1) - 1;
    *o++ = (double)v->n_peers / f->n;
    *o++ = log1p((double)v->reached) - 1;
    *o++ = any ? asinh((v->median - f->bar) / v->spread) : 0;
    *o++ = any ? logit(v->sign < 0 ? 1 - below : below) / 3 : 0;
    return o;
}

bool standing_in_race(const struct scene *given, float input[RACE_INPUTS])
{
    struct scene scene = *given;
    struct view v;
    struct field field;
    double values[RACE_INPUTS] = {0}, *o = values;
    look_in_race(&v, &field, &scene);
    if (!v.n_ends) return false;
    add_racing_peers(&v, &scene);
    struct sums sums = sums_of(&v);
    o = put_place(o, &v, &scene);
    o = put_forecast(o, &v, &scene, chance_of(&scene));
    o = put_standing(o, &v, &sums);
    o = put_late(o, &v, &sums);
    o = put_race(o, &v, &field, &scene);
    for (int i = 0; i < RACE_INPUTS; i++) input[i] = (float)limit(values[i], CLIP);
    return true;
}
