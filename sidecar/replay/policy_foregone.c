/* The judge itself, told what a live run would tell it. */
#include "clock.h"
#include "policies.h"

struct judging {
    struct judge *judge;
    const struct replay_sweep *sweep;
    struct replay_fate *fates;
};

static void start(void *state, const struct track *track)
{
    struct judging *g = state;
    judge_start(g->judge, track->trial->name, track->horizon);
}

static bool log_value(void *state, const struct track *track, size_t k)
{
    struct judging *g = state;
    struct judge_value value = {g->sweep->metric, metric_meaning_of(g->sweep->metric), track->trial->y[k]};
    struct verdict verdict = {0};
    judge_log(g->judge, track->trial->name, track->trial->x[k], &value, 1, &verdict);
    if (g->fates) g->fates[track->index].verdict = verdict;
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
    policy.trials = (unsigned)r->sweep->n;
    policy.workers = r->sweep->workers;
    policy.thaw = r->sweep->thaw;
    policy.delta = r->settings[0];
    struct judging judging = {judge_create(&policy), r->sweep, r->fates};
    if (!judging.judge) return CF_ENOMEM;
    cf_status status = clock_run(r->tracks, r->sweep->workers, r->sweep->thaw, &(struct online){&judging, start, log_value, end, idle});
    judge_destroy(judging.judge);
    return status;
}
