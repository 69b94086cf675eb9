/* network: small trained networks that turn a shape into quantiles. Internal to curvefit.
 *
 * Two hidden layers with SiLU; 28 outputs: median, log of a scale, 26 increments (softplus) = 27 knots of the quantile function
 * of z, rising by construction. The weights are tables written by learn/learn.py, with a card at their head; the scaling of the
 * inputs is folded into the first layer. Several members are averaged, quantile by quantile.
 */
#ifndef CF_NETWORK_H
#define CF_NETWORK_H

#include "curvefit.h"

#define CF__HIDDEN_MAX 64
#define CF__KNOTS 27

struct cf__layers {
    const float *w1, *b1, *w2, *b2, *w3, *b3; /* row-major, [outputs][inputs] */
};

struct cf__network {
    unsigned inputs, hidden, members; /* hidden: a multiple of 4, at most CF__HIDDEN_MAX */
    const struct cf__layers *layers;
};

extern const struct cf__network cf__network_alone; /* inputs: cf__features.value; z */
extern const struct cf__network cf__network_siblings; /* inputs: cf__sibling_inputs; (z - m) / w of the first answer */

/* By how much the ensemble's variance is raised before it is weighed against the network's, in z: of_scale² + (of_own · own width)². */
struct cf__doubt {
    double of_scale, of_own;
};

/* What stands around the networks, learned with them. [2]: without and with siblings */
struct cf__calibration {
    struct cf__doubt doubt[2];
    double still[4];                /* chance that a curve stands still for good: logit over 1, log run, progress, at its bound */
    struct { double early, late; } tail_low[2], tail_high[2]; /* factors that stretch the tails, up to T = .2 and from .6 on */
};

extern const struct cf__calibration cf__calibration;

/* The 1 % ... 99 % quantiles of z. input: network->inputs values. Every q is finite and none is below the one before it. */
void cf__network_quantiles(const struct cf__network *network, const float *input, double q[CF_QUANTILES]);

#endif
