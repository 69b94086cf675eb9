/* course: the learning rate over a run, what is known of it and what may come. Internal to curvefit.
 *
 * With the rate e(t) as a share of its peak:
 *     area S(t) = integral of e^p from 0 to t: the clock by which a curve falls (Tissue, Wang, Wang 2024, there p = 1); until the peak p = 1
 *     drop D(t) = sum of the falls of e since its peak, each felt after a lag: -integral of de(u)·(1 - exp(-(t - u) / lag)),
 *                 the annealing term of Tissue 2024, whose momentum sum it is, and of the Multi-Power Law (Luo 2025) to first order
 * While the peak has not been reached yet, D has what the rise buys besides: such losses fall faster than the area says.
 * Both are columns of the ensemble. What was observed is the same in every future; futures differ in what is still to come.
 */
#ifndef CF_COURSE_H
#define CF_COURSE_H

#include "curvefit.h"

#define CF__FUTURES 8
#define CF__COURSE_POINTS 257

struct cf__course_priors {
    double clock, lag;    /* p; lag in horizons */
    double contradicted;  /* weight of a schedule of another kind than the one stated */
    double hidden;        /* chance that a rate of which nothing is known falls before the end */
};

struct cf__course {
    bool known;  /* false: no rate, no schedule: what was seen ran at a constant rate as far as anyone can tell */
    unsigned n;  /* futures */
    double weight[CF__FUTURES];
    float area[CF__FUTURES][CF__COURSE_POINTS], drop[CF__FUTURES][CF__COURSE_POINTS]; /* even in t */
};

void cf__course_of(struct cf__course *course, const cf_task *task, const struct cf__course_priors *priors);

struct cf__moment { double area, drop; };
struct cf__moment cf__course_at(const struct cf__course *course, unsigned future, double t);

#endif
