#include "ensemble.h"
#include "family.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <nlopt.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 640
#define TIMES 161         /* points of the table of g in t, even in log t from T_MIN to 1 */
#define T_MIN 1e-4
#define BINS_MAX 48       /* weighted bins that a fit looks at */
#define RATES 4           /* values of κ, as discrepancy over spread */
#define BIN_NOISE_MAX 16  /* averaging more observations than this does not lower a bin's noise: values are correlated */
#define PRIOR_SHAPE 3.0   /* weight of the noise measured from differences, in half observations */
#define LEVEL_SD 2.0      /* prior sd of the level c around the last value, in spreads */
#define GAIN_SD 2.0       /* prior sd of the drop from first observation to the end, in spreads */
#define NOISE_FLOOR 1e-4  /* smallest noise, in spreads */
#define REFINE_EVALS 40

/* sd of the discrepancy over τ's unit, in spreads, and its prior */
static const double rate_sd[RATES] = {0.01, 0.04, 0.15, 0.5};
static const double rate_prior[RATES] = {0.2, 0.35, 0.3, 0.15};

struct node {
    unsigned family;
    double theta[CF__THETA_MAX], log_prior;
};

struct filter { double gain, weight; }; /* of the Kalman filter at one bin: shared by all columns */

/* Column products after whitening, and where the filter stands at the last bin. */
struct sums { double gg, g1, gy, end; };
struct posterior { double log_evidence, mean[2], cov[3]; /* cc, ca, aa over σ² */ double shape, rate; };

struct cf__ensemble {
    size_t n_nodes;
    struct node nodes[NODES_MAX + 1]; /* the last one is the refined node */
    double table[TIMES][NODES_MAX];   /* g; node by node at one t */
    /* the fit */
    double horizon, centre, spread, sigma; /* sigma: noise measured, in spreads */
    size_t n;                              /* bins */
    double t[BINS_MAX], y[BINS_MAX], noise[BINS_MAX];
    const cf_series *series;
    double column[BINS_MAX][NODES_MAX + 1]; /* scaled g at the bins */
    double at_end[NODES_MAX + 1], scale[NODES_MAX + 1];
    struct filter filter[RATES][BINS_MAX];
    double log_det[RATES], variance_end[RATES], one_end[RATES], y_end[RATES], yy[RATES], one_one[RATES], one_y[RATES];
    struct sums sums[RATES][NODES_MAX + 1];
    struct posterior posterior[RATES][NODES_MAX + 1];
    double weight[RATES][NODES_MAX + 1];
    double state[NODES_MAX + 1];
};

/* Time of the discrepancy: logarithmic once a twentieth of the run is over, so that early wandering costs little. */
static double tau(double t) { return log1p(20 * t); }

/* ---- grid ------------------------------------------------------------------------------------------------------------ */

static double on_range(const struct cf__range *range, unsigned i)
{
    double share = range->nodes > 1 ? (double)i / (range->nodes - 1) : 0.5;
    return exp(log(range->low) + share * log(range->high / range->low));
}

static void add_family(struct cf__ensemble *e, unsigned index)
{
    const struct cf__family *f = cf__family(index);
    unsigned first = f->n_theta > 0 ? f->theta[0].nodes : 1, second = f->n_theta > 1 ? f->theta[1].nodes : 1;
    for (unsigned i = 0; i < first; i++)
        for (unsigned j = 0; j < second && e->n_nodes < NODES_MAX; j++) {
            struct node *node = &e->nodes[e->n_nodes++];
            node->family = index;
            if (f->n_theta > 0) node->theta[0] = on_range(&f->theta[0], i);
            if (f->n_theta > 1) node->theta[1] = on_range(&f->theta[1], j);
            node->log_prior = log(f->prior / (first * second));
        }
}

static double table_time(size_t k) { return T_MIN * pow(1 / T_MIN, (double)k / (TIMES - 1)); }

struct cf__ensemble *cf__ensemble_create(void)
{
    struct cf__ensemble *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    for (unsigned i = 0; i < cf_family_count(); i++) add_family(e, i);
    for (size_t k = 0; k < TIMES; k++)
        for (size_t j = 0; j < e->n_nodes; j++)
            e->table[k][j] = cf__family(e->nodes[j].family)->value(table_time(k), e->nodes[j].theta);
    return e;
}

void cf__ensemble_destroy(struct cf__ensemble *e) { free(e); }

