/* counter: which of a record's numbers count the progress of the run, and which of them is x. Internal to format.
 *
 * The finest counter that never goes back is x: a step over an epoch over a batch. One that starts again while an epoch counts on
 * is demoted, and one that never moves is none; a second pass over the log knows both from its first line. A count up to a stated total
 * beside an epoch of several ("Epoch 1/5 ... 100/600") is taken for a batch until it has counted on from one epoch into the next: better
 * a coarse x for an epoch than the end of the first epoch for the end of the run.
 */
#ifndef FORMAT_COUNTER_H
#define FORMAT_COUNTER_H

#include "field.h"

#include <stdint.h>

enum counter_rank { RANK_NONE, RANK_BAR, RANK_LEAD, RANK_BATCH, RANK_EPOCH, RANK_STEP, RANK_TIMESTEP };

struct counter {
    char name[24];
    enum counter_rank rank;
    const char *unit;
    double value, total;
    uint64_t uses;            /* records whose x it was */
    unsigned changes, resets, falls; /* how often it moved on, began again, and went back at all */
    uint64_t sightings, seen; /* how often it was seen in this pass; when last, in sightings of any counter */
    double epoch;             /* when it was last seen; NaN */
    bool fraction;            /* it is no whole number, or was not once */
    bool crossed;             /* it counted on from one epoch into the next */
};

/* What a name says about counting. */
struct counter_word {
    enum counter_rank rank; /* RANK_NONE: it counts nothing */
    enum counter_plan { PLAN_NONE, PLAN_STEPS, PLAN_EPOCHS } plan; /* a total of the run, stated by this name */
    char name[24];          /* lower case, without what stands before its last blank or slash */
    const char *unit;
};
struct counter_word counter_word_of(const char *name);

#define COUNTERS_MAX 16
struct counters {
    size_t n;
    struct counter counter[COUNTERS_MAX];
    double plan_step, plan_epoch; /* totals stated by name (max_steps, num_epochs); NaN */
    uint64_t sightings;
    bool second_pass;             /* what is known of each counter is the whole log's */
    unsigned turns;               /* moves on whenever another counter may have become the best */
    struct { unsigned mask, turns; const struct counter *best; } found[4]; /* answers of counters_best, while there is no turn */
};

void counters_clear(struct counters *counters); /* values; what is known of demotion stays */
void counters_reset(struct counters *counters);
/* Is the field a counter? It is noted then, and *mine its index in counters. word: of its name; first: it stands first on its line;
 * evaluation: it is said to belong to one. */
bool counters_take(struct counters *counters, const struct field *field, const struct counter_word *word, bool first, bool evaluation, size_t *mine);
/* The same again for the next record: would a nameless field be noted as counter `mine` (SIZE_MAX: be none)? And the noting. */
bool counters_would_take(const struct counters *counters, const struct field *field, bool first, size_t mine);
void counters_note(struct counters *counters, size_t mine, double value, double total);
/* A total of the run was stated by a name of that plan, elsewhere than in the log. */
void counters_plan(struct counters *counters, enum counter_plan plan, double total);
/* x of a record that holds the counters in mask (bit i: counter i): one of them, or the last seen of those before. mask 0: of the log
 * as it stands. NULL: none. */
const struct counter *counters_best(const struct counters *counters, unsigned mask);
const struct counter *counters_best_of(struct counters *counters, unsigned mask); /* the same, remembered; mask not 0 */
void counters_used(struct counters *counters, const struct counter *x); /* a record had this x; NULL: none */
double counters_total(const struct counters *counters, const struct counter *x);    /* as stated; NaN */
/* The bar that shows how much of the whole run is done, not of one evaluation; NULL: none. */
const struct counter *counters_bar(const struct counters *counters);

#endif
