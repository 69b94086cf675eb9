#include "directory.h"

#include "mlflow_db.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 8
#define PATH_ROOM 4096

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n > k && !strcmp(name + n - k, end);
}

static bool is_event_file(const char *folder, const char *name)
{
    (void)folder;
    return strstr(name, "tfevents.") && !ends_with(name, ".profile-empty") && !ends_with(name, ".v2.tmp");
}

static bool is_run_file(const char *folder, const char *name)
{
    (void)folder;
    return ends_with(name, ".wandb");
}

/* The end of RUN in RUN/metrics/..., where RUN/meta.yaml stands; NULL: the folder is not below such a one. */
static const char *end_of_run(const char *folder)
{
    char path[PATH_ROOM];
    struct stat about;
    for (const char *at = folder; (at = strstr(at, "/metrics")); at++) {
        if (at[8] && at[8] != '/') continue;
        int n = snprintf(path, sizeof path, "%.*s/meta.yaml", (int)(at - folder), folder);
        if (n < (int)sizeof path && !stat(path, &about)) return at;
    }
    return NULL;
}

static bool is_metric_file(const char *folder, const char *name) { return *name != '.' && end_of_run(folder); }

static bool is_table(const char *folder, const char *name)
{
    (void)folder;
    return !strcmp(name, "metrics.csv");
}

static bool is_log(const char *folder, const char *name)
{
    (void)folder;
    return ends_with(name, ".log");
}

/* In the order in which they are trusted: a run that has files of several kinds has the same values in them. */
static bool (*const kinds[])(const char *folder, const char *name) = {is_event_file, is_run_file, is_metric_file, is_table, is_log};
#define N_KINDS (sizeof kinds / sizeof *kinds)
#define KIND_METRICS 2
#define KIND_LOG ((int)N_KINDS - 1)

static int kind_of(const char *folder, const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (kinds[i](folder, name)) return (int)i;
    return -1;
}

/* The last folder of a path, if it only says which part of a run is in it: Keras, tf.estimator. */
static const char *part_of_run(const char *folder)
{
    static const char *const parts[][2] = {{"train", ""}, {"validation", "validation/"}, {"valid", "valid/"}, {"val", "val/"}, {"eval", "eval/"}, {"test", "test/"}};
    const char *last = strrchr(folder, '/');
    for (size_t i = 0; last && i < sizeof parts / sizeof *parts; i++)
        if (!strcmp(last + 1, parts[i][0])) return parts[i][1];
    return NULL;
}

/* ---- the list -------------------------------------------------------------------------------------------------------------- */

/* The run that a file of this folder belongs to; below root, which folder begins with. */
static char *run_of(const char *root, const char *folder, int kind)
{
    const char *below = folder + strlen(root), *end = folder + strlen(folder);
    if (kind == KIND_METRICS) end = end_of_run(folder);
    else if (part_of_run(below)) end = strrchr(folder, '/');
    if (end < below) end = below;
    while (below < end && *below == '/') below++;
    return strndup(below, (size_t)(end - below));
}

static bool make_room(struct directory *d)
{
    if (d->n == d->room) {
        size_t room = d->room ? 2 * d->room : 32;
        struct directory_file *files = realloc(d->files, room * sizeof *files);
        if (!files) return false;
        d->files = files, d->room = room;
    }
    return true;
}

static bool add(struct directory *d, const char *root, const char *folder, const char *path, int kind, const struct stat *about)
{
    if (d->n == DIRECTORY_FILES_MAX) return true;
    if (!make_room(d)) return false;
    const char *part = kind == KIND_METRICS ? NULL : part_of_run(folder + strlen(root));
    struct directory_file *f = &d->files[d->n];
    *f = (struct directory_file){strdup(path), run_of(root, folder, kind), part ? part : "", kind, about->st_mtim.tv_sec * 1000000000ll + about->st_mtim.tv_nsec};
    d->n++;
    return f->path && f->run;
}

struct database { struct directory *to; const char *path; };

