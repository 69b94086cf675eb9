/* log_curves: a log that is read from its start to its end, as the curves in it. */
#ifndef LOG_CURVES_H
#define LOG_CURVES_H

#include "format/reader.h"

struct log_curve {
    char name[128];
    struct metric_meaning meaning;
    size_t n, room;
    double *x, *y; /* in the order of the log: x may repeat or go back (a restart), y may be not finite */
};

struct log_curves {
    struct log_curve *curves;
    size_t n, room;
    struct reader_facts facts;
    double seconds; /* between the first and the last date and time in it; NaN: it has none */
    double first, last; /* the two of them */
};

/* path: as log_input_read takes it. False with a message in error: it cannot be read, or a wrong regex.
 * log_curves_free in any case. */
bool log_curves_read(struct log_curves *log, const char *path, const struct reader_options *how, char error[320]);
void log_curves_free(struct log_curves *log);

const struct log_curve *log_curves_primary(const struct log_curves *log, const char *name); /* the metric named, or the best of those with a direction; NULL */
const struct log_curve *log_curves_rate(const struct log_curves *log);                      /* the learning rate; NULL */
double log_curves_horizon(const struct log_curves *log);                                    /* planned end of x as the log tells it; NaN */

#endif
