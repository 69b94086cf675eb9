/* run: the supervisor. Small on purpose: it starts the command, copies its output on, forwards signals, reaps, and gives the command's own
 * status. What it reads it does not look at; the forecaster, a process of its own, does that and may die at any time. */
#include "session/resume.h"
#include "session/run.h"
#include "stopper/stopper.h"
#include "store/store.h"
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FORECASTER_START_MS 5000 /* to open the store and name the trial */
#define DRAIN_PATIENCE_S 1.0     /* for a reader of our output, once a signal told us to end */
#define FORECASTER_END_MS 10000  /* to read what is left and write it down */

struct supervisor {
    struct run run;
    pid_t forecaster;
    int signals, status; /* of the command as a shell has it; -1 while it runs */
    char name[64];
    double asked_at;     /* when the command was asked to end; 0: not */
    bool killed;
    bool signalled;      /* someone wants us to end */
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- places ---------------------------------------------------------------------------------------------------------------------- */

/* A directory of our own under the state directory for spools; NULL when there is none to be had. */
static const char *own_directory(char *path, size_t size)
{
    char studies[3500];
    if (!store_directory(NULL, studies, sizeof studies)) return NULL;
    char *last = strrchr(studies, '/');
    if (!last) return NULL;
    *last = 0;
    snprintf(path, size, "%s/run", studies);
    for (char *at = path + 1; *at; at++)
        if (*at == '/') *at = 0, mkdir(path, 0700), *at = '/';
    return !mkdir(path, 0700) || errno == EEXIST ? path : NULL;
}

/* ---- forecaster ------------------------------------------------------------------------------------------------------------------ */

static bool wait_readable(int fd, int ms)
{
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, ms) > 0;
}

/* Its own refusal (a wrong option, a conflicting study) is the only thing that ends us before the command starts; that it is slow, hangs
 * or crashes is not. */
static bool hear_forecaster(struct supervisor *s, int ready)
{
    int status;
    bool spoke = wait_readable(ready, FORECASTER_START_MS);
    ssize_t n = spoke ? read(ready, s->name, sizeof s->name - 1) : 0;
    if (!spoke || n > 0 || waitpid(s->forecaster, &status, 0) <= 0) return true;
    s->forecaster = 0;
    return !(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_MISUSE);
}

static bool start_forecaster(struct supervisor *s)
{
    int ready[2], alive[2];
    if (pipe2(ready, O_CLOEXEC)) return true;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, alive)) return close(ready[0]), close(ready[1]), true;
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]), close(alive[0]);
        s->run.alive = alive[1];
        forecaster_main(&s->run, ready[1]);
    }
    close(ready[1]), close(alive[1]);
    s->forecaster = pid > 0 ? pid : 0;
    s->run.alive = alive[0];
    bool go = pid <= 0 || hear_forecaster(s, ready[0]);
    close(ready[0]);
    return go;
}

static void end_forecaster(struct supervisor *s)
{
    double until = seconds() + FORECASTER_END_MS / 1e3;
    atomic_store(&s->run.shared->exit_status, s->status);
    while (s->forecaster > 0 && waitpid(s->forecaster, NULL, WNOHANG) == 0) {
        if (seconds() > until) kill(s->forecaster, SIGKILL);
        poll(NULL, 0, 5);
    }
    s->forecaster = 0;
}

/* ---- the command ----------------------------------------------------------------------------------------------------------------- */

static void set_environment(const struct supervisor *s)
{
    const struct options *o = s->run.options;
    setenv("PYTHONUNBUFFERED", "1", 0);
    setenv("FOREGONE_STUDY", o->study ? o->study : "default", 1);
    if (*s->name) setenv("FOREGONE_TRIAL", s->name, 1);
    if (*s->run.socket && s->forecaster > 0) setenv("FOREGONE_SOCKET", s->run.socket, 1);
    if (o->from_checkpoint) setenv("FOREGONE_CHECKPOINT", o->from_checkpoint, 1);
    else unsetenv("FOREGONE_CHECKPOINT"); /* that of a run around us */
}

static void give_output(const struct run *run)
{
    for (int i = 0; i < STREAMS; i++) {
        const struct channel *c = &run->channel[run->streams == 1 ? 0 : i];
        if (c->child >= 0) dup2(c->child, i == 0 ? STDOUT_FILENO : STDERR_FILENO);
    }
}

