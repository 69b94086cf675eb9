/* archive: finished runs as files, one JSON object a line, gzip or plain (docs/WIRE.md). Reads and writes them; holds one run at a time.
 *
 * Input is not trusted: a line that is no run is named and skipped, and so is one longer than ARCHIVE_LINE_MAX. NaN and Infinity are
 * read; what is written is strict JSON, with the fewest digits that give the same number again.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "metric/metric.h"

#include <stdbool.h>
#include <stddef.h>

#define ARCHIVE_LINE_MAX (64u << 20) /* bytes */
#define ARCHIVE_ERROR 320

struct archive_series {
    const char *name;
    enum metric_goal goal; /* as the archive states it; GOAL_NONE: it does not */
    size_t n;
    const double *x, *y;   /* n each. x: finite, in the order of the file; y: NaN where the run logged no finite value */
};

struct archive_run {
    const char *study, *run;
    const char *unit;      /* of x and horizon; "": not stated */
    const char *hp;        /* a JSON object as text, "{}": none */
    const char *status;    /* "complete", "stopped", "failed" ... as foregone wrote it; "": not stated */
    const char *command;   /* "": not stated */
    double horizon, secs;  /* planned last x; seconds that it ran. NaN: not stated */
    bool complete, diverged;
    size_t n;
    const struct archive_series *series;
};

/* ---- reading --------------------------------------------------------------------------------------------------------------- */

struct archive;

/* path "-": standard input. NULL with a message: it cannot be read. The content is not looked at yet. */
struct archive *archive_open(const char *path, char error[ARCHIVE_ERROR]);
void archive_close(struct archive *archive);

enum archive_got {
    ARCHIVE_RUN,     /* *run is filled */
    ARCHIVE_SKIPPED, /* a line that is no run: error says "path:line: why"; go on */
    ARCHIVE_END,
    ARCHIVE_FAILED,  /* the file cannot be read any further: error says why; there is no use in going on */
};
/* The next run; what *run points to is borrowed until the next call. Empty lines are passed over. */
enum archive_got archive_next(struct archive *archive, struct archive_run *run, char error[ARCHIVE_ERROR]);

/* Is the file at path an archive, by its first line that is not empty? (Else it may be a log.) False also for "-" and what cannot be read. */
bool archive_is(const char *path);

/* ---- writing --------------------------------------------------------------------------------------------------------------- */

struct archive_writer;

/* path "-": standard output; a name that ends in .gz is compressed. A regular file appears under its name, whole, when it is closed.
 * NULL with a message: it cannot be written. */
struct archive_writer *archive_create(const char *path, char error[ARCHIVE_ERROR]);
bool archive_write(struct archive_writer *writer, const struct archive_run *run); /* false: see archive_finish */
/* Closes it. False with a message: it could not be written whole; then nothing is left under its name. */
bool archive_finish(struct archive_writer *writer, char error[ARCHIVE_ERROR]);

#endif
