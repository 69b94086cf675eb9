/* status: the sweep so far, in sentences that a person understands */
#include "study/hindsight.h"
#include "judge/judge.h"
#include "options/options.h"
#include "protocol/json.h"
#include "study/totals.h"
#include "study/trial_state.h"
#include "study/trial_text.h"
#include "verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct view {
    const struct options *options;
    bool colour;
    struct totals totals;
    struct hindsight past;
};

static const char *colour(const struct view *view, const char *status)
{
    if (!view->colour) return "";
    return !strcmp(status, "stopped") ? "\033[33m" : !strcmp(status, "failed") || !strcmp(status, "lost") ? "\033[31m" : !strcmp(status, "complete") ? "\033[32m" : "\033[36m";
}

static json_t *stop_word(enum hindsight_stop stop)
{
    return stop == STOP_RIGHT ? json_string("right") : stop == STOP_WRONG ? json_string("wrong") : json_null();
}

static void print_json(const struct view *view, const struct store_trial *t, const char *status)
{
    static const struct hindsight_trial none = {.final = NAN, .inside = -1, .saved_share = NAN, .saved_seconds = NAN};
    const struct hindsight_trial *past = hindsight_of(&view->past, t->id);
    if (!past) past = &none;
    json_write_line(stdout, json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:b}", "trial", t->name, "status", status,
                                      "horizon", json_real_or_null(t->horizon), "unit", t->unit, "steps", json_real_or_null(t->steps), "x", json_real_or_null(t->x), "value", json_real_or_null(t->value), "reason", t->reason,
                                      "stop_x", json_real_or_null(*t->reason ? t->verdict_x : NAN), "rival", t->rival, "p_good", json_real_or_null(t->p_good), "bar",
                                      json_real_or_null(t->bar), "q05", json_real_or_null(t->q05), "q50", json_real_or_null(t->q50), "q95", json_real_or_null(t->q95),
                                      "saved_seconds", json_real_or_null(trial_seconds_saved(t)), "would_stop", t->would_stop, "final", json_real_or_null(past->final), "stop_was",
                                      stop_word(past->stop), "inside", past->inside < 0 ? json_null() : json_boolean(past->inside), "would_save_share", json_real_or_null(past->saved_share),
                                      "would_save_seconds", json_real_or_null(past->saved_seconds), "good", t->good));
}

static void on_trial(void *context, const struct store_trial *t)
{
    struct view *view = context;
    const char *state = trial_state(t);
    char text[400], due[200];
    totals_add(&view->totals, t);
    hindsight_stop_text(&view->past, t, due, sizeof due);
    if (view->options->json) print_json(view, t, state);
    else printf("  %s%-10s%s %-16s %s%s%s\n", colour(view, state), state, view->colour ? "\033[0m" : "", t->name, trial_sentence(t, state, text, sizeof text), *due ? "; " : "", due);
}

static void print_totals(const struct view *view)
{
    char text[600];
    if (!view->totals.trials) {
        puts("  no trial yet");
        return;
    }
    printf("\n%s\n", totals_text(&view->totals, view->options->price, text, sizeof text));
    if (*hindsight_dry_run_text(&view->past, view->options->price, text, sizeof text)) puts(text);
    if (*hindsight_reliability_text(&view->past, text, sizeof text)) puts(text);
}

static void print_study(void *context, const char *study)
{
    const struct options *options = context;
    char error[STORE_ERROR] = "";
    struct store *store = store_open(options->store, study, STORE_EXISTING, error);
    if (!store) {
        fprintf(stderr, "foregone status: %s\n", error);
        return;
    }
    struct view view = {.options = options, .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    view.totals.maximise = !strcmp(store_setting(store, "judged_goal"), "max");
    const char *metric = store_setting(store, "judged");
    if (!options->json) printf("study %s%s%s%s\n", study, *metric ? ", judged by " : "", metric, *metric ? (view.totals.maximise ? " (higher is better)" : " (lower is better)") : "");
    hindsight_make(&view.past, store);
    store_each_trial(store, on_trial, &view);
    if (!options->json) print_totals(&view);
    hindsight_free(&view.past);
    store_close(store);
}

int verb_status(int argc, char **argv)
{
    struct options options;
    char error[STORE_ERROR] = "";
    int fault = options_only(&options, argc, argv);
    if (fault) return -1 - fault;
    if (!options.study) {
        if (!store_each_study(options.store, print_study, &options)) fputs("foregone status: no study yet. The first begins with: foregone run --study NAME -- COMMAND\n", stderr);
        return 0;
    }
    struct store *store = store_open(options.store, options.study, STORE_EXISTING, error);
    if (!store) {
        fprintf(stderr, "foregone status: %s\n", error);
        return EXIT_MISUSE;
    }
    store_close(store);
    print_study(&options, options.study);
    return 0;
}