/* ---- the series as a few weighted bins --------------------------------------------------------------------------------- */

/* Which of BINS_MAX bins observation p of n belongs to: half of them even in log p, half even in p. */
static size_t bin_of(double p, double n)
{
    double share = 0.4 * log1p(p) / log1p(n) + 0.6 * p / n;
    return (size_t)GSL_MIN_DBL(share * BINS_MAX, BINS_MAX - 1);
}

static void gather_bins(struct cf__ensemble *e, const cf_bin *bins, size_t n, double total)
{
    double before = 0, in_bin = 0;
    size_t last = SIZE_MAX;
    e->n = 0;
    for (size_t i = 0; i < n && bins[i].x <= e->horizon; i++) {
        size_t k = bin_of(before, total);
        double weight = (double)bins[i].n, t = fmax(bins[i].x / e->horizon, T_MIN), y = (bins[i].y - e->centre) / e->spread;
        if (k != last) e->n++, in_bin = 0;
        size_t j = e->n - 1;
        in_bin += weight;
        e->t[j] = in_bin == weight ? t : e->t[j] + (t - e->t[j]) * weight / in_bin;
        e->y[j] = in_bin == weight ? y : e->y[j] + (y - e->y[j]) * weight / in_bin;
        e->noise[j] = 1 / fmin(in_bin, BIN_NOISE_MAX);
        last = k;
        before += weight;
    }
}

/* Centre: the mean of the last few values. Spread: range of the bins past the first sixth, where a random start no longer sets the scale. */
static void measure_scale(struct cf__ensemble *e, const cf_bin *bins, size_t n, double total)
{
    double from = total > 12 ? total / 6 : 0, before = 0, low = INFINITY, high = -INFINITY, d1 = 0, d2 = 0, late = 0;
    e->centre = bins[n - 1].y;
    for (size_t i = 0; i < n; i++, before += (double)bins[i - 1].n) {
        if (before >= from) low = fmin(low, bins[i].y), high = fmax(high, bins[i].y);
        if (before >= total / 2 && i > 1) d1 += bins[i].d1, d2 += bins[i].d2, late += (double)bins[i].n;
    }
    e->spread = fmax(high - low, fmax(1e-9 * fabs(e->centre), 1e-150));
    if (!isfinite(e->spread)) e->spread = 1e300;
    double variance = late > 0 ? fmin(d1 / 2, d2 / 6) / late : 0;
    double sigma = isfinite(variance) ? sqrt(variance) / e->spread : 1;
    e->sigma = fmin(fmax(sigma, NOISE_FLOOR), 1);
}

/* ---- columns --------------------------------------------------------------------------------------------------------- */

struct place { size_t k; double share; }; /* between points k and k + 1 of the table */

static struct place place_of(double t)
{
    double u = log(fmin(fmax(t, T_MIN), 1) / T_MIN) / log(1 / T_MIN) * (TIMES - 1);
    size_t k = (size_t)fmin(u, TIMES - 2);
    return (struct place){k, u - (double)k};
}

static void column_row(const struct cf__ensemble *e, double t, double *row)
{
    struct place p = place_of(t);
    const double *a = e->table[p.k], *b = e->table[p.k + 1];
    for (size_t j = 0; j < e->n_nodes; j++) row[j] = a[j] + p.share * (b[j] - a[j]);
}

/* Scales every column to fall by 1 from the first bin to the horizon, so that its gain is the whole drop. */
static void fill_columns(struct cf__ensemble *e)
{
    column_row(e, 1, e->at_end);
    for (size_t i = 0; i < e->n; i++) column_row(e, e->t[i], e->column[i]);
    for (size_t j = 0; j < e->n_nodes; j++) {
        double drop = e->column[0][j] - e->at_end[j];
        e->scale[j] = fabs(drop) > 1e-12 && isfinite(drop) ? 1 / drop : 0;
    }
    for (size_t i = 0; i < e->n; i++)
        for (size_t j = 0; j < e->n_nodes; j++) e->column[i][j] = (e->column[i][j] - e->at_end[j]) * e->scale[j];
}

/* ---- whitening: one Kalman filter for each κ, the same for every column -------------------------------------------------- */

static double kappa(const struct cf__ensemble *e, size_t k) { return gsl_pow_2(rate_sd[k] / e->sigma); }