/* Names are the file store's: RUN/metrics/NAME. */
static bool add_metric(void *context, const char *run, const char *metric, long long last_ms)
{
    const struct database *db = context;
    char path[PATH_ROOM];
    if (db->to->n == DIRECTORY_FILES_MAX || snprintf(path, sizeof path, "%s/%s/metrics/%s", db->path, run, metric) >= (int)sizeof path) return true;
    if (!make_room(db->to)) return false;
    struct directory_file *f = &db->to->files[db->to->n++];
    *f = (struct directory_file){strdup(path), strdup(run), "", KIND_METRICS, last_ms * 1000000};
    return f->path && f->run;
}

/* One that cannot be read now may be read later. */
static bool add_database(struct directory *d, const char *path)
{
    mlflow_db_list(path, add_metric, &(struct database){d, path});
    return true;
}

/* Links below the root are not followed: they would show a run twice (W&B's latest-run), or go round. */
static bool walk(struct directory *d, const char *root, const char *folder, unsigned depth)
{
    DIR *stream = opendir(folder);
    bool ok = true;
    if (!stream) return depth > 0; /* one that we may not look into is none of ours */
    for (struct dirent *entry; ok && (entry = readdir(stream));) {
        char path[PATH_ROOM];
        struct stat about;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path || lstat(path, &about)) continue;
        int kind = S_ISREG(about.st_mode) ? kind_of(folder, entry->d_name) : -1;
        if (S_ISDIR(about.st_mode) && depth < DEPTH_MAX) ok = walk(d, root, path, depth + 1);
        else if (S_ISREG(about.st_mode) && mlflow_db_is(path)) ok = add_database(d, path);
        else if (kind >= 0) ok = add(d, root, folder, path, kind, &about);
    }
    closedir(stream);
    return ok;
}

static int by_run(const void *a, const void *b)
{
    const struct directory_file *x = a, *y = b;
    int order = strcmp(x->run, y->run);
    if (!order) order = x->kind - y->kind;
    return order ? order : strcmp(x->path, y->path);
}

static void drop(struct directory_file *f)
{
    free(f->path);
    free(f->run);
}

/* Of each run the files of its best kind. Logs count only where there is nothing else, and then only the newest. */
static void keep_best(struct directory *d)
{
    size_t kept = 0, newest = SIZE_MAX;
    bool only_logs = true;
    for (size_t i = 0; i < d->n; i++) {
        only_logs = only_logs && d->files[i].kind == KIND_LOG;
        if (newest == SIZE_MAX || d->files[i].written_ns > d->files[newest].written_ns) newest = i;
    }
    for (size_t i = 0; i < d->n; i++) {
        struct directory_file *f = &d->files[i];
        bool first = !kept || strcmp(d->files[kept - 1].run, f->run), same = !first && d->files[kept - 1].kind == f->kind;
        if (only_logs ? i == newest : f->kind != KIND_LOG && (first || same)) d->files[kept++] = *f;
        else drop(f);
    }
    d->n = kept;
}

bool directory_find(struct directory *d, const char *root)
{
    char trimmed[PATH_ROOM];
    *d = (struct directory){0};
    int n = snprintf(trimmed, sizeof trimmed, "%s", root);
    while (n > 1 && n < (int)sizeof trimmed && trimmed[n - 1] == '/') trimmed[--n] = 0;
    if (n >= (int)sizeof trimmed) {
        errno = ENAMETOOLONG;
        return false;
    }
    bool ok = mlflow_db_is(trimmed) ? add_database(d, trimmed) : walk(d, trimmed, trimmed, 0);
    if (d->n) qsort(d->files, d->n, sizeof *d->files, by_run);
    keep_best(d);
    return ok;
}

void directory_free(struct directory *d)
{
    for (size_t i = 0; i < d->n; i++) drop(&d->files[i]);
    free(d->files);
    *d = (struct directory){0};
}

bool directory_is(const char *path)
{
    struct stat about;
    return strcmp(path, "-") && !stat(path, &about) && (S_ISDIR(about.st_mode) || (S_ISREG(about.st_mode) && mlflow_db_is(path)));
}
