/* tail: follow logs that others write, one trial each. We cannot stop the program behind a log: a verdict to stop is said, recorded, and
 * is our exit status; what to do with it is the caller's business. */
#include "log_name.h"
#include "session.h"
#include "source/follow.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 200
#define LOGS_MAX 64

static volatile sig_atomic_t asked_to_end;

static void on_signal(int number)
{
    (void)number;
    asked_to_end = 1;
}

struct tailed {
    struct follow *follow;
    struct session *session;
    bool over;
};

static bool open_log(struct tailed *t, const struct options *options, char *const *paths, size_t n, size_t i)
{
    char name[64];
    const char *path = paths[i];
    log_name(paths, n, i, name, sizeof name);
    struct session_trial trial = {options->trial && n == 1 ? options->trial : name, path, NULL, 0, true};
    if (!(t->follow = follow_open(path))) {
        fprintf(stderr, "foregone tail: %s: %s. Give the path of a log file, a named pipe, or -\n", path, strerror(errno));
        return false;
    }
    return (t->session = session_create(options, &trial)) != NULL;
}

/* True: something was read. */
static bool take(struct tailed *t)
{
    static char bytes[1 << 16];
    size_t n;
    switch (t->over ? FOLLOW_WAIT : follow_read(t->follow, bytes, sizeof bytes, &n)) {
    case FOLLOW_BYTES: session_feed(t->session, 0, bytes, n); return true;
    case FOLLOW_ROTATED: return true;
    case FOLLOW_END:
    case FOLLOW_FAILED: t->over = true; return false;
    case FOLLOW_WAIT: return false;
    }
    return false;
}

static void finish(struct tailed *t)
{
    if (t->session) session_end(t->session, 0, session_stop(t->session) != NULL);
    session_destroy(t->session);
    follow_close(t->follow);
}

/* Until every log has ended, a verdict to stop was given for every trial, or a signal asks us to end. */
static bool follow_logs(struct tailed *logs, size_t n)
{
    struct follow *follows[LOGS_MAX];
    bool stopped = false;
    for (size_t i = 0; i < n; i++) follows[i] = logs[i].follow;
    for (size_t open = n; open && !asked_to_end;) {
        bool any = false;
        open = 0;
        for (size_t i = 0; i < n; i++) {
            any = take(&logs[i]) || any;
            if (session_stop(logs[i].session)) stopped = logs[i].over = true;
            open += !logs[i].over;
        }
        if (any || !open) continue;
        for (size_t i = 0; i < n; i++) session_tick(logs[i].session);
        follow_wait(follows, n, WAIT_MS);
    }
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
    struct options options;
    struct tailed logs[LOGS_MAX] = {{0}};
    bool ok = true, stopped = false;
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    if (first >= argc || argc - first > LOGS_MAX) {
        fprintf(stderr, "foregone tail: give a log file, a named pipe or - (at most %d). See: foregone tail --help\n", LOGS_MAX);
        return EXIT_MISUSE;
    }
    size_t n = (size_t)(argc - first);
    if (options.mkfifo && make_fifo(argv[first])) return EXIT_MISUSE;
    signal(SIGTERM, on_signal), signal(SIGINT, on_signal);
    for (size_t i = 0; i < n && ok; i++) ok = open_log(&logs[i], &options, argv + first, n, i);
    if (ok) stopped = follow_logs(logs, n);
    for (size_t i = 0; i < n; i++) finish(&logs[i]);
    return !ok ? EXIT_MISUSE : stopped ? (int)options.stop_exit_code : 0;
}
