/* ensemble: Bayesian model averaging over all families, on a grid. Internal to curvefit.
 *
 * Model, with t = x / horizon and y in units of its own spread:
 *     y_i = c + a·g(t_i; θ) + r(t_i) + ε_i,   ε_i ~ N(0, σ²/n_i),   r a Brownian motion of rate κσ² in the time τ(t)
 *     b·D(t) is taken off where a learning rate is known that decays, and g then runs on its area (course.h).
 * Given the node θ and κ this is linear-Gaussian: c, a, b ~ N(·, ·σ²) and σ² ~ inverse gamma integrate out in closed form, and the
 * final value is Student t. What is left is a sum over nodes × κ. r is what no family explains; without it the posterior of a
 * long series is overconfident.
 */
#ifndef CF_ENSEMBLE_H
#define CF_ENSEMBLE_H

#include "curvefit.h"

#define CF__RATES 4

/* Hyper-parameters; all lengths in spreads of the series. */
struct cf__priors {
    double level_sd;            /* of c around the last value */
    double gain_mean, gain_sd;  /* of a, the whole drop from the first observation to the end, in the direction of the goal */
    double drop_mean, drop_sd;  /* of b, the drop that a decay of the rate to 0 buys, over what the last octave of progress bought */
    double least_noise, shape;  /* of σ: floor; weight of the noise measured from differences, in half observations */
    double most_independent;    /* averaging more observations than this does not lower a bin's noise: values are correlated */
    double temper;              /* exponent of the evidence */
    double rate_sd[CF__RATES], rate_prior[CF__RATES]; /* κ: sd of the discrepancy over one unit of τ */
};
extern const struct cf__priors cf__priors;

struct cf__ensemble;
struct cf__ensemble *cf__ensemble_create(void); /* computes the grid once; about 1 MiB */
void cf__ensemble_destroy(struct cf__ensemble *ensemble);
void cf__ensemble_use(struct cf__ensemble *ensemble, const struct cf__priors *priors); /* borrowed; for learning */

/* Conditions on the task's series. Needs at least 2 finite observations before the horizon; false otherwise. */
bool cf__ensemble_fit(struct cf__ensemble *ensemble, const cf_task *task);

/* A mixture of few normal-like parts: what the ensemble says of the mean of `observations` values around x. */
struct cf__mixture {
    unsigned n;
    double weight[16], mean[16], sd[16];
};
void cf__ensemble_predict(const struct cf__ensemble *ensemble, double x, double observations, struct cf__mixture *mixture);
size_t cf__ensemble_families(const struct cf__ensemble *ensemble, cf_family_weight weights[CF_FAMILIES_MAX]); /* heaviest first */

double cf__mixture_mean(const struct cf__mixture *mixture);
double cf__mixture_sd(const struct cf__mixture *mixture);
double cf__mixture_logpdf(const struct cf__mixture *mixture, double y);
void cf__mixture_quantiles(const struct cf__mixture *mixture, double q[CF_QUANTILES]);

#endif
