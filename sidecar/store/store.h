/* store: the memory of a study, shared by every process that works on it. SQLite in WAL mode, one file a study.
 *
 * Values are buffered until store_flush, all else is written at once. A write waits at most STORE_BUSY_MS for another process,
 * opening twice that; one that has waited in vain is not waited for again until the other lets go, but for verdicts and the end of a trial.
 * A call that fails returns false with a message and leaves the study as it was: the caller goes on without it, the training never notices.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_BUSY_MS 2000
#define STORE_ERROR 320

struct store;

enum store_mode { STORE_CREATE, STORE_EXISTING };

/* url: NULL for the XDG state directory ($XDG_STATE_HOME or ~/.local/state, then foregone/studies), else a directory.
 * NULL with a message: cannot be created, is not a study, was written by a newer version. */
struct store *store_open(const char *url, const char *study, enum store_mode mode, char error[STORE_ERROR]);
void store_close(struct store *store); /* flushes */

/* The directory of studies that url means; false: path too long. */
bool store_directory(const char *url, char *path, size_t size);
/* Calls fn for every study in it, by name; how many there are. */
size_t store_each_study(const char *url, void (*fn)(void *context, const char *study), void *context);

/* What holds for the whole study. "" and NaN: no opinion. */
struct store_settings {
    char metric[96], goal[8];               /* goal: "min" or "max" */
    double delta, target, keep, tolerance, min_delta; /* as of struct policy */
    double worth; /* of a good trial, in full runs, from which delta was made; 0: delta was given */
    char learn_from[600];                   /* names of earlier studies, by commas; "none" */
};
struct store_settings store_no_settings(void);
bool store_same_settings(const struct store_settings *a, const struct store_settings *b);
enum store_agreement { STORE_AGREED, STORE_CONFLICT, STORE_TROUBLE };
/* Where the study has a value already, a different one is a conflict and nothing changes; where it has none, this one stands from now on.
 * Fills what was left open with what stands. Atomic: of two first trials at once one sets and the other agrees or is refused.
 * Both ways to fail have a message; after STORE_TROUBLE (a full disk, a damaged file) nobody disagreed. */
enum store_agreement store_agree(struct store *store, struct store_settings *settings, char error[STORE_ERROR]);
/* Changes what stands, for the trials that begin from now on. Only what has an opinion changes. */
bool store_change(struct store *store, const struct store_settings *settings, char error[STORE_ERROR]);
struct store_settings store_settings_of(struct store *store);
/* Takes down what was chosen by itself, where nothing stands yet. */
void store_note_metric(struct store *store, const char *metric, const char *goal);
/* Setting by name, "" when absent; valid until the next call. */
const char *store_setting(struct store *store, const char *name);
/* Written by the next store_flush, together with the values that wait; call it just before. */
bool store_set_setting(struct store *store, const char *name, const char *value);

/* How a trial was started, exactly: each word, and each NAME=VALUE, ends with a NUL byte. NULL and 0: not known. Borrowed. */
struct store_start { const char *words; size_t words_size; const char *environment; size_t environment_size; };

struct store_trial {
    int64_t id;
    const char *name, *status; /* "running", "complete", "stopped", "failed", "lost" (its process is gone) */
    const char *command, *directory, *checkpoint;
    const char *hp;     /* its hyperparameters, a JSON object as text; "": not told */
    const char *origin; /* the file it was imported from; "": it ran here */
    bool good;          /* the user said so: store_set_good */
    double horizon, started, ended, x, value; /* NaN: unknown. Times: seconds since 1970. x, value: last of the judged metric */
    const char *unit; /* of x and horizon: "step", "epoch" ...; "": unknown */
    double steps;     /* the horizon in steps, where x counts something else and a bar counts steps; NaN */
    double seconds_per_x; /* between its first and last value since it began or went on, start-up not counted; NaN: fewer than two places */
    int64_t pid, pid_start;
    int exit_status;
    /* its last verdict of note; reason "" when there is none */
    const char *reason, *rival;
    double verdict_x, p_good, bar, mean, q05, q50, q95;
    bool would_stop; /* a dry run would have stopped it at verdict_x */
    struct store_start start;
};

