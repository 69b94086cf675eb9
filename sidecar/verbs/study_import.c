#include "archive/archive.h"
#include "log/log_curves.h"
#include "log/log_name.h"
#include "study.h"
#include "verbs.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct import {
    const struct options *options;
    struct store *store;
    char metric[96]; /* the best to judge by of all that came */
    struct metric_meaning meaning;
    unsigned complete, partial, there, skipped;
};

static int trouble(const char *error)
{
    fprintf(stderr, "foregone study: %s\n", error);
    return EXIT_SYSTEM;
}

static void note_best(struct import *m, const char *name, struct metric_meaning meaning)
{
    if (metric_rank(name, meaning) <= (*m->metric ? metric_rank(m->metric, m->meaning) : 0)) return;
    snprintf(m->metric, sizeof m->metric, "%s", name);
    m->meaning = meaning;
}

/* What a live trial would have kept. */
static bool is_kept(struct metric_meaning meaning) { return meaning.goal != GOAL_NONE || meaning.kind == METRIC_RATE; }

/* One name a trial: a long one keeps its beginning and a number made of the whole. */
static const char *short_name(const char *name, char out[64])
{
    unsigned long h = 5381;
    for (const char *c = name; *c; c++) h = 33 * h ^ (unsigned char)*c;
    if (!*name) snprintf(out, 64, "unnamed");
    else if (strlen(name) < 64) snprintf(out, 64, "%s", name);
    else snprintf(out, 64, "%.48s~%08lx", name, h & 0xffffffff);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    return out;
}

/* A run's id, or 0 and a word to the user where there is nothing to do; *status is set when it cannot go on. */
static int64_t begin(struct import *m, const struct store_import *run, int *status)
{
    char error[STORE_ERROR] = "";
    int64_t id = store_import_begin(m->store, run, error);
    if (id == 0) fprintf(stderr, "foregone study: %s: a trial of that name is there already; skipped\n", run->name), m->there++;
    if (id < 0) *status = trouble(error);
    return id > 0 ? id : 0;
}

static void end(struct import *m, int64_t id, const char *state, int *status)
{
    char error[STORE_ERROR] = "";
    if (!store_import_end(m->store, id, state, error)) *status = trouble(error);
    *(strcmp(state, "complete") ? &m->partial : &m->complete) += 1;
}

/* ---- archives ------------------------------------------------------------------------------------------------------------------ */

/* Times are made up so that the run took as long as it did. */
static double time_at(const struct archive_run *run, double x)
{
    double most = 0;
    for (size_t i = 0; i < run->n; i++)
        if (run->series[i].n) most = fmax(most, run->series[i].x[run->series[i].n - 1]);
    return most > 0 ? run->secs * x / most : NAN;
}

static struct metric_meaning meaning_of(const struct archive_series *s)
{
    struct metric_meaning meaning = metric_meaning_of(s->name);
    if (s->goal != GOAL_NONE) meaning.goal = s->goal;
    return meaning;
}

static void take_run(struct import *m, const char *path, const struct archive_run *run, int *status)
{
    char name[64];
    struct store_import about = {short_name(run->run, name), run->unit, run->command, strcmp(run->hp, "{}") ? run->hp : "", path, run->horizon};
    int64_t id = begin(m, &about, status);
    for (size_t i = 0; id && i < run->n; i++) {
        const struct archive_series *s = &run->series[i];
        if (!is_kept(meaning_of(s))) continue;
        note_best(m, s->name, meaning_of(s));
        for (size_t k = 0; k < s->n; k++) store_import_value(m->store, id, s->name, s->x[k], s->y[k], time_at(run, s->x[k]));
    }
    if (id) end(m, id, run->complete ? "complete" : *run->status && strcmp(run->status, "complete") && strcmp(run->status, "running") ? run->status : "failed", status);
}

static bool is_wanted(const struct import *m, const struct archive_run *run) { return !m->options->only || !strcmp(m->options->only, run->study); }

/* Trials of different studies are no siblings. */
static bool of_one_study(const struct options *options, const char *path)
{
    char error[ARCHIVE_ERROR], first[256] = "", other[256] = "";
    struct archive_run run;
    enum archive_got got;
    struct archive *archive = options->only ? NULL : archive_open(path, error);
    while (archive && !*other && ((got = archive_next(archive, &run, error)) == ARCHIVE_RUN || got == ARCHIVE_SKIPPED)) {
        if (got != ARCHIVE_RUN) continue;
        if (!*first) snprintf(first, sizeof first, "%s", run.study);
        else if (strncmp(first, run.study, sizeof first - 1)) snprintf(other, sizeof other, "%s", run.study);
    }
    archive_close(archive);
    if (*other) fprintf(stderr, "foregone study: %s holds several studies (%s, %s ...), whose trials are no siblings. Choose one with --only NAME\n", path, first, other);
    return !*other;
}

