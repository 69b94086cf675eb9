/* tail: follow logs that others write, one trial each. We cannot stop the program behind a log: a verdict to stop is said, recorded, and
 * is our exit status; what to do with it is the caller's business. A directory is looked through again and again: each run in it is a trial.
 */
#include "log/log_name.h"
#include "session/session.h"
#include "source/directory.h"
#include "source/follow.h"
#include "verbs.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 200
#define TRIALS_MAX 128
#define FILES_MAX FOLLOWS_MOST
#define READS_A_TICK 64    /* so that a crash costs little even where there is always something to read */
#define WAITS_A_LOOK 5     /* between two looks through the directories */

static volatile sig_atomic_t asked_to_end;

static void on_signal(int number)
{
    (void)number;
    asked_to_end = 1;
}

struct tailed {
    char name[64];
    struct session *session;
    bool over; /* a verdict to stop was given */
};

struct file {
    struct tailed *of;
    struct follow *follow;
    int stream;
    char named[4096];
    char path[4096]; /* what that is, without links; "": not there yet */
    off_t known; /* up to here its values are in the study */
    bool over, said_trouble;
};

struct tailing {
    const struct options *options;
    struct tailed trials[TRIALS_MAX];
    struct file files[FILES_MAX];
    size_t n_trials, n_files, n_paths;
    char *const *paths;
    bool said_full;
};

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

/* A run below a directory has the name of its place there; one that is the directory has that of the directory. The end tells runs apart. */
static void name_of_run(const char *root, const char *run, char *name, size_t size)
{
    char whole[4096];
    if (!*run && !realpath(root, whole)) snprintf(whole, sizeof whole, "%s", root);
    const char *text = *run ? run : basename(whole);
    size_t n = strlen(text);
    snprintf(name, size, "%s", n > 60 ? text + n - 60 : text);
}

/* ---- what is followed ------------------------------------------------------------------------------------------------------ */

static struct tailed *trial_of(struct tailing *t, const char *name, const char *path)
{
    for (size_t i = 0; i < t->n_trials; i++)
        if (!strcmp(t->trials[i].name, name)) return &t->trials[i];
    if (t->n_trials == TRIALS_MAX) return NULL;
    struct tailed *new = &t->trials[t->n_trials];
    struct session_trial trial = {.name = t->options->trial && t->n_paths == 1 && !t->n_trials ? t->options->trial : name, .command = path, .pid = getpid(), .followed = true, .beside = t->n_trials ? new[-1].session : NULL};
    *new = (struct tailed){.session = session_create(t->options, &trial)};
    snprintf(new->name, sizeof new->name, "%s", name);
    return new->session ? t->n_trials++, new : NULL;
}

/* What the name stands for now: a link may have been switched, a file may be there at last. Of what has no path (standard input, a database's rows) it is the name. */
static void resolve(struct file *f)
{
    char whole[4096];
    bool there = realpath(f->named, whole);
    snprintf(f->path, sizeof f->path, "%s", there ? whole : follow_is_file(f->named) ? f->named : "");
}

/* Goes on where an earlier tail left the file, if what stood there still does. */
static void find_place(struct file *f)
{
    struct follow_place place;
    resolve(f);
    if (session_place(f->of->session, f->path, &place) && follow_stands(f->follow, &place)) f->known = place.offset;
}

static bool follow_file(struct tailing *t, struct tailed *trial, const char *path, const char *prefix)
{
    struct file *f = &t->files[t->n_files];
    *f = (struct file){.of = trial};
    snprintf(f->named, sizeof f->named, "%s", path);
    if (!(f->follow = follow_open(path))) {
        fprintf(stderr, "foregone tail: %s: %s. Give the path of a log file, a directory, a named pipe, or -\n", path, strerror(errno));
        return false;
    }
    if ((f->stream = session_stream(trial->session, path, prefix)) < 0) {
        follow_close(f->follow);
        return false;
    }
    find_place(f);
    t->n_files++;
    return true;
}

