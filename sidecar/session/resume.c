#include "resume.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* ---- what is kept ------------------------------------------------------------------------------------------------------------------ */

/* A study outlives the shell that began it and may be copied about: it must not hold what opens other doors. Too much in here costs
 * nothing, since the shell that thaws has its own. */
static const char *const secret_parts[] = {"TOKEN", "SECRET", "PASS", "CREDENTIAL", "KEY", "AUTH", "COOKIE", "SESSION", "DSN"};
/* Of a terminal, a login, a job's slot, or ours; a name that ends with * begins so. */
static const char *const passing[] = {"PWD", "OLDPWD", "SHLVL", "_", "TERM*", "COLUMNS", "LINES", "LS_COLORS", "DISPLAY", "WAYLAND_*", "XAUTHORITY", "XDG_RUNTIME_DIR",
                                      "DBUS_*", "SSH_*", "TMUX*", "STY", "WINDOWID", "SLURM_*", "FOREGONE_*"};

static bool named(const char *pattern, const char *name, size_t length)
{
    size_t n = strlen(pattern);
    return pattern[n - 1] == '*' ? length >= n - 1 && !strncmp(pattern, name, n - 1) : length == n && !strncmp(pattern, name, n);
}

/* scheme://user:password@host */
static bool holds_password(const char *value)
{
    const char *at = strstr(value, "://"), *end = at ? at + 3 + strcspn(at + 3, "/") : NULL;
    return at && memchr(at + 3, '@', (size_t)(end - at - 3));
}

static bool is_kept(const char *entry)
{
    const char *equals = strchr(entry, '=');
    if (!equals || holds_password(equals + 1)) return false;
    size_t length = (size_t)(equals - entry);
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (named(passing[i], entry, length)) return false;
    for (size_t i = 0; i < sizeof secret_parts / sizeof *secret_parts; i++) {
        size_t n = strlen(secret_parts[i]);
        for (const char *at = entry; at + n <= equals; at++)
            if (!strncasecmp(at, secret_parts[i], n)) return false;
    }
    return true;
}

static char *pack(char *const *list, bool (*wanted)(const char *entry), size_t *size)
{
    size_t room = 1;
    *size = 0;
    for (char *const *at = list; *at; at++) room += strlen(*at) + 1;
    char *bytes = malloc(room);
    for (char *const *at = list; bytes && *at; at++) {
        if (wanted && !wanted(*at)) continue;
        memcpy(bytes + *size, *at, strlen(*at) + 1);
        *size += strlen(*at) + 1;
    }
    return bytes;
}

bool resume_start_gather(struct store_start *start, char *const *words)
{
    start->words = pack(words, NULL, &start->words_size);
    start->environment = pack(environ, is_kept, &start->environment_size);
    if (start->words && start->environment) return true;
    resume_start_clear(start);
    return false;
}

void resume_start_clear(struct store_start *start)
{
    free((char *)start->words);
    free((char *)start->environment);
    *start = (struct store_start){0};
}

/* ---- what is taken up again ---------------------------------------------------------------------------------------------------------- */

char **resume_words(const struct store_start *start)
{
    size_t n = 0;
    if (!start->words || !start->words_size || start->words[start->words_size - 1]) return NULL;
    for (size_t i = 0; i < start->words_size; i++) n += !start->words[i];
    char **words = calloc(n + 1, sizeof *words);
    const char *at = start->words;
    for (size_t i = 0; words && i < n; i++, at += strlen(at) + 1) words[i] = (char *)at;
    return words;
}

static bool tells_devices(const char *name)
{
    size_t n = strlen(name), tail = strlen("_VISIBLE_DEVICES");
    return n >= tail && !strcmp(name + n - tail, "_VISIBLE_DEVICES");
}

void resume_environment(const struct store_start *start)
{
    const char *end = start->environment + start->environment_size;
    if (!start->environment_size || end[-1]) return;
    for (const char *at = start->environment; at < end; at += strlen(at) + 1) {
        char *name = strndup(at, strcspn(at, "="));
        const char *value = strchr(at, '=');
        if (name && value) setenv(name, value + 1, !tells_devices(name));
        free(name);
    }
}

/* text with every word replaced by with. The caller frees. */
static char *replaced(const char *text, const char *word, const char *with)
{
    size_t n = 0, room = strlen(text) + 1;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word)) room += strlen(with);
    char *out = malloc(room);
    while (out && *text) {
        if (!strncmp(text, word, strlen(word))) {
            memcpy(out + n, with, strlen(with));
            n += strlen(with), text += strlen(word);
        } else out[n++] = *text++;
    }
    if (out) out[n] = 0;
    return out;
}

/* Where a pattern stands it means itself. The caller frees. */
static char *escaped(const char *text)
{
    char *out = malloc(2 * strlen(text) + 1), *at = out;
    for (; out && *text; text++) {
        if (strchr("*?[\\", *text)) *at++ = '\\';
        *at++ = *text;
    }
    if (out) *at = 0;
    return out;
}

/* An absolute pattern; what is not of it is escaped. The caller frees. */
static char *whole_pattern(const char *pattern, const char *trial, const char *directory)
{
    char *name = escaped(trial), *place = escaped(directory), *filled = name ? replaced(pattern, "{trial}", name) : NULL, *whole = NULL;
    if (filled && (*filled == '/' || *filled == '~')) whole = strdup(filled);
    else if (filled && place && asprintf(&whole, "%s/%s", place, filled) < 0) whole = NULL;
    free(name);
    free(place);
    free(filled);
    return whole;
}

static double changed(const char *path)
{
    struct stat about;
    return stat(path, &about) ? -1 : (double)about.st_mtim.tv_sec + (double)about.st_mtim.tv_nsec / 1e9;
}

char *resume_newest(const char *pattern, const char *trial, const char *directory, double since, double until)
{
    char here[4096], *newest = NULL;
    glob_t found = {0};
    if (!directory && !(directory = getcwd(here, sizeof here))) return NULL;
    char *whole = whole_pattern(pattern, trial, directory);
    if (whole && !glob(whole, GLOB_TILDE, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (changed(found.gl_pathv[i]) >= since && changed(found.gl_pathv[i]) <= until) since = changed(found.gl_pathv[i]), newest = found.gl_pathv[i];
    newest = newest ? strdup(newest) : NULL;
    globfree(&found);
    free(whole);
    return newest;
}

/* Copies one word of at, its marks replaced; where it ends. */
static const char *copy_word(const char *at, const char *checkpoint, char **out)
{
    static const char mark[] = "{checkpoint}";
    while (*at && *at != ' ') {
        bool marked = !strncmp(at, mark, sizeof mark - 1);
        *out = marked ? stpcpy(*out, checkpoint) : (**out = *at, *out + 1);
        at += marked ? sizeof mark - 1 : 1;
    }
    *(*out)++ = 0;
    return at;
}

char **resume_command(char *const *command, const char *resume_arg, const char *checkpoint)
{
    const char *at = resume_arg ? resume_arg : "";
    size_t n = 0, length = strlen(at);
    while (command[n]) n++;
    size_t most = n + length / 2 + 2;
    char **words = calloc(1, most * sizeof *words + (length + 1) * (strlen(checkpoint) + 1)); /* the texts lie behind the array */
    if (!words) return NULL;
    char *out = (char *)(words + most);
    memcpy(words, command, n * sizeof *words);
    for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
        words[n++] = out;
        at = copy_word(at, checkpoint, &out);
    }
    return words;
}
