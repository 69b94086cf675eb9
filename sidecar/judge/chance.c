#include "chance.h"

#include <math.h>

static float silu(float x) { return x / (1 + expf(-x)); }

/* out[i] = silu(w[i] · in + b[i]) */
static void layer(const float *w, const float *b, const float *in, unsigned n_in, float *out, unsigned n_out)
{
    for (unsigned i = 0; i < n_out; i++, w += n_in) {
        float sum = b[i];
        for (unsigned k = 0; k < n_in; k++) sum += w[k] * in[k];
        out[i] = silu(sum);
    }
}

double chance_logit(const struct chance_net *net, const float *input, unsigned output)
{
    float first[CHANCE_HIDDEN_MOST], second[CHANCE_HIDDEN_MOST];
    const float *w = net->w3 + output * net->hidden[1];
    layer(net->w1, net->b1, input, net->inputs, first, net->hidden[0]);
    layer(net->w2, net->b2, first, net->hidden[0], second, net->hidden[1]);
    double sum = net->b3[output];
    for (unsigned i = 0; i < net->hidden[1]; i++) sum += (double)(w[i] * second[i]);
    return sum;
}

double chance_of(const struct chance_net *net, const float *input, unsigned output) { return 1 / (1 + exp(-chance_logit(net, input, output))); }
