/* track: a recorded trial as a replay sees it. Internal to replay. */
#ifndef REPLAY_TRACK_H
#define REPLAY_TRACK_H

#include "replay.h"

struct track {
    const struct replay_trial *trial;
    size_t index;    /* in the sweep */
    double horizon;
    double *t, *v;   /* progress; value, lower is better, infinite where it was not finite */
    double final;    /* mean of v from FINAL_FROM of the horizon on, the last v where nothing was logged there */
    bool finished;
    size_t points;   /* seen so far under the policy */
    double run;      /* share of the horizon that was run so far */
};

struct tracks { struct track *of; size_t n; double *room; };

/* CF_EINVAL: a sweep that cannot be replayed. tracks_free also after a failure. */
cf_status tracks_make(struct tracks *tracks, const struct replay_sweep *sweep);
void tracks_free(struct tracks *tracks);

/* The value at progress: the last one logged until then, the first one before. */
double track_at(const struct track *track, double progress);
/* How many values had been logged at progress. */
size_t track_seen(const struct track *track, double progress);

/* Tells the judge of the trial's k-th value, and first of the learning rates since the one before. verdict: see judge_log. */
void track_tell(const struct track *track, size_t k, const char *metric, struct judge *judge, struct verdict *verdict);

int ascending_double(const void *a, const void *b);
double median_of(double *values, size_t n); /* sorts them; n >= 1; of an even number the mean of the middle two */

#endif
