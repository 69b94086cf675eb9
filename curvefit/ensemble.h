/* ensemble: Bayesian model averaging over all families, on a grid. Internal to curvefit.
 *
 * Model, with t = x / horizon and y in units of its own spread; of a loss that is positive throughout, y is the logarithm:
 *     y_i = c + a·g(t_i; θ) + r(t_i) + ε_i,   ε_i ~ N(0, σ²/n_i),   r a Brownian motion of rate κσ² in the time τ(t)
 *     b·D(t) is taken off, the drop that a falling learning rate buys, and g runs on the rate's area (course.h).
 * Given the node θ and κ this is linear-Gaussian: c, a, b ~ N(·, ·σ²) and σ² ~ inverse gamma integrate out in closed form, and the
 * final value is Student t. What is left is a sum over nodes × κ. r is what no family explains; without it the posterior of a
 * long series is overconfident.
 */
#ifndef CF_ENSEMBLE_H
#define CF_ENSEMBLE_H

#include "course.h"

#define CF__RATES 4

/* Hyper-parameters; lengths in spreads of the series unless said otherwise. Learned (learn/priors.c). */
struct cf__priors {
    double level_sd;            /* of c around the last value */
    double gain_mean, gain_sd;  /* of a, what is lost between the random start and the end, in the direction of the goal */
    double drop_share, drop_power, drop_sd; /* of b, what a decay of the rate to 0 buys: mean share·octave^power, sd over mean; see scale_drop */
    double start;               /* sd of a value before the curve has settled, over its distance from the first settled one */
    double log_time;            /* τ = log(1 + log_time·t) */
    double least_noise, shape;  /* of σ: floor; weight of the noise measured from differences, in half observations */
    double most_independent;    /* averaging more observations than this does not lower a bin's noise: values are correlated */
    double temper;              /* exponent of the evidence */
    double stray;               /* weight of a part three times as wide as what families and noise say, an octave and more ahead */
    double rate_sd[CF__RATES], rate_prior[CF__RATES]; /* κ: sd of the discrepancy over one unit of τ */
    struct cf__course_priors course;
    struct cf__family_prior { const char *name; double weight; } family[CF_FAMILIES_MAX]; /* one that is not listed has weight 1 */
};
extern const struct cf__priors cf__priors;

struct cf__ensemble;
struct cf__ensemble *cf__ensemble_create(void); /* computes the grid once; about 1 MiB */
void cf__ensemble_destroy(struct cf__ensemble *ensemble);
void cf__ensemble_use(struct cf__ensemble *ensemble, const struct cf__priors *priors); /* borrowed; learning tries others than cf__priors */

/* Conditions on the task's series. Needs at least 2 finite observations before the horizon; false otherwise. */
bool cf__ensemble_fit(struct cf__ensemble *ensemble, const cf_task *task);

#define CF__PARTS 10

/* A mixture of few normal-like parts: what the ensemble says of the mean of `observations` values around x. */
struct cf__mixture {
    bool log; /* parts are of the logarithm */
    unsigned n;
    double weight[CF__PARTS], mean[CF__PARTS], sd[CF__PARTS];
};
void cf__ensemble_predict(const struct cf__ensemble *ensemble, double x, double observations, struct cf__mixture *mixture);
/* Whether x lies inside what was seen, so that a prediction is what was seen there: one part, no stray one. */
bool cf__ensemble_saw(const struct cf__ensemble *ensemble, double x);
/* What the fall of the rate that is still to come is expected to buy, in the unit of y, >= 0; 0 where no rate is known. */
double cf__ensemble_due(const struct cf__ensemble *ensemble);
size_t cf__ensemble_families(const struct cf__ensemble *ensemble, cf_family_weight weights[CF_FAMILIES_MAX]); /* heaviest first */

void cf__mixture_moments(const struct cf__mixture *mixture, double *mean, double *sd);
double cf__mixture_logpdf(const struct cf__mixture *mixture, double y);
void cf__mixture_quantiles(const struct cf__mixture *mixture, double q[CF_QUANTILES]);

#endif
