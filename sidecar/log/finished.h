/* finished: trials that are over, from logs, folders of logs, archives and studies, as sweeps that can be replayed. */
#ifndef FINISHED_H
#define FINISHED_H

#include "options/options.h"

struct finished_curve { size_t n; double *x, *y; }; /* x rises; y may be not finite */

struct finished_trial {
    char *name;
    double horizon, seconds; /* planned last x, the last one seen where nobody said; seconds of the whole run, NaN: unknown */
    struct finished_curve values, rate; /* of the judged metric; the learning rate, of a log or a study that has it */
};

struct finished_sweep {
    char study[256], metric[128], unit[24]; /* unit of x; "": unknown */
    enum metric_goal goal;  /* GOAL_MIN or GOAL_MAX */
    bool live;              /* from what a live run saw, so looked at as often: logs and studies, not archives, which `serve` may be asked about */
    size_t source;          /* which operand it came from */
    size_t n, room;
    struct finished_trial *trials;
};

struct finished {
    const struct options *options;
    struct finished_sweep *sweeps;
    size_t n, room;
    unsigned unfinished, without_metric, not_logs, cut; /* trials that did not end; files without the metric; files that are no logs; ended before their plan */
};

/* Adds what operand names: an archive, a log, a folder (every log in it, or every run of TensorBoard and its like, is a trial of one sweep),
 * else a study of the store. Logs named singly are trials of one sweep, too. False with a message: nothing of the kind. */
bool finished_load(struct finished *all, const char *operand, size_t source, char error[400]);
void finished_sweep_free(struct finished_sweep *sweep);
void finished_free(struct finished *all);

#endif
