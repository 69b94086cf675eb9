/* directory: which files below a directory hold what training programs record, told by their names and places alone.
 *
 * TensorBoard event files, W&B run files, MLflow's metrics folders or its database, and Lightning's metrics.csv; where there are none, the newest *.log. All
 * files of one run are one trial, also where Keras puts training and validation into folders of their own.
 */
#ifndef SOURCE_DIRECTORY_H
#define SOURCE_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

struct directory_file {
    char *path;
    char *run;            /* the folder of the run, below the root; "" for the root itself */
    const char *prefix;   /* for the names of its series: "validation/"; "" */
    int kind;             /* one kind a run */
    long long written_ns; /* when it was last written, since 1970 */
};

struct directory {
    struct directory_file *files; /* by run, then by path: event files begin with their time */
    size_t n, room;
};

#define DIRECTORY_FILES_MAX 4096

/* False: errno (not a directory, not readable, out of memory). directory_free in any case. */
bool directory_find(struct directory *directory, const char *root);
void directory_free(struct directory *directory);
bool directory_is(const char *path);

#endif
