/* replay: what this rule and others would have done to trials that are over */
#include "plot/plot.h"
#include "protocol/json.h"
#include "replay_runs.h"
#include "verbs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HINDSIGHT_REGRET 0.02 /* rivals are shown at their cheapest setting with at most this mean regret */
#define LISTED_MOST 40
static const double limits[] = {0.01, 0.02, 0.05};
#define LIMITS (sizeof limits / sizeof *limits)

/* ---- lines ---------------------------------------------------------------------------------------------------------------- */

static void setting_text(const struct replay_line *line, char *text, size_t size)
{
    *text = 0;
    if (line->policy->n_settings == 1) snprintf(text, size, "%g", line->settings[0]);
    if (line->policy->n_settings == 2) snprintf(text, size, "%g, %g", line->settings[0], line->settings[1]);
}

static bool same_kind(const struct replay_line *a, const struct replay_line *b) { return a->policy == b->policy && a->thaw == b->thaw; }

static int by_cost(const void *a, const void *b)
{
    const struct replay_line *x = *(const struct replay_line *const *)a, *y = *(const struct replay_line *const *)b;
    return (x->cost > y->cost) - (x->cost < y->cost);
}

/* The lines of one policy, cheapest first; how many. */
static size_t kind_of(const struct replay_runs *runs, const struct replay_line *of, const struct replay_line **found)
{
    size_t n = 0;
    for (size_t k = 0; k < runs->n; k++)
        if (same_kind(&runs->lines[k], of)) found[n++] = &runs->lines[k];
    qsort(found, n, sizeof *found, by_cost);
    return n;
}

/* The cheapest that loses little, else the one that loses least. */
static const struct replay_line *in_hindsight(const struct replay_line *const *lines, size_t n)
{
    const struct replay_line *least = lines[0];
    for (size_t i = 0; i < n; i++) {
        if (lines[i]->regret <= HINDSIGHT_REGRET) return lines[i];
        if (lines[i]->regret < least->regret) least = lines[i];
    }
    return least;
}

static double least_cost(const struct replay_line *const *lines, size_t n, double limit)
{
    struct replay_point points[64];
    for (size_t i = 0; i < n; i++) points[i] = (struct replay_point){lines[i]->cost, lines[i]->regret};
    return replay_least_cost(points, n, limit);
}

/* ---- text ------------------------------------------------------------------------------------------------------------------ */

static void money_text(const struct replay_runs *runs, double hours, char *text, size_t size)
{
    *text = 0;
    if (!isfinite(hours)) return;
    if (runs->options->price > 0) snprintf(text, size, "%8.4g h  $%.2f", hours, hours * runs->options->price);
    else snprintf(text, size, "%8.4g h", hours);
}

static void print_row(const struct replay_runs *runs, const char *name, const struct replay_line *line)
{
    const struct replay_line *kind[64];
    char setting[32], money[64];
    size_t n = kind_of(runs, line, kind);
    setting_text(line, setting, sizeof setting);
    money_text(runs, line->hours, money, sizeof money);
    printf("  %-20s %-8s %6.3f %8.4f %7.0f %% %7.0f %%   ", name, setting, line->cost, line->regret, 100 * line->best_kept, 100 * line->within_5);
    for (size_t i = 0; i < LIMITS; i++) printf("%s%.2f", i ? " / " : "", least_cost(kind, n, limits[i]));
    printf("  %s\n", money);
}

static void print_policies(const struct replay_runs *runs)
{
    const struct replay_line *kind[64];
    printf("\n  %-20s %-8s %6s %8s %9s %9s   %s\n", "policy", "setting", "cost", "regret", "best kept", "within 5%", "cost at regret .01 / .02 / .05");
    print_row(runs, "foregone", replay_runs_default(runs, false));
    print_row(runs, "foregone, thawing ^", replay_runs_default(runs, true));
    for (size_t k = 1; k < replay_policy_count(); k++)
        for (size_t i = 0; i < runs->n; i++) {
            char name[32];
            if (runs->lines[i].policy != replay_policy_at(k)) continue;
            size_t n = kind_of(runs, &runs->lines[i], kind);
            snprintf(name, sizeof name, "%s%s%s", replay_policy_at(k)->name, n > 1 ? " *" : "", replay_policy_at(k)->pauses ? " ^" : "");
            print_row(runs, name, in_hindsight(kind, n));
            break;
        }
    puts("\n  cost: share of the whole sweep that is run. regret: how much worse the best finished trial is than the best of all, the median trial\n"
         "  being 1 worse. * at the setting that would have been best on these very trials, which nobody knows beforehand. ^ trials must be\n"
         "  able to go on from a checkpoint. oracle: knows the end of every trial.");
}

