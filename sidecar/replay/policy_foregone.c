/* The judge itself, told what a live run would tell it. */
#include "clock.h"
#include "judge/looks.h"
#include "policies.h"

#include <stdlib.h>

struct judging {
    struct judge *judge;
    const struct replay_sweep *sweep;
    struct replay_fate *fates;
    struct looks *looks; /* of each trial */
};

static void start(void *state, const struct track *track)
{
    struct judging *g = state;
    judge_start(g->judge, track->trial->name, track->horizon);
}

static bool log_value(void *state, const struct track *track, size_t k)
{
    struct judging *g = state;
    struct verdict verdict = {0};
    bool due = !g->sweep->live || looks_due(&g->looks[track->index], track->trial->x[k], track->horizon);
    track_tell(track, k, g->sweep->metric, g->judge, due ? &verdict : NULL);
    if (g->fates && due) g->fates[track->index].verdict = verdict;
    return verdict.stop;
}

static void end(void *state, const struct track *track, bool finished)
{
    struct judging *g = state;
    judge_end(g->judge, track->trial->name, finished ? TRIAL_COMPLETE : TRIAL_STOPPED);
}

static const char *idle(void *state)
{
    double chance;
    return judge_idle(((struct judging *)state)->judge, &chance);
}

cf_status run_foregone(const struct run_request *r)
{
    struct policy policy = *r->judged;
    policy.metric = r->sweep->metric;
    policy.goal = r->sweep->goal;
    policy.trials = r->sweep->live ? 0 : (unsigned)r->sweep->n; /* `run` is not told */
    policy.workers = r->sweep->live ? 0 : r->sweep->workers;
    policy.thaw = r->sweep->thaw;
    policy.delta = r->settings[0];
    struct judging judging = {judge_create(&policy), r->sweep, r->fates, calloc(r->sweep->n, sizeof(struct looks))};
    cf_status status = CF_ENOMEM;
    if (judging.judge && judging.looks) status = clock_run(r->tracks, r->sweep->workers, r->sweep->thaw, &(struct online){&judging, start, log_value, end, idle});
    judge_destroy(judging.judge);
    free(judging.looks);
    return status;
}
