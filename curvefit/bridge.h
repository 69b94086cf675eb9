/* bridge: what is said of single observations on the way agrees with what is said of the end. Internal to curvefit.
 *
 * The ensemble draws any x, but the final value is forecast by more voices. Were all normal, with V(x) the ensemble's variance of the curve
 * at x, V(end) that of the final value and β = Cov(x, end) / V(end), then an end of another mean and variance W makes of x
 *     mean + β (shift of the end),   variance V(x) + β² (W - V(end)).
 * β is a power of V(x) / V(end): 1 for Brownian motion, ½ for curves that differ in one number.
 */
#ifndef CF_BRIDGE_H
#define CF_BRIDGE_H

#include "ensemble.h"

struct cf__bridge { double shift, before, after; }; /* of the end: of its median; its sd as the ensemble says, and as the forecast does */

/* q: the forecast of the final value; ensemble: what that said of it; log_scale: parts are of the logarithm. */
void cf__bridge_to(struct cf__bridge *bridge, bool log_scale, const double ensemble[CF_QUANTILES], const double q[CF_QUANTILES]);

/* A single observation at x, noise included. */
void cf__bridge_predict(const struct cf__bridge *bridge, const struct cf__ensemble *ensemble, double x, struct cf__mixture *mixture);

#endif
