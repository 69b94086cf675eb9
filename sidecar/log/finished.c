#include "finished.h"

#include "archive/archive.h"
#include "log_curves.h"
#include "source/directory.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FEWEST 4     /* values of a trial: what a forecast needs */
#define DEEPEST 4    /* folders within folders */
#define FILES_MOST 4096
#define PEEK 4096

/* ---- sweeps ------------------------------------------------------------------------------------------------------------------ */

/* A name may come from anywhere, and goes to terminals and into JSON. */
static void clean(char *name)
{
    json_t *text = json_string(name); /* NULL: no UTF-8 */
    for (char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127 || (!text && (unsigned char)*c > 127)) *c = '?';
    json_decref(text);
}

static struct finished_sweep *sweep_of(struct finished *all, const char *study_name, const char *metric_name, enum metric_goal goal, size_t source)
{
    char study[sizeof all->sweeps->study], metric[sizeof all->sweeps->metric];
    snprintf(study, sizeof study, "%s", study_name), clean(study);
    snprintf(metric, sizeof metric, "%s", metric_name), clean(metric);
    for (size_t i = 0; i < all->n; i++) {
        struct finished_sweep *s = &all->sweeps[i];
        if (s->source == source && s->goal == goal && !strcmp(s->study, study) && !strcmp(s->metric, metric)) return s;
    }
    if (all->n == all->room) {
        size_t room = all->room ? 2 * all->room : 16;
        struct finished_sweep *sweeps = realloc(all->sweeps, room * sizeof *sweeps);
        if (!sweeps) return NULL;
        all->sweeps = sweeps, all->room = room;
    }
    struct finished_sweep *s = &all->sweeps[all->n++];
    *s = (struct finished_sweep){.goal = goal, .source = source};
    memcpy(s->study, study, sizeof study);
    memcpy(s->metric, metric, sizeof metric);
    return s;
}

static struct finished_trial *new_trial(struct finished_sweep *s)
{
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        struct finished_trial *trials = realloc(s->trials, room * sizeof *trials);
        if (!trials) return NULL;
        s->trials = trials, s->room = room;
    }
    return &s->trials[s->n];
}

/* Values as they were read, in the order of the log. */
struct given { size_t n; const double *x, *y; };

/* x that goes back is a restart, and what was seen after that place is forgotten; of two values at one x the later counts. False: out of memory. */
static bool take_rising(struct finished_curve *c, struct given given)
{
    *c = (struct finished_curve){0, calloc(given.n + 1, sizeof *c->x), calloc(given.n + 1, sizeof *c->y)};
    if (!c->x || !c->y) return false;
    for (size_t k = 0; k < given.n; k++) {
        if (!isfinite(given.x[k])) continue;
        while (c->n && c->x[c->n - 1] >= given.x[k]) c->n--;
        c->x[c->n] = given.x[k], c->y[c->n++] = given.y[k];
    }
    return true;
}

static void trial_free(struct finished_trial *t)
{
    free(t->name);
    free(t->values.x), free(t->values.y);
    free(t->rate.x), free(t->rate.y);
}

static bool add_trial(struct finished_sweep *s, const char *name, struct given values, struct given rate, double horizon, double seconds)
{
    struct finished_trial *t = s ? new_trial(s) : NULL;
    if (!t) return false;
    *t = (struct finished_trial){.name = strdup(name), .seconds = seconds};
    bool ok = t->name && take_rising(&t->values, values) && take_rising(&t->rate, rate) && t->values.n && t->values.x[t->values.n - 1] > 0;
    if (ok) {
        clean(t->name);
        t->horizon = fmax(horizon, t->values.x[t->values.n - 1]); /* NaN: the last x */
        s->n++;
    } else trial_free(t);
    return ok;
}

static enum metric_goal goal_or_min(const struct finished *all, enum metric_goal goal)
{
    if (all->options->goal != GOAL_NONE) return all->options->goal;
    return goal == GOAL_NONE ? GOAL_MIN : goal;
}

/* ---- archives ------------------------------------------------------------------------------------------------------------------ */

