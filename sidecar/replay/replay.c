#include "policies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOTHING_TO_LOSE 1e-12 /* spread below which all trials are alike */
#define LATE 0.7              /* progress from which the noise of a final value is taken */
#define FEWEST_LATE 4

/* ---- figures ----------------------------------------------------------------------------------------------------------------------- */

static double greatest_finite(const double *v, size_t n)
{
    double most = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i])) most = fmax(most, v[i]);
    return most;
}

/* Median final less best final; a final that is not finite counts as the worst finite one. */
static double spread_of(const struct tracks *tracks, double best, double *scratch)
{
    for (size_t i = 0; i < tracks->n; i++) scratch[i] = tracks->of[i].final;
    double worst = greatest_finite(scratch, tracks->n);
    for (size_t i = 0; i < tracks->n; i++)
        if (!isfinite(scratch[i])) scratch[i] = worst;
    return median_of(scratch, tracks->n) - best;
}

/* Late second differences of one trial: the noise of a single value, as the sd of a normal. NaN: too few values. */
static double noise_of(const struct track *track, double *v)
{
    size_t n = 0;
    for (size_t k = 0; k < track->trial->n; k++)
        if (track->t[k] >= LATE && isfinite(track->v[k])) v[n++] = track->v[k];
    if (n < FEWEST_LATE) return NAN;
    for (size_t k = 0; k + 2 < n; k++) v[k] = fabs((v[k + 2] - v[k + 1]) - (v[k + 1] - v[k]));
    return median_of(v, n - 2) / 0.6745 / sqrt(6);
}

static int by_final(const void *a, const void *b)
{
    const struct track *x = *(const struct track *const *)a, *y = *(const struct track *const *)b;
    if (x->final != y->final) return x->final < y->final ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* The median noise over the best third of the trials (at least three). */
static double noise_of_best(const struct tracks *tracks, const struct track **order, double *noises, double *scratch)
{
    size_t third = tracks->n / 3 > 3 ? tracks->n / 3 : 3, n = 0;
    for (size_t i = 0; i < tracks->n; i++) order[i] = &tracks->of[i];
    qsort(order, tracks->n, sizeof *order, by_final);
    for (size_t i = 0; i < third && i < tracks->n; i++) {
        double noise = noise_of(order[i], scratch);
        if (!isnan(noise)) noises[n++] = noise;
    }
    return n ? median_of(noises, n) : 0;
}

static void note_best(const struct tracks *tracks, struct replay_outcome *o, double sign)
{
    double best = INFINITY, kept = INFINITY;
    for (size_t i = 0; i < tracks->n; i++) {
        const struct track *track = &tracks->of[i];
        if (track->final < best) best = track->final, o->best_trial = i;
        if (track->finished) kept = fmin(kept, track->final);
        o->cost += track->run / (double)tracks->n;
    }
    o->best = sign * best;
    o->kept = isfinite(kept) ? sign * kept : NAN;
}

static void note_regret(struct replay_outcome *o, double noise)
{
    o->scored = true;
    o->regret = isnan(o->kept) ? REPLAY_REGRET_MOST : fmin(fabs(o->kept - o->best) / o->spread, REPLAY_REGRET_MOST);
    o->regret_less_noise = fmax(0, o->regret - noise / o->spread);
    o->kept_within_1 = o->regret <= 0.01;
    o->kept_within_5 = o->regret <= 0.05;
}

static cf_status score(const struct tracks *tracks, double sign, struct replay_outcome *o)
{
    size_t points = 0;
    for (size_t i = 0; i < tracks->n; i++) points = tracks->of[i].trial->n > points ? tracks->of[i].trial->n : points;
    const struct track **order = calloc(tracks->n, sizeof *order);
    double *finals = calloc(tracks->n, sizeof *finals), *scratch = calloc(points, sizeof *scratch);
    bool ok = order && finals && scratch;
    if (ok) note_best(tracks, o, sign);
    double spread = ok && isfinite(o->best) ? spread_of(tracks, sign * o->best, finals) : 0;
    if (spread >= NOTHING_TO_LOSE) {
        o->spread = spread;
        note_regret(o, noise_of_best(tracks, order, finals, scratch));
    }
    free(order);
    free(finals);
    free(scratch);
    return ok ? CF_OK : CF_ENOMEM;
}

/* ---- the replay -------------------------------------------------------------------------------------------------------------------- */

static void note_fates(const struct tracks *tracks, struct replay_fate *fates)
{
    for (size_t i = 0; fates && i < tracks->n; i++) {
        fates[i].run = tracks->of[i].run;
        fates[i].points = tracks->of[i].points;
        fates[i].finished = tracks->of[i].finished;
    }
}

cf_status replay_run(const struct replay_sweep *sweep, const struct replay_policy *policy, const double settings[REPLAY_SETTINGS],
                     const struct policy *judged, struct replay_outcome *outcome, struct replay_fate *fates)
{
    struct tracks tracks;
    *outcome = (struct replay_outcome){0};
    if (fates) memset(fates, 0, sweep->n * sizeof *fates);
    cf_status status = tracks_make(&tracks, sweep);
    if (!status) status = policy_run(policy)(&(struct run_request){sweep, &tracks, settings, judged, fates});
    if (!status) status = score(&tracks, sweep->goal == GOAL_MAX ? -1 : 1, outcome);
    if (!status) note_fates(&tracks, fates);
    tracks_free(&tracks);
    return status;
}

/* ---- helpers of whoever replays many sweeps ---------------------------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea and Flood 2014) */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void replay_shuffle(size_t *order, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = next_random(&seed) % (i + 1);
        order[i] = i;
        if (k != i) order[i] = order[k], order[k] = i;
    }
}

static int by_cost(const void *a, const void *b)
{
    const struct replay_point *x = a, *y = b;
    if (x->cost != y->cost) return x->cost < y->cost ? -1 : 1;
    return (x->regret > y->regret) - (x->regret < y->regret);
}

double replay_least_cost(struct replay_point *points, size_t n, double limit)
{
    struct replay_point last = {0, INFINITY};
    qsort(points, n, sizeof *points, by_cost);
    for (size_t i = 0; i <= n; i++) {
        struct replay_point here = i < n ? points[i] : (struct replay_point){1, 0};
        if (!(here.regret < last.regret)) continue; /* not on the front */
        if (here.regret <= limit)
            return isinf(last.regret) ? here.cost : last.cost + (here.cost - last.cost) * (last.regret - limit) / (last.regret - here.regret);
        last = here;
    }
    return 1;
}
