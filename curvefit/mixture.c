/* mixture: a few normal parts; its moments, density and quantiles */
#include "ensemble.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>

#define LOGPDF_FLOOR (-1e4)

double cf__mixture_mean(const struct cf__mixture *m)
{
    double sum = 0;
    for (unsigned i = 0; i < m->n; i++) sum += m->weight[i] * m->mean[i];
    return sum;
}

double cf__mixture_sd(const struct cf__mixture *m)
{
    double mean = cf__mixture_mean(m), sum = 0;
    for (unsigned i = 0; i < m->n; i++) {
        double off = m->mean[i] - mean;
        sum += m->weight[i] * (m->sd[i] * m->sd[i] + off * off);
    }
    return sqrt(sum);
}

double cf__mixture_logpdf(const struct cf__mixture *m, double y)
{
    double density = 0;
    for (unsigned i = 0; i < m->n; i++) density += m->weight[i] * gsl_ran_gaussian_pdf(y - m->mean[i], m->sd[i]);
    return density > 0 ? fmax(log(density), LOGPDF_FLOOR) : LOGPDF_FLOOR;
}

static double cdf(const struct cf__mixture *m, double y)
{
    double sum = 0;
    for (unsigned i = 0; i < m->n; i++) sum += m->weight[i] * 0.5 * erfc((m->mean[i] - y) / m->sd[i] * M_SQRT1_2);
    return sum;
}

/* The cdf is taken at a few points of each part, where it bends, and inverted by interpolation between them. */
void cf__mixture_quantiles(const struct cf__mixture *m, double q[CF_QUANTILES])
{
    static const double at[] = {-3.5, -2.5, -1.8, -1.2, -0.7, -0.25, 0.25, 0.7, 1.2, 1.8, 2.5, 3.5};
    double y[16 * 12], previous = 0, from;
    size_t n = 0, k = 0;
    for (unsigned i = 0; i < m->n; i++)
        for (unsigned j = 0; j < sizeof at / sizeof *at; j++) y[n++] = m->mean[i] + at[j] * m->sd[i];
    gsl_sort(y, 1, n);
    from = y[0];
    for (size_t i = 0; i < n && k < CF_QUANTILES; i++) {
        double p = cdf(m, y[i]);
        for (; k < CF_QUANTILES && (double)(k + 1) / 100 <= p; k++) {
            double share = p > previous ? ((double)(k + 1) / 100 - previous) / (p - previous) : 1;
            q[k] = from + share * (y[i] - from);
        }
        previous = p;
        from = y[i];
    }
    for (; k < CF_QUANTILES; k++) q[k] = y[n - 1];
}