/* As a live run would choose; a metric whose name says nothing counts where the archive states its goal. */
static int rank_of(const struct archive_series *s)
{
    struct metric_meaning meaning = metric_meaning_of(s->name);
    if (s->goal != GOAL_NONE) meaning.goal = s->goal;
    if (meaning.kind == METRIC_RATE || meaning.goal == GOAL_NONE || s->n < FEWEST) return 0;
    return 2 * metric_rank(s->name, meaning) + 1;
}

/* Among equals a loss, then the first by name, so that all runs of a study choose the same. */
static bool ranks_before(const struct archive_series *a, const struct archive_series *b)
{
    if (rank_of(a) != rank_of(b)) return rank_of(a) > rank_of(b);
    bool loss_a = strstr(a->name, "loss"), loss_b = strstr(b->name, "loss");
    return loss_a != loss_b ? loss_a : strcmp(a->name, b->name) < 0;
}

static const struct archive_series *choose(const struct archive_run *run, const char *metric)
{
    const struct archive_series *best = NULL;
    for (size_t i = 0; i < run->n; i++) {
        const struct archive_series *s = &run->series[i];
        if (metric ? strcmp(s->name, metric) != 0 : !rank_of(s)) continue;
        if (!best || ranks_before(s, best)) best = s;
    }
    return best;
}

/* As `serve` may be asked about it: of the metric alone. */
static void take_run(struct finished *all, const struct archive_run *run, size_t source)
{
    const struct archive_series *s = choose(run, all->options->metric);
    if (!run->complete && !run->diverged) {
        all->unfinished++;
        return;
    }
    enum metric_goal goal = s ? goal_or_min(all, s->goal != GOAL_NONE ? s->goal : metric_meaning_of(s->name).goal) : GOAL_NONE;
    struct finished_sweep *sweep = s ? sweep_of(all, run->study, s->name, goal, source) : NULL;
    if (!sweep || !add_trial(sweep, run->run, (struct given){s->n, s->x, s->y}, (struct given){0}, run->horizon, run->secs)) all->without_metric++;
    else if (!*sweep->unit) snprintf(sweep->unit, sizeof sweep->unit, "%s", run->unit);
}

static bool load_archive(struct finished *all, const char *path, size_t source, char error[400])
{
    struct archive *archive = archive_open(path, error);
    struct archive_run run;
    char fault[ARCHIVE_ERROR];
    enum archive_got got = ARCHIVE_FAILED;
    while (archive && (got = archive_next(archive, &run, fault)) != ARCHIVE_END && got != ARCHIVE_FAILED) {
        if (got == ARCHIVE_RUN) take_run(all, &run, source);
        else fprintf(stderr, "foregone: %s: skipped\n", fault);
    }
    if (archive && got == ARCHIVE_FAILED) snprintf(error, 400, "%s", fault);
    archive_close(archive);
    return got == ARCHIVE_END;
}

/* ---- logs ----------------------------------------------------------------------------------------------------------------------- */

struct log_file { char *path, *name; struct log_curves log; };
struct log_files { struct log_file *of; size_t n, room; };

static bool looks_like_text(const char *path)
{
    char bytes[PEEK];
    FILE *in = fopen(path, "rb");
    size_t n = in ? fread(bytes, 1, sizeof bytes, in) : 0;
    if (in) fclose(in);
    return n && !memchr(bytes, 0, n);
}

static void take_log(struct finished *all, struct log_files *files, const char *path, const char *name)
{
    struct reader_options how = {all->options->metric_regex, all->options->x_regex};
    char error[320];
    if (files->n == files->room) {
        size_t room = files->room ? 2 * files->room : 32;
        struct log_file *of = realloc(files->of, room * sizeof *of);
        if (!of) return;
        files->of = of, files->room = room;
    }
    struct log_file *f = &files->of[files->n];
    *f = (struct log_file){.path = strdup(path), .name = strdup(name)};
    if (f->path && f->name && log_curves_read(&f->log, path, &how, error) && log_curves_primary(&f->log, NULL)) files->n++;
    else {
        all->not_logs++;
        log_curves_free(&f->log);
        free(f->path), free(f->name);
    }
}