static void run_filter(struct cf__ensemble *e, size_t k)
{
    double variance = 0, one = 0, y = 0;
    e->log_det[k] = e->yy[k] = e->one_one[k] = e->one_y[k] = 0;
    for (size_t i = 0; i < e->n; i++) {
        if (i) variance += kappa(e, k) * fmax(tau(e->t[i]) - tau(e->t[i - 1]), 0);
        double total = variance + e->noise[i], gain = variance / total, w = 1 / total, e1 = 1 - one, ey = e->y[i] - y;
        e->filter[k][i] = (struct filter){gain, w};
        variance *= 1 - gain;
        one += gain * e1;
        y += gain * ey;
        e->log_det[k] += log(total);
        e->yy[k] += ey * ey * w;
        e->one_one[k] += e1 * e1 * w;
        e->one_y[k] += e1 * ey * w;
    }
    e->variance_end[k] = variance;
    e->one_end[k] = one;
    e->y_end[k] = y;
}

/* Columns from..to-1. The inner loop runs over nodes, so that it is one vector operation after another. */
static void whiten_columns(struct cf__ensemble *e, size_t k, size_t from, size_t to)
{
    struct sums *s = e->sums[k];
    double one = 0, y = 0, *state = e->state;
    for (size_t j = from; j < to; j++) s[j] = (struct sums){0, 0, 0, 0}, state[j] = 0;
    for (size_t i = 0; i < e->n; i++) {
        double gain = e->filter[k][i].gain, w = e->filter[k][i].weight, e1 = 1 - one, ey = e->y[i] - y;
        const double *g = e->column[i];
        for (size_t j = from; j < to; j++) {
            double eg = g[j] - state[j];
            state[j] += gain * eg;
            s[j].gg += eg * eg * w;
            s[j].g1 += eg * e1 * w;
            s[j].gy += eg * ey * w;
        }
        one += gain * e1;
        y += gain * ey;
    }
    for (size_t j = from; j < to; j++) s[j].end = state[j];
}

/* ---- closed form ------------------------------------------------------------------------------------------------------- */

/* Normal-inverse-gamma regression on (1, g): Bishop 2006, section 3.3, or any text; two columns, so written out. */
static struct posterior solve(const struct cf__ensemble *e, size_t k, const struct sums *s)
{
    double prior_c = gsl_pow_2(e->sigma / LEVEL_SD), prior_a = gsl_pow_2(e->sigma / GAIN_SD);
    double cc = e->one_one[k] + prior_c, aa = s->gg + prior_a, ca = s->g1, det = fmax(cc * aa - ca * ca, 1e-300);
    struct posterior p;
    p.mean[0] = (aa * e->one_y[k] - ca * s->gy) / det;
    p.mean[1] = (cc * s->gy - ca * e->one_y[k]) / det;
    p.cov[0] = aa / det, p.cov[1] = -ca / det, p.cov[2] = cc / det;
    p.shape = PRIOR_SHAPE + (double)e->n / 2;
    double rest = fmax(e->yy[k] - p.mean[0] * e->one_y[k] - p.mean[1] * s->gy, 0);
    p.rate = PRIOR_SHAPE * e->sigma * e->sigma + rest / 2;
    p.log_evidence = 0.5 * (log(prior_c * prior_a / det) - e->log_det[k]) - p.shape * log(p.rate);
    return p;
}

static void solve_nodes(struct cf__ensemble *e, size_t from, size_t to)
{
    for (size_t k = 0; k < RATES; k++) {
        whiten_columns(e, k, from, to);
        for (size_t j = from; j < to; j++) e->posterior[k][j] = solve(e, k, &e->sums[k][j]);
    }
}

/* ---- refinement: the heaviest node moves to its mode --------------------------------------------------------------------- */

static void refined_column(struct cf__ensemble *e, const double *log_theta)
{
    struct node *node = &e->nodes[e->n_nodes];
    const struct cf__family *f = cf__family(node->family);
    for (unsigned i = 0; i < f->n_theta; i++) node->theta[i] = exp(log_theta[i]);
    double end = f->value(1, node->theta), drop = f->value(e->t[0], node->theta) - end;
    e->at_end[e->n_nodes] = end;
    e->scale[e->n_nodes] = fabs(drop) > 1e-12 && isfinite(drop) ? 1 / drop : 0;
    for (size_t i = 0; i < e->n; i++)
        e->column[i][e->n_nodes] = (f->value(e->t[i], node->theta) - end) * e->scale[e->n_nodes];
}

