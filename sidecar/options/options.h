/* options: one table behind argv, --help, the man page and completion (options.c). */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "judge/judge.h"

#include <stdbool.h>

struct options {
    const char *study, *trial, *metric, *store, *metric_regex, *x_regex, *socket, *checkpoint_glob, *resume_arg, *from_checkpoint, *only, *learn_from;
    enum metric_goal goal;
    double horizon, delta, target, tolerance, min_delta, worth, grace, price, keep, stop_exit_code; /* of the first six, price and keep NaN: not given; worth in full runs */
    bool dry_run, json, batch, stdio, thaw, stop_when_converged, go_on, quiet, mkfifo, undo;
    double trials, orders, workers, seed, hours; /* of a replay, hours also with worth; 0: not given */
    double at; /* NaN: not given */
    const char *svg, *output, *export;
};

/* The head of --help: what follows "foregone VERB", and a line about the verb. To be told before any verb parses; borrowed. */
void options_about(const char *usage, const char *summary);

/* Reads argv[1..]. Returns the index of the first operand (what follows "--", or argc), or a negative number: -1 - the exit status
 * with which to leave at once (--help was printed: 0; a fault was reported: EXIT_MISUSE). Options may also stand behind operands, which are
 * moved to the end of argv for that; not so for run, whose operands are a command with options of its own. */
int options_parse(struct options *options, int argc, char **argv);

/* The same for a verb without operands: 0 when all is well, else the negative number. */
int options_only(struct options *options, int argc, char **argv);

struct policy options_policy(const struct options *options);

/* For the man page and completion: the options of a verb, one a line. */
void options_print(const char *verb);

#endif
