/* log_name: what the trial behind a log is called. */
#ifndef LOG_NAME_H
#define LOG_NAME_H

#include <stddef.h>

/* The name of paths[i] among n logs: "train" for runs/a/train.log; where another log has that name, too, its directory, "a"; where even those are
 * the same, the path. */
void log_name(char *const *paths, size_t n, size_t i, char *name, size_t size);

#endif
