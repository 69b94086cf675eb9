/* Successive halving, asynchronous (Li et al. 2020, ASHA, its stopping form) and synchronous (Jamieson and Talwalkar 2016), and the plain
 * cut at one rung. The synchronous ones set trials aside and take up the best again. */
#include "clock.h"
#include "policies.h"

#include <stdlib.h>

#define LAST_RUNG 0.999
#define RUNGS_MOST 64

/* ---- asynchronous -------------------------------------------------------------------------------------------------------------------- */

struct asha {
    size_t eta, n_rungs, n;
    double rung[RUNGS_MOST];
    size_t seen[RUNGS_MOST];
    double *values;      /* of rung j from j * n on, sorted */
    size_t *next;        /* rung that each trial comes to next */
};

/* Enters a value at a rung; what the worst that goes on has there. */
static double enter(struct asha *a, size_t rung, double value)
{
    double *values = a->values + rung * a->n;
    size_t n = a->seen[rung]++, i = n;
    for (; i && values[i - 1] > value; i--) values[i] = values[i - 1];
    values[i] = value;
    size_t go_on = (n + 1) / a->eta;
    return values[(go_on ? go_on : 1) - 1];
}

static bool below_rung(void *state, const struct track *track, size_t k)
{
    struct asha *a = state;
    size_t rung = a->next[track->index];
    if (rung >= a->n_rungs || track->t[k] < a->rung[rung]) return false;
    a->next[track->index]++;
    return track->v[k] > enter(a, rung, track->v[k]);
}

cf_status run_asha(const struct run_request *r)
{
    struct asha a = {.eta = (size_t)r->settings[0], .n = r->tracks->n, .next = calloc(r->tracks->n, sizeof *a.next)};
    for (double rung = r->settings[1]; rung < LAST_RUNG && a.n_rungs < RUNGS_MOST; rung *= r->settings[0]) a.rung[a.n_rungs++] = rung;
    a.values = calloc(a.n * (a.n_rungs + 1), sizeof *a.values);
    cf_status status = CF_ENOMEM;
    if (a.next && a.values) status = clock_run(r->tracks, r->sweep->workers, false, &(struct online){.state = &a, .log = below_rung});
    free(a.next);
    free(a.values);
    return status;
}

/* ---- synchronous ----------------------------------------------------------------------------------------------------------------------- */

struct place { double value; size_t index, rank; }; /* rank: before they are sorted; of two alike the one that led goes on leading */

static int by_value(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Sorts them by what they showed at progress, best first. */
static void sort_at(const struct tracks *tracks, struct place *alive, size_t n, double progress)
{
    for (size_t i = 0; i < n; i++) alive[i].value = track_at(&tracks->of[alive[i].index], progress), alive[i].rank = i;
    qsort(alive, n, sizeof *alive, by_value);
}

static void run_until(struct tracks *tracks, const struct place *some, size_t n, double progress)
{
    for (size_t i = 0; i < n; i++) {
        struct track *track = &tracks->of[some[i].index];
        track->run = progress;
        track->points = progress < 1 ? track_seen(track, progress) : track->trial->n;
        track->finished = progress >= 1;
    }
}

static struct place *all_of(const struct tracks *tracks)
{
    struct place *all = calloc(tracks->n, sizeof *all);
    for (size_t i = 0; all && i < tracks->n; i++) all[i].index = i;
    return all;
}

cf_status run_sha(const struct run_request *r)
{
    struct place *alive = all_of(r->tracks);
    size_t n = r->tracks->n, eta = (size_t)r->settings[0];
    if (!alive) return CF_ENOMEM;
    for (double rung = r->settings[1]; rung < LAST_RUNG; rung *= r->settings[0]) {
        run_until(r->tracks, alive, n, rung);
        sort_at(r->tracks, alive, n, rung);
        n = n / eta ? n / eta : 1;
    }
    run_until(r->tracks, alive, n, 1);
    free(alive);
    return CF_OK;
}

cf_status run_i_epoch(const struct run_request *r)
{
    struct place *alive = all_of(r->tracks);
    size_t n = r->tracks->n, most = (size_t)r->settings[1];
    if (!alive) return CF_ENOMEM;
    run_until(r->tracks, alive, n, r->settings[0]);
    sort_at(r->tracks, alive, n, r->settings[0]);
    run_until(r->tracks, alive, n < most ? n : most, 1);
    free(alive);
    return CF_OK;
}
