/* session: one trial as it runs: log bytes in, verdicts out, the study's memory kept. The common part of run and tail. */
#ifndef SESSION_H
#define SESSION_H

#include "options/options.h"
#include "service.h"
#include "source/follow.h"

struct session;

struct session_trial {
    const char *name, *command;
    char *const *words; /* with which it could be started again, NULL at the end; NULL: it cannot */
    int64_t pid;
    bool followed;      /* a log of a program that is not ours to stop */
    const struct session *beside; /* another one that is followed in the same study: what both know of it is held once; NULL: there is none */
};

/* Never fails for want of a store: then it says so once and goes on without. NULL: out of memory or a wrong option (said on stderr). */
struct session *session_create(const struct options *options, const struct session_trial *trial);
void session_destroy(struct session *session);

struct service *session_service(struct session *session); /* speaks for a hook of this trial; borrowed */
const char *session_trial_name(const struct session *session);

#define SESSION_STREAMS_MAX 64

/* Another stream of the trial: streams are logs whose lines do not mix. A trial that is not followed has two, 0 and 1, from its start.
 * path, prefix: see recording_set_source. -1: no more (said on stderr when it is for want of memory). */
int session_stream(struct session *session, const char *path, const char *prefix);
void session_feed(struct session *session, int stream, const char *bytes, size_t length);
/* Bytes that were taken in before the trial was taken up again: what they teach about the log counts, their values do not. */
void session_recall(struct session *session, int stream, const char *bytes, size_t length);
void session_rotated(struct session *session, int stream); /* what comes next on the stream begins another file */

/* Where a log was left, kept with the study. False: nothing is known. The new place is written by the next session_keep or session_end. */
bool session_place(struct session *session, const char *path, struct follow_place *place);
void session_set_place(struct session *session, const char *path, const struct follow_place *place);
/* From time to time. Of several sessions all keep before the first learns. */
void session_keep(struct session *session);  /* writes what waits */
void session_learn(struct session *session); /* takes in what other trials logged */

/* The verdict that stops the trial, once; NULL: go on. */
const struct verdict *session_stop(struct session *session);
bool session_hooked(const struct session *session); /* a hook logs for this trial: what it is answered stops it */

/* The program ended. exit_status as a shell has it, negative: nobody knows; stopped: by our verdict. Says how it went on stderr. */
void session_end(struct session *session, int exit_status, bool stopped);

#endif