static void print_front(const struct replay_runs *runs)
{
    const struct replay_line *stop[64], *thaw[64];
    size_t n = kind_of(runs, replay_runs_default(runs, false), stop), m = kind_of(runs, replay_runs_default(runs, true), thaw);
    printf("\n  %-8s %33s   %33s\n  %-8s %9s %9s %13s   %9s %9s %13s\n", "", "stopped for good", "with thawing", "delta", "cost", "regret", "best kept", "cost", "regret", "best kept");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (stop[i]->settings[0] == thaw[k]->settings[0])
                printf("  %-8g %9.3f %9.4f %11.0f %%   %9.3f %9.4f %11.0f %%\n", stop[i]->settings[0], stop[i]->cost, stop[i]->regret, 100 * stop[i]->best_kept, thaw[k]->cost,
                       thaw[k]->regret, 100 * thaw[k]->best_kept);
}

/* ---- what would have become of each trial ----------------------------------------------------------------------------------------- */

static double final_of(const struct finished_trial *t)
{
    const struct finished_curve *c = &t->values;
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < c->n; k++)
        if (c->x[k] >= 0.98 * t->horizon) sum += c->y[k], n++;
    return n ? sum / (double)n : c->y[c->n - 1];
}

static void print_fate(const struct finished_trial *t, const struct replay_fate *fate)
{
    double p = fate->verdict.p_good;
    printf("    %-28s ", t->name);
    if (fate->finished) printf("would have run to its end: %.5g\n", final_of(t));
    else {
        printf("stopped at %.0f %%: %s", 100 * fate->run, verdict_reason_word(fate->verdict.reason));
        if (p > 0) printf(" (%s%.2g %%)", p < 0.001 ? "under " : "", 100 * fmax(p, 0.001));
        printf("; it ended with %.5g\n", final_of(t));
    }
}

static void print_fates(const struct replay_runs *runs)
{
    const struct finished_sweep *s = runs->finished->sweeps;
    struct replay_fate fates[LISTED_MOST];
    if (runs->finished->n != 1 || s->n > LISTED_MOST || !replay_given_order(runs, s, fates)) return;
    printf("\n  In the order given, at delta %g:\n", options_policy(runs->options).delta);
    for (size_t i = 0; i < s->n && (!(runs->options->trials > 0) || i < (size_t)runs->options->trials); i++) print_fate(&s->trials[i], &fates[i]);
}

/* ---- the sentence ------------------------------------------------------------------------------------------------------------------- */

static void print_sentence(const struct replay_runs *runs)
{
    const struct replay_line *stop = replay_runs_default(runs, false), *thaw = replay_runs_default(runs, true);
    double delta = options_policy(runs->options).delta;
    bool standard = delta == policy_defaults().delta;
    printf("\nAt %s%g foregone would have run %.0f %% of the sweep%s and kept the best trial in %u of %u orders", standard ? "the default delta of " : "delta ", delta, 100 * stop->cost,
           runs->finished->n > 1 ? "s" : "", stop->kept, stop->scored);
    printf(" (%u within 5 %% of the spread).\n", (unsigned)lround(stop->within_5 * stop->scored));
    if (runs->options->price > 0 && isfinite(stop->hours))
        printf("That is $%.2f instead of $%.2f: %.3g of %.3g hours a sweep.\n", stop->hours * runs->options->price, runs->hours * runs->options->price, stop->hours, runs->hours);
    else if (runs->options->price > 0) puts("How long the trials took is not known: say how many hours a full run takes with --hours, and the dollars can be counted.");
    else if (isfinite(stop->hours)) printf("That is %.3g of %.3g hours a sweep; --price DOLLARS counts them in money.\n", stop->hours, runs->hours);
    printf("With thawing, where trials can go on from a checkpoint, it would have run %.0f %% and kept it in %u of %u.\n", 100 * thaw->cost, thaw->kept, thaw->scored);
}

