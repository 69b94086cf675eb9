/* counter: which of a record's numbers count the progress of the run, and which of them is x. Internal to format.
 *
 * The finest counter that never goes back is x: a step over an epoch over a batch. One that starts again while an epoch counts on
 * is demoted, and one that never moves is none; a second pass over the log knows both from its first line. A count up to a stated total
 * beside an epoch of several ("Epoch 1/5 ... 100/600") is taken for a batch until it has counted on from one epoch into the next: better
 * a coarse x for an epoch than the end of the first epoch for the end of the run.
 *
 * A total is believed only while nothing speaks against it: a missing end costs a forecast, a wrong one may cost the run. So "78/20",
 * "78/30" states none, nor does a count that begins again once it is through, that is done within one epoch of several, that is an
 * evaluation's, or that has gone further than its end.
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
    bool evaluation;          /* it was first seen in one */
    unsigned shifts, rises;   /* in this pass: how often it had another total; how often it rose under the present one */
    bool through;             /* it was half through or more when it began again */
    bool ahead;               /* an epoch stood behind it in its record: that is no epoch it is counted within */
    unsigned beside, apart;   /* of a bar: how often it was what x was when that moved on, and was not */
};

/* What a name says about counting. */
struct counter_word {
    enum counter_rank rank; /* RANK_NONE: it counts nothing */
    enum counter_plan { PLAN_NONE, PLAN_STEPS, PLAN_EPOCHS } plan; /* a total of the run, stated by this name */
    char name[24];          /* lower case, without what stands before its last blank or slash */
    const char *unit;
    bool part;              /* it is done within the run: a total beside it is not the run's ("warmup step 10/100") */
};
struct counter_word counter_word_of(const char *name);

#define COUNTERS_MAX 16
struct counters {
    size_t n;
    struct counter counter[COUNTERS_MAX];
    double plan_step, plan_epoch; /* totals stated by name (max_steps, num_epochs); NaN */
    uint64_t sightings;
    uint64_t began;               /* sightings before the record that is being read */
    double compared;              /* x when the bars were last compared with it */
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
/* The record that holds the counters in mask tells losses of an evaluation alone, of no epoch or step: its bars are that one's, if they are new. */
void counters_of_evaluation(struct counters *counters, unsigned mask);
void counters_begin(struct counters *counters); /* a record begins */
void counters_note(struct counters *counters, size_t mine, double value, double total);
/* A total of the run was stated by a name of that plan, elsewhere than in the log. */
void counters_plan(struct counters *counters, enum counter_plan plan, double total);
/* x of a record that holds the counters in mask (bit i: counter i): one of them, or the last seen of those before. mask 0: of the log
 * as it stands. NULL: none. */
const struct counter *counters_best(const struct counters *counters, unsigned mask);
const struct counter *counters_best_of(struct counters *counters, unsigned mask); /* the same, remembered; mask not 0 */
void counters_used(struct counters *counters, const struct counter *x); /* a record had this x; NULL: none */
double counters_total(const struct counters *counters, const struct counter *x);    /* as stated, and believed; NaN */
/* The bar that shows how much of the whole run is done, not of one evaluation; NULL: none. */
const struct counter *counters_bar(const struct counters *counters);

#endif
