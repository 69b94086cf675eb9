/* study: what a study remembers: to see it, to take it elsewhere, to bring old runs in, to correct it */
#include "judge/judge.h"
#include "protocol/json.h"
#include "options/settings.h"
#include "study.h"
#include "study/trial_state.h"
#include "study/trial_text.h"
#include "verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct store *study_open(const struct options *options, const char *study, int *status)
{
    char error[STORE_ERROR] = "";
    struct store *store = store_open(options->store, study, STORE_EXISTING, error);
    *status = store ? 0 : EXIT_MISUSE;
    if (!store) fprintf(stderr, "foregone study: %s\n", error);
    return store;
}

static const char *date_text(double when, char *text, size_t size)
{
    time_t t = (time_t)when;
    struct tm parts;
    *text = 0;
    if (when > 0 && localtime_r(&t, &parts)) strftime(text, size, "%Y-%m-%d %H:%M", &parts);
    return text;
}

/* ---- list ------------------------------------------------------------------------------------------------------------------------ */

struct summary {
    unsigned trials, complete, stopped, running;
    double best, last; /* value; when something last began or ended */
    bool maximise;
};

static void sum_up(void *context, const struct store_trial *t)
{
    struct summary *sum = context;
    const char *state = trial_state(t);
    sum->trials++;
    sum->stopped += !strcmp(state, "stopped"), sum->running += !strcmp(state, "running");
    sum->last = fmax(sum->last, fmax(t->started, t->ended));
    if (strcmp(state, "complete")) return;
    sum->complete++;
    if (isnan(sum->best) || (sum->maximise ? t->value > sum->best : t->value < sum->best)) sum->best = t->value;
}

static struct summary summary_of(struct store *store)
{
    struct summary sum = {.best = NAN, .last = NAN, .maximise = !strcmp(store_setting(store, "judged_goal"), "max")};
    store_each_trial(store, sum_up, &sum);
    return sum;
}

static void list_one(void *context, const char *study)
{
    const struct options *options = context;
    char when[32];
    int status;
    struct store *store = study_open(options, study, &status);
    if (!store) return;
    struct summary sum = summary_of(store);
    const char *metric = store_setting(store, "judged");
    if (options->json)
        json_write_line(stdout, json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:o, s:o}", "study", study, "file", store_path(store), "metric", metric, "trials", sum.trials, "complete",
                                          sum.complete, "stopped", sum.stopped, "running", sum.running, "best", json_real_or_null(sum.best), "last", json_real_or_null(sum.last)));
    else {
        printf("%-20s %4u trials: %u complete, %u stopped, %u running", study, sum.trials, sum.complete, sum.stopped, sum.running);
        if (!isnan(sum.best)) printf("; best %s %.4g", metric, sum.best);
        printf("%s%s\n", sum.last > 0 ? "; " : "", date_text(sum.last, when, sizeof when));
    }
    store_close(store);
}

static int list(const struct options *options, char **words, int n)
{
    char directory[3500];
    (void)words, (void)n;
    if (!store_each_study(options->store, list_one, (void *)options) && !options->json && store_directory(options->store, directory, sizeof directory))
        printf("no study in %s yet. The first begins with: foregone run --study NAME -- COMMAND\n", directory);
    return 0;
}

/* ---- show ------------------------------------------------------------------------------------------------------------------------ */

static json_t *number_or_null(double v) { return json_real_or_null(v); }

static json_t *settings_json(struct store *store)
{
    struct store_settings s = store_settings_of(store);
    if (!*s.metric) snprintf(s.metric, sizeof s.metric, "%s", store_setting(store, "judged"));
    if (!*s.goal) snprintf(s.goal, sizeof s.goal, "%s", store_setting(store, "judged_goal"));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "metric", s.metric, "goal", s.goal, "learn_from", s.learn_from,
                     "delta", number_or_null(s.delta), "target", number_or_null(s.target), "keep", number_or_null(s.keep), "tolerance", number_or_null(s.tolerance), "min_delta",
                     number_or_null(s.min_delta), "worth", number_or_null(s.worth > 0 ? s.worth : NAN));
}