static void print_heading(const struct replay_runs *runs)
{
    const struct finished *f = runs->finished;
    size_t trials = 0;
    for (size_t i = 0; i < f->n; i++) trials += f->sweeps[i].n;
    if (f->n == 1) printf("%s: %zu trials, judged by %s (%s is better)", f->sweeps[0].study, trials, f->sweeps[0].metric, f->sweeps[0].goal == GOAL_MAX ? "higher" : "lower");
    else printf("%zu sweeps, %zu trials in all", f->n, trials);
    printf(", %u order%s, %u worker%s\n", runs->orders, runs->orders > 1 ? "s" : "", (unsigned)runs->options->workers, runs->options->workers > 1 ? "s" : "");
}

static int print_text(const struct replay_runs *runs)
{
    print_heading(runs);
    if (!replay_runs_default(runs, false)->scored) {
        puts("\nAll trials end alike: there is nothing to win or to lose.");
        return 0;
    }
    print_fates(runs);
    print_policies(runs);
    print_front(runs);
    print_sentence(runs);
    return 0;
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------------------------- */

static json_t *line_json(const struct replay_runs *runs, const struct replay_line *line)
{
    json_t *settings = json_array();
    for (size_t i = 0; i < line->policy->n_settings; i++) json_array_append_new(settings, json_real(line->settings[i]));
    return json_pack("{s:s, s:o, s:b, s:b, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "policy", line->policy->name, "settings", settings, "thaw", line->thaw, "needs_resume",
                     line->thaw || line->policy->pauses, "orders", (int)line->scored, "orders_best_kept", (int)line->kept, "cost", json_real_or_null(line->cost), "regret",
                     json_real_or_null(line->regret), "regret_less_noise", json_real_or_null(line->regret_less_noise), "best_kept", json_real_or_null(line->best_kept), "within_1",
                     json_real_or_null(line->within_1), "within_5", json_real_or_null(line->within_5), "hours", json_real_or_null(line->hours), "dollars",
                     json_real_or_null(line->hours * runs->options->price));
}

static json_t *fate_json(const struct finished_trial *t, const struct replay_fate *fate)
{
    return json_pack("{s:o, s:f, s:b, s:o, s:o, s:o}", "trial", json_stringn_nocheck(t->name, strlen(t->name)), "run", fate->run, "finished", fate->finished, "reason",
                     fate->finished ? json_null() : json_string(verdict_reason_word(fate->verdict.reason)), "p_good", json_real_or_null(fate->verdict.p_good), "final", json_real_or_null(final_of(t)));
}

static json_t *sweep_json(const struct replay_runs *runs, const struct finished_sweep *s)
{
    json_t *fates = json_array();
    struct replay_fate *room = calloc(s->n, sizeof *room);
    if (room && replay_given_order(runs, s, room))
        for (size_t i = 0; i < s->n && (!(runs->options->trials > 0) || i < (size_t)runs->options->trials); i++) json_array_append_new(fates, fate_json(&s->trials[i], &room[i]));
    free(room);
    return json_pack("{s:s, s:s, s:s, s:i, s:o}", "study", s->study, "metric", s->metric, "goal", metric_goal_text(s->goal), "trials", (int)s->n, "in_the_order_given", fates);
}

/* A line for each sweep, then one for each policy and setting. */
static int print_json(const struct replay_runs *runs)
{
    bool ok = true;
    for (size_t i = 0; i < runs->finished->n; i++) ok = ok && json_write_line(stdout, json_pack("{s:o}", "sweep", sweep_json(runs, &runs->finished->sweeps[i])));
    for (size_t k = 0; k < runs->n; k++) ok = ok && json_write_line(stdout, line_json(runs, &runs->lines[k]));
    return ok ? 0 : EXIT_SYSTEM;
}

/* ---- SVG ------------------------------------------------------------------------------------------------------------------------------- */

struct front { double x[64], y[64]; };

static struct plot_item front_item(const struct replay_runs *runs, const struct replay_line *of, struct front *front, enum plot_kind kind, enum plot_tone tone, const char *name)
{
    const struct replay_line *lines[64];
    size_t n = kind_of(runs, of, lines);
    for (size_t i = 0; i < n; i++) front->x[i] = lines[i]->cost, front->y[i] = lines[i]->regret;
    return (struct plot_item){kind, tone, name, n, front->x, front->y, NULL, NULL};
}

static bool write_svg(const struct replay_runs *runs, FILE *out)
{
    static const enum plot_tone tones[] = {TONE_SEEN, TONE_QUIET, TONE_BAR, TONE_GOOD, TONE_BAD, TONE_QUIET};
    struct front fronts[8];
    struct plot_item items[10];
    size_t n = 0;
    for (size_t k = 1; k < replay_policy_count() && k < 6; k++)
        for (size_t i = 0; i < runs->n; i++) {
            if (runs->lines[i].policy != replay_policy_at(k)) continue;
            items[n] = front_item(runs, &runs->lines[i], &fronts[n], PLOT_POINTS, tones[k], replay_policy_at(k)->name), n++;
            break;
        }
    struct plot_item stop = front_item(runs, replay_runs_default(runs, false), &fronts[n], PLOT_LINE, TONE_SEEN, "foregone");
    struct plot_item thaw = front_item(runs, replay_runs_default(runs, true), &fronts[n + 1], PLOT_LINE, TONE_FORECAST, "foregone, thawing");
    items[n++] = stop, items[n++] = thaw;
    stop.kind = thaw.kind = PLOT_POINTS, stop.name = thaw.name = NULL;
    items[n++] = stop, items[n++] = thaw;
    struct plot plot = {"What each policy costs and loses", "cost: share of the whole sweep that is run", "mean regret", {0, 1.02}, {-0.01, 0.3}, items, n};
    return plot_svg(out, &plot, 720, 420);
}

static int save_svg(const struct replay_runs *runs)
{
    FILE *out = fopen(runs->options->svg, "w");
    bool ok = out && write_svg(runs, out);
    if (out && fclose(out)) ok = false;
    if (!ok) fprintf(stderr, "foregone replay: %s: %s\n", runs->options->svg, strerror(errno));
    return ok ? 0 : EXIT_SYSTEM;
}

/* ---- all -------------------------------------------------------------------------------------------------------------------------------- */

static void say_left_out(const struct finished *f, unsigned small)
{
    if (f->unfinished) fprintf(stderr, "foregone replay: %u trials that did not run to their end are left out: nobody knows how they would have ended\n", f->unfinished);
    if (f->without_metric) fprintf(stderr, "foregone replay: %u trials have too few values of the judged metric and are left out (--metric names another)\n", f->without_metric);
    if (f->not_logs) fprintf(stderr, "foregone replay: %u files are no logs with a metric\n", f->not_logs);
    if (f->cut) fprintf(stderr, "foregone replay: %u logs end before their planned end; their last value stands for their final one\n", f->cut);
    if (small) fprintf(stderr, "foregone replay: %u sweeps of fewer than %d trials are left out\n", small, REPLAY_FEWEST);
}

static unsigned drop_small(struct finished *f)
{
    size_t kept = 0;
    unsigned small = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (f->sweeps[i].n >= REPLAY_FEWEST) {
            struct finished_sweep s = f->sweeps[kept];
            f->sweeps[kept++] = f->sweeps[i];
            f->sweeps[i] = s;
        } else small++;
    }
    for (size_t i = kept; i < f->n; i++) finished_sweep_free(&f->sweeps[i]);
    f->n = kept;
    return small;
}

