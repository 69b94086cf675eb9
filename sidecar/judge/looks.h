/* looks: at which values a live run asks for a verdict: at the first ones, then at most LOOKS_MOST times over a horizon. By progress, not by
 * time, so that the same log gives the same verdicts. */
#ifndef JUDGE_LOOKS_H
#define JUDGE_LOOKS_H

#include <stdbool.h>
#include <stdint.h>

#define LOOKS_MOST 400.0
#define LOOKS_AT_ALL 8 /* at so many of the first values */

struct looks { double at; uint64_t n; }; /* the last one; how many. Begins as zeros */

/* True: look now, at x. horizon NaN: unknown, every value is looked at. */
static inline bool looks_due(struct looks *looks, double x, double horizon)
{
    if (horizon > 0 && looks->n > LOOKS_AT_ALL && x - looks->at < horizon / LOOKS_MOST) return false;
    looks->at = x;
    looks->n++;
    return true;
}

#endif
