/* counter: which of a record's numbers count the progress of the run, and which of them is x. Internal to format.
 *
 * The finest counter that never goes back is x: a step over an epoch over a batch. One that starts again (a batch within an epoch)
 * is demoted, which a second pass over the log then knows from the start.
 */
#ifndef FORMAT_COUNTER_H
#define FORMAT_COUNTER_H

#include "field.h"

enum counter_rank { RANK_NONE, RANK_BAR, RANK_LEAD, RANK_BATCH, RANK_EPOCH, RANK_STEP };

struct counter {
    char name[24];
    enum counter_rank rank;
    const char *unit;
    double value, total;
    bool demoted;
};

#define COUNTERS_MAX 16
struct counters {
    size_t n;
    struct counter counter[COUNTERS_MAX];
    double plan_step, plan_epoch; /* totals stated by name (max_steps, num_epochs); NaN */
};

void counters_clear(struct counters *counters); /* values; what is known of demotion stays */
void counters_reset(struct counters *counters);
/* Is field i a counter? It is noted then, and *mine its index in counters. first: the field stands first on its line. */
bool counters_take(struct counters *counters, const struct field *field, bool first, size_t *mine);
/* The best of those in mask (bit i: counter i), or of all that have a value with mask 0. NULL: none. */
const struct counter *counters_best(const struct counters *counters, unsigned mask);
double counters_total(const struct counters *counters, const struct counter *x);    /* as stated; NaN */
double counters_estimate(const struct counters *counters, const struct counter *x); /* from the share done that the first bar shows; NaN */

#endif
