/* divergence: see divergence.h. The chances are shares of recorded curves (learn/divergence.py counts them; docs/FORECAST.md), by what the curve has
 * done so far: nearly all that happened was seen in one source of 95, so they are shares of what such curves did, not laws. */
#include "divergence.h"

#include <math.h>

#define EXPLODED 10.0  /* times the larger of the first two values: what goes beyond and stays is lost */
#define STAYED 3       /* values in a row beyond, over the last STAYED_SHARE of what was seen: no spike */
#define STAYED_SHARE 0.05

#define CHANCE_NONFINITE 0.43 /* a value was not finite */
#define CHANCE_STAYED 0.95
#define CHANCE_BEYOND 0.86    /* the last value is beyond */
#define CHANCE_SPIKED 0.03    /* it was, and came back */
#define CHANCE_LOSS 0.002     /* nothing of the kind, times what is left of the run; by run .005, by source .0006 */
#define CHANCE_SCORE 0.0001   /* likewise of a score, which cannot explode: never seen */

static double chance_of_explosion(const cf_bin *bins, size_t n)
{
    double most = EXPLODED * (n > 1 ? fmax(bins[0].y, bins[1].y) : INFINITY), highest = -INFINITY;
    size_t i = n;
    if (!(most > 0)) return 0;
    while (i && bins[i - 1].y_min > most) i--;
    if (n - i >= STAYED && bins[i].x <= (1 - STAYED_SHARE) * bins[n - 1].x_last) return CHANCE_STAYED;
    if (i < n) return CHANCE_BEYOND;
    for (size_t k = 0; k < n; k++) highest = fmax(highest, bins[k].y_max);
    return highest > most ? CHANCE_SPIKED : 0;
}

double cf__chance_of_divergence(const cf_task *task)
{
    const cf_bin *bins;
    cf_trouble trouble = cf_series_trouble(task->series);
    size_t n = cf_series_bins(task->series, &bins);
    double left = fmin(fmax(1 - cf_series_last_x(task->series) / task->horizon, 0), 1);
    if (trouble.nonfinite_run >= CF__DIVERGED_RUN || (trouble.nonfinite && !n)) return 1;
    if (trouble.nonfinite) return CHANCE_NONFINITE;
    if (task->goal == CF_MAXIMISE) return CHANCE_SCORE * left;
    return fmax(chance_of_explosion(bins, n), CHANCE_LOSS * left);
}
