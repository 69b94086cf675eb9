#include "track.h"

#include <math.h>
#include <stdlib.h>

#define FINAL_FROM 0.98

static double final_of(const struct track *track)
{
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < track->trial->n; k++)
        if (track->t[k] >= FINAL_FROM) sum += track->v[k], n++;
    return n ? sum / (double)n : track->v[track->trial->n - 1];
}

static bool usable(const struct replay_trial *trial)
{
    if (!trial->n || !trial->name || !(trial->horizon > 0 || trial->x[trial->n - 1] > 0)) return false;
    for (size_t k = 0; k < trial->n; k++)
        if (!isfinite(trial->x[k]) || (k && trial->x[k] < trial->x[k - 1])) return false;
    return true;
}

static void fill(struct track *track, const struct replay_trial *trial, size_t index, double sign)
{
    track->trial = trial;
    track->index = index;
    track->horizon = fmax(trial->horizon, trial->x[trial->n - 1]);
    for (size_t k = 0; k < trial->n; k++) {
        track->t[k] = trial->x[k] / track->horizon;
        track->v[k] = isfinite(trial->y[k]) ? sign * trial->y[k] : INFINITY;
    }
    track->final = final_of(track);
}

cf_status tracks_make(struct tracks *tracks, const struct replay_sweep *sweep)
{
    size_t points = 0;
    *tracks = (struct tracks){.n = sweep->n};
    if (!sweep->n || !sweep->workers || !sweep->metric || sweep->goal == GOAL_NONE) return CF_EINVAL;
    for (size_t i = 0; i < sweep->n; i++) {
        if (!usable(&sweep->trials[i])) return CF_EINVAL;
        points += sweep->trials[i].n;
    }
    tracks->of = calloc(sweep->n, sizeof *tracks->of);
    tracks->room = calloc(points, 2 * sizeof *tracks->room);
    if (!tracks->of || !tracks->room) return CF_ENOMEM;
    double *free_room = tracks->room;
    for (size_t i = 0; i < sweep->n; i++) {
        struct track *track = &tracks->of[i];
        track->t = free_room;
        track->v = free_room + sweep->trials[i].n;
        free_room += 2 * sweep->trials[i].n;
        fill(track, &sweep->trials[i], i, sweep->goal == GOAL_MAX ? -1 : 1);
    }
    return CF_OK;
}

static void tell_rates(const struct track *track, double from, double to, struct judge *judge)
{
    const struct replay_curve *rate = &track->trial->rate;
    size_t low = 0, high = rate->n;
    while (low < high) { /* the first beyond from */
        size_t middle = (low + high) / 2;
        if (rate->x[middle] <= from) low = middle + 1;
        else high = middle;
    }
    for (; low < rate->n && rate->x[low] <= to; low++) {
        struct judge_value value = {"learning_rate", metric_meaning_of("learning_rate"), rate->y[low]};
        judge_log(judge, track->trial->name, rate->x[low], &value, 1, NULL);
    }
}

void track_tell(const struct track *track, size_t k, const char *metric, struct judge *judge, struct verdict *verdict)
{
    const struct replay_trial *trial = track->trial;
    struct judge_value value = {metric, metric_meaning_of(metric), trial->y[k]};
    tell_rates(track, k ? trial->x[k - 1] : -INFINITY, trial->x[k], judge);
    judge_log(judge, trial->name, trial->x[k], &value, 1, verdict);
}

void tracks_free(struct tracks *tracks)
{
    free(tracks->of);
    free(tracks->room);
    *tracks = (struct tracks){0};
}

size_t track_seen(const struct track *track, double progress)
{
    size_t low = 0, high = track->trial->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (track->t[middle] <= progress) low = middle + 1;
        else high = middle;
    }
    return low;
}

double track_at(const struct track *track, double progress)
{
    size_t seen = track_seen(track, progress);
    return track->v[seen ? seen - 1 : 0];
}

int ascending_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_of(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending_double);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
