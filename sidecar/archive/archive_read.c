#include "archive.h"

#include "protocol/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK 65536

struct archive {
    gzFile in;
    const char *path;
    unsigned long line;
    char *text;            /* of the line, not terminated by its newline */
    size_t length, room;
    json_t *object;        /* the line, parsed: what the run's strings point into */
    char *hp;
    struct archive_series *series;
    size_t series_room;
    double *numbers;       /* of all its series */
    size_t numbers_room, n_numbers;
};

struct archive *archive_open(const char *path, char error[ARCHIVE_ERROR])
{
    struct archive *a = calloc(1, sizeof *a);
    errno = 0;
    if (a) a->in = strcmp(path, "-") ? gzopen(path, "rb") : gzdopen(dup(STDIN_FILENO), "rb");
    if (a && a->in) {
        gzbuffer(a->in, 2 * CHUNK);
        a->path = path;
        return a;
    }
    snprintf(error, ARCHIVE_ERROR, "%.240s: %s", path, errno ? strerror(errno) : "out of memory");
    free(a);
    return NULL;
}

void archive_close(struct archive *a)
{
    if (!a) return;
    gzclose_r(a->in);
    json_decref(a->object);
    free(a->hp);
    free(a->text);
    free(a->series);
    free(a->numbers);
    free(a);
}

/* ---- lines ------------------------------------------------------------------------------------------------------------------- */

enum line { LINE, LINE_TOO_LONG, LINE_NONE, LINE_FAILED };

static bool grow(void *array, size_t *room, size_t need, size_t size)
{
    void **at = array;
    size_t more = *room ? 2 * *room : 64;
    if (need <= *room) return true;
    while (more < need) more *= 2;
    void *fresh = realloc(*at, more * size);
    if (!fresh) return false;
    *at = fresh, *room = more;
    return true;
}

/* A line of any length, of which no more than ARCHIVE_LINE_MAX bytes are kept. */
static enum line next_line(struct archive *a)
{
    bool too_long = false;
    for (a->length = 0;;) {
        if (!grow(&a->text, &a->room, a->length + CHUNK, 1)) return LINE_FAILED;
        if (!gzgets(a->in, a->text + a->length, CHUNK)) break;
        size_t n = strlen(a->text + a->length); /* a NUL in a line of JSON is a fault, and cuts it */
        bool whole = n && a->text[a->length + n - 1] == '\n';
        a->length += n;
        too_long = too_long || a->length > ARCHIVE_LINE_MAX;
        if (too_long) a->length = 0;
        if (whole || n + 1 < CHUNK) return a->line++, too_long ? LINE_TOO_LONG : LINE;
    }
    int fault;
    gzerror(a->in, &fault);
    if (fault != Z_OK && fault != Z_STREAM_END) return LINE_FAILED;
    return a->length || too_long ? a->line++, too_long ? LINE_TOO_LONG : LINE : LINE_NONE;
}

static bool is_blank(const struct archive *a)
{
    for (size_t i = 0; i < a->length; i++)
        if (!strchr(" \t\r\n", a->text[i])) return false;
    return true;
}

/* ---- a run -------------------------------------------------------------------------------------------------------------------- */

static double number_at(const json_t *object, const char *key)
{
    double v;
    return json_number_at(object, key, &v) && isfinite(v) ? v : NAN;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_text_at(object, key);
    return text ? text : "";
}

/* Room for all of them at once, so that none moves while another is taken; an empty one lies somewhere, too. */
static bool make_room(struct archive *a, const json_t *all)
{
    size_t numbers = 0;
    const char *name;
    json_t *one;
    json_object_foreach((json_t *)all, name, one) numbers += json_array_size(json_object_get(one, "x")) + json_array_size(json_object_get(one, "y"));
    a->n_numbers = 0;
    return grow(&a->series, &a->series_room, json_object_size(all), sizeof *a->series) && grow(&a->numbers, &a->numbers_room, numbers + 1, sizeof *a->numbers);
}

