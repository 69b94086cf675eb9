/* verbs: what the command can do. One file a verb (verb_*.c) and one row in verbs.c. */
#ifndef VERBS_H
#define VERBS_H

#include "options/exits.h"

struct verb {
    const char *name;
    const char *usage;   /* what follows "foregone NAME" */
    const char *summary; /* one line of --help */
    int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit status */
};

const struct verb *verb_find(const char *name); /* NULL: no such verb */
const struct verb *verb_at(int i);              /* NULL past the end */

int verb_families(int argc, char **argv);
int verb_forecast(int argc, char **argv);
int verb_serve(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_tail(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_study(int argc, char **argv);
int verb_thaw(int argc, char **argv);
int verb_read(int argc, char **argv);
int verb_formats(int argc, char **argv);
int verb_top(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_explain(int argc, char **argv);
int verb_replay(int argc, char **argv);

#endif
