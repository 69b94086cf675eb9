/* replay_runs: many sweeps in many orders under many policies, on all cores, and their means. */
#ifndef REPLAY_RUNS_H
#define REPLAY_RUNS_H

#include "log/finished.h"
#include "replay/replay.h"

#define REPLAY_MOST_TRIALS 100 /* a study of more is replayed by samples of REPLAY_SAMPLE, unless --trials says otherwise */
#define REPLAY_SAMPLE 20
#define REPLAY_FEWEST 3 /* trials of a sweep */

/* A policy with its settings. */
struct replay_line {
    const struct replay_policy *policy;
    double settings[REPLAY_SETTINGS];
    bool thaw;
    unsigned orders; /* how many of the orders it is run in */
    /* means over orders, then sweeps, then sources; shares of the orders */
    double cost, regret, regret_less_noise, best_kept, within_1, within_5, hours;
    unsigned scored, kept; /* orders with something to lose, over all sweeps; those in which the best trial was finished */
};

struct replay_runs {
    const struct options *options;
    struct finished *finished;
    struct replay_line *lines;
    size_t n;
    unsigned orders;
    double hours; /* mean of a whole sweep, run in full; NaN: unknown */
};

/* Fills lines (the judge at each delta, with and without thawing, and every other policy at its usual settings) and runs them.
 * Sweeps of fewer than REPLAY_FEWEST trials must be gone. False: out of memory. */
bool replay_runs_make(struct replay_runs *runs, struct finished *finished, const struct options *options);
void replay_runs_free(struct replay_runs *runs);

/* The judge at the delta of the options. */
const struct replay_line *replay_runs_default(const struct replay_runs *runs, bool thaw);

/* One sweep in the order given; fates: one for each trial. */
bool replay_given_order(const struct replay_runs *runs, const struct finished_sweep *sweep, struct replay_fate *fates);

#endif