static void child_main(struct supervisor *s, char **command, int failed) __attribute__((noreturn));
static void child_main(struct supervisor *s, char **command, int failed)
{
    sigset_t none;
    sigemptyset(&none);
    give_output(&s->run);
    set_environment(s);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(*command, command);
    int why = errno;
    if (write(failed, &why, sizeof why) < 0) { /* the status below still tells */ }
    _exit(why == ENOENT ? 127 : 126);
}

/* False: the command could not be started; status says how, as a shell does. */
static bool start_command(struct supervisor *s, char **command)
{
    int failed[2], why = 0;
    if (pipe2(failed, O_CLOEXEC)) return false;
    s->run.child = fork();
    if (s->run.child == 0) child_main(s, command, failed[1]);
    close(failed[1]);
    bool bad = s->run.child < 0 || read(failed[0], &why, sizeof why) > 0;
    close(failed[0]);
    for (int i = 0; i < s->run.streams; i++) channel_child_started(&s->run.channel[i]);
    if (!bad) return true;
    if (s->run.child > 0) waitpid(s->run.child, NULL, 0);
    s->status = why == ENOENT ? 127 : 126;
    fprintf(stderr, "foregone: %s: %s\n", *command, strerror(why ? why : errno));
    return false;
}

static void reap(struct supervisor *s)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == s->forecaster) s->forecaster = 0;
        if (pid == s->run.child) s->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

/* ---- stopping -------------------------------------------------------------------------------------------------------------------- */

static void ladder(struct supervisor *s)
{
    int stop = atomic_load(&s->run.shared->stop);
    if (stop == STOP_NONE || s->status >= 0) return;
    if (!s->asked_at) {
        s->asked_at = seconds();
        atomic_store(&s->run.shared->stopped, 1);
        if (stop == STOP_SIGNAL) stopper_signal(s->run.child, SIGTERM);
    } else if (stop == STOP_HOOK && seconds() - s->asked_at > s->run.options->grace) {
        atomic_store(&s->run.shared->stop, STOP_SIGNAL); /* the hook did not end it */
        s->asked_at = 0;
    } else if (!s->killed && seconds() - s->asked_at > s->run.options->grace) {
        fprintf(stderr, "foregone: still running %g s after it was asked to end; killing it\n", s->run.options->grace);
        stopper_kill_all(s->forecaster);
        s->killed = true;
    }
}

/* After a stop nothing of the command may be left, in whatever session it hides. */
static void sweep_leftovers(struct supervisor *s)
{
    double until = seconds() + (s->killed ? 0 : s->run.options->grace);
    while (stopper_left(s->forecaster) && seconds() < until) reap(s), poll(NULL, 0, 10);
    for (int i = 0; i < 500 && stopper_left(s->forecaster); i++) {
        stopper_kill_all(s->forecaster);
        poll(NULL, 0, 10);
        reap(s);
    }
    unsigned left = stopper_left(s->forecaster);
    if (left) fprintf(stderr, "foregone: %u processes of the trial could not be killed\n", left);
    else if (!s->run.options->quiet) fprintf(stderr, "foregone: stopped; nothing of it is left\n");
}

/* ---- the loop -------------------------------------------------------------------------------------------------------------------- */

/* What the terminal sent went to the command as well; what was sent to us alone is passed on. */
static void on_signal(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info) {
        int number = (int)info.ssi_signo;
        if (number == SIGCHLD) continue;
        if (number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT) s->signalled = true;
        if (number == SIGWINCH) channel_resize(&s->run.channel[0]);
        else if (info.ssi_code != SI_KERNEL && s->status < 0) kill(s->run.child, number);
    }
}

static bool pump_all(struct supervisor *s)
{
    bool any = false;
    for (int i = 0; i < s->run.streams; i++) {
        struct channel *c = &s->run.channel[i];
        for (int k = 0; k < 64 && channel_pump(c); k++) any = true;
        channel_forget(c, s->forecaster ? atomic_load(&s->run.shared->read_to[i]) : LONG_MAX);
    }
    return any;
}

/* A spool gives no sign that it grew, so it is looked at every tick; an output that is full says when it takes more. */
static void wait_for_something(struct supervisor *s)
{
    struct pollfd p[1 + STREAMS] = {{s->signals, POLLIN, 0}};
    nfds_t n = 1;
    for (int i = 0; i < s->run.streams; i++) {
        p[n] = channel_wants(&s->run.channel[i]);
        n += p[n].fd >= 0;
    }
    poll(p, n, TICK_MS);
    for (nfds_t i = 1; i < n; i++)
        if (p[i].revents & POLLHUP) poll(NULL, 0, TICK_MS); /* nobody has the pseudo-terminal open: wait for the end */
}

