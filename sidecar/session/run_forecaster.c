/* The forecaster: follows the logs, keeps the session, speaks with hooks. It only asks; the supervisor acts. If the supervisor dies, it
 * copies the command's output on until the command has ended. */
#include "run.h"
#include "serve_socket.h"
#include "session.h"
#include "options/exits.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#define CHUNK 65536
#define SESSION_TICKS 50 /* every second */
#define HOOK_GONE_TICKS 100

struct forecaster {
    struct run *run;
    struct session *session;
    struct listener *listener;
    uv_timer_t timer;
    off_t offset[STREAMS];
    unsigned ticks, idle;
    int child;     /* pidfd of the command; -1 before it runs */
    bool orphaned; /* the supervisor is gone */
    bool ending;
};

static bool follow(struct forecaster *f, int i)
{
    static char bytes[CHUNK];
    int log = f->run->channel[i].log;
    ssize_t n = pread(log, bytes, sizeof bytes, f->offset[i]);
    if (n == 0 && lseek(log, 0, SEEK_END) < f->offset[i]) f->offset[i] = 0; /* it was cut: what comes now stands at the start */
    if (n <= 0) return false;
    f->offset[i] += n;
    atomic_store(&f->run->shared->read_to[i], (long)f->offset[i]);
    session_feed(f->session, i, bytes, (size_t)n);
    return true;
}

/* At most so much at a time that hooks and the timer are not kept waiting. Bars, on stderr, go first: they tell how far the values are. */
static bool follow_all(struct forecaster *f)
{
    bool any = false;
    for (int i = f->run->streams; i-- > 0;)
        for (int k = 0; k < 16 && follow(f, i); k++) any = true;
    return any;
}

static void ask_to_stop(struct forecaster *f)
{
    if (!session_stop(f->session) || f->orphaned) return;
    int none = STOP_NONE;
    atomic_compare_exchange_strong(&f->run->shared->stop, &none, session_hooked(f->session) ? STOP_HOOK : STOP_SIGNAL);
}

static bool supervisor_gone(const struct forecaster *f)
{
    char byte;
    return recv(f->run->alive, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

/* By pidfd: a number may be given to someone else, and where nobody reaps it a dead process keeps its own. */
static void hold_child(struct forecaster *f)
{
    pid_t child = atomic_load(&f->run->shared->child);
    if (f->child < 0 && child > 0) f->child = (int)syscall(SYS_pidfd_open, child, 0);
}

static bool command_gone(const struct forecaster *f)
{
    struct pollfd p = {f->child, POLLIN, 0};
    return f->child < 0 || poll(&p, 1, 0) > 0;
}

static void pump_for_the_dead(struct forecaster *f)
{
    for (int i = 0; i < f->run->streams; i++) {
        for (int k = 0; k < 256 && channel_pump(&f->run->channel[i]); k++) {}
        channel_forget(&f->run->channel[i], f->offset[i]);
    }
}

static void finish(struct forecaster *f)
{
    int status = atomic_load(&f->run->shared->exit_status);
    if (f->ending) return;
    f->ending = true;
    while (follow_all(f)) {}
    if (f->orphaned) pump_for_the_dead(f);
    session_end(f->session, status, atomic_load(&f->run->shared->stopped));
    uv_timer_stop(&f->timer);
    uv_close((uv_handle_t *)&f->timer, NULL);
    listener_close(f->listener);
}

static void on_timer(uv_timer_t *timer)
{
    struct forecaster *f = timer->data;
    bool over = f->orphaned ? command_gone(f) : atomic_load(&f->run->shared->exit_status) >= 0;
    hold_child(f);
    follow_all(f);
    ask_to_stop(f);
    if (++f->ticks % SESSION_TICKS == 0) session_keep(f->session), session_learn(f->session);
    if (!f->orphaned && !over && supervisor_gone(f)) f->orphaned = true;
    if (f->orphaned) pump_for_the_dead(f);
    if (over) finish(f);
}

/* A terminal's ^C is for the command; we end when it has ended. */
static void ignore_signals(void)
{
    static const int numbers[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE, SIGTSTP, SIGTTOU, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) signal(numbers[i], SIG_IGN);
}

static void tell_name(const struct forecaster *f, int ready)
{
    const char *name = session_trial_name(f->session);
    if (write(ready, name, strlen(name)) < 0) { /* the supervisor goes on without it */ }
    close(ready);
}

void forecaster_main(struct run *run, int ready)
{
    struct forecaster f = {.run = run, .child = -1};
    struct session_trial trial = {run->options->trial, run->command_text, run->words, getppid(), false, NULL};
    char error[256];
    ignore_signals();
    setsid();
    for (int i = 0; i < run->streams; i++) f.offset[i] = run->channel[i].start;
    if (!(f.session = session_create(run->options, &trial))) _exit(EXIT_MISUSE);
    uv_loop_t *loop = uv_default_loop();
    f.listener = *run->socket ? listener_create(loop, session_service(f.session), run->socket, error, sizeof error) : NULL;
    uv_timer_init(loop, &f.timer);
    f.timer.data = &f;
    uv_timer_start(&f.timer, on_timer, TICK_MS, TICK_MS);
    tell_name(&f, ready);
    uv_run(loop, UV_RUN_DEFAULT);
    session_destroy(f.session);
    _exit(0);
}
