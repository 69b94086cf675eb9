/* trial_state: what a stored trial is now: what the store says, and whether its process is still there. */
#ifndef TRIAL_STATE_H
#define TRIAL_STATE_H

#include "store/store.h"

/* A pid alone may be another's by now, so the time of its start (clock ticks since boot; 0: not known) is compared, too. */
bool process_alive(int64_t pid, int64_t pid_start);
/* Its status; a running trial whose process is gone was killed with us: it is "lost". */
const char *trial_state(const struct store_trial *trial);
/* It was stopped since there was nothing more to gain: what it reached is its result. */
bool trial_converged(const struct store_trial *trial);

#endif
