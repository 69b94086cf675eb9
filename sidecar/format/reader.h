/* reader: lines of one training log in, observations out. It recognises the format by looking and changes its mind when the
 * log changes. One table row and one file a format (formats.c, format_*.c). Pure: no I/O, no clock.
 */
#ifndef READER_H
#define READER_H

#include "lines/lines.h"
#include "metric/metric.h"

struct observation {
    const char *metric; /* as logged; valid during the call */
    enum metric_kind kind;
    enum metric_goal goal;
    double x;           /* NaN: no counter known yet */
    const char *unit;   /* "step", "epoch", "iteration", "token" ...; static text; NULL with x unknown */
    double value;       /* may be NaN or infinite: that is what was logged */
    uint64_t line;
};

typedef void (*observation_fn)(void *context, const struct observation *observation);

struct reader_options {
    const char *metric_regex; /* PCRE2 with groups "name" and "value", or one group for a value that the words before it name; NULL: none */
    const char *x_regex;      /* PCRE2, first group is the counter; NULL: none */
};

struct reader_facts {
    const char *format;      /* name of the format that read most values; "none" */
    double total;            /* planned end of x as the log states it; NaN: not stated */
    const char *total_unit;  /* unit of x and of the totals; NULL */
    double x;                /* last one; NaN */
    double bar_done, bar_total; /* of a progress bar of the whole run: where x counts something else, its end is x * bar_total / bar_done; NaN */
    uint64_t values, lines;
};

struct reader;
/* NULL with a message in error (a wrong regex, out of memory). options NULL: defaults. */
struct reader *reader_create(const struct reader_options *options, observation_fn fn, void *context, char *error, size_t error_size);
void reader_destroy(struct reader *reader);
void reader_feed(struct reader *reader, const char *bytes, size_t length); /* any chunking */
void reader_end(struct reader *reader);                                    /* flushes what waited for more lines */
/* The log is about to be fed again from its start: forgets everything but what was learned of its counters, so that the second
 * pass knows from the first line which of them is x. */
void reader_again(struct reader *reader);
/* A setting of the run that stands elsewhere than in the log: "max_steps" and its like state where it is to end. */
void reader_setting(struct reader *reader, const char *name, double value);
enum reader_plan { READER_NO_PLAN, READER_PLANS_STEPS, READER_PLANS_EPOCHS };
enum reader_plan reader_plan_of(const char *name); /* what a setting of that name states */
bool reader_counts_epochs(const char *name);       /* a value of that name is the epoch the run is in */
/* Reads on as if no line had been of the shape of another: the same values, several times slower. What tests compare with. */
void reader_forget_shapes(struct reader *reader);
struct reader_facts reader_facts(const struct reader *reader);             /* so far */

/* The table of formats, for `foregone formats`. */
struct format_card { const char *name, *what, *example; };
size_t reader_format_count(void);
struct format_card reader_format(size_t i);

#endif
