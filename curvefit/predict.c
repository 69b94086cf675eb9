/* predict: what a fitted ensemble says of any x, and which families say it */
#include "fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS (CF__PARTS - 1)
#define REACH 2.0 /* sds of the parts' means that the buckets span to either side */
#define STRAY_WIDTH 3.0
#define ALIKE 0.03 /* futures whose drop and area differ by less are one */

struct part { double weight, mean, variance; };

struct moment { double weight, area, drop, wander; struct cf__place place; }; /* where a prediction is asked for; wander: τ from the last bin on */

static struct part predict_node(const struct cf__ensemble *e, const struct cf__heavy *h, const struct moment *at, double observations)
{
    const struct cf__filter *f = &e->filter[h->rate];
    double d = -at->drop - f->d_end, share = d / f->dd;
    double one = 1 - f->one_end - share * f->d_one;
    double g = (cf__grid_value(&e->grid, h->node, &at->place) - h->end) * h->scale - h->state - share * h->gd;
    double mean = f->y_end + share * f->d_y - e->drop_mean * at->drop + one * h->c + g * h->a;
    double line = share * d + one * one * h->aa - 2 * one * g * h->ca + g * g * h->cc;
    double wander = f->variance_end + cf__kappa(e, h->rate) * at->wander;
    return (struct part){at->weight * h->weight, mean, h->noise * (1 / observations + wander + fmax(line, 0))};
}

/* Parts that lie near each other become one: buckets around the mean of their means, the outer ones open. */
static void add_part(struct cf__mixture *m, struct part part, double low, double width)
{
    unsigned i = width > 0 ? (unsigned)fmin(fmax((part.mean - low) / width * BUCKETS, 0), BUCKETS - 1) : 0;
    m->weight[i] += part.weight;
    m->mean[i] += part.weight * part.mean;
    m->sd[i] += part.weight * (part.variance + part.mean * part.mean);
}

static void finish_parts(const struct cf__ensemble *e, struct cf__mixture *m)
{
    double sum = 0;
    m->n = 0;
    m->log = e->log;
    for (unsigned i = 0; i < BUCKETS; i++) {
        if (!(m->weight[i] > 0)) continue;
        double w = m->weight[i], mean = m->mean[i] / w, variance = fmax(m->sd[i] / w - mean * mean, 1e-18);
        m->weight[m->n] = w;
        m->mean[m->n] = e->centre + e->spread * mean;
        m->sd[m->n++] = fmax(e->spread * sqrt(variance), 1e-300);
        sum += w;
    }
    for (unsigned i = 0; i < m->n; i++) m->weight[i] /= sum;
}

/* Inside what was seen the values themselves speak; the noise is the ensemble's. */
static void predict_seen(const struct cf__ensemble *e, double t, struct cf__mixture *m)
{
    unsigned i = 0;
    while (i + 1 < e->n && e->t[i + 1] <= t) i++;
    double y[2];
    for (unsigned k = 0; k < 2; k++) { /* without the drop that the fit took off */
        unsigned j = i + k < e->n ? i + k : i;
        y[k] = e->y[j] + e->drop_mean * e->drop[j];
    }
    double share = i + 1 < e->n && t > e->t[i] ? (t - e->t[i]) / (e->t[i + 1] - e->t[i]) : 0, gap = y[1] - y[0];
    memset(m, 0, sizeof *m);
    add_part(m, (struct part){1, y[0] + share * gap, e->sigma * e->sigma * 1.5 + gap * gap / 12}, 0, 0);
    finish_parts(e, m);
}

/* One part more, wide: what happens to a run that is no curve and no noise. Its weight grows over the first octave ahead. */
static void add_stray(const struct cf__ensemble *e, struct cf__mixture *m, double t)
{
    double middle = 0, variance = 0, share = e->priors->stray * fmin(log(t / e->t[e->n - 1]) / M_LN2, 1);
    for (unsigned i = 0; i < m->n; i++) middle += m->weight[i] * m->mean[i];
    for (unsigned i = 0; i < m->n; i++) variance += m->weight[i] * (m->sd[i] * m->sd[i] + (m->mean[i] - middle) * (m->mean[i] - middle));
    for (unsigned i = 0; i < m->n; i++) m->weight[i] *= 1 - share;
    m->weight[m->n] = share;
    m->mean[m->n] = middle;
    m->sd[m->n++] = fmin(STRAY_WIDTH * sqrt(variance), 1e300);
}

/* The futures at t; those that do not differ there count as one. */
static unsigned moments_of(const struct cf__ensemble *e, double t, struct moment at[CF__FUTURES])
{
    unsigned n = 0;
    for (unsigned i = 0; i < e->course.n; i++) {
        struct cf__moment then = cf__course_at(&e->course, i, t);
        unsigned j = 0;
        while (j < n && (fabs(then.drop - at[j].drop) > ALIKE || fabs(then.area - at[j].area) > ALIKE * at[j].area)) j++;
        if (j == n) at[n++] = (struct moment){0, then.area, then.drop, fmax(cf__tau(e, t) - e->tau[e->n - 1], 0), cf__grid_place(then.area)};
        at[j].weight += e->course.weight[i];
    }
    return n;
}

/* The mean of the parts' means, and how far around it the buckets reach. */
static void span_of_means(const struct cf__ensemble *e, const struct moment *at, unsigned n, double observations, double *middle, double *reach)
{
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j < e->n_heavy; j++) {
            struct part part = predict_node(e, &e->heavy[j], &at[i], observations);
            sum += part.weight * part.mean;
            squares += part.weight * part.mean * part.mean;
        }
    *middle = sum;
    *reach = REACH * sqrt(fmax(squares - sum * sum, 0));
}

static double time_of(const struct cf__ensemble *e, double x) { return fmax(x / e->horizon, CF__T_MIN); }

bool cf__ensemble_saw(const struct cf__ensemble *e, double x) { return time_of(e, x) <= e->t[e->n - 1]; }

void cf__ensemble_predict(const struct cf__ensemble *e, double x, double observations, struct cf__mixture *m)
{
    double t = time_of(e, x);
    struct moment at[CF__FUTURES];
    if (cf__ensemble_saw(e, x)) {
        predict_seen(e, t, m);
        return;
    }
    unsigned n = moments_of(e, t, at);
    double middle, reach;
    span_of_means(e, at, n, observations, &middle, &reach);
    memset(m, 0, sizeof *m);
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j < e->n_heavy; j++) add_part(m, predict_node(e, &e->heavy[j], &at[i], observations), middle - reach, 2 * reach);
    finish_parts(e, m);
    add_stray(e, m, t);
}

double cf__ensemble_due(const struct cf__ensemble *e)
{
    double due = 0;
    if (!e->course.known) return 0;
    for (unsigned i = 0; i < e->course.n; i++)
        due += e->course.weight[i] * (cf__course_at(&e->course, i, 1).drop - cf__course_at(&e->course, i, e->t[e->n - 1]).drop);
    return fmax(due, 0) * fabs(e->drop_mean) * e->spread * (e->log ? exp(e->centre) : 1);
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
    for (unsigned i = 0; i < e->n_heavy; i++) weights[e->grid.nodes[e->heavy[i].node].family].weight += e->heavy[i].weight;
    qsort(weights, n, sizeof *weights, heavier);
    return n;
}
