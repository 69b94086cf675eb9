/* clock: trials started, logged, stopped and thawed in the order in which it would have happened. Internal to replay. */
#ifndef REPLAY_CLOCK_H
#define REPLAY_CLOCK_H

#include "track.h"

/* A policy at work. Any hook but log may be NULL. */
struct online {
    void *state;
    void (*start)(void *state, const struct track *track);
    bool (*log)(void *state, const struct track *track, size_t k); /* the k-th value was logged; true: stop */
    void (*end)(void *state, const struct track *track, bool finished);
    const char *(*idle)(void *state); /* name of the stopped trial to go on with; NULL: none */
};

/* Runs all trials; what was seen of each is in tracks. CF_ENOMEM. */
cf_status clock_run(struct tracks *tracks, unsigned workers, bool thaw, const struct online *online);

#endif
