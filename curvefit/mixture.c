/* mixture: a few normal parts; its moments, density and quantiles */
#include "ensemble.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>

#define LOGPDF_FLOOR (-1e4)

#define LARGEST_LOG 700.0 /* of a double, a little less */
#define WIDEST_LOG 1.0 /* beyond this sd of the logarithm the mean is that of a narrower one: it would say more of the tail than of the run */

/* Mean and second moment of one part. */
static void part_moments(const struct cf__mixture *m, unsigned i, double *mean, double *square)
{
    double variance = m->sd[i] * m->sd[i];
    if (m->log) {
        variance = fmin(variance, WIDEST_LOG);
        *mean = exp(fmin(m->mean[i] + variance / 2, LARGEST_LOG / 2));
        *square = *mean * *mean * exp(variance);
    } else {
        *mean = m->mean[i];
        *square = m->mean[i] * m->mean[i] + variance;
    }
}

void cf__mixture_moments(const struct cf__mixture *m, double *mean, double *sd)
{
    double part[CF__PARTS], square, sum = 0;
    *mean = 0;
    for (unsigned i = 0; i < m->n; i++) {
        part_moments(m, i, &part[i], &square);
        *mean += m->weight[i] * part[i];
    }
    for (unsigned i = 0; i < m->n; i++) {
        double off = part[i] - *mean, one;
        part_moments(m, i, &one, &square);
        sum += m->weight[i] * (square - one * one + off * off);
    }
    *sd = sqrt(sum);
}

double cf__mixture_logpdf(const struct cf__mixture *m, double y)
{
    double density = 0, at = m->log ? log(fmax(y, 1e-300)) : y;
    if (m->log && !(y > 0)) return LOGPDF_FLOOR;
    for (unsigned i = 0; i < m->n; i++) density += m->weight[i] * gsl_ran_gaussian_pdf(at - m->mean[i], m->sd[i]);
    return density > 0 ? fmax(log(density) - (m->log ? at : 0), LOGPDF_FLOOR) : LOGPDF_FLOOR;
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
    double y[CF__PARTS * 12], previous = 0, from;
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
    for (k = 0; m->log && k < CF_QUANTILES; k++) q[k] = exp(fmin(q[k], LARGEST_LOG));
}