static bool open_log(struct tailing *t, size_t i)
{
    char name[64];
    log_name(t->paths, t->n_paths, i, name, sizeof name);
    struct tailed *trial = trial_of(t, name, t->paths[i]);
    return trial && follow_file(t, trial, t->paths[i], "");
}

static bool is_followed(const struct tailing *t, const char *path)
{
    char whole[4096];
    if (!realpath(path, whole)) {
        if (!follow_is_file(path)) return true; /* gone already */
        snprintf(whole, sizeof whole, "%s", path); /* in a database */
    }
    for (size_t i = 0; i < t->n_files; i++)
        if (!strcmp(t->files[i].path, whole) || !strcmp(t->files[i].named, path)) return true;
    return false;
}

static bool is_full(const struct tailing *t) { return t->n_files == FILES_MAX || t->n_trials == TRIALS_MAX; }

static void say_full(struct tailing *t, const char *root)
{
    if (!t->said_full) fprintf(stderr, "foregone: more than %d runs or %d files in %s: the rest is not followed. Name the runs instead\n", TRIALS_MAX, FILES_MAX, root);
    t->said_full = true;
}

/* Takes up what is new in it. False: it cannot be read (errno), or a trial cannot be begun (said). */
static bool look_through(struct tailing *t, const char *root)
{
    struct directory found;
    char name[64];
    bool ok = directory_find(&found, root);
    for (size_t i = 0; ok && i < found.n; i++) {
        const struct directory_file *f = &found.files[i];
        if (is_followed(t, f->path)) continue;
        name_of_run(root, f->run, name, sizeof name);
        struct tailed *trial = t->n_files < FILES_MAX ? trial_of(t, name, root) : NULL;
        if (trial) follow_file(t, trial, f->path, f->prefix);
        else if (is_full(t)) say_full(t, root);
        else ok = false;
    }
    directory_free(&found);
    return ok;
}

static bool look_at(struct tailing *t, const char *root)
{
    errno = 0;
    if (look_through(t, root)) return true;
    if (errno) fprintf(stderr, "foregone tail: %s: %s\n", root, strerror(errno));
    return false;
}

static bool open_all(struct tailing *t)
{
    for (size_t i = 0; i < t->n_paths; i++)
        if (!(directory_is(t->paths[i]) ? look_at(t, t->paths[i]) : open_log(t, i))) return false;
    return true;
}

/* ---- following ------------------------------------------------------------------------------------------------------------- */

/* Bytes that end at offset end of the file; 0: of what has no places. */
static void feed(struct file *f, const char *bytes, size_t n, off_t end)
{
    off_t start = end - (off_t)n;
    size_t known = f->known > 0 && f->known > start ? (size_t)(f->known - start) : 0;
    if (known > n) known = n;
    if (known) session_recall(f->of->session, f->stream, bytes, known);
    if (n > known) session_feed(f->of->session, f->stream, bytes + known, n - known);
}

static void say_trouble(struct file *f, int why, const char *then)
{
    if (!f->said_trouble) fprintf(stderr, "foregone tail: %s: %s; %s\n", f->named, why == EBADMSG ? "damaged or cut off" : strerror(why), then);
    f->said_trouble = true;
}

static void on_rotated(struct file *f)
{
    session_rotated(f->of->session, f->stream);
    f->known = 0, f->said_trouble = false;
    resolve(f);
}

/* True: something was read. */
static bool take(struct file *f)
{
    static char bytes[1 << 16];
    size_t n;
    if (f->over || f->of->over) return false;
    switch (follow_read(f->follow, bytes, sizeof bytes, &n)) {
    case FOLLOW_BYTES: feed(f, bytes, n, follow_place(f->follow).offset); return true;
    case FOLLOW_ROTATED: on_rotated(f); return true;
    case FOLLOW_FAILED: say_trouble(f, errno, "the rest of it is not followed"); f->over = true; return false;
    case FOLLOW_END: f->over = true; return false;
    case FOLLOW_WAIT:
        if (follow_trouble(f->follow)) say_trouble(f, follow_trouble(f->follow), "it is followed as soon as it can be read");
        return false;
    }
    return false;
}

