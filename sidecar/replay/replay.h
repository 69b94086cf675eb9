/* replay: what a stopping policy would have done to trials that are over. Pure: no I/O, no clock; the same call, the same answer.
 *
 * A sweep is a list of finished trials in the order in which they start, on so many workers. Time is counted in full runs: a trial that
 * reached progress t of its horizon took t, and the next one starts when a worker is free. After each logged value the policy may stop
 * the trial. Cost is the share of the whole sweep that was run; regret is how much worse than the best of all trials the best finished
 * one is, in units of the sweep's spread (median final less best final), at most REPLAY_REGRET_MOST.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "judge/judge.h"

#define REPLAY_REGRET_MOST 5.0 /* also the regret where no trial finished */
#define REPLAY_SETTINGS 2

/* Values at places that rise. Borrowed. */
struct replay_curve { size_t n; const double *x, *y; };

/* One trial as it was recorded. Borrowed for the call. */
struct replay_trial {
    const char *name;    /* unique in the sweep */
    double horizon;      /* > 0; where it lies below the last x, that is taken */
    size_t n;            /* points, >= 1 */
    const double *x, *y; /* x rises; y may be not finite (a worst value) */
    struct replay_curve rate; /* the learning rate, if it was logged: the judge is told of it as of the rest */
};

struct replay_sweep {
    const struct replay_trial *trials; /* in the order of their start */
    size_t n;                          /* >= 1 */
    const char *metric;
    enum metric_goal goal;             /* GOAL_MIN or GOAL_MAX */
    unsigned workers;                  /* >= 1 */
    bool live;                         /* the judge knows and looks as in a live run (judge/looks.h); false: as `serve`, told of the sweep, asked at every value */
    bool thaw;                         /* once nothing runs, a policy that can choose goes on with stopped trials */
};

struct replay_outcome {
    double cost;           /* in (0, 1] */
    double best, kept;     /* final value of the best trial, of the best finished one (NaN: none finished) */
    size_t best_trial;     /* index into trials */
    bool scored;           /* false: all finals alike or none finite, so that there is nothing to lose and the rest is 0 */
    double spread;         /* |median final - best final| */
    double regret;
    double regret_less_noise; /* regret beyond the noise of a final value */
    bool kept_within_1, kept_within_5; /* regret at most 1 %, 5 % of the spread */
};

/* What became of a trial. */
struct replay_fate {
    double run;     /* share of its horizon that was run */
    size_t points;  /* of its points that were seen */
    bool finished;
    struct verdict verdict; /* the last one, of the policy "foregone" only */
};

/* A row of the table of policies. */
struct replay_policy {
    const char *name;     /* "foregone", "no-stop", "patience", "median", "asha", "sha", "i-epoch", "oracle" */
    const char *sentence; /* what it does, with the meaning of its settings */
    bool pauses;          /* sets all trials aside and goes on with some: needs pause and resume */
    size_t n_settings;    /* numbers that it takes, <= REPLAY_SETTINGS */
    const double (*usual)[REPLAY_SETTINGS]; /* the settings that a comparison tries */
    size_t n_usual;       /* >= 1 */
};
size_t replay_policy_count(void);
const struct replay_policy *replay_policy_at(size_t i);             /* i < count; foregone is the first */
const struct replay_policy *replay_policy_named(const char *name);  /* NULL: none */

/* Replays the sweep. settings: the policy's numbers (for "foregone" one: delta, in place of the judge's). judged: settings of the judge,
 * of which metric, goal, trials, workers and thaw are taken from the sweep; only "foregone" looks at it. fates: room for sweep->n, or NULL.
 * CF_EINVAL: a broken sweep; CF_ENOMEM. */
cf_status replay_run(const struct replay_sweep *sweep, const struct replay_policy *policy, const double settings[REPLAY_SETTINGS],
                     const struct policy *judged, struct replay_outcome *outcome, struct replay_fate *fates);

/* A random order of n things, the same for the same seed. */
void replay_shuffle(size_t *order, size_t n, uint64_t seed);

/* One policy setting's mean cost and mean regret. */
struct replay_point { double cost, regret; };
/* The least cost at which the mean regret is at most limit, interpolated along the front of the points (which are sorted by cost);
 * running everything (cost 1, regret 0) is always possible. */
double replay_least_cost(struct replay_point *points, size_t n, double limit);

#endif
