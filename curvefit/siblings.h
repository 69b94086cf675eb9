/* siblings: what finished runs of the same study say of this one. Internal to curvefit.
 *
 * A run is analysed once, when it is added: at each progress point of a grid its level L, scale A (shape.h), and the median m
 * and width w of z that the network would have forecast there. A forecast at progress T sets these against its own: where the
 * siblings stood, what they gained from there on, how wrong the network was on each. The sums are inputs of a second network,
 * which corrects the answer of the first. Mirrored by learn/siblings.py.
 */
#ifndef CF_SIBLINGS_H
#define CF_SIBLINGS_H

#include "network.h"
#include "shape.h"

#define CF__GRID 19           /* progress points at which a sibling is analysed */
#define CF__SIBLINGS_MOST 12  /* the newest so many are asked */
#define CF__SIBLING_INPUTS 36

struct cf__analysis {
    bool usable;   /* finished, and long enough */
    double final;  /* flipped: lower is better */
    double level[CF__GRID], log_scale[CF__GRID], median[CF__GRID], width[CF__GRID];
};

/* finished: the whole curve of a run. */
void cf__analyse(struct cf__analysis *analysis, const cf_series *finished, double horizon, cf_goal goal);

/* In curvefit's own objects: */
const struct cf__analysis *cf__run_analysis(const cf_run *run);
const cf_run *cf__study_run(const cf_study *study, size_t i);             /* i < cf_study_count */
void cf__series_head(cf_series *to, const cf_series *from, double last_x); /* what had been seen when x was last_x */

/* The inputs of the second network for a run whose first answer, in z, is q. Returns how many siblings were asked. */
unsigned cf__sibling_inputs(const cf_study *study, const struct cf__features *own, const double q[CF_QUANTILES],
                            float input[CF__SIBLING_INPUTS]);

double cf__width_of(const double q[CF_QUANTILES]); /* the sd of a normal with the same 10 % and 90 % quantiles; > 0 */

#endif
