#include "archive.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define NOT_YET ".partial" /* until it is whole */

struct archive_writer {
    gzFile out;
    const char *path;
    char partial[4096]; /* "": written in place (a pipe, a device, standard output) */
    bool failed;
};

static bool written_in_place(const char *path)
{
    struct stat about;
    return !strcmp(path, "-") || (!stat(path, &about) && !S_ISREG(about.st_mode));
}

static bool ends_in_gz(const char *path)
{
    size_t n = strlen(path);
    return n > 3 && !strcmp(path + n - 3, ".gz");
}

struct archive_writer *archive_create(const char *path, char error[ARCHIVE_ERROR])
{
    struct archive_writer *w = calloc(1, sizeof *w);
    const char *mode = ends_in_gz(path) ? "wb" : "wbT";
    errno = 0;
    if (w && !written_in_place(path) && snprintf(w->partial, sizeof w->partial, "%s" NOT_YET, path) >= (int)sizeof w->partial) errno = ENAMETOOLONG;
    else if (w) w->out = !strcmp(path, "-") ? gzdopen(dup(STDOUT_FILENO), mode) : gzopen(*w->partial ? w->partial : path, mode);
    if (w && w->out) {
        w->path = path;
        return w;
    }
    snprintf(error, ARCHIVE_ERROR, "%.240s: %s", path, errno ? strerror(errno) : "out of memory");
    free(w);
    return NULL;
}

/* ---- pieces of a line ------------------------------------------------------------------------------------------------------------ */

static void put(struct archive_writer *w, const char *text)
{
    w->failed = w->failed || gzputs(w->out, text) < 0;
}

/* The fewest digits that read back as the same number; null where JSON has none. */
static void put_number(struct archive_writer *w, double v)
{
    char text[40] = "null";
    for (int digits = 15; isfinite(v) && digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v) break;
    }
    put(w, text);
}

static void put_text(struct archive_writer *w, const char *text)
{
    json_t *string = json_string(text);
    char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    put(w, quoted ? quoted : "\"?\"");
    free(quoted);
    json_decref(string);
}

static void put_key(struct archive_writer *w, const char *before, const char *key)
{
    put(w, before);
    put_text(w, key);
    put(w, ":");
}

static void put_numbers(struct archive_writer *w, const char *key, const double *v, size_t n)
{
    put(w, key);
    for (size_t i = 0; i < n; i++) {
        put(w, i ? "," : "[");
        put_number(w, v[i]);
    }
    put(w, n ? "]" : "[]");
}

static void put_optional(struct archive_writer *w, const char *key, const char *text)
{
    if (!*text) return;
    put_key(w, ",", key);
    put_text(w, text);
}

static void put_series(struct archive_writer *w, const struct archive_run *run)
{
    put_key(w, ",", "series");
    for (size_t i = 0; i < run->n; i++) {
        put_key(w, i ? "," : "{", run->series[i].name);
        put_numbers(w, "{\"x\":", run->series[i].x, run->series[i].n);
        put_numbers(w, ",\"y\":", run->series[i].y, run->series[i].n);
        put(w, "}");
    }
    put(w, run->n ? "}" : "{}");
}

static void put_goals(struct archive_writer *w, const struct archive_run *run)
{
    bool any = false;
    put_key(w, ",", "goal");
    for (size_t i = 0; i < run->n; i++) {
        if (run->series[i].goal == GOAL_NONE) continue;
        put_key(w, any ? "," : "{", run->series[i].name);
        put_text(w, metric_goal_text(run->series[i].goal));
        any = true;
    }
    put(w, any ? "}" : "{}");
}

bool archive_write(struct archive_writer *w, const struct archive_run *run)
{
    put_key(w, "{", "study"), put_text(w, run->study);
    put_key(w, ",", "run"), put_text(w, run->run);
    put_key(w, ",", "unit"), put_text(w, run->unit);
    put_key(w, ",", "horizon"), put_number(w, run->horizon);
    put_key(w, ",", "complete"), put(w, run->complete ? "true" : "false");
    if (run->diverged) put(w, ",\"diverged\":true");
    put_optional(w, "status", run->status);
    put_optional(w, "command", run->command);
    put_key(w, ",", "hp"), put(w, *run->hp ? run->hp : "{}");
    put_key(w, ",", "secs"), put_number(w, run->secs);
    put_series(w, run);
    put_goals(w, run);
    put(w, "}\n");
    return !w->failed;
}

bool archive_finish(struct archive_writer *w, char error[ARCHIVE_ERROR])
{
    errno = 0;
    bool ok = gzclose_w(w->out) == Z_OK && !w->failed;
    if (ok && *w->partial) ok = !rename(w->partial, w->path);
    if (!ok) {
        snprintf(error, ARCHIVE_ERROR, "%.240s: cannot be written whole: %s", w->path, errno ? strerror(errno) : "the disk or the pipe took no more");
        if (*w->partial) unlink(w->partial);
    }
    free(w);
    return ok;
}
