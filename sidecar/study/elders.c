#include "elders.h"

#include "command_kin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STUDIES_LOOKED_AT 64 /* when they are chosen */
#define COMMANDS_MOST 32     /* of a study, the newest */
#define NONE "none"

static void directory_of(const struct store *store, char *path, size_t size)
{
    snprintf(path, size, "%s", store_path(store));
    char *slash = strrchr(path, '/');
    if (slash) *slash = 0;
}

static struct store *open_beside(const struct store *store, const char *study, char error[STORE_ERROR])
{
    char directory[4096];
    directory_of(store, directory, sizeof directory);
    return store_open(directory, study, STORE_EXISTING, error);
}

/* ---- choosing ------------------------------------------------------------------------------------------------------------------- */

struct kin { char *commands[COMMANDS_MOST]; size_t n; const char *directory; double newest; bool elsewhere; };

static void note_command(void *context, const struct store_command *c)
{
    struct kin *kin = context;
    kin->elsewhere = kin->elsewhere || strcmp(c->directory, kin->directory) != 0;
    if (c->complete) kin->newest = fmax(kin->newest, c->ended);
    if (*c->command && (kin->commands[kin->n] = strdup(c->command))) kin->n++;
}

/* When its newest trial ended; NaN: it is no kin, or nothing in it has finished. */
static double kinship(struct store *elder, const char *metric, const char *command, const char *directory)
{
    struct kin kin = {.directory = directory, .newest = NAN};
    if (*metric && strcmp(store_setting(elder, "judged"), metric)) return NAN;
    store_each_command(elder, COMMANDS_MOST, note_command, &kin);
    bool same = !kin.elsewhere && command_is_kin(command, (const char *const *)kin.commands, kin.n);
    while (kin.n) free(kin.commands[--kin.n]);
    return same ? kin.newest : NAN;
}

struct choosing {
    struct store *own;
    const char *metric, *command, *directory;
    char names[STUDIES_LOOKED_AT][200];
    double newest[STUDIES_LOOKED_AT];
    size_t n, looked_at;
};

static void consider(void *context, const char *study)
{
    struct choosing *c = context;
    char error[STORE_ERROR] = "";
    if (c->looked_at++ >= STUDIES_LOOKED_AT || strchr(study, ',') || strlen(study) >= sizeof *c->names) return;
    struct store *elder = open_beside(c->own, study, error);
    if (!elder) return;
    double newest = strcmp(store_path(elder), store_path(c->own)) ? kinship(elder, c->metric, c->command, c->directory) : NAN;
    store_close(elder);
    if (isnan(newest)) return;
    snprintf(c->names[c->n], sizeof *c->names, "%s", study);
    c->newest[c->n++] = newest;
}

void elders_choose(struct store *store, const char *metric, const char *command, const char *directory, char *list, size_t size)
{
    char path[4096];
    struct choosing *c = calloc(1, sizeof *c);
    *list = 0;
    if (c && *command) {
        c->own = store, c->metric = metric, c->command = command, c->directory = directory;
        directory_of(store, path, sizeof path);
        store_each_study(path, consider, c);
    }
    for (size_t taken = 0; c && taken < c->n; taken++) {
        size_t best = 0, used = strlen(list);
        for (size_t i = 1; i < c->n; i++)
            if (c->newest[i] > c->newest[best]) best = i;
        if (used + strlen(c->names[best]) + 2 < size) snprintf(list + used, size - used, "%s%s", used ? "," : "", c->names[best]);
        c->newest[best] = -INFINITY;
    }
    free(c);
    if (!*list) snprintf(list, size, NONE);
}

/* ---- telling -------------------------------------------------------------------------------------------------------------------- */

/* The next name of the list into name; what follows it, NULL: there was none. */
static const char *next_name(const char *list, char name[200])
{
    size_t length = strcspn(list, ",");
    if (!*list || !strcmp(list, NONE)) return NULL;
    snprintf(name, 200, "%.*s", (int)(length < 199 ? length : 199), list);
    return list + length + (list[length] == ',');
}

bool elders_are_there(struct store *store, const char *list, char error[STORE_ERROR])
{
    char name[200];
    while ((list = next_name(list, name))) {
        struct store *elder = open_beside(store, name, error);
        if (!elder) return false;
        store_close(elder);
    }
    return true;
}

struct telling {
    struct store *elder;
    struct judge *judge;
    const char *metric;
    char name[32];
    unsigned complete, skip, told; /* skip: the oldest, where there are more than are wanted */
};

static void count_complete(void *context, const struct store_trial *t) { ((struct telling *)context)->complete += !strcmp(t->status, "complete"); }

static void tell_value(void *context, double x, double value)
{
    const struct telling *t = context;
    judge_log(t->judge, t->name, x, &(struct judge_value){t->metric, metric_meaning_of(t->metric), value}, 1, NULL);
}

struct metric_of { struct telling *t; int64_t trial; };

static void tell_metric(void *context, const char *metric)
{
    const struct metric_of *of = context;
    of->t->metric = metric;
    store_values(of->t->elder, of->trial, metric, tell_value, of->t);
}

static void tell_trial(void *context, const struct store_trial *trial)
{
    struct telling *t = context;
    if (strcmp(trial->status, "complete")) return;
    if (t->skip) {
        t->skip--;
        return;
    }
    snprintf(t->name, sizeof t->name, "\1earlier %u", ++t->told); /* no trial of a user is called so */
    judge_start(t->judge, t->name, trial->horizon);
    judge_mark(t->judge, t->name, MARK_ELDER);
    store_each_metric(t->elder, trial->id, tell_metric, &(struct metric_of){t, trial->id});
    judge_end(t->judge, t->name, TRIAL_COMPLETE);
}

unsigned elders_tell(struct store *store, const char *list, struct judge *judge)
{
    char name[200], error[STORE_ERROR] = "";
    struct telling t = {.judge = judge};
    while (t.told < ELDERS_MOST && (list = next_name(list, name))) {
        if (!(t.elder = open_beside(store, name, error))) continue;
        unsigned room = ELDERS_MOST - t.told;
        t.complete = 0;
        store_each_trial(t.elder, count_complete, &t);
        t.skip = t.complete > room ? t.complete - room : 0;
        store_each_trial(t.elder, tell_trial, &t);
        store_close(t.elder);
    }
    return t.told;
}
