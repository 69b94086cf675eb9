#include "archive/archive.h"
#include "study.h"
#include "verbs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is gathered of one trial. Numbers of all its series lie in one array of each kind, which may move until they are all there. */
struct export {
    struct store *store;
    struct archive_writer *writer;
    const char *study, *judged;
    enum metric_goal judged_goal;
    struct archive_series *series;
    char (*names)[128];
    size_t *starts, n, room;
    double *x, *y;
    size_t points, points_room;
    bool failed;
};

static bool grow(void *array, size_t room, size_t size)
{
    void **at = array, *fresh = realloc(*at, room * size);
    if (fresh) *at = fresh;
    return fresh;
}

static void take_value(void *context, double x, double value)
{
    struct export *e = context;
    if (e->points == e->points_room) {
        size_t room = e->points_room ? 2 * e->points_room : 4096;
        if (!grow(&e->x, room, sizeof *e->x) || !grow(&e->y, room, sizeof *e->y)) {
            e->failed = true;
            return;
        }
        e->points_room = room;
    }
    e->x[e->points] = x, e->y[e->points++] = value;
}

static void take_metric(void *context, const char *metric)
{
    struct export *e = context;
    if (e->n == e->room) {
        size_t room = e->room ? 2 * e->room : 16;
        if (!grow(&e->series, room, sizeof *e->series) || !grow(&e->names, room, sizeof *e->names) || !grow(&e->starts, room, sizeof *e->starts)) {
            e->failed = true;
            return;
        }
        e->room = room;
    }
    snprintf(e->names[e->n], sizeof *e->names, "%s", metric);
    e->series[e->n].goal = !strcmp(metric, e->judged) ? e->judged_goal : metric_meaning_of(metric).goal;
    e->starts[e->n++] = e->points;
}

static void gather(struct export *e, int64_t trial)
{
    e->n = e->points = 0;
    store_each_metric(e->store, trial, take_metric, e);
    for (size_t i = 0; i < e->n; i++) {
        e->starts[i] = e->points;
        store_values(e->store, trial, e->names[i], take_value, e);
        e->series[i].n = e->points - e->starts[i];
    }
    for (size_t i = 0; i < e->n; i++) e->series[i].name = e->names[i], e->series[i].x = e->x + e->starts[i], e->series[i].y = e->y + e->starts[i];
}

/* How long it ran: at its own speed where it was gone on with after a pause, or ran elsewhere. */
static double seconds_of(const struct store_trial *t)
{
    return isnan(t->seconds_per_x) ? t->ended - t->started : t->seconds_per_x * t->x;
}

static void write_trial(void *context, const struct store_trial *t)
{
    struct export *e = context;
    if (e->failed) return;
    gather(e, t->id);
    struct archive_run run = {.study = e->study, .run = t->name, .unit = t->unit, .hp = *t->hp ? t->hp : "{}", .status = t->status, .command = t->command, .horizon = t->horizon,
                              .secs = seconds_of(t), .complete = !strcmp(t->status, "complete"), .diverged = !strcmp(t->reason, "diverged") && !strcmp(t->status, "stopped"),
                              .n = e->n, .series = e->series};
    e->failed = e->failed || !archive_write(e->writer, &run);
}

int study_export(const struct options *options, const char *study, const char *path)
{
    int status;
    char error[ARCHIVE_ERROR] = "", judged[96];
    struct store *store = study_open(options, study, &status);
    struct export e = {.store = store, .study = study, .judged = judged, .writer = store ? archive_create(path, error) : NULL};
    if (store) snprintf(judged, sizeof judged, "%s", store_setting(store, "judged"));
    if (store) metric_goal_parse(store_setting(store, "judged_goal"), &e.judged_goal);
    if (e.writer) {
        store_each_trial(store, write_trial, &e);
        status = archive_finish(e.writer, error) && !e.failed ? 0 : EXIT_SYSTEM;
    } else if (store) status = EXIT_MISUSE;
    if (store && status) fprintf(stderr, "foregone study: %s\n", *error ? error : "out of memory");
    free(e.series), free(e.names), free(e.starts), free(e.x), free(e.y);
    store_close(store);
    return status;
}