/* Points whose x is not a number are left out. */
static const char *take_series(struct archive *a, const json_t *source, struct archive_series *to)
{
    const json_t *x = json_object_get(source, "x"), *y = json_object_get(source, "y");
    size_t n = json_array_size(x);
    double *xs = a->numbers + a->n_numbers, *ys = xs + n;
    if (!json_is_array(x) || !json_is_array(y) || n != json_array_size(y)) return "a series needs x and y, two arrays of one length";
    for (size_t i = 0; i < n; i++) {
        double vx, vy;
        if (!json_number_of(json_array_get(x, i), &vx) || !json_number_of(json_array_get(y, i), &vy)) return "a series holds something that is no number";
        if (isfinite(vx)) xs[to->n] = vx, ys[to->n++] = isfinite(vy) ? vy : NAN;
    }
    to->x = xs, to->y = ys;
    a->n_numbers += 2 * n;
    return NULL;
}

static const char *take_all_series(struct archive *a, struct archive_run *run)
{
    json_t *all = json_object_get(a->object, "series"), *goals = json_object_get(a->object, "goal"), *one;
    const char *name, *fault;
    if (!json_is_object(all)) return "no \"series\": not a run of a study archive";
    if (!make_room(a, all)) return "out of memory";
    json_object_foreach(all, name, one) {
        struct archive_series *s = &a->series[run->n++];
        const char *goal = json_text_at(goals, name);
        *s = (struct archive_series){.name = name};
        if ((fault = take_series(a, one, s))) return fault;
        if (goal) metric_goal_parse(goal, &s->goal);
    }
    run->series = a->series;
    return NULL;
}

static const char *take_run(struct archive *a, struct archive_run *run)
{
    const json_t *o = a->object, *hp = json_object_get(o, "hp");
    *run = (struct archive_run){.study = text_at(o, "study"), .run = text_at(o, "run"), .unit = text_at(o, "unit"), .status = text_at(o, "status"),
                                .command = text_at(o, "command"), .hp = "{}", .horizon = number_at(o, "horizon"), .secs = number_at(o, "secs"),
                                .complete = json_is_true(json_object_get(o, "complete")), .diverged = json_is_true(json_object_get(o, "diverged"))};
    if (!json_text_at(o, "run")) return "no \"run\": not a run of a study archive";
    free(a->hp);
    a->hp = json_is_object(hp) ? json_dumps(hp, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    if (a->hp) run->hp = a->hp;
    return take_all_series(a, run);
}

static enum archive_got skipped(const struct archive *a, const char *why, char error[ARCHIVE_ERROR])
{
    snprintf(error, ARCHIVE_ERROR, "%.200s:%lu: %.90s", a->path, a->line, why);
    return ARCHIVE_SKIPPED;
}

enum archive_got archive_next(struct archive *a, struct archive_run *run, char error[ARCHIVE_ERROR])
{
    char fault[160];
    enum line got;
    do got = next_line(a);
    while (got == LINE && is_blank(a));
    if (got == LINE_NONE) return ARCHIVE_END;
    if (got == LINE_TOO_LONG) return skipped(a, "the line is too long", error);
    if (got == LINE_FAILED) {
        int number;
        snprintf(error, ARCHIVE_ERROR, "%.200s: cannot be read past line %lu: %.60s", a->path, a->line, gzerror(a->in, &number));
        return ARCHIVE_FAILED;
    }
    json_decref(a->object);
    a->object = json_read_object(a->text, a->length, fault, sizeof fault);
    const char *why = a->object ? take_run(a, run) : fault;
    return why ? skipped(a, why, error) : ARCHIVE_RUN;
}

bool archive_is(const char *path)
{
    char error[ARCHIVE_ERROR];
    struct archive_run run;
    struct archive *a = strcmp(path, "-") ? archive_open(path, error) : NULL;
    bool yes = a && archive_next(a, &run, error) == ARCHIVE_RUN;
    archive_close(a);
    return yes;
}
