/* policies: each is one file and one row in policies.c. Internal to replay. */
#ifndef REPLAY_POLICIES_H
#define REPLAY_POLICIES_H

#include "track.h"

/* Runs the tracks under a policy: what was seen of each and whether it finished is then in them. fates: NULL or room to leave verdicts in. */
struct run_request {
    const struct replay_sweep *sweep;
    struct tracks *tracks;
    const double *settings;
    const struct policy *judged;
    struct replay_fate *fates;
};
typedef cf_status run_fn(const struct run_request *request);

run_fn run_foregone, run_no_stop, run_patience, run_median, run_asha, run_sha, run_i_epoch, run_oracle;

run_fn *policy_run(const struct replay_policy *policy);

#endif
