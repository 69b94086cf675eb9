#include "log_input.h"

#include "source/directory.h"
#include "source/follow.h"
#include "source/beside.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct muted {
    const struct log_input *to;
    bool mute; /* first pass */
};

static void pass_on(void *context, const struct observation *o)
{
    struct muted *m = context;
    if (!m->mute) m->to->fn(m->to->context, o);
}

/* ---- bytes ----------------------------------------------------------------------------------------------------------------- */

static char buffer[1 << 16];

static void feed(struct recording *recording, const struct muted *m, size_t n)
{
    recording_feed(recording, buffer, n);
    if (!m->mute && m->to->bytes) m->to->bytes(m->to->context, buffer, n);
}

/* A file, compressed or not, as far as it goes now. */
static bool feed_file(struct recording *recording, const struct muted *muted, const char *path)
{
    struct follow *follow = follow_open(path);
    enum follow_event event = FOLLOW_FAILED;
    size_t n;
    if (!follow) return false;
    while ((event = follow_read(follow, buffer, sizeof buffer, &n)) == FOLLOW_BYTES) feed(recording, muted, n);
    int why = errno;
    follow_close(follow);
    errno = why;
    recording_end(recording);
    return event != FOLLOW_FAILED;
}

static bool feed_stream(struct recording *recording, const struct muted *muted, FILE *in)
{
    size_t n;
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0) feed(recording, muted, n);
    recording_end(recording);
    return !ferror(in);
}

/* A log without a value has none for the second pass either. */
static bool read_twice(struct recording *recording, struct muted *muted, const char *path)
{
    muted->mute = true;
    if (!feed_file(recording, muted, path)) return false;
    muted->mute = false;
    if (!recording_facts(recording).facts.values) return true;
    recording_again(recording);
    return feed_file(recording, muted, path);
}

static bool read_once(struct recording *recording, const struct muted *muted, const char *path)
{
    FILE *in = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    bool ok = in && feed_stream(recording, muted, in);
    if (in && in != stdin) fclose(in);
    return ok;
}

/* ---- one file, or those of one run ----------------------------------------------------------------------------------------- */

/* Of several files: the values of all, the place of the one that is furthest. */
static void add_facts(struct recording_facts *all, struct recording_facts one, bool first)
{
    if (first) {
        *all = one;
        return;
    }
    all->facts.values += one.facts.values, all->facts.lines += one.facts.lines, all->damaged += one.damaged;
    if (!(all->facts.bar_done > 0)) all->facts.bar_done = one.facts.bar_done, all->facts.bar_total = one.facts.bar_total;
    if (one.facts.x > all->facts.x || isnan(all->facts.x)) all->facts.x = one.facts.x, all->facts.total = one.facts.total, all->facts.total_unit = one.facts.total_unit;
    if (one.facts.values == all->facts.values) all->facts.format = one.facts.format; /* those before it had none */
}

static void take_setting(void *recording, const char *name, double value) { recording_setting(recording, name, value); }

static bool read_one(const char *path, const char *prefix, const struct reader_options *how, struct muted *muted, struct recording_facts *facts, bool first, char error[320])
{
    struct recording *recording = recording_create(how, pass_on, muted, error, 320);
    if (!recording) return false;
    recording_set_source(recording, path, prefix);
    settings_beside(path, take_setting, recording);
    bool ok = follow_is_file(path) ? read_twice(recording, muted, path) : read_once(recording, muted, path);
    if (ok) add_facts(facts, recording_facts(recording), first);
    else if (errno == EBADMSG) snprintf(error, 320, "%.200s: compressed, and damaged or cut off", path);
    else snprintf(error, 320, "%.200s: %s. Give the path of a log file", path, strerror(errno));
    recording_destroy(recording);
    return ok;
}

static const char *newest_run(const struct directory *found, size_t *runs)
{
    const struct directory_file *newest = &found->files[0];
    *runs = 0;
    for (size_t i = 0; i < found->n; i++) {
        *runs += !i || strcmp(found->files[i].run, found->files[i - 1].run) != 0;
        if (found->files[i].written_ns > newest->written_ns) newest = &found->files[i];
    }
    return newest->run;
}

static bool read_run(const struct directory *found, const char *root, const struct reader_options *how, struct muted *muted, struct recording_facts *facts, char error[320])
{
    size_t runs, read = 0;
    const char *run = newest_run(found, &runs);
    bool ok = true;
    if (runs > 1) fprintf(stderr, "foregone: %s holds %zu runs; this is the newest, %s\n", root, runs, *run ? run : ".");
    for (size_t i = 0; i < found->n && ok; i++)
        if (!strcmp(found->files[i].run, run)) ok = read_one(found->files[i].path, found->files[i].prefix, how, muted, facts, !read++, error);
    return ok;
}

bool log_input_read(const char *path, const struct reader_options *how, const struct log_input *to, struct recording_facts *facts, char error[320])
{
    struct muted muted = {to, false};
    struct directory found;
    if (!directory_is(path)) return read_one(path, "", how, &muted, facts, true, error);
    bool ok = directory_find(&found, path);
    if (!ok) snprintf(error, 320, "%.200s: %s", path, strerror(errno));
    else if (!found.n) snprintf(error, 320, "%.180s: no run in this directory: no event file, run-*.wandb, mlruns, mlflow.db, metrics.csv or *.log. Give the path of a log file", path);
    ok = ok && found.n && read_run(&found, path, how, &muted, facts, error);
    directory_free(&found);
    return ok;
}
