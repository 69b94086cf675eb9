#include "beside.h"

#include "mlflow_db.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_ROOM 4096
#define LINE_ROOM 256   /* a longer one is no number */
#define SETTINGS_MAX 4096 /* looked at in one run */

static bool is_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end > text && !end[strspn(end, " \t\r\n")];
}

/* The only line of a file. */
static void whole_file(const char *path, const char *name, setting_fn fn, void *context)
{
    char line[LINE_ROOM];
    double value;
    FILE *in = fopen(path, "r");
    if (in && fgets(line, sizeof line, in) && is_number(line, &value)) fn(context, name, value);
    if (in) fclose(in);
}

static void params_folder(const char *folder, setting_fn fn, void *context)
{
    char path[PATH_ROOM];
    DIR *stream = opendir(folder);
    struct dirent *entry;
    for (int n = 0; stream && n < SETTINGS_MAX && (entry = readdir(stream)); n++)
        if (*entry->d_name != '.' && snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path) whole_file(path, entry->d_name, fn, context);
    if (stream) closedir(stream);
}

/* "name: 12" at the start of a line; what is set in lies deeper. */
static void yaml_file(const char *path, setting_fn fn, void *context)
{
    char line[LINE_ROOM];
    double value;
    FILE *in = fopen(path, "r");
    for (int n = 0; in && n < SETTINGS_MAX && fgets(line, sizeof line, in); n++) {
        char *colon = strchr(line, ':');
        if (*line == ' ' || *line == '-' || !colon || !is_number(colon + 1, &value)) continue;
        *colon = 0;
        fn(context, line, value);
    }
    if (in) fclose(in);
}

/* RUN/metrics/a/b has RUN/params beside it; NULL: the file is not in such a folder. */
static const char *end_of_run(const char *path)
{
    const char *end = NULL;
    for (const char *at = path; (at = strstr(at, "/metrics/")); at++) end = at;
    return end;
}

static bool is_lightning(const char *file) { return !strcmp(file, "metrics.csv") || strstr(file, "tfevents."); }

void settings_beside(const char *path, setting_fn fn, void *context)
{
    char beside[PATH_ROOM];
    const char *run = end_of_run(path), *slash = strrchr(path, '/');
    mlflow_db_params(path, fn, context);
    int folder = slash ? (int)(slash - path) + 1 : 0;
    if (run && snprintf(beside, sizeof beside, "%.*s/params", (int)(run - path), path) < (int)sizeof beside) params_folder(beside, fn, context);
    else if (is_lightning(path + folder) && snprintf(beside, sizeof beside, "%.*shparams.yaml", folder, path) < (int)sizeof beside) yaml_file(beside, fn, context);
}