static double best_evidence(const struct cf__ensemble *e, size_t j)
{
    double best = -INFINITY;
    for (size_t k = 0; k < RATES; k++) best = fmax(best, e->posterior[k][j].log_evidence + log(rate_prior[k]));
    return best;
}

static double refine_objective(unsigned n, const double *log_theta, double *gradient, void *data)
{
    struct cf__ensemble *e = data;
    (void)n, (void)gradient;
    refined_column(e, log_theta);
    solve_nodes(e, e->n_nodes, e->n_nodes + 1);
    return best_evidence(e, e->n_nodes);
}

static size_t heaviest_node(const struct cf__ensemble *e)
{
    size_t best = 0;
    double value = -INFINITY;
    for (size_t j = 0; j < e->n_nodes; j++) {
        double v = best_evidence(e, j) + e->nodes[j].log_prior;
        if (v > value && cf__family(e->nodes[j].family)->n_theta) value = v, best = j;
    }
    return best;
}

/* BOBYQA (Powell 2009) within one grid step of the node. If it fails, the node stays where the grid put it. */
static void refine(struct cf__ensemble *e)
{
    size_t from = heaviest_node(e);
    const struct cf__family *f = cf__family(e->nodes[from].family);
    double x[CF__THETA_MAX], low[CF__THETA_MAX], high[CF__THETA_MAX], value;
    e->nodes[e->n_nodes] = e->nodes[from];
    for (unsigned i = 0; i < f->n_theta; i++) {
        double step = log(f->theta[i].high / f->theta[i].low) / (f->theta[i].nodes - 1);
        x[i] = log(e->nodes[from].theta[i]);
        low[i] = fmax(x[i] - step, log(f->theta[i].low) - 1e-9);
        high[i] = fmin(x[i] + step, log(f->theta[i].high) + 1e-9);
    }
    nlopt_opt opt = nlopt_create(f->n_theta > 1 ? NLOPT_LN_BOBYQA : NLOPT_LN_NELDERMEAD, f->n_theta);
    if (opt) {
        nlopt_set_max_objective(opt, refine_objective, e);
        nlopt_set_lower_bounds(opt, low);
        nlopt_set_upper_bounds(opt, high);
        nlopt_set_maxeval(opt, REFINE_EVALS);
        nlopt_set_ftol_abs(opt, 1e-2);
        nlopt_optimize(opt, x, &value);
        nlopt_destroy(opt);
    }
    refine_objective(f->n_theta, x, NULL, e);
}

/* ---- fit ------------------------------------------------------------------------------------------------------------------ */

static void set_weights(struct cf__ensemble *e)
{
    double top = -INFINITY, sum = 0;
    for (size_t k = 0; k < RATES; k++)
        for (size_t j = 0; j <= e->n_nodes; j++) {
            e->weight[k][j] = e->posterior[k][j].log_evidence + e->nodes[j].log_prior + log(rate_prior[k]);
            if (e->weight[k][j] > top) top = e->weight[k][j];
        }
    for (size_t k = 0; k < RATES; k++)
        for (size_t j = 0; j <= e->n_nodes; j++) {
            double w = e->weight[k][j] - top;
            e->weight[k][j] = w > -30 ? exp(w) : 0;
            sum += e->weight[k][j];
        }
    for (size_t k = 0; k < RATES; k++)
        for (size_t j = 0; j <= e->n_nodes; j++) e->weight[k][j] /= sum;
}

bool cf__ensemble_fit(struct cf__ensemble *e, const cf_task *task)
{
    const cf_bin *bins;
    size_t n = cf_series_bins(task->series, &bins);
    double total = (double)cf_series_count(task->series);
    e->n = 0;
    if (n < 2 || !(task->horizon > 0) || bins[0].x > task->horizon) return false;
    e->horizon = task->horizon;
    e->series = task->series;
    measure_scale(e, bins, n, total);
    gather_bins(e, bins, n, total);
    fill_columns(e);
    for (size_t k = 0; k < RATES; k++) run_filter(e, k);
    solve_nodes(e, 0, e->n_nodes);
    refine(e);
    set_weights(e);
    return true;
}

/* ---- prediction ------------------------------------------------------------------------------------------------------------ */

struct part { double weight, mean, variance; };

