/* status: the sweep so far, in sentences that a person understands */
#include "judge/judge.h"
#include "options.h"
#include "protocol/json.h"
#include "trial_state.h"
#include "trial_text.h"
#include "verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct totals {
    const struct options *options;
    bool colour, first, maximise;
    unsigned trials, stopped, would_stop, complete, right, wrong;
    double run, planned, saved_seconds; /* in full runs */
    double best;
    char best_name[64];
};

/* What the rest of the run would have taken at its own speed; NaN: unknown. */
static double saved_seconds(const struct store_trial *t)
{
    return strcmp(t->status, "stopped") ? NAN : trial_seconds_left(t);
}

static void forecast_text(const struct store_trial *t, char *text, size_t size)
{
    *text = 0;
    if (!isnan(t->q50)) snprintf(text, size, "; forecast %.4g [%.4g, %.4g]", t->q50, t->q05, t->q95);
}

/* A word that this version does not know (an older study's) stands for itself. */
static const char *reason_sentence(const char *word)
{
    for (int i = 0; i < VERDICT_REASON_COUNT; i++)
        if (!strcmp(verdict_reason_word((enum verdict_reason)i), word)) return verdict_reason_sentence((enum verdict_reason)i);
    return word;
}

static const char *colour(const struct totals *all, const char *status)
{
    if (!all->colour) return "";
    return !strcmp(status, "stopped") ? "\033[33m" : !strcmp(status, "failed") || !strcmp(status, "lost") ? "\033[31m" : !strcmp(status, "complete") ? "\033[32m" : "\033[36m";
}

static void sentence(const struct totals *all, const struct store_trial *t, const char *status)
{
    char forecast[96], saved[64] = "", span[32], place[64];
    forecast_text(t, forecast, sizeof forecast);
    if (!isnan(saved_seconds(t)) && saved_seconds(t) >= 1) duration_text(saved_seconds(t), span, sizeof span), snprintf(saved, sizeof saved, "; saved %s", span);
    printf("  %s%-10s%s %-16s ", colour(all, status), status, all->colour ? "\033[0m" : "", t->name);
    if (!strcmp(status, "stopped") && !strcmp(t->reason, "hopeless") && *t->rival)
        printf("stopped at %s: %s%.2g %% chance to beat trial %s (%.4g)%s%s\n", trial_place(t, t->verdict_x, place, sizeof place), t->p_good < 0.001 ? "under " : "", 100 * fmax(t->p_good, 0.001), t->rival, t->bar, forecast, saved);
    else if (!strcmp(status, "stopped")) printf("stopped at %s: %s%s%s\n", trial_place(t, t->verdict_x, place, sizeof place), reason_sentence(t->reason), forecast, saved);
    else if (!isnan(t->value)) printf("%s %.4g at %s%s\n", strcmp(status, "complete") ? "is at" : "ended with", t->value, trial_place(t, t->x, place, sizeof place), t->would_stop ? "; a stop was due (dry run)" : "");
    else printf("no value of the judged metric yet\n");
}

static void add_up(struct totals *all, const struct store_trial *t)
{
    double share = t->horizon > 0 && trial_reached(t) >= 0 ? fmin(1, trial_reached(t) / t->horizon) : 1;
    all->trials++;
    all->run += strcmp(t->status, "stopped") ? 1 : share;
    all->planned += 1;
    if (!isnan(saved_seconds(t))) all->saved_seconds += saved_seconds(t);
    all->stopped += !strcmp(t->status, "stopped");
    all->would_stop += t->would_stop;
    if (strcmp(t->status, "complete") || isnan(t->value)) return;
    if (t->would_stop && !isnan(t->bar)) {
        bool good = all->maximise ? t->value > t->bar : t->value < t->bar;
        *(good ? &all->wrong : &all->right) += 1;
    }
    if (all->complete++ && (all->maximise ? t->value <= all->best : t->value >= all->best)) return;
    all->best = t->value;
    snprintf(all->best_name, sizeof all->best_name, "%s", t->name);
}

static void print_json(const struct store_trial *t, const char *status)
{
    json_write_line(stdout, json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "trial", t->name, "status", status,
                                      "horizon", json_real_or_null(t->horizon), "unit", t->unit, "steps", json_real_or_null(t->steps), "x", json_real_or_null(t->x), "value", json_real_or_null(t->value), "reason", t->reason,
                                      "stop_x", json_real_or_null(*t->reason ? t->verdict_x : NAN), "rival", t->rival, "p_good", json_real_or_null(t->p_good), "bar",
                                      json_real_or_null(t->bar), "q05", json_real_or_null(t->q05), "q50", json_real_or_null(t->q50), "q95", json_real_or_null(t->q95),
                                      "saved_seconds", json_real_or_null(saved_seconds(t)), "would_stop", t->would_stop));
}

static void on_trial(void *context, const struct store_trial *t)
{
    struct totals *all = context;
    add_up(all, t);
    if (all->options->json) print_json(t, trial_state(t));
    else sentence(all, t, trial_state(t));
}

static void print_totals(const struct totals *all)
{
    char span[32];
    if (!all->trials) {
        puts("  no trial yet");
        return;
    }
    printf("\n%u trials, %u stopped: %.0f %% of the full sweep's steps were not run", all->trials, all->stopped, 100 * (1 - all->run / all->planned));
    if (all->saved_seconds >= 1) duration_text(all->saved_seconds, span, sizeof span), printf(", %s saved", span);
    if (all->saved_seconds >= 1 && all->options->price > 0) printf(" ($%.2f)", all->saved_seconds / 3600 * all->options->price);
    if (*all->best_name) printf("; best: %s (%.4g)", all->best_name, all->best);
    putchar('\n');
    if (all->would_stop) printf("dry run: %u stops were due; of the trials that went on to their end, %u were rightly called hopeless, %u wrongly\n", all->would_stop, all->right, all->wrong);
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
    struct totals all = {.options = options, .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    all.maximise = !strcmp(store_setting(store, "judged_goal"), "max");
    const char *metric = store_setting(store, "judged");
    if (!options->json) printf("study %s%s%s%s\n", study, *metric ? ", judged by " : "", metric, *metric ? (all.maximise ? " (higher is better)" : " (lower is better)") : "");
    store_each_trial(store, on_trial, &all);
    if (!options->json) print_totals(&all);
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
