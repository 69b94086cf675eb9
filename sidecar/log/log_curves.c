#include "log_curves.h"

#include "log_input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define METRICS_MOST 256

static struct log_curve *curve_of(struct log_curves *log, const struct observation *o)
{
    for (size_t i = 0; i < log->n; i++)
        if (!strcmp(log->curves[i].name, o->metric)) return &log->curves[i];
    if (log->n == METRICS_MOST) return NULL;
    if (log->n == log->room) {
        size_t room = log->room ? 2 * log->room : 16;
        struct log_curve *curves = realloc(log->curves, room * sizeof *curves);
        if (!curves) return NULL;
        log->curves = curves, log->room = room;
    }
    struct log_curve *c = &log->curves[log->n++];
    *c = (struct log_curve){.meaning = {o->kind, o->goal}};
    snprintf(c->name, sizeof c->name, "%s", o->metric);
    return c;
}

static bool make_room(struct log_curve *c)
{
    size_t room = c->room ? 2 * c->room : 64;
    double *x = realloc(c->x, room * sizeof *x);
    if (x) c->x = x;
    double *y = x ? realloc(c->y, room * sizeof *y) : NULL;
    if (y) c->y = y, c->room = room;
    return y;
}

static void observe(void *context, const struct observation *o)
{
    struct log_curves *log = context;
    struct log_curve *c = curve_of(log, o);
    if (!c || (c->n == c->room && !make_room(c))) return;
    c->x[c->n] = isnan(o->x) ? (double)c->n + 1 : o->x;
    c->y[c->n++] = o->value;
}

/* ---- how long it took ------------------------------------------------------------------------------------------------------ */

/* "2026-03-01 12:00:00" or with a T or slashes; seconds since 1970 as if it were UTC, NaN: it is none. */
static double moment_at(const char *s)
{
    static const char shape[] = "0000-00-00 00:00:00";
    for (int i = 0; shape[i]; i++)
        if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' : shape[i] == '-' ? s[i] != '-' && s[i] != '/' : shape[i] == ' ' ? s[i] != ' ' && s[i] != 'T' : s[i] != ':') return NAN;
    struct tm tm = {.tm_year = atoi(s) - 1900, .tm_mon = atoi(s + 5) - 1, .tm_mday = atoi(s + 8), .tm_hour = atoi(s + 11), .tm_min = atoi(s + 14), .tm_sec = atoi(s + 17)};
    return tm.tm_year < 70 || tm.tm_year > 200 || tm.tm_mon > 11 || tm.tm_mday > 31 ? NAN : (double)timegm(&tm);
}

/* One that is cut in two by the end of a buffer is missed; the next one will do. */
static void note_moments(void *context, const char *buffer, size_t n)
{
    struct log_curves *log = context;
    for (size_t i = 0; i + 19 <= n; i++) {
        const char *at = memchr(buffer + i, '2', n - 18 - i);
        if (!at) return;
        i = (size_t)(at - buffer);
        double moment = at[1] == '0' ? moment_at(at) : NAN;
        if (isnan(moment)) continue;
        if (isnan(log->first)) log->first = moment;
        log->last = moment;
        i += 18;
    }
}

bool log_curves_read(struct log_curves *log, const char *path, const struct reader_options *how, char error[320])
{
    struct recording_facts facts;
    struct log_input to = {observe, note_moments, log};
    *log = (struct log_curves){.first = NAN, .last = NAN};
    bool ok = log_input_read(path, how, &to, &facts, error);
    if (ok) log->facts = facts.facts;
    log->seconds = log->last > log->first ? log->last - log->first : NAN;
    return ok;
}

void log_curves_free(struct log_curves *log)
{
    for (size_t i = 0; i < log->n; i++) free(log->curves[i].x), free(log->curves[i].y);
    free(log->curves);
    *log = (struct log_curves){0};
}

const struct log_curve *log_curves_primary(const struct log_curves *log, const char *name)
{
    const struct log_curve *best = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < log->n; i++) {
        const struct log_curve *c = &log->curves[i];
        int rank = metric_rank(c->name, c->meaning);
        if (name && !strcmp(name, c->name)) return c;
        if (!name && rank > best_rank && c->n > 1) best = c, best_rank = rank;
    }
    return best;
}

const struct log_curve *log_curves_rate(const struct log_curves *log)
{
    for (size_t i = 0; i < log->n; i++)
        if (log->curves[i].meaning.kind == METRIC_RATE) return &log->curves[i];
    return NULL;
}

double log_curves_horizon(const struct log_curves *log)
{
    const struct reader_facts *facts = &log->facts;
    return isfinite(facts->total) ? facts->total : facts->x * facts->bar_total / facts->bar_done;
}
