#include "log_name.h"

#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void of_file(const char *path, char *name, size_t size)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    char *base = basename(copy), *dot = strrchr(base, '.');
    if (dot && dot > base) *dot = 0;
    snprintf(name, size, "%.60s", strcmp(path, "-") ? base : "stdin");
}

static void of_directory(const char *path, char *name, size_t size)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(name, size, "%.60s", basename(dirname(copy)));
}

typedef void name_fn(const char *path, char *name, size_t size);

static bool is_the_only_one(char *const *paths, size_t n, size_t i, name_fn *of)
{
    char mine[64], other[64];
    of(paths[i], mine, sizeof mine);
    for (size_t k = 0; k < n; k++) {
        of(paths[k], other, sizeof other);
        if (k != i && !strcmp(mine, other)) return false;
    }
    return *mine && strcmp(mine, ".") && strcmp(mine, "/");
}

void log_name(char *const *paths, size_t n, size_t i, char *name, size_t size)
{
    size_t length = strlen(paths[i]);
    if (is_the_only_one(paths, n, i, of_file)) of_file(paths[i], name, size);
    else if (is_the_only_one(paths, n, i, of_directory)) of_directory(paths[i], name, size);
    else snprintf(name, size, "%s", paths[i] + (length >= size ? length - size + 1 : 0));
}
