/* run: what the supervisor and the forecaster share. Docs: docs/PROCESS.md. Internal to the verb run. */
#ifndef RUN_H
#define RUN_H

#include "options/options.h"
#include "run_socket.h"
#include "source/channel.h"

#include <stdatomic.h>

#define STREAMS 2
#define TICK_MS 20

/* In memory that both map. */
struct run_shared {
    _Atomic long read_to[STREAMS]; /* how far the forecaster has read each log */
    _Atomic int stop;              /* STOP_NONE ... : what the forecaster asks for */
    _Atomic int child;             /* pid of the command; 0 before it runs */
    _Atomic int exit_status;       /* of the command; -1 while it runs */
    _Atomic int stopped;           /* the supervisor ended it on a verdict */
};
enum { STOP_NONE, STOP_SIGNAL, STOP_HOOK }; /* by a signal, or the hook was told and ends it cleanly */

struct run {
    const struct options *options;
    char *const *words;        /* of `run` itself: options, --, command */
    char *command_text;
    struct channel channel[STREAMS];
    int streams;               /* 1: stdout and stderr are one */
    struct run_shared *shared;
    int alive;                 /* our end of a socket pair: it reads EOF when the other process is gone */
    char socket[RUN_SOCKET_PATH]; /* for hooks; "" if there is none */
    pid_t child;               /* the command; 0 before it runs (the supervisor's copy) */
};

/* The body of the forecaster process. ready: written to when the trial's name is known. Never returns. */
void forecaster_main(struct run *run, int ready) __attribute__((noreturn));

#endif
