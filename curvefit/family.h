/* family: one shape of learning curve, up to level and gain. Internal to curvefit.
 *
 * A curve of the family is y(t) = c + a·g(t; θ), t = x / horizon in (0, 1]. c and a are integrated out in closed form, so a
 * family is only its shape g and the ranges of θ. g is finite and falling in t on (0, 1] for every θ in range, or says that it
 * rises; its scale does not matter, the column is scaled before use.
 */
#ifndef CF_FAMILY_H
#define CF_FAMILY_H

#include "curvefit.h"

#define CF__THETA_MAX 3

struct cf__range {
    const char *name;
    double low, high; /* both > 0; the grid and the optimiser work in log θ */
    unsigned nodes;   /* points of the grid */
};

struct cf__family {
    cf_family_card card;
    unsigned n_theta;
    struct cf__range theta[CF__THETA_MAX];
    bool rises;   /* not monotone: it may rise after a minimum */
    double (*value)(double t, const double *theta);
    void (*gradient)(double t, const double *theta, double *by_theta); /* NULL with n_theta == 0 */
};

const struct cf__family *cf__family(size_t i); /* NULL past the end */

#endif