/* A command or a path need not be UTF-8; JSON must. */
static json_t *text_json(const char *text)
{
    json_t *string = json_string(text);
    char *copy = string ? NULL : strdup(text);
    for (char *c = copy; c && *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    if (!string) string = json_string(copy ? copy : "?");
    free(copy);
    return string;
}

static void trial_json(void *context, const struct store_trial *t)
{
    json_t *hp = *t->hp ? json_loads(t->hp, 0, NULL) : NULL;
    json_array_append_new(context, json_pack("{s:o, s:s, s:b, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "trial", text_json(t->name), "status", trial_state(t), "good", t->good,
                                             "horizon", number_or_null(t->horizon), "unit", t->unit, "x", number_or_null(t->x), "value", number_or_null(t->value), "started",
                                             number_or_null(t->started), "ended", number_or_null(t->ended), "command", text_json(t->command), "directory", text_json(t->directory), "checkpoint",
                                             text_json(t->checkpoint), "origin", text_json(t->origin), "hp", hp ? hp : json_object()));
}

static void print_settings(struct store *store)
{
    struct store_settings s = store_settings_of(store);
    struct policy policy = policy_defaults();
    settings_to_policy(&s, &policy);
    const char *metric = *s.metric ? s.metric : store_setting(store, "judged");
    printf("  judged by   %s%s\n", *metric ? metric : "what the first values show", *s.metric ? " (given)" : "");
    if (*s.goal) printf("  goal        %s\n", s.goal);
    printf("  good enough ");
    if (!isnan(policy.target)) printf("at least as good as %g", policy.target);
    else if (policy.keep > 1) printf("among the best %u, by more than %g of the spread", policy.keep, policy.tolerance);
    else printf("better than the best finished trial by more than %g of the spread", policy.tolerance);
    if (isnan(policy.target) && policy.min_delta > 0) printf(" and %g", policy.min_delta);
    puts("");
    if (*s.learn_from) printf("  learns from %s\n", s.learn_from);
    printf("  delta       %g", policy.delta);
    if (s.worth > 0) printf(": a good trial is worth %g full runs", s.worth);
    printf("\n  file        %s\n\n", store_path(store));
}

/* What came from elsewhere goes to a terminal: on one line, without control characters, and not longer than that. */
static const char *one_line(const char *text, char *line, size_t size)
{
    size_t n = 0;
    for (; *text && n + 4 < size; text++) line[n++] = (unsigned char)*text < ' ' || *text == 127 ? ' ' : *text;
    while (n && ((unsigned char)*text & 0xc0) == 0x80) n--, text--; /* a character is not cut in two */
    strcpy(line + n, *text ? "..." : "");
    return line;
}

static void print_trial(void *context, const struct store_trial *t)
{
    char place[64] = "", value[32] = "", when[32], origin[120], checkpoint[120], command[120];
    (void)context;
    if (!isnan(t->x)) trial_place(t, trial_reached(t), place, sizeof place);
    if (!isnan(t->value)) snprintf(value, sizeof value, "%.5g", t->value);
    printf("  %-10s %-20s %-9s %-22s %s%s%s%s%s%s\n", trial_state(t), t->name, value, place, date_text(t->started, when, sizeof when), t->good ? " good" : "",
           *t->origin ? " from " : "", one_line(t->origin, origin, sizeof origin), *t->checkpoint ? " checkpoint " : "", one_line(t->checkpoint, checkpoint, sizeof checkpoint));
    if (*t->command && !*t->origin) printf("  %10s %s\n", "", one_line(t->command, command, sizeof command));
}

static int show(const struct options *options, char **words, int n)
{
    int status;
    (void)n;
    struct store *store = study_open(options, words[0], &status);
    if (!store) return status;
    if (options->json) {
        json_t *trials = json_array();
        store_each_trial(store, trial_json, trials);
        json_write_line(stdout, json_pack("{s:s, s:s, s:o, s:o}", "study", words[0], "file", store_path(store), "settings", settings_json(store), "trials", trials));
    } else {
        printf("study %s\n", words[0]);
        print_settings(store);
        store_each_trial(store, print_trial, NULL);
    }
    store_close(store);
    return 0;
}

/* ---- export, import -------------------------------------------------------------------------------------------------------------- */

static int export(const struct options *options, char **words, int n) { return study_export(options, words[0], n > 1 ? words[1] : "-"); }
static int import(const struct options *options, char **words, int n) { return study_import(options, words[0], words + 1, n - 1); }

/* ---- set, forget, good ------------------------------------------------------------------------------------------------------------- */

static int set(const struct options *options, char **words, int n)
{
    char error[STORE_ERROR] = "";
    int status;
    (void)n;
    struct store_settings settings = settings_given(options);
    if (!isnan(options->delta)) settings.worth = 0;
    struct store *store = study_open(options, words[0], &status);
    if (store && !store_change(store, &settings, error)) fprintf(stderr, "foregone study: %s\n", error), status = EXIT_SYSTEM;
    else if (store) printf("study %s, for the trials that begin from now on:\n", words[0]), print_settings(store);
    store_close(store);
    return status;
}

struct wanted { const char *name; bool found, runs; int64_t id; };

static void find_trial(void *context, const struct store_trial *t)
{
    struct wanted *w = context;
    if (strcmp(t->name, w->name)) return;
    w->found = true, w->id = t->id, w->runs = !strcmp(trial_state(t), "running") && t->pid > 0;
}

/* NULL: said. */
static struct store *open_with_trial(const struct options *options, char **words, struct wanted *w, int *status)
{
    struct store *store = study_open(options, words[0], status);
    *w = (struct wanted){.name = words[1]};
    if (!store) return NULL;
    store_each_trial(store, find_trial, w);
    if (w->found) return store;
    fprintf(stderr, "foregone study: no trial '%s' in study %s. See: foregone study show %s\n", words[1], words[0], words[0]);
    *status = EXIT_MISUSE;
    store_close(store);
    return NULL;
}

static int done(struct store *store, bool ok, const char *sentence, char **words)
{
    char error[STORE_ERROR] = "";
    ok = ok && store_flush(store, error);
    if (ok) printf(sentence, words[1]);
    else fprintf(stderr, "foregone study: %s\n", *error ? error : "the study cannot be written");
    store_close(store);
    return ok ? 0 : EXIT_SYSTEM;
}

static int forget(const struct options *options, char **words, int n)
{
    struct wanted w;
    int status;
    (void)n;
    struct store *store = open_with_trial(options, words, &w, &status);
    if (!store) return status;
    if (!w.runs) return done(store, store_forget(store, w.id), "trial %s is forgotten; trials that run at this moment have seen it and still know it\n", words);
    fprintf(stderr, "foregone study: trial %s is running; end it first\n", words[1]);
    store_close(store);
    return EXIT_MISUSE;
}

static int good(const struct options *options, char **words, int n)
{
    struct wanted w;
    int status;
    (void)n;
    struct store *store = open_with_trial(options, words, &w, &status);
    if (!store) return status;
    return done(store, store_set_good(store, w.id, !options->undo), options->undo ? "trial %s is a trial like any other again\n" : "trial %s is good: it is not stopped, and what it reached is a bar for the others\n", words);
}

/* ---- the verb ---------------------------------------------------------------------------------------------------------------------- */

static const struct part {
    const char *name, *operands, *help;
    int fewest, most; /* operands */
    int (*run)(const struct options *options, char **words, int n);
} parts[] = {
    {"list", "", "all studies (what `foregone study` alone does)", 0, 0, list},
    {"show", "STUDY", "its settings and its trials", 1, 1, show},
    {"export", "STUDY [FILE]", "its trials as a study archive (docs/WIRE.md); FILE.gz is compressed", 1, 2, export},
    {"import", "STUDY FILE ...", "old logs and study archives, as trials that are over", 2, 4096, import},
    {"set", "STUDY --delta P ...", "changes a setting for the trials to come", 1, 1, set},
    {"forget", "STUDY TRIAL", "as if it had never run", 2, 2, forget},
    {"good", "STUDY TRIAL", "your word that it is good: not stopped, and a bar for the others", 2, 2, good},
};
#define PARTS (sizeof parts / sizeof *parts)

static int help(void)
{
    const struct verb *verb = verb_find("study");
    printf("usage: foregone study %s\n\n%s\n\n", verb->usage, verb->summary);
    for (size_t i = 0; i < PARTS; i++) printf("  %s %-*s %s\n", parts[i].name, (int)(24 - strlen(parts[i].name) - 1), parts[i].operands, parts[i].help);
    putchar('\n');
    options_print("study");
    printf("  %-24s %s\n", "--help", "this text");
    return 0;
}

static const struct part *part_of(const char *name)
{
    for (size_t i = 0; i < PARTS; i++)
        if (!strcmp(parts[i].name, name)) return &parts[i];
    return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return true;
    return false;
}

int verb_study(int argc, char **argv)
{
    struct options options;
    if (asks_for_help(argc, argv)) return help();
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    const char *name = first < argc ? argv[first] : "list";
    const struct part *part = part_of(name);
    int n = first < argc ? argc - first - 1 : 0;
    if (!part) fprintf(stderr, "foregone study: no '%s'. See: foregone study --help\n", name);
    else if (n > part->most || n < part->fewest) fprintf(stderr, "usage: foregone study %s %s\n", part->name, part->operands);
    else return part->run(&options, argv + first + 1, n);
    return EXIT_MISUSE;
}
