/* bench_earlier: what an earlier study is worth to a new one. Every study of the archives given is split in two by chance: up to ELDERS trials of one
 * half are an earlier study, TRIALS of the other a sweep on one worker. Each sweep is run without the earlier study, with it until ever so many
 * trials of its own have finished, and with it throughout. Prints a line a file and delta: sweeps, then cost and regret (in units of the sweep's
 * spread, at most 5) of each. */
#include "clock.h"
#include "judge/judge.h"
#include "replay/replay.h"
#include "log/finished.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ELDERS 20
#define TRIALS 10
#define ORDERS 2
#define STUDIES_MOST 12 /* of a file */

static const double deltas[] = {0.05, 0.15};
static const unsigned until[] = {0, 3, 6, 1000}; /* finished trials of its own from which on a sweep does without the earlier study */
#define ARMS (sizeof until / sizeof *until)

struct scores { double cost, regret; unsigned n; };

static double final_of(const struct finished_trial *t)
{
    double sum = 0;
    unsigned n = 0;
    for (size_t k = 0; k < t->values.n; k++)
        if (t->values.x[k] >= 0.98 * t->horizon && isfinite(t->values.y[k])) sum += t->values.y[k], n++;
    return n ? sum / n : t->values.y[t->values.n - 1];
}

static void tell(struct judge *judge, const struct finished_sweep *s, const struct finished_trial *t, const char *name)
{
    judge_start(judge, name, t->horizon);
    judge_mark(judge, name, MARK_ELDER);
    for (size_t k = 0; k < t->values.n; k++) judge_log(judge, name, t->values.x[k], &(struct judge_value){s->metric, metric_meaning_of(s->metric), t->values.y[k]}, 1, NULL);
    judge_end(judge, name, TRIAL_COMPLETE);
}

/* Share that was run; 1: it ran to its end. */
static double run(struct judge *judge, const struct finished_sweep *s, const struct finished_trial *t, const char *name)
{
    struct verdict v = {0};
    judge_start(judge, name, t->horizon);
    for (size_t k = 0; k < t->values.n && !v.stop; k++) {
        judge_log(judge, name, t->values.x[k], &(struct judge_value){s->metric, metric_meaning_of(s->metric), t->values.y[k]}, 1, &v);
        if (v.stop && k + 1 < t->values.n) return judge_end(judge, name, TRIAL_STOPPED), t->values.x[k] / t->horizon;
    }
    judge_end(judge, name, TRIAL_COMPLETE);
    return 1;
}

static void forget_elders(struct judge *judge, size_t elders)
{
    char name[32];
    for (size_t i = 0; i < elders; i++) snprintf(name, sizeof name, "earlier %zu", i), judge_end(judge, name, TRIAL_FAILED);
}

static void sweep(const struct finished_sweep *s, const size_t *order, size_t elders, size_t n, double delta, unsigned without_from, struct scores *scores)
{
    struct policy policy = policy_defaults();
    double sign = s->goal == GOAL_MAX ? -1 : 1, finals[TRIALS], best = INFINITY, kept = INFINITY, cost = 0;
    unsigned finished = 0;
    char name[32];
    policy.metric = s->metric, policy.goal = s->goal, policy.delta = delta, policy.trials = (unsigned)n, policy.workers = 1;
    struct judge *judge = judge_create(&policy);
    for (size_t i = 0; i < elders && without_from; i++) snprintf(name, sizeof name, "earlier %zu", i), tell(judge, s, &s->trials[order[i]], name);
    for (size_t i = 0; i < n; i++) {
        const struct finished_trial *t = &s->trials[order[elders + i]];
        snprintf(name, sizeof name, "trial %zu", i);
        double share = run(judge, s, t, name);
        finals[i] = isfinite(final_of(t)) ? sign * final_of(t) : 1e300;
        best = fmin(best, finals[i]), cost += share;
        if (share < 1) continue;
        kept = fmin(kept, finals[i]);
        if (++finished == without_from) forget_elders(judge, elders);
    }
    judge_destroy(judge);
    double spread = median(finals, n) - best;
    if (!(spread > 1e-12) || spread > 1e299) return;
    scores->cost += cost / (double)n, scores->regret += fmin(5, (kept - best) / spread), scores->n++;
}

static void study(const struct finished_sweep *s, size_t number, struct scores scores[][ARMS])
{
    size_t *order = calloc(s->n, sizeof *order), elders = s->n / 2 < ELDERS ? s->n / 2 : ELDERS, n = s->n - elders < TRIALS ? s->n - elders : TRIALS;
    for (unsigned o = 0; o < ORDERS; o++) {
        replay_shuffle(order, s->n, 1000 * number + o);
        for (size_t d = 0; d < sizeof deltas / sizeof *deltas; d++)
            for (size_t a = 0; a < ARMS; a++) sweep(s, order, elders, n, deltas[d], until[a], &scores[d][a]);
    }
    free(order);
}

int main(int argc, char **argv)
{
    struct options options = {.horizon = NAN};
    for (int i = 1; i < argc; i++) {
        struct finished all = {.options = &options};
        struct scores scores[sizeof deltas / sizeof *deltas][ARMS] = {{{0}}};
        char error[400];
        if (!finished_load(&all, argv[i], 0, error)) return fprintf(stderr, "%s\n", error), 1;
        size_t studies = 0, step = all.n > STUDIES_MOST ? all.n / STUDIES_MOST : 1;
        for (size_t k = 0; k < all.n && studies < STUDIES_MOST; k += step)
            if (all.sweeps[k].n >= 2 * 8) study(&all.sweeps[k], k, scores), studies++;
        for (size_t d = 0; d < sizeof deltas / sizeof *deltas; d++) {
            if (!scores[d][0].n) continue;
            printf("%-32s delta %.2f studies %2zu sweeps %2u ", strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i], deltas[d], studies, scores[d][0].n);
            for (size_t a = 0; a < ARMS; a++) printf("  until %u: %.3f / %.3f", until[a], scores[d][a].cost / scores[d][a].n, scores[d][a].regret / scores[d][a].n);
            putchar('\n'), fflush(stdout);
        }
        finished_free(&all);
    }
    return 0;
}