static void supervise(struct supervisor *s)
{
    while (s->status < 0) {
        if (!pump_all(s)) wait_for_something(s);
        on_signal(s);
        reap(s);
        ladder(s);
    }
}

/* What the command wrote before it ended is all there; a reader of ours that is slow gets it, too. Only a signal to us while nobody reads
 * ends that. */
static void drain(struct supervisor *s)
{
    double moved = seconds();
    s->signalled = false;
    for (bool waits = true; waits;) {
        waits = false;
        if (pump_all(s)) moved = seconds();
        for (int i = 0; i < s->run.streams; i++) waits = channel_waits(&s->run.channel[i]) || waits;
        on_signal(s);
        if (s->signalled && seconds() - moved > DRAIN_PATIENCE_S) return;
        if (waits) wait_for_something(s);
    }
    while (pump_all(s)) {}
}

static int block_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD, SIGCONT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* ---- the verb -------------------------------------------------------------------------------------------------------------------- */

static char *join_command(char **command)
{
    size_t n = 1;
    for (char **at = command; *at; at++) n += strlen(*at) + 1;
    char *text = calloc(1, n);
    for (char **at = command; text && *at; at++) {
        if (*text) strcat(text, " ");
        strcat(text, *at);
    }
    return text;
}

static bool open_channels(struct run *run)
{
    char path[4000];
    const char *directory = own_directory(path, sizeof path);
    run->streams = same_output(STDOUT_FILENO, STDERR_FILENO) ? 1 : 2;
    for (int i = 0; i < run->streams; i++)
        if (!channel_open(&run->channel[i], i == 0 ? STDOUT_FILENO : STDERR_FILENO, directory)) return false;
    return true;
}

static bool set_up(struct supervisor *s, char **command)
{
    s->run.shared = mmap(NULL, sizeof *s->run.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    s->run.command_text = join_command(command);
    if (s->run.shared == MAP_FAILED || !s->run.command_text || !open_channels(&s->run)) {
        fprintf(stderr, "foregone: %s; running the command without being watched\n", strerror(errno));
        execvp(*command, command);
        s->status = errno == ENOENT ? 127 : 126;
        return false;
    }
    atomic_store(&s->run.shared->exit_status, -1);
    run_socket_clear();
    run_socket_place(s->run.socket);
    signal(SIGPIPE, SIG_IGN);
    s->signals = block_signals();
    stopper_adopt_orphans();
    if (start_forecaster(s)) return true;
    s->status = EXIT_MISUSE;
    return false;
}

static int run_command(struct supervisor *s, char **command)
{
    if (set_up(s, command) && start_command(s, command)) {
        atomic_store(&s->run.shared->child, s->run.child);
        supervise(s);
        if (atomic_load(&s->run.shared->stopped)) sweep_leftovers(s);
        drain(s);
    }
    if (s->run.shared != MAP_FAILED && s->forecaster > 0) end_forecaster(s);
    for (int i = 0; i < s->run.streams; i++) channel_close(&s->run.channel[i], true);
    run_socket_remove(s->run.socket);
    free(s->run.command_text);
    return s->run.shared != MAP_FAILED && atomic_load(&s->run.shared->stopped) ? (int)s->run.options->stop_exit_code : s->status;
}

static int misuse(const char *text, const char *about)
{
    fprintf(stderr, "foregone run: %s%s\n", text, about);
    return EXIT_MISUSE;
}

int verb_run(int argc, char **argv)
{
    struct options options;
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    if (first >= argc) return misuse("which command? Try: foregone run -- python train.py", "");
    char **command = argv + first, **resumed = NULL;
    if (options.from_checkpoint) {
        if (access(options.from_checkpoint, R_OK)) return misuse("there is no checkpoint at ", options.from_checkpoint);
        if (!(command = resumed = resume_command(command, options.resume_arg, options.from_checkpoint))) return EXIT_SYSTEM;
    }
    struct supervisor s = {.run = {.options = &options, .words = argv, .alive = -1}, .status = -1};
    int status = run_command(&s, command);
    free(resumed);
    return status;
}