static struct part predict_node(const struct cf__ensemble *e, size_t k, size_t j, double g, double t, double observations)
{
    const struct posterior *p = &e->posterior[k][j];
    double one = 1 - e->one_end[k], x = (g - e->at_end[j]) * e->scale[j] - e->sums[k][j].end;
    double wander = e->variance_end[k] + kappa(e, k) * fmax(tau(t) - tau(e->t[e->n - 1]), 0);
    double line = one * one * p->cov[0] + 2 * one * x * p->cov[1] + x * x * p->cov[2];
    double variance = p->rate / (p->shape - 1) * (1 / observations + wander + fmax(line, 0)); /* of the Student t */
    return (struct part){e->weight[k][j], e->y_end[k] + one * p->mean[0] + x * p->mean[1], variance};
}

/* Parts that lie near each other become one: buckets between the outermost means that carry weight. */
static void add_part(struct cf__mixture *m, struct part part, double low, double width)
{
    unsigned i = width > 0 ? (unsigned)fmin(fmax((part.mean - low) / width * 16, 0), 15) : 0;
    m->weight[i] += part.weight;
    m->mean[i] += part.weight * part.mean;
    m->sd[i] += part.weight * (part.variance + part.mean * part.mean);
}

static void finish_parts(const struct cf__ensemble *e, struct cf__mixture *m)
{
    m->n = 0;
    for (unsigned i = 0; i < 16; i++) {
        if (!(m->weight[i] > 0)) continue;
        double w = m->weight[i], mean = m->mean[i] / w, variance = fmax(m->sd[i] / w - mean * mean, 1e-18);
        m->weight[m->n] = w;
        m->mean[m->n] = e->centre + e->spread * mean;
        m->sd[m->n++] = fmax(e->spread * sqrt(variance), 1e-300);
    }
    double sum = 0;
    for (unsigned i = 0; i < m->n; i++) sum += m->weight[i];
    for (unsigned i = 0; i < m->n; i++) m->weight[i] /= sum;
}

/* Inside what was seen the values themselves speak; the noise is the ensemble's. */
static void predict_seen(const struct cf__ensemble *e, double t, struct cf__mixture *m)
{
    size_t i = 0;
    while (i + 1 < e->n && e->t[i + 1] <= t) i++;
    double share = i + 1 < e->n && t > e->t[i] ? (t - e->t[i]) / (e->t[i + 1] - e->t[i]) : 0;
    double y = e->y[i] + (i + 1 < e->n ? share * (e->y[i + 1] - e->y[i]) : 0), gap = i + 1 < e->n ? fabs(e->y[i + 1] - e->y[i]) : 0;
    memset(m, 0, sizeof *m);
    add_part(m, (struct part){1, y, gsl_pow_2(e->sigma) * 1.5 + gap * gap / 12}, 0, 0);
    finish_parts(e, m);
}

void cf__ensemble_predict(const struct cf__ensemble *e, double x, double observations, struct cf__mixture *m)
{
    double t = fmax(x / e->horizon, T_MIN), row[NODES_MAX + 1], low = INFINITY, high = -INFINITY;
    if (t <= e->t[e->n - 1]) {
        predict_seen(e, t, m);
        return;
    }
    column_row(e, t, row);
    row[e->n_nodes] = cf__family(e->nodes[e->n_nodes].family)->value(fmin(t, 1), e->nodes[e->n_nodes].theta);
    static const double negligible = 1e-6;
    for (int pass = 0; pass < 2; pass++) {
        if (pass) memset(m, 0, sizeof *m);
        for (size_t k = 0; k < RATES; k++)
            for (size_t j = 0; j <= e->n_nodes; j++) {
                if (e->weight[k][j] < negligible) continue;
                struct part part = predict_node(e, k, j, row[j], t, observations);
                if (pass) add_part(m, part, low, high - low);
                else low = fmin(low, part.mean), high = fmax(high, part.mean);
            }
    }
    finish_parts(e, m);
}

static int heavier(const void *a, const void *b)
{
    double x = ((const cf_family_weight *)a)->weight, y = ((const cf_family_weight *)b)->weight;
    return (x < y) - (x > y);
}

size_t cf__ensemble_families(const struct cf__ensemble *e, cf_family_weight weights[CF_FAMILIES_MAX])
{
    size_t n = cf_family_count();
    for (size_t i = 0; i < n; i++) weights[i] = (cf_family_weight){cf__family(i)->card.name, 0};
    for (size_t k = 0; k < RATES; k++)
        for (size_t j = 0; j <= e->n_nodes; j++) weights[e->nodes[j].family].weight += e->weight[k][j];
    qsort(weights, n, sizeof *weights, heavier);
    return n;
}