static void note_place(struct file *f)
{
    struct follow_place place = follow_place(f->follow);
    if (place.offset > 0 && !*f->path) resolve(f);
    if (*f->path && place.offset > f->known) session_set_place(f->of->session, f->path, &place);
}

static void note_places(struct tailing *t, const struct tailed *trial)
{
    for (size_t i = 0; i < t->n_files; i++)
        if (t->files[i].of == trial) note_place(&t->files[i]);
}

/* One trial after the other: a place waits to be written with its values, and the next trial would wait for both. */
static void tick(struct tailing *t)
{
    for (size_t i = 0; i < t->n_trials; i++) {
        note_places(t, &t->trials[i]);
        session_keep(t->trials[i].session);
    }
    for (size_t i = 0; i < t->n_trials; i++) session_learn(t->trials[i].session);
}

/* Reads each file once. True: something was read. */
static bool take_all(struct tailing *t)
{
    bool any = false;
    for (size_t i = 0; i < t->n_files; i++) {
        struct file *f = &t->files[i];
        any = take(f) || any;
        if (session_stop(f->of->session)) f->of->over = true;
    }
    return any;
}

static void wait_for_more(struct tailing *t, unsigned waits)
{
    struct follow *follows[FILES_MAX];
    for (size_t i = 0; i < t->n_files; i++) follows[i] = t->files[i].follow;
    follow_wait(follows, t->n_files, WAIT_MS);
    for (size_t i = 0; i < t->n_paths && waits % WAITS_A_LOOK == 0; i++)
        if (directory_is(t->paths[i])) look_through(t, t->paths[i]);
}

static bool all_over(const struct tailing *t)
{
    for (size_t i = 0; i < t->n_files; i++)
        if (!t->files[i].over && !t->files[i].of->over) return false;
    return t->n_files > 0;
}

/* Until every log has ended, a verdict to stop was given for every trial, or a signal asks us to end. A directory without a run does not end:
 * one may begin. */
static void follow_logs(struct tailing *t)
{
    unsigned reads = 0, waits = 0;
    while (!all_over(t) && !asked_to_end) {
        bool any = take_all(t);
        if (any && ++reads % READS_A_TICK) continue;
        tick(t);
        if (!any && !all_over(t)) wait_for_more(t, ++waits);
    }
}

/* ---- life ------------------------------------------------------------------------------------------------------------------ */

/* True: a verdict to stop was given for one of them. */
static bool finish(struct tailing *t)
{
    bool stopped = false;
    for (size_t i = 0; i < t->n_trials; i++) {
        note_places(t, &t->trials[i]);
        bool stop = session_stop(t->trials[i].session) != NULL;
        session_end(t->trials[i].session, 0, stop);
        session_destroy(t->trials[i].session);
        stopped = stopped || stop;
    }
    for (size_t i = 0; i < t->n_files; i++) follow_close(t->files[i].follow);
    return stopped;
}

static int make_fifo(const char *path)
{
    if (!mkfifo(path, 0600) || errno == EEXIST) return 0;
    fprintf(stderr, "foregone tail: cannot make the named pipe %s: %s\n", path, strerror(errno));
    return EXIT_MISUSE;
}

int verb_tail(int argc, char **argv)
{
    static struct tailing t;
    struct options options;
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    if (first >= argc || argc - first > TRIALS_MAX) {
        fprintf(stderr, "foregone tail: give a log file, a directory, a named pipe or - (at most %d). See: foregone tail --help\n", TRIALS_MAX);
        return EXIT_MISUSE;
    }
    t = (struct tailing){.options = &options, .paths = argv + first, .n_paths = (size_t)(argc - first)};
    if (options.mkfifo && make_fifo(argv[first])) return EXIT_MISUSE;
    signal(SIGTERM, on_signal), signal(SIGINT, on_signal);
    if (signal(SIGHUP, on_signal) == SIG_IGN) signal(SIGHUP, SIG_IGN); /* nohup */
    bool ok = open_all(&t);
    if (ok) follow_logs(&t);
    bool stopped = finish(&t);
    return !ok ? EXIT_MISUSE : stopped ? (int)options.stop_exit_code : 0;
}