/* Whether a process is there, from its pid and when it started (struct store_trial). Until this is told no trial counts as live. */
void store_set_liveness(struct store *store, bool (*alive)(int64_t pid, int64_t pid_start));
/* Begins the trial, or goes on with the one of that name; where that one is running in another live process, two would write one curve: it is
 * given the next free "NAME-2", "NAME-3" ... name NULL: the next free "trial-N". Atomic. Its id, or -1. */
int64_t store_trial_begin(struct store *store, const char *name, const char *command, const char *directory, int64_t pid, int64_t pid_start, char error[STORE_ERROR]);
const char *store_trial_name(struct store *store, int64_t id); /* valid until the next call */
bool store_set_horizon(struct store *store, int64_t id, double horizon);
bool store_set_axis(struct store *store, int64_t id, const char *unit, double steps); /* see struct store_trial */
bool store_set_checkpoint(struct store *store, int64_t id, const char *path);
bool store_set_start(struct store *store, int64_t id, const struct store_start *start);
bool store_was_stopped(struct store *store, int64_t id); /* on a verdict that was acted on, now or earlier */
bool store_set_hp(struct store *store, int64_t id, const char *hp);
bool store_set_good(struct store *store, int64_t id, bool good);
int64_t store_trial_id(struct store *store, const char *name); /* -1: no such trial */

/* One value, now. Bounded: past 2,048 values of a metric only every second is kept, past 4,096 every fourth, and so on, however often the trial is
 * begun again. An x below the last one means that it went back there: see store_values. */
bool store_observe(struct store *store, int64_t id, const char *metric, double x, double value);

/* A run that ended elsewhere: begin, its values, end. One that was cut short (we were killed) never counts, and is begun anew by the next import.
 * origin: where it comes from. Its id; 0: a trial of that name is there already; -1: trouble. */
struct store_import { const char *name, *unit, *command, *hp, *origin; double horizon; };
int64_t store_import_begin(struct store *store, const struct store_import *run, char error[STORE_ERROR]);
bool store_import_value(struct store *store, int64_t id, const char *metric, double x, double value, double time); /* time NaN: unknown */
bool store_import_end(struct store *store, int64_t id, const char *status, char error[STORE_ERROR]);

struct store_verdict { bool stop, dry_run; const char *reason, *rival; double x, p_good, bar, mean, q05, q50, q95; };
bool store_verdict(struct store *store, int64_t id, const struct store_verdict *verdict);
/* A chance and a forecast that were given at some place of a run without consequence, so that they can be compared with its end. reason and rival
 * are not kept. */
bool store_call(struct store *store, int64_t id, const struct store_verdict *call);
bool store_end(struct store *store, int64_t id, const char *status, int exit_status);
bool store_flush(struct store *store, char error[STORE_ERROR]);

/* Has anyone else written since the last call? True at first, and in doubt. Costs next to nothing. */
bool store_changed(struct store *store);
void store_each_trial(struct store *store, void (*fn)(void *context, const struct store_trial *trial), void *context);
/* The newest trials first, at most so many: how they were started, and when they ended. Quick: looks at no value. */
struct store_command { const char *command, *directory; bool complete; double ended; };
void store_each_command(struct store *store, int most, void (*fn)(void *context, const struct store_command *command), void *context);
/* Values of trials other than id that came since *cursor (start with 0), oldest first. */
void store_news(struct store *store, int64_t id, int64_t *cursor,
                void (*fn)(void *context, const char *trial, const char *metric, double x, double value), void *context);
/* All values of one trial's metric, x rising: what was logged at and after the place to which a trial went back is left out. */
void store_values(struct store *store, int64_t id, const char *metric, void (*fn)(void *context, double x, double value), void *context);
/* Every value as it came, of all trials, oldest first. time: seconds since 1970; NaN: unknown. */
struct store_value { int64_t trial; const char *metric; double x, value, time; };
void store_each_value(struct store *store, void (*fn)(void *context, const struct store_value *value), void *context);
/* Every verdict of note on a trial, oldest first. */
void store_each_verdict(struct store *store, int64_t id, void (*fn)(void *context, const struct store_verdict *verdict, double time), void *context);
void store_each_call(struct store *store, int64_t id, void (*fn)(void *context, const struct store_verdict *call), void *context);
/* The metrics of which a trial has values, by name. */
void store_each_metric(struct store *store, int64_t id, void (*fn)(void *context, const char *metric), void *context);
bool store_forget(struct store *store, int64_t id);
const char *store_path(const struct store *store); /* of the study's file; borrowed */

#endif