/* Every log below the folder, in the order of names. */
static void walk(struct finished *all, struct log_files *files, const char *folder, const char *prefix, int depth)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, versionsort);
    for (int i = 0; i < n; i++) {
        char path[4096], name[1024];
        struct stat about;
        int long_path = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name), long_name = snprintf(name, sizeof name, "%s%s", prefix, entries[i]->d_name);
        bool fits = long_path < (int)sizeof path && long_name < (int)sizeof name - 1 && entries[i]->d_name[0] != '.' && !stat(path, &about);
        free(entries[i]);
        if (!fits || files->n >= FILES_MOST) continue;
        if (S_ISDIR(about.st_mode) && depth < DEEPEST) strcat(name, "/"), walk(all, files, path, name, depth + 1);
        else if (S_ISREG(about.st_mode) && looks_like_text(path)) take_log(all, files, path, name);
        else all->not_logs += S_ISREG(about.st_mode);
    }
    if (n >= 0) free(entries);
}

/* The metric that most of the logs would be judged by; among equals the first. */
static const char *common_metric(const struct log_files *files)
{
    size_t most = 0;
    const char *best = NULL;
    for (size_t i = 0; i < files->n; i++) {
        const char *name = log_curves_primary(&files->of[i].log, NULL)->name;
        size_t n = 0;
        for (size_t k = 0; k < files->n; k++) n += !strcmp(log_curves_primary(&files->of[k].log, NULL)->name, name);
        if (n > most) most = n, best = name;
    }
    return best;
}

static void take_curve(struct finished *all, const struct log_file *f, const char *study, const char *metric, size_t source)
{
    const struct log_curve *c = log_curves_primary(&f->log, metric), *rate = log_curves_rate(&f->log);
    double horizon = all->options->horizon > 0 ? all->options->horizon : log_curves_horizon(&f->log);
    struct finished_sweep *sweep = c && c->n >= FEWEST ? sweep_of(all, study, metric, goal_or_min(all, c->meaning.goal), source) : NULL;
    struct given learning = rate ? (struct given){rate->n, rate->x, rate->y} : (struct given){0};
    if (!sweep || !add_trial(sweep, f->name, (struct given){c->n, c->x, c->y}, learning, horizon, f->log.seconds)) {
        all->without_metric++;
        return;
    }
    sweep->live = true;
    const struct finished_curve *taken = &sweep->trials[sweep->n - 1].values;
    all->cut += taken->x[taken->n - 1] < 0.95 * horizon;
    if (!*sweep->unit && f->log.facts.total_unit) snprintf(sweep->unit, sizeof sweep->unit, "%s", f->log.facts.total_unit);
}

static void sweep_from_logs(struct finished *all, struct log_files *files, const char *study, size_t source)
{
    const char *metric = all->options->metric ? all->options->metric : files->n ? common_metric(files) : NULL;
    for (size_t i = 0; metric && i < files->n; i++) take_curve(all, &files->of[i], study, metric, source);
    for (size_t i = 0; i < files->n; i++) {
        log_curves_free(&files->of[i].log);
        free(files->of[i].path), free(files->of[i].name);
    }
    free(files->of);
}

static const char *last_part(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    while (n > 0 && path[n - 1] != '/') n--;
    return path + n;
}

/* Event files, MLflow's folders, CSV: not one file a trial, and a folder of runs says itself which belong together. */
static bool holds_recordings(const struct directory *found)
{
    for (size_t i = 0; i < found->n; i++) {
        const char *end = strrchr(found->files[i].path, '.');
        if (!end || strcmp(end, ".log")) return true;
    }
    return false;
}

static void take_runs(struct finished *all, struct log_files *files, const struct directory *found, const char *root)
{
    for (size_t i = 0; i < found->n; i++) {
        char path[4096];
        const char *run = found->files[i].run;
        if (i && !strcmp(run, found->files[i - 1].run)) continue;
        if (snprintf(path, sizeof path, "%s/%s", root, run) < (int)sizeof path) take_log(all, files, path, *run ? run : last_part(root));
    }
}

static bool load_folder(struct finished *all, const char *path, size_t source, char error[400])
{
    struct log_files files = {0};
    struct directory found;
    if (directory_find(&found, path) && holds_recordings(&found)) take_runs(all, &files, &found, path);
    else walk(all, &files, path, "", 0);
    directory_free(&found);
    if (!files.n) snprintf(error, 400, "%.200s: no training log in this folder. `foregone read FILE` shows what is seen in one", path);
    bool any = files.n > 0;
    sweep_from_logs(all, &files, last_part(path), source);
    return any;
}

/* ---- studies ---------------------------------------------------------------------------------------------------------------------- */

