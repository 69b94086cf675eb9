/* siblings: what the other runs of the same study say of this one. Internal to curvefit.
 *
 * A run is analysed once, when it is added: at each progress point of a grid its level L, scale A (shape.h), and the median m
 * and width w of z that the network would have forecast there. A forecast at progress T sets these against its own: where the
 * siblings stood, what they gained from there on, how wrong the network was on each. The sums are inputs of a second network,
 * which corrects the answer of the first. Of a run that is not finished the median of its own forecast stands in for its end, and it
 * counts as far as that forecast is surer than the one at T was (cf_run_forecast_end). Mirrored by learn/siblings.py.
 */
#ifndef CF_SIBLINGS_H
#define CF_SIBLINGS_H

#include "network.h"
#include "shape.h"

#define CF__GRID 19           /* progress points at which a sibling is analysed */
#define CF__SIBLINGS_MOST 12  /* the newest so many are asked */
#define CF__SIBLING_INPUTS 36

struct cf__analysis {
    bool analysed; /* it was long enough */
    bool usable;   /* and its end is known, or was forecast */
    double reach;  /* progress up to which it was seen; infinite: finished */
    double final;  /* flipped: lower is better; of an unfinished run, what its own forecast says */
    double doubt;  /* width of that forecast; 0: finished */
    double lowest; /* of all its values, not flipped */
    double level[CF__GRID], log_scale[CF__GRID], median[CF__GRID], width[CF__GRID];
};

/* seen: the curve of a run, to its end or as far as it got. */
void cf__analyse(struct cf__analysis *analysis, const cf_series *seen, double horizon, cf_goal goal);

/* In curvefit's own objects: */
const struct cf__analysis *cf__run_analysis(const cf_run *run);
const cf_run *cf__study_run(const cf_study *study, size_t i);             /* i < cf_study_count */

/* The runs that a run at this progress asks: the newest that finished; where they are few, then unfinished ones. Returns their number. */
unsigned cf__siblings_asked(const cf_study *study, double progress, const cf_run *asked[CF__SIBLINGS_MOST]);

/* The inputs of the second network for a run whose first answer, in z, is q; doubt: mean doubt in the ends of those asked, in widths of
 * q, at most 1. Returns how many siblings were asked. */
unsigned cf__sibling_inputs(const cf_study *study, const struct cf__features *own, const double q[CF_QUANTILES],
                            float input[CF__SIBLING_INPUTS], double *doubt);

/* A line through the siblings: with level_j the mean of sibling j over the last tenth of the progress seen, and level our own there,
 *     final_j = α + ρ (level_j - level) + e_j,   ρ ~ N(0.8, 1),   e_j ~ N(0, s²),   s² inverse gamma around (0.2 gain)² (1 + 2 / siblings) + noise,
 * siblings weighing by 1 / (1 + (distance / near)²), and less where their end is in doubt; of losses that are positive throughout, logarithms. α is where a run ends that stands
 * where we stand, for a finished run in the same study tells what is still to come: a decay of the rate, a late fall. Median and width
 * (cf__width_of) of our final value, in z. The smaller the differences between runs the surer it is. false: no sibling. No allocation. */
bool cf__sibling_line(const cf_task *task, const struct cf__features *own, double *median, double *width);

#define CF__NORMAL_80 2.563 /* distance of the 10 % and 90 % quantiles of a normal, in sd */
double cf__width_of(const double q[CF_QUANTILES]); /* the sd of a normal with the same 10 % and 90 % quantiles; > 0 */

#endif
