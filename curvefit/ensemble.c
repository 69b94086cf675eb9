/* ensemble: see ensemble.h. A few nodes at a time go from their shape to their evidence, so that all stays in the nearest cache. */
#include "fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEW 4 /* observations from which on the first one counts as a random start */
#define SETTLED 0.15 /* share of what was seen after which a random start no longer sets a scale */
#define LEAST_OCTAVE 0.2 /* in spreads: what the last octave is taken to have bought at least */
#define NEGLIGIBLE -8.0 /* log of the weight, against the heaviest, below which a node counts for nothing */

struct column { cf__lanes at[CF__FIT_BINS]; }; /* the shapes of one block at the bins */

struct cf__ensemble *cf__ensemble_create(void)
{
    struct cf__ensemble *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    cf__grid_fill(&e->grid);
    cf__ensemble_use(e, &cf__priors);
    return e;
}

void cf__ensemble_destroy(struct cf__ensemble *e) { free(e); }

static double family_weight(const struct cf__priors *priors, const char *name)
{
    for (size_t i = 0; i < CF_FAMILIES_MAX && priors->family[i].name; i++)
        if (!strcmp(priors->family[i].name, name)) return priors->family[i].weight;
    return 1;
}

void cf__ensemble_use(struct cf__ensemble *e, const struct cf__priors *priors)
{
    e->priors = priors;
    for (unsigned j = 0; j < e->grid.n_blocks * CF__LANES; j++) {
        const struct cf__node *node = &e->grid.nodes[j];
        e->node_prior[j] = node->siblings ? log(family_weight(priors, cf__family(node->family)->card.name) / node->siblings) : -INFINITY;
    }
}

/* Time of the discrepancy: logarithmic, so that it wanders as much in each octave. */
double cf__tau(const struct cf__ensemble *e, double t) { return log1p(e->priors->log_time * t); }
double cf__kappa(const struct cf__ensemble *e, unsigned k) { return e->priors->rate_sd[k] * e->priors->rate_sd[k] / (e->sigma * e->sigma); }

/* ---- the series as a few weighted bins --------------------------------------------------------------------------------- */

static double scaled(const struct cf__ensemble *e, double y) { return e->log ? log(y) : y; }

static bool all_positive(const cf_bin *bins, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(bins[i].y_min > 1e-300)) return false;
    return true;
}

/* Which bin observation p of n belongs to: two fifths of them even in log p, the others even in p. */
static unsigned bin_of(double p, double log_n, double n)
{
    double share = 0.4 * log1p(p) / log_n + 0.6 * p / n;
    return (unsigned)fmin(share * CF__FIT_BINS, CF__FIT_BINS - 1);
}

