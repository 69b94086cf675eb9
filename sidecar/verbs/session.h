/* session: one trial as it runs: log bytes in, verdicts out, the study's memory kept. The common part of run and tail. */
#ifndef SESSION_H
#define SESSION_H

#include "options.h"
#include "service.h"

struct session;

struct session_trial {
    const char *name, *command;
    char *const *words; /* with which it could be started again, NULL at the end; NULL: it cannot */
    int64_t pid;
    bool followed;      /* a log of a program that is not ours to stop */
};

/* Never fails for want of a store: then it says so once and goes on without. NULL: out of memory or a wrong option (said on stderr). */
struct session *session_create(const struct options *options, const struct session_trial *trial);
void session_destroy(struct session *session);

struct service *session_service(struct session *session); /* speaks for a hook of this trial; borrowed */
const char *session_trial_name(const struct session *session);

/* stream 0 or 1: two streams of one program are two logs whose lines do not mix. */
void session_feed(struct session *session, int stream, const char *bytes, size_t length);
/* From time to time: writes what waits, takes in what other trials logged. */
void session_tick(struct session *session);

/* The verdict that stops the trial, once; NULL: go on. */
const struct verdict *session_stop(struct session *session);
bool session_hooked(const struct session *session); /* a hook logs for this trial: what it is answered stops it */

/* The program ended. exit_status as a shell has it, negative: nobody knows; stopped: by our verdict. Says how it went on stderr. */
void session_end(struct session *session, int exit_status, bool stopped);

#endif
