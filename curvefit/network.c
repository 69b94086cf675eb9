/* network: inference. Some ten thousand multiplications a member; no allocation. */
#include "network.h"

#include <math.h>
#include <string.h>

#define OUTPUTS (CF__KNOTS + 1)
#define MIDDLE 13 /* the knot of the median */
#define LOG_SCALE_MAX 20.0f

static const double knot_p[CF__KNOTS] = {.002, .005, .01, .02, .035, .055, .08, .12, .17, .23, .30, .37, .44, .5,
                                         .56, .63, .70, .77, .83, .88, .92, .945, .965, .98, .99, .995, .998};

typedef float lanes __attribute__((vector_size(16))); /* gcc and clang: four sums side by side, on any processor */

static inline lanes load(const float *v)
{
    lanes out;
    memcpy(&out, v, sizeof out);
    return out;
}

static float total(lanes sums, const float *w, const float *in, unsigned from, unsigned n)
{
    float sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (unsigned i = from; i < n; i++) sum += w[i] * in[i];
    return sum;
}

/* Four outputs at a time, so that no sum waits for itself. n_out is a multiple of 4. */
static void dense(const float *w, const float *b, unsigned n_out, const float *in, unsigned n_in, float *out)
{
    for (unsigned o = 0; o < n_out; o += 4, w += 4 * n_in) {
        const float *w1 = w + n_in, *w2 = w1 + n_in, *w3 = w2 + n_in;
        lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        unsigned i = 0;
        for (; i + 4 <= n_in; i += 4) {
            lanes v = load(in + i);
            s0 += load(w + i) * v;
            s1 += load(w1 + i) * v;
            s2 += load(w2 + i) * v;
            s3 += load(w3 + i) * v;
        }
        out[o] = b[o] + total(s0, w, in, i, n_in);
        out[o + 1] = b[o + 1] + total(s1, w1, in, i, n_in);
        out[o + 2] = b[o + 2] + total(s2, w2, in, i, n_in);
        out[o + 3] = b[o + 3] + total(s3, w3, in, i, n_in);
    }
}

static void silu(float *v, unsigned n)
{
    for (unsigned i = 0; i < n; i++) v[i] /= 1 + expf(-v[i]);
}

static double softplus(float v) { return v > 30 ? v : log1pf(expf(v)); }

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
