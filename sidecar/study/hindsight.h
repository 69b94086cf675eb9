/* hindsight: what was said of the trials of a study, beside how they ended: were the stops of a dry run right, did chances called at p come true, did
 * the 90 % intervals hold. Looks only at trials that ran to their end, so that after real stops it speaks of those that were let go on. */
#ifndef HINDSIGHT_H
#define HINDSIGHT_H

#include "store/store.h"

#define HINDSIGHT_BINS 5

enum hindsight_stop { STOP_NOT_DUE, STOP_OPEN, STOP_RIGHT, STOP_WRONG }; /* open: it has not ended, or there is nothing to compare with */

struct hindsight_trial {
    int64_t id;
    double final;              /* mean of the judged metric over the last 2 % of its horizon; NaN: it did not run to its end */
    enum hindsight_stop stop;  /* the first stop that was due in a dry run */
    int inside;                /* its end lay inside the 90 % interval of that stop's forecast: 1, 0; -1: unknown */
    double saved_share;        /* of its run, had it been stopped there; NaN: no stop was due */
    double saved_seconds;      /* NaN: unknown */
};

struct hindsight {
    struct hindsight_trial *trials;
    size_t n;
    unsigned due, open, right, wrong;
    double planned, saved_share, saved_seconds;          /* over all trials that a dry run let go on; shares in full runs */
    struct { unsigned n, came; double p; } bin[HINDSIGHT_BINS]; /* chances called within its bounds: how many, how many came true, their mean */
    unsigned intervals, held;
};
extern const double hindsight_bounds[HINDSIGHT_BINS + 1]; /* of the bins: 0 ... 1 */

/* False: out of memory. hindsight_free in any case. */
bool hindsight_make(struct hindsight *all, struct store *store);
void hindsight_free(struct hindsight *all);
const struct hindsight_trial *hindsight_of(const struct hindsight *all, int64_t id); /* NULL: none */

/* Sentences without a full stop; "": nothing to tell. price NaN: not known. */
const char *hindsight_stop_text(const struct hindsight *all, const struct store_trial *trial, char *text, size_t size); /* "a stop was due at step 9 of 30: rightly ..." */
const char *hindsight_dry_run_text(const struct hindsight *all, double price, char *text, size_t size);
const char *hindsight_reliability_text(const struct hindsight *all, char *text, size_t size);

#endif
