/* name: what a logged name says by itself, remembered: a log has few names and says them on every line. Internal to format. */
#ifndef FORMAT_NAME_H
#define FORMAT_NAME_H

#include "counter.h"
#include "metric/metric.h"

struct name_facts {
    char name[FIELD_NAME_MAX];
    unsigned hash;
    bool loss; /* it holds the word */
    bool set;  /* it is nothing but a word for data: "val" */
    enum field_context context; /* it is of data held out, or of training */
    enum field_context phrase;  /* the same, said by a word of its own: "val loss", not "val_loss" */
    struct metric_meaning meaning;
    struct counter_word counter;
};

#define NAMES_KEPT 512 /* a power of two; one that is crowded out is worked out again */
struct names { struct name_facts facts[NAMES_KEPT]; }; /* all zero: empty */

/* Valid until the next call. */
const struct name_facts *name_facts_of(struct names *names, const char *name);

#endif
