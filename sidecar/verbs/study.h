/* study: the parts of the verb of that name; export is report's, too. Each returns the exit status and has said on stderr what went wrong. */
#ifndef STUDY_H
#define STUDY_H

#include "options/options.h"
#include "store/store.h"

/* Opens a study that is there. NULL: said on stderr; *status is what to exit with. */
struct store *study_open(const struct options *options, const char *study, int *status);

/* All trials as a study archive (archive/archive.h). path "-": standard output. */
int study_export(const struct options *options, const char *study, const char *path);
/* Logs in any known format and study archives, as trials that are over. The study is made if it is not there. */
int study_import(const struct options *options, const char *study, char **paths, int n);

#endif