static void gather_bins(struct cf__ensemble *e, const cf_bin *bins, size_t n, double total)
{
    double before = 0, in_bin = 0, log_n = log1p(total);
    unsigned last = CF__FIT_BINS;
    e->n = 0;
    for (size_t i = 0; i < n && bins[i].x <= e->horizon; i++) {
        unsigned k = bin_of(before, log_n, total);
        double weight = (double)bins[i].n, t = fmax(bins[i].x / e->horizon, CF__T_MIN), y = scaled(e, bins[i].y);
        if (k != last) e->n++, in_bin = 0;
        unsigned j = e->n - 1;
        in_bin += weight;
        e->t[j] = in_bin == weight ? t : e->t[j] + (t - e->t[j]) * weight / in_bin;
        e->y[j] = in_bin == weight ? y : e->y[j] + (y - e->y[j]) * weight / in_bin;
        e->noise[j] = 1 / fmin(in_bin, e->priors->most_independent);
        last = k;
        before += weight;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Range of the settled values, without the outermost twentieths. */
static double settled_range(const struct cf__ensemble *e)
{
    double v[CF__FIT_BINS];
    unsigned n = e->n - e->settled;
    memcpy(v, e->y + e->settled, n * sizeof *v);
    qsort(v, n, sizeof *v, by_value);
    return v[n - 1 - n / 20] - v[n / 20];
}

/* Noise of one observation, from first and second differences of the later half, in units of y or, with log, as a share of it. */
static double noise_of(const struct cf__ensemble *e, const cf_bin *bins, size_t n, double total)
{
    double before = 0, d1 = 0, d2 = 0, late = 0, level = 0;
    for (size_t i = 0; i < n; before += (double)bins[i++].n)
        if (before >= total / 2 && i > 1) d1 += bins[i].d1, d2 += bins[i].d2, late += (double)bins[i].n, level += (double)bins[i].n * bins[i].y;
    double noise = late > 0 ? sqrt(fmin(d1 / 2, d2 / 6) / late) : 0;
    return e->log && late > 0 ? noise / (level / late) : noise;
}

/* From here on the last value is 0 and the range of the settled ones 1. A random start, the first value or more, sets no scale. */
static void measure_scale(struct cf__ensemble *e, const cf_bin *bins, size_t n, double total)
{
    for (e->settled = e->n >= FEW; e->settled + 2 < e->n && e->t[e->settled] < SETTLED * e->t[e->n - 1];) e->settled++;
    e->centre = scaled(e, bins[n - 1].y);
    e->spread = fmax(settled_range(e), fmax(1e-9 * (e->log ? 1 : fabs(e->centre)), 1e-150));
    if (!isfinite(e->spread)) e->spread = 1e300;
    double sigma = noise_of(e, bins, n, total) / e->spread;
    e->sigma = fmin(fmax(isfinite(sigma) ? sigma : 1, e->priors->least_noise), 1);
    for (unsigned i = 0; i < e->n; i++) e->y[i] = fmin(fmax((e->y[i] - e->centre) / e->spread, -CF__FARTHEST), CF__FARTHEST);
}

/* ---- whitening: one Kalman filter for each κ, the same for every column -------------------------------------------------- */

/* Takes the drop column out of the other shared products: b is integrated over, b ~ N(drop_mean, drop_sd²). */
static void take_out_drop(struct cf__ensemble *e, struct cf__filter *f)
{
    double prior = e->sigma * e->sigma / (e->drop_sd * e->drop_sd);
    f->dd += prior;
    f->log_det += log(f->dd / prior);
    f->yy -= f->d_y * f->d_y / f->dd;
    f->one_one -= f->d_one * f->d_one / f->dd;
    f->one_y -= f->d_one * f->d_y / f->dd;
}

static void run_filter(const struct cf__ensemble *e, double kappa, struct cf__filter *f)
{
    double variance = 0, one = 0, y = 0, d = 0;
    *f = (struct cf__filter){.log_det = 0};
    for (unsigned i = 0; i < e->n; i++) {
        if (i) variance += kappa * fmax(e->tau[i] - e->tau[i - 1], 0);
        double total = variance + e->noise[i], gain = variance / total, w = 1 / total, e1 = 1 - one, ey = e->y[i] - y, ed = e->drop[i] - d;
        f->step[i] = (struct cf__step){gain, 1 - gain, w, e1, ey, ed};
        variance *= 1 - gain;
        one += gain * e1;
        y += gain * ey;
        d += gain * ed;
        f->log_det += log(total);
        f->yy += ey * ey * w;
        f->one_one += e1 * e1 * w;
        f->one_y += e1 * ey * w;
        f->dd += ed * ed * w;
        f->d_one += ed * e1 * w;
        f->d_y += ed * ey * w;
    }
    f->variance_end = variance, f->one_end = one, f->y_end = y, f->d_end = d;
}

/* ---- a few nodes ---------------------------------------------------------------------------------------------------------- */

/* Range of a column from the first settled bin to the end, where it is 0. A shape that falls throughout has it at its first point. */
static double range_from_settled(const struct cf__ensemble *e, unsigned node, const struct column *c, unsigned lane)
{
    double low = 0, high = 0;
    if (!cf__family(e->grid.nodes[node].family)->rises) return c->at[e->settled][lane];
    for (unsigned i = e->settled; i < e->n; i++) low = fmin(low, c->at[i][lane]), high = fmax(high, c->at[i][lane]);
    return high - low;
}

/* Shapes at the bins, 0 at the end, scaled so that their range from the first bin past the random start to the end is 1: the gain is what
 * is lost and still to be lost after that start. */
static void fill_columns(struct cf__ensemble *e, unsigned block, struct column *c)
{
    const cf__lanes *row = e->grid.table[block];
    cf__lanes end = row[CF__TIMES - 1], scale = {0, 0};
    for (unsigned i = 0; i < e->n; i++) {
        struct cf__place p = e->place[i];
        c->at[i] = row[p.k] + p.share * (row[p.k + 1] - row[p.k]) - end;
    }
    for (unsigned l = 0; l < CF__LANES; l++) {
        double range = range_from_settled(e, block * CF__LANES + l, c, l);
        if (range > 1e-12 && isfinite(range)) scale[l] = 1 / range;
    }
    for (unsigned i = 0; i < e->n; i++) c->at[i] *= scale;
    e->scale[block] = scale;
}

struct whitened { cf__lanes state, gg, g1, gy; };

static inline void take(struct whitened *w, cf__lanes column, const struct cf__step *p)
{
    cf__lanes g = column - w->state, gw = g * p->weight;
    w->state = w->state * p->keep + column * p->gain;
    w->gg += g * gw;
    w->g1 += gw * p->one;
    w->gy += gw * p->y;
}

/* Two blocks at a time: what one waits for, the other uses. */
static void whiten(const struct cf__ensemble *e, const struct cf__filter *f, const struct column *columns, struct cf__sums *s)
{
    struct whitened a = {.state = {0}}, b = {.state = {0}};
    for (unsigned i = 0; i < e->n; i++) {
        take(&a, columns[0].at[i], &f->step[i]);
        take(&b, columns[1].at[i], &f->step[i]);
    }
    s[0] = (struct cf__sums){.gg = a.gg, .g1 = a.g1, .gy = a.gy, .end = a.state};
    s[1] = (struct cf__sums){.gg = b.gg, .g1 = b.g1, .gy = b.gy, .end = b.state};
}

static void whiten_drop(const struct cf__ensemble *e, const struct cf__filter *f, const struct column *c, struct cf__sums *s)
{
    cf__lanes state = {0}, gd = {0};
    for (unsigned i = 0; i < e->n; i++) {
        const struct cf__step *p = &f->step[i];
        gd += (c->at[i] - state) * (p->weight * p->d);
        state = state * p->keep + c->at[i] * p->gain;
    }
    s->gg -= gd * gd / f->dd;
    s->g1 -= gd * (f->d_one / f->dd);
    s->gy -= gd * (f->d_y / f->dd);
    s->gd = gd;
}

/* Normal-inverse-gamma regression on (1, g): Bishop 2006, section 3.3, or any text; two columns, so written out. */
static cf__lanes log_evidence(const struct cf__ensemble *e, const struct cf__filter *f, const struct cf__sums *s)
{
    double cc = f->one_one + e->prior_c, shape = e->priors->shape + e->n / 2.0, pull = e->prior_a * e->gain_mean;
    cf__lanes aa = s->gg + e->prior_a, ca = s->g1, ay = s->gy + pull, det = cf__lanes_floor(cc * aa - ca * ca, 1e-300);
    cf__lanes c = (aa * f->one_y - ca * ay) / det, a = (cc * ay - ca * f->one_y) / det;
    cf__lanes rest = cf__lanes_floor(f->yy + pull * e->gain_mean - c * f->one_y - a * ay, 0);
    return -0.5 * cf__lanes_log(det) - shape * cf__lanes_log(e->priors->shape * e->sigma * e->sigma + 0.5 * rest);
}

static void fit_blocks(struct cf__ensemble *e, unsigned block)
{
    struct column columns[2];
    fill_columns(e, block, &columns[0]);
    fill_columns(e, block + 1, &columns[1]);
    for (unsigned k = 0; k < CF__RATES; k++) {
        const struct cf__filter *f = &e->filter[k];
        struct cf__sums *s = &e->sums[k][block];
        whiten(e, f, columns, s);
        for (unsigned b = 0; b < 2; b++) {
            if (e->dropped) whiten_drop(e, f, &columns[b], s + b);
            e->weight[k][block + b] = f->log_prior + log_evidence(e, f, s + b);
        }
    }
}

/* ---- fit ------------------------------------------------------------------------------------------------------------------ */

/* c, a and σ² of a node, by the same regression as its evidence. */
static struct cf__heavy solved(const struct cf__ensemble *e, unsigned rate, unsigned node, double weight)
{
    unsigned block = node / CF__LANES, l = node % CF__LANES;
    const struct cf__filter *f = &e->filter[rate];
    const struct cf__sums *s = &e->sums[rate][block];
    double pull = e->prior_a * e->gain_mean, cc = f->one_one + e->prior_c, aa = s->gg[l] + e->prior_a, ca = s->g1[l], ay = s->gy[l] + pull;
    double det = fmax(cc * aa - ca * ca, 1e-300), c = (aa * f->one_y - ca * ay) / det, a = (cc * ay - ca * f->one_y) / det;
    double rest = fmax(f->yy + pull * e->gain_mean - c * f->one_y - a * ay, 0), shape = e->priors->shape + e->n / 2.0;
    return (struct cf__heavy){.rate = rate, .node = node, .weight = weight, .c = c, .a = a, .cc = cc / det, .ca = ca / det, .aa = aa / det,
                              .noise = (e->priors->shape * e->sigma * e->sigma + 0.5 * rest) / (shape - 1), .end = e->grid.table[block][CF__TIMES - 1][l],
                              .scale = e->scale[block][l], .state = s->end[l], .gd = s->gd[l]};
}

/* Log evidence to log weights; the heaviest. */
static double weigh_nodes(struct cf__ensemble *e, double *w)
{
    double top = -INFINITY;
    for (unsigned k = 0; k < CF__RATES; k++)
        for (unsigned j = 0; j < e->grid.n_blocks * CF__LANES; j++) {
            double v = e->priors->temper * w[k * CF__NODES + j] + e->node_prior[j];
            w[k * CF__NODES + j] = v;
            top = v > top ? v : top;
        }
    return top;
}

/* The list of nodes that carry any weight. */
static void set_weights(struct cf__ensemble *e)
{
    double *w = (double *)e->weight, top = weigh_nodes(e, w), sum = 0;
    e->n_heavy = 0;
    for (unsigned k = 0; k < CF__RATES; k++)
        for (unsigned j = 0; j < e->grid.n_blocks * CF__LANES; j++) {
            double v = w[k * CF__NODES + j] - top;
            if (v < NEGLIGIBLE || e->n_heavy == CF__HEAVY) continue;
            e->heavy[e->n_heavy] = solved(e, k, j, exp(v));
            sum += e->heavy[e->n_heavy++].weight;
        }
    for (unsigned i = 0; i < e->n_heavy; i++) e->heavy[i].weight /= sum;
}

/* What the last octave bought, in the direction of the goal: the measure of what a decay will buy. */
static double last_octave(const struct cf__ensemble *e, double direction)
{
    double end = e->t[e->n - 1], before = 0, after = 0, weight_before = 0, weight_after = 0;
    for (unsigned i = 0; i < e->n; i++) {
        double w = 1 / e->noise[i], u = e->t[i] / end;
        if (u > 0.4 && u < 0.6) before += w * e->y[i], weight_before += w;
        if (u > 0.9) after += w * e->y[i], weight_after += w;
    }
    double fall = weight_before > 0 ? direction * (before / weight_before - after / weight_after) : 0;
    return fmin(fmax(fall, LEAST_OCTAVE), 1);
}

/* The random start tells the less the farther off it lies. */
static void doubt_start(struct cf__ensemble *e)
{
    for (unsigned i = 0; i < e->settled; i++) {
        double off = e->priors->start * (e->y[i] - e->y[e->settled]) / e->sigma;
        e->noise[i] += off * off;
    }
}

static void set_times(struct cf__ensemble *e, double direction)
{
    e->dropped = false;
    double octave = last_octave(e, direction), unit = e->log ? e->spread : 1;
    double size = e->priors->drop_share * pow(octave * unit, e->priors->drop_power) / unit;
    e->drop_mean = direction * size;
    e->drop_sd = e->priors->drop_sd * size;
    doubt_start(e);
    for (unsigned i = 0; i < e->n; i++) {
        struct cf__moment m = cf__course_at(&e->course, 0, e->t[i]);
        e->tau[i] = cf__tau(e, e->t[i]);
        e->place[i] = cf__grid_place(m.area);
        e->drop[i] = -m.drop;
        e->dropped |= m.drop > 1e-4;
        e->y[i] += e->drop_mean * m.drop;
    }
}

static void set_priors(struct cf__ensemble *e, double direction)
{
    double s = e->sigma * e->sigma;
    e->prior_c = s / (e->priors->level_sd * e->priors->level_sd);
    e->prior_a = s / (e->priors->gain_sd * e->priors->gain_sd);
    e->gain_mean = direction * e->priors->gain_mean;
}

bool cf__ensemble_fit(struct cf__ensemble *e, const cf_task *task)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(task->series, &bins);
    double total = (double)cf_series_count(task->series), direction = task->goal == CF_MAXIMISE ? -1 : 1;
    e->n = 0;
    if (n < 2 || !(task->horizon > 0) || bins[0].x > task->horizon) return false;
    e->horizon = task->horizon;
    e->log = task->goal == CF_MINIMISE && all_positive(bins, n);
    gather_bins(e, bins, n, total);
    measure_scale(e, bins, n, total);
    cf__course_of(&e->course, task, &e->priors->course);
    set_times(e, direction);
    set_priors(e, direction);
    for (unsigned k = 0; k < CF__RATES; k++) {
        run_filter(e, cf__kappa(e, k), &e->filter[k]);
        take_out_drop(e, &e->filter[k]);
        e->filter[k].log_prior = log(e->priors->rate_prior[k]) + 0.5 * (log(e->prior_c * e->prior_a) - e->filter[k].log_det);
    }
    for (unsigned b = 0; b < e->grid.n_blocks; b += 2) fit_blocks(e, b);
    set_weights(e);
    return true;
}