static int import_archive(struct import *m, const char *path)
{
    char error[ARCHIVE_ERROR];
    struct archive_run run;
    enum archive_got got = ARCHIVE_END;
    int status = 0;
    struct archive *archive = archive_open(path, error);
    if (!archive) return trouble(error);
    while (!status && (got = archive_next(archive, &run, error)) != ARCHIVE_END && got != ARCHIVE_FAILED) {
        if (got == ARCHIVE_RUN && is_wanted(m, &run)) take_run(m, path, &run, &status);
        else if (got == ARCHIVE_SKIPPED) fprintf(stderr, "foregone study: %s; skipped\n", error), m->skipped++;
    }
    archive_close(archive);
    return got == ARCHIVE_FAILED ? trouble(error) : status;
}

/* ---- logs ---------------------------------------------------------------------------------------------------------------------- */

struct reach { double last, interval; }; /* last x, and how far before it another one lies */

static struct reach reach_of(const struct log_curves *log)
{
    struct reach r = {NAN, 0};
    for (size_t i = 0; i < log->n; i++) {
        const struct log_curve *c = &log->curves[i];
        if (!is_kept(c->meaning) || !c->n || c->x[c->n - 1] < r.last) continue;
        double interval = c->n > 1 ? fmax(c->x[c->n - 1] - c->x[c->n - 2], 0) : 0;
        r.interval = c->x[c->n - 1] > r.last || !r.interval ? interval : fmin(r.interval, interval);
        r.last = c->x[c->n - 1];
    }
    return r;
}

/* Its next value would have lain at or past the planned end: steps may count from 0, and the end need not be logged. */
static bool ran_to_its_end(struct reach r, double horizon) { return r.last + r.interval >= horizon * (1 - 1e-9); }

static void take_log(struct import *m, const char *path, const char *name, const struct log_curves *log, int *status)
{
    char cut[64];
    struct reach reach = reach_of(log);
    double horizon = m->options->horizon > 0 ? m->options->horizon : log_curves_horizon(log);
    if (!(horizon > 0)) horizon = reach.last;
    struct store_import about = {short_name(name, cut), log->facts.total_unit, NULL, NULL, path, horizon};
    int64_t id = begin(m, &about, status);
    for (size_t i = 0; id && i < log->n; i++) {
        const struct log_curve *c = &log->curves[i];
        if (!is_kept(c->meaning)) continue;
        note_best(m, c->name, c->meaning);
        for (size_t k = 0; k < c->n; k++) store_import_value(m->store, id, c->name, c->x[k], c->y[k], NAN);
    }
    bool whole = ran_to_its_end(reach, horizon);
    if (id) end(m, id, whole ? "complete" : "lost", status);
    if (id && !whole) fprintf(stderr, "foregone study: %s: seen to %g of %g: it did not run to its end, so it is no rival to others\n", cut, reach.last, horizon);
}

static int import_log(struct import *m, char *const *paths, size_t n, size_t i)
{
    struct reader_options how = {m->options->metric_regex, m->options->x_regex};
    struct log_curves log;
    char error[320] = "", name[64];
    const char *path = paths[i];
    int status = 0;
    log_name(paths, n, i, name, sizeof name);
    bool read = log_curves_read(&log, path, &how, error), any = read && log_curves_primary(&log, m->options->metric);
    if (any) take_log(m, path, name, &log, &status);
    else if (read)
        fprintf(stderr, "foregone study: %s: neither a study archive nor a log with %s. `foregone read %s` shows what is seen\n", path, m->options->metric ? m->options->metric : "a metric", path);
    else fprintf(stderr, "foregone study: %s\n", error);
    log_curves_free(&log);
    return any ? status : read ? 1 : EXIT_MISUSE;
}

/* ---- all ------------------------------------------------------------------------------------------------------------------------ */

/* So that status and others know by what to compare, before a trial has run here. */
static void note_metric(struct import *m)
{
    const char *metric = m->options->metric ? m->options->metric : m->metric;
    enum metric_goal goal = m->options->goal ? m->options->goal : m->options->metric ? metric_meaning_of(metric).goal : m->meaning.goal;
    if (*metric && !*store_setting(m->store, "judged")) store_note_metric(m->store, metric, metric_goal_text(goal ? goal : GOAL_MIN));
}

/* Before anything is changed: what is not there or cannot be told apart. */
static bool acceptable(const struct options *options, const char *path)
{
    if (!strcmp(path, "-") || !access(path, R_OK)) return !archive_is(path) || of_one_study(options, path);
    fprintf(stderr, "foregone study: %s: %s. Give logs or study archives\n", path, strerror(errno));
    return false;
}

int study_import(const struct options *options, const char *study, char **paths, int n)
{
    for (int i = 0; i < n; i++)
        if (!acceptable(options, paths[i])) return EXIT_MISUSE;

    char error[STORE_ERROR] = "";
    int status = 0;
    struct import m = {.options = options, .store = store_open(options->store, study, STORE_CREATE, error)};
    if (!m.store) return trouble(error);
    for (int i = 0; i < n; i++) {
        int one = archive_is(paths[i]) ? import_archive(&m, paths[i]) : import_log(&m, paths, (size_t)n, (size_t)i);
        if (!status) status = one;
        if (one == EXIT_SYSTEM) break;
    }
    note_metric(&m);
    store_close(m.store);
    printf("study %s: %u trials imported that ran to their end, %u that did not; %u were there already, %u lines skipped\n", study, m.complete, m.partial, m.there, m.skipped);
    return status;
}
