/* rows: what the judge sees in replayed sweeps, to learn from. Built into a shared library by learn.py. */
#include "judge/look.h"
#include "replay/clock.h"

#include <math.h>
#include <stdlib.h>

#define MARKS (sizeof marks / sizeof *marks)
static const double marks[] = {.02, .03, .04, .055, .075, .1, .13, .17, .21, .26, .32, .4, .48, .57, .67, .77, .87};

struct rows_state {
    struct judge *judge;
    const struct replay_sweep *sweep;
    uint64_t random;
    double delta;         /* of the rule that stops trials meanwhile */
    double exempt;        /* share of the trials that it does not stop */
    size_t *mark;         /* next one of each trial */
    unsigned char *spared;
    float *input;         /* STANDING_INPUTS a row */
    double *meta;         /* 5 a row: trial, progress, bar, spread, p */
    size_t n, room;
};

static double draw(struct rows_state *r)
{
    r->random = r->random * 6364136223846793005u + 1442695040888963407u;
    return (double)(r->random >> 11) * 0x1p-53;
}

static void start(void *state, const struct track *track)
{
    struct rows_state *r = state;
    judge_start(r->judge, track->trial->name, track->horizon);
    r->spared[track->index] = draw(r) < r->exempt;
}

static double chance_of(const struct look *look, enum metric_goal goal)
{
    double below = cf_forecast_cdf(&look->forecast, look->bar + (goal == GOAL_MAX ? 0.02 : -0.02) * look->spread);
    return goal == GOAL_MAX ? 1 - below : below;
}

static bool log_value(void *state, const struct track *track, size_t k)
{
    struct rows_state *r = state;
    struct judge_value value = {r->sweep->metric, metric_meaning_of(r->sweep->metric), track->trial->y[k]};
    struct look look;
    double t = track->t[k];
    size_t i = track->index;
    judge_log(r->judge, track->trial->name, track->trial->x[k], &value, 1, NULL);
    if (r->mark[i] == MARKS || t < marks[r->mark[i]] || t >= 0.95) return false;
    while (r->mark[i] < MARKS && marks[r->mark[i]] <= t) r->mark[i]++;
    if (!judge_look(r->judge, track->trial->name, &look)) return false;
    double p = chance_of(&look, r->sweep->goal);
    if (r->n == r->room) return true;
    for (int c = 0; c < STANDING_INPUTS; c++) r->input[r->n * STANDING_INPUTS + (size_t)c] = look.input[c];
    double *meta = r->meta + 5 * r->n++;
    meta[0] = (double)i, meta[1] = t, meta[2] = look.bar, meta[3] = look.spread, meta[4] = p;
    return !r->spared[i] && t >= 0.04 && p < r->delta * fmin(1, t / 0.2);
}

static void end(void *state, const struct track *track, bool finished)
{
    struct rows_state *r = state;
    judge_end(r->judge, track->trial->name, finished ? TRIAL_COMPLETE : TRIAL_STOPPED);
}

/* Number of rows, -1: a broken sweep. finals: of each trial, lower is better. */
long rows_of(const struct replay_sweep *sweep, double delta, double exempt, uint64_t seed, float *input, double *meta, size_t room, double *finals)
{
    struct policy policy = policy_defaults();
    struct tracks tracks = {0};
    policy.metric = sweep->metric, policy.goal = sweep->goal, policy.trials = (unsigned)sweep->n, policy.workers = sweep->workers;
    struct rows_state r = {judge_create(&policy), sweep, seed, delta, exempt, calloc(sweep->n, sizeof *r.mark), calloc(sweep->n, 1), input, meta, 0, room};
    bool ok = r.judge && r.mark && r.spared && !tracks_make(&tracks, sweep);
    if (ok) clock_run(&tracks, sweep->workers, false, &(struct online){&r, start, log_value, end, NULL});
    for (size_t i = 0; ok && i < sweep->n; i++) finals[i] = tracks.of[i].final;
    tracks_free(&tracks);
    judge_destroy(r.judge);
    free(r.mark);
    free(r.spared);
    return ok ? (long)r.n : -1;
}

/* ---- measuring ---------------------------------------------------------------------------------------------------------------------- */

/* Trials stopped as hopeless, and those of them that would have beaten the bar of their last verdict by the tolerance. */
struct stops { unsigned hopeless, wrong; };

static struct stops count_stops(const struct replay_sweep *sweep, const struct replay_fate *fates, double margin)
{
    struct stops stops = {0, 0};
    struct tracks tracks = {0};
    double sign = sweep->goal == GOAL_MAX ? -1 : 1;
    if (tracks_make(&tracks, sweep)) return stops;
    for (size_t i = 0; i < sweep->n; i++) {
        if (fates[i].finished || fates[i].verdict.reason != REASON_HOPELESS) continue;
        stops.hopeless++;
        stops.wrong += tracks.of[i].final < sign * fates[i].verdict.bar - margin;
    }
    tracks_free(&tracks);
    return stops;
}

/* 0, or a cf_status. */
int play(const struct replay_sweep *sweep, const char *name, double a, double b, struct replay_outcome *outcome, struct stops *stops)
{
    struct policy judged = policy_defaults();
    struct replay_fate *fates = calloc(sweep->n, sizeof *fates);
    cf_status status = fates ? replay_run(sweep, replay_policy_named(name), (double[]){a, b}, &judged, outcome, fates) : CF_ENOMEM;
    if (!status) *stops = count_stops(sweep, fates, judged.tolerance * outcome->spread);
    free(fates);
    return status;
}