static int replay_all(struct finished *f, const struct options *options)
{
    struct replay_runs runs;
    say_left_out(f, drop_small(f));
    if (!f->n) {
        fprintf(stderr, "foregone replay: nothing to replay: a sweep needs at least %d finished trials that log the same metric\n", REPLAY_FEWEST);
        return 1;
    }
    int status = replay_runs_make(&runs, f, options) ? 0 : EXIT_SYSTEM;
    if (status) fprintf(stderr, "foregone replay: out of memory\n");
    if (!status) status = options->json ? print_json(&runs) : print_text(&runs);
    if (!status && options->svg) status = save_svg(&runs);
    replay_runs_free(&runs);
    return status;
}

int verb_replay(int argc, char **argv)
{
    struct options options;
    char error[400] = "";
    int first = options_parse(&options, argc, argv), status = EXIT_MISUSE;
    if (first < 0) return -1 - first;
    if (first == argc) {
        fprintf(stderr, "foregone replay: give finished logs, a folder of them, an archive, or the name of a study. See: foregone replay --help\n");
        return EXIT_MISUSE;
    }
    struct finished f = {.options = &options};
    int i = first;
    while (i < argc && finished_load(&f, argv[i], (size_t)i, error)) i++;
    if (i == argc) status = replay_all(&f, &options);
    else fprintf(stderr, "foregone replay: %s\n", error);
    finished_free(&f);
    return status;
}
