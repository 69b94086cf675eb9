/* rows: what the judge sees in replayed sweeps, to learn from. Built into a shared library by learn.py. */
#include "judge/chance.h"
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

/* In [0, 1). */
static double draw(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (double)(*random >> 11) * 0x1p-53;
}

static void start(void *state, const struct track *track)
{
    struct rows_state *r = state;
    judge_start(r->judge, track->trial->name, track->horizon);
    r->spared[track->index] = draw(&r->random) < r->exempt;
}

static double own_chance(const struct look *look, enum metric_goal goal)
{
    double below = cf_forecast_cdf(&look->forecast, look->bar + (goal == GOAL_MAX ? 0.02 : -0.02) * look->spread);
    return goal == GOAL_MAX ? 1 - below : below;
}

static bool log_value(void *state, const struct track *track, size_t k)
{
    struct rows_state *r = state;
    struct look look;
    double t = track->t[k];
    size_t i = track->index;
    track_tell(track, k, r->sweep->metric, r->judge, NULL);
    if (r->mark[i] == MARKS || t < marks[r->mark[i]] || t >= 0.95) return false;
    while (r->mark[i] < MARKS && marks[r->mark[i]] <= t) r->mark[i]++;
    if (!judge_look(r->judge, track->trial->name, &look)) return false;
    double p = own_chance(&look, r->sweep->goal);
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

/* ---- races ---------------------------------------------------------------------------------------------------------------------------- */

#define SNAPSHOTS 8
#define STEPS_A_TRIAL 3

struct race {
    struct judge *judge;
    const struct replay_sweep *sweep;
    struct tracks tracks;
    uint64_t random;
    double first;  /* progress of the first leg */
    double heat;   /* how loosely it is chosen who goes on */
    double often;  /* share of the steps before which a snapshot is taken */
    double long_leg; /* tendency to run to the end at once */
    bool learned;  /* chosen by the table as it is; else by the forecasts alone */
    float *input;  /* RACE_INPUTS a row */
    double *meta;  /* RACE_META a row: snapshot, trial, progress, bar */
    size_t n, room, snapshots;
};
#define RACE_META 4

static void run_leg(struct race *r, struct track *track, double until)
{
    judge_end(r->judge, track->trial->name, TRIAL_RUNNING);
    do {
        track_tell(track, track->points, r->sweep->metric, r->judge, NULL);
        track->run = track->t[track->points++];
    } while (track->points < track->trial->n && track->t[track->points] <= until);
    track->finished = track->points == track->trial->n;
    judge_end(r->judge, track->trial->name, track->finished ? TRIAL_COMPLETE : TRIAL_STOPPED);
}

static void forecast_all(struct race *r)
{
    struct race_look look;
    for (size_t i = 0; i < r->tracks.n; i++)
        if (!r->tracks.of[i].finished) judge_look_in_race(r->judge, r->tracks.of[i].trial->name, true, &look);
}

static double worth(const struct race *r, const struct race_look *look)
{
    return r->learned ? chance_logit(&race_net, look->input, isnan(look->bar) ? (unsigned)RACE_SCORE : (unsigned)RACE_CHANCE) : 3 * (double)look->input[RACE_OWN_CHANCE];
}

static struct track *choose(struct race *r)
{
    struct track *best = NULL;
    double most = -INFINITY;
    struct race_look look;
    for (size_t i = 0; i < r->tracks.n; i++) {
        struct track *track = &r->tracks.of[i];
        if (track->finished || !judge_look_in_race(r->judge, track->trial->name, false, &look)) continue;
        double value = worth(r, &look) - r->heat * log(-log(0.0005 + 0.999 * draw(&r->random)));
        if (value > most) most = value, best = track;
    }
    return best;
}

static void take_snapshot(struct race *r)
{
    struct race_look look;
    for (size_t i = 0; i < r->tracks.n && r->n < r->room; i++) {
        struct track *track = &r->tracks.of[i];
        if (track->finished || !judge_look_in_race(r->judge, track->trial->name, false, &look)) continue;
        for (int c = 0; c < RACE_INPUTS; c++) r->input[r->n * RACE_INPUTS + (size_t)c] = look.input[c];
        double *meta = r->meta + RACE_META * r->n++;
        meta[0] = (double)r->snapshots, meta[1] = (double)i, meta[2] = look.progress, meta[3] = look.bar;
    }
    r->snapshots++;
}

static void step(struct race *r, struct track *track)
{
    struct race_look look;
    bool to_the_end = draw(&r->random) < 0.2 * r->long_leg;
    run_leg(r, track, to_the_end ? 1 : .03 + track->run * (1 + 2 * draw(&r->random)));
    if (track->finished) forecast_all(r);
    else judge_look_in_race(r->judge, track->trial->name, true, &look);
}

static void run_race(struct race *r)
{
    struct track *track;
    for (size_t i = 0; i < r->tracks.n; i++) {
        judge_start(r->judge, r->tracks.of[i].trial->name, r->tracks.of[i].horizon);
        run_leg(r, &r->tracks.of[i], r->first);
    }
    forecast_all(r);
    for (size_t i = 0; i < STEPS_A_TRIAL * r->tracks.n && r->snapshots < SNAPSHOTS; i++) {
        if (!i || draw(&r->random) < r->often) take_snapshot(r);
        if (!(track = choose(r))) return;
        step(r, track);
    }
}

static struct race random_race(const struct replay_sweep *sweep, uint64_t seed)
{
    struct policy policy = policy_defaults();
    policy.metric = sweep->metric, policy.goal = sweep->goal, policy.trials = (unsigned)sweep->n, policy.workers = sweep->workers;
    struct race r = {.judge = judge_create(&policy), .sweep = sweep, .random = seed};
    r.first = .02 * pow(8, draw(&r.random));
    r.heat = .2 * pow(15, draw(&r.random));
    r.often = .2 + .3 * draw(&r.random);
    r.long_leg = draw(&r.random);
    r.learned = draw(&r.random) < .6;
    return r;
}

/* As rows_of: of SNAPSHOTS moments of a race at most a row for each trial that is not over. */
long race_rows_of(const struct replay_sweep *sweep, uint64_t seed, float *input, double *meta, size_t room, double *finals)
{
    struct race r = random_race(sweep, seed);
    r.input = input, r.meta = meta, r.room = room;
    bool ok = r.judge && !tracks_make(&r.tracks, sweep);
    if (ok) run_race(&r);
    for (size_t i = 0; ok && i < sweep->n; i++) finals[i] = r.tracks.of[i].final;
    tracks_free(&r.tracks);
    judge_destroy(r.judge);
    return ok ? (long)r.n : -1;
}

/* ---- measuring ---------------------------------------------------------------------------------------------------------------------- */

/* Trials that were stopped as hopeless, or paused until the end; and those of them that would have beaten the bar by the tolerance: that of their
 * last verdict, where they may go on what had finished in the end. */
struct stops { unsigned hopeless, wrong; };

static struct stops count_stops(const struct replay_sweep *sweep, const struct replay_fate *fates, const struct replay_outcome *outcome, double tolerance)
{
    struct stops stops = {0, 0};
    struct tracks tracks = {0};
    double sign = sweep->goal == GOAL_MAX ? -1 : 1;
    if (tracks_make(&tracks, sweep)) return stops;
    for (size_t i = 0; i < sweep->n; i++) {
        bool paused = fates[i].verdict.reason == REASON_PAUSED;
        if (fates[i].finished || (fates[i].verdict.reason != REASON_HOPELESS && !paused)) continue;
        double bar = sign * (sweep->thaw ? outcome->kept : fates[i].verdict.bar);
        stops.hopeless++;
        stops.wrong += tracks.of[i].final < bar - tolerance * outcome->spread;
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
    if (!status) *stops = count_stops(sweep, fates, outcome, judged.tolerance);
    free(fates);
    return status;
}
