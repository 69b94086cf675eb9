/* network: inference. Some ten thousand multiplications a member; no allocation. */
#include "network.h"

#include <math.h>
#include <string.h>

#define OUTPUTS (CF__KNOTS + 1)
#define MIDDLE 13 /* the knot of the median */
#define LOG_SCALE_MAX 20.0f

static const double knot_p[CF__KNOTS] = {.002, .005, .01, .02, .035, .055, .08, .12, .17, .23, .30, .37, .44, .5,
                                         .56, .63, .70, .77, .83, .88, .92, .945, .965, .98, .99, .995, .998};

typedef float lanes __attribute__((vector_size(32))); /* gcc and clang: eight sums side by side, on any processor */

static void dense(const float *w, const float *b, unsigned n_out, const float *in, unsigned n_in, float *out)
{
    for (unsigned o = 0; o < n_out; o++, w += n_in) {
        lanes sums = {0}, a, v;
        float sum = b[o];
        unsigned i = 0;
        for (; i + 8 <= n_in; i += 8) {
            memcpy(&a, w + i, sizeof a);
            memcpy(&v, in + i, sizeof v);
            sums += a * v;
        }
        for (; i < n_in; i++) sum += w[i] * in[i];
        for (unsigned k = 0; k < 8; k++) sum += sums[k];
        out[o] = sum;
    }
}

static void silu(float *v, unsigned n)
{
    for (unsigned i = 0; i < n; i++) v[i] /= 1 + expf(-v[i]);
}

static double softplus(double v) { return v > 30 ? v : log1p(exp(v)); }

static void knots_of(const float *o, double knots[CF__KNOTS])
{
    double scale = exp(fmin(o[1], LOG_SCALE_MAX));
    knots[MIDDLE] = o[0];
    for (int k = MIDDLE; k > 0; k--) knots[k - 1] = knots[k] - scale * softplus(o[2 + k - 1]);
    for (int k = MIDDLE; k + 1 < CF__KNOTS; k++) knots[k + 1] = knots[k] + scale * softplus(o[2 + k]);
}

static void add_quantiles(const double knots[CF__KNOTS], double share, double q[CF_QUANTILES])
{
    int k = 0;
    for (int i = 0; i < CF_QUANTILES; i++) {
        double p = (i + 1) / 100.0;
        while (k + 2 < CF__KNOTS && knot_p[k + 1] <= p) k++;
        double part = (p - knot_p[k]) / (knot_p[k + 1] - knot_p[k]);
        q[i] += share * ((1 - part) * knots[k] + part * knots[k + 1]);
    }
}

void cf__network_quantiles(const struct cf__network *net, const float *input, double q[CF_QUANTILES])
{
    float a[CF__HIDDEN_MAX], b[CF__HIDDEN_MAX], out[OUTPUTS];
    double knots[CF__KNOTS];
    for (int i = 0; i < CF_QUANTILES; i++) q[i] = 0;
    for (unsigned m = 0; m < net->members; m++) {
        const struct cf__layers *l = &net->layers[m];
        dense(l->w1, l->b1, net->hidden, input, net->inputs, a);
        silu(a, net->hidden);
        dense(l->w2, l->b2, net->hidden, a, net->hidden, b);
        silu(b, net->hidden);
        dense(l->w3, l->b3, OUTPUTS, b, net->hidden, out);
        knots_of(out, knots);
        add_quantiles(knots, 1.0 / net->members, q);
    }
    for (int i = 1; i < CF_QUANTILES; i++) q[i] = fmax(q[i], q[i - 1]); /* rounding */
}