struct stored { size_t n, room; double *x, *y; };
struct from_store { struct finished *all; struct store *store; const char *study, *metric; enum metric_goal goal; size_t source; int64_t trial; struct stored values, rate; };

static void take_value(void *context, double x, double value)
{
    struct stored *c = context;
    if (c->n == c->room) {
        size_t room = c->room ? 2 * c->room : 256;
        double *xs = realloc(c->x, room * sizeof *xs);
        if (xs) c->x = xs;
        double *ys = xs ? realloc(c->y, room * sizeof *ys) : NULL;
        if (!ys) return;
        c->y = ys, c->room = room;
    }
    c->x[c->n] = x, c->y[c->n++] = value;
}

static void take_rate(void *context, const char *metric)
{
    struct from_store *f = context;
    if (!f->rate.n && metric_meaning_of(metric).kind == METRIC_RATE) store_values(f->store, f->trial, metric, take_value, &f->rate);
}

static void take_stored(void *context, const struct store_trial *t)
{
    struct from_store *f = context;
    if (strcmp(t->status, "complete")) {
        f->all->unfinished++;
        return;
    }
    f->trial = t->id, f->values.n = f->rate.n = 0;
    store_values(f->store, t->id, f->metric, take_value, &f->values);
    store_each_metric(f->store, t->id, take_rate, f);
    struct finished_sweep *sweep = f->values.n >= FEWEST ? sweep_of(f->all, f->study, f->metric, f->goal, f->source) : NULL;
    struct given values = {f->values.n, f->values.x, f->values.y}, rate = {f->rate.n, f->rate.x, f->rate.y};
    if (!sweep || !add_trial(sweep, t->name, values, rate, t->horizon, t->ended - t->started)) f->all->without_metric++;
    else {
        sweep->live = true;
        if (!*sweep->unit) snprintf(sweep->unit, sizeof sweep->unit, "%s", t->unit);
    }
}

static bool load_study(struct finished *all, const char *study, size_t source, char error[400])
{
    char fault[STORE_ERROR] = "", metric[128];
    struct store *store = store_open(all->options->store, study, STORE_EXISTING, fault);
    if (!store) {
        snprintf(error, 400, "'%.60s' is no file or folder, and as a study: %.290s", study, fault);
        return false;
    }
    enum metric_goal goal = GOAL_NONE;
    metric_goal_parse(store_setting(store, "judged_goal"), &goal);
    snprintf(metric, sizeof metric, "%s", all->options->metric ? all->options->metric : store_setting(store, "judged"));
    struct from_store from = {.all = all, .store = store, .study = study, .metric = metric, .goal = goal_or_min(all, goal), .source = source};
    store_each_trial(store, take_stored, &from);
    free(from.values.x), free(from.values.y);
    free(from.rate.x), free(from.rate.y);
    store_close(store);
    return true;
}

/* ---- all ---------------------------------------------------------------------------------------------------------------------------- */

bool finished_load(struct finished *all, const char *operand, size_t source, char error[400])
{
    struct stat about;
    bool there = !stat(operand, &about);
    if (there && S_ISDIR(about.st_mode)) return load_folder(all, operand, source, error);
    if (!strcmp(operand, "-") || (there && archive_is(operand))) return load_archive(all, operand, source, error);
    if (!there && (errno != ENOENT || strchr(operand, '/'))) return snprintf(error, 400, "%.200s: %s", operand, strerror(errno)), false;
    if (!there) return load_study(all, operand, source, error);
    struct log_files files = {0};
    take_log(all, &files, operand, last_part(operand));
    if (!files.n) snprintf(error, 400, "%.200s: neither an archive nor a log with a metric. `foregone read %.100s` shows what is seen", operand, operand);
    bool ok = files.n > 0;
    sweep_from_logs(all, &files, "logs", SIZE_MAX);
    return ok;
}

void finished_sweep_free(struct finished_sweep *s)
{
    for (size_t k = 0; k < s->n; k++) trial_free(&s->trials[k]);
    free(s->trials);
    *s = (struct finished_sweep){0};
}

void finished_free(struct finished *all)
{
    for (size_t i = 0; i < all->n; i++) finished_sweep_free(&all->sweeps[i]);
    free(all->sweeps);
    *all = (struct finished){0};
}
