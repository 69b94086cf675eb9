/* explain: why a trial was stopped, or why it was not, from the stored values and this very judge */
#include "study/account.h"
#include "protocol/json.h"
#include "verbs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- text ---------------------------------------------------------------------------------------------------------------- */

static void print_heading(const struct account *a, const char *study)
{
    char text[300], when[40] = "";
    time_t moment = (time_t)a->moment;
    struct tm tm;
    if (!isnan(a->moment) && localtime_r(&moment, &tm)) strftime(when, sizeof when, ", %Y-%m-%d %H:%M:%S", &tm);
    printf("study %s, trial %s (%s), judged by %s (%s is better)\n", study, a->trial, a->status, a->metric, a->goal == GOAL_MAX ? "higher" : "lower");
    printf("%s%s\n\n", account_sentence(a, text, sizeof text), when);
}

static void print_forecast(const struct account *a)
{
    const cf_forecast *f = &a->verdict.forecast;
    printf("  forecast   final value %.5g; half of the chance in %.5g .. %.5g, nine tenths in %.5g .. %.5g\n", f->q[49], f->q[24], f->q[74], f->q[4], f->q[94]);
    printf("  from       %zu values of %s and %u finished trials\n", a->n, a->metric, a->finished);
    printf("  families  ");
    for (size_t i = 0; i < f->n_families && f->families[i].weight >= 0.005; i++) printf(" %s %.0f %%", f->families[i].name, 100 * f->families[i].weight);
    printf("\n  voices     %s (%.2g standard deviations apart)\n", f->disagreement > 1 ? "they disagree" : "they agree", f->disagreement);
    if (f->p_diverged >= 0.005) printf("  divergence %.1f %%\n", 100 * f->p_diverged);
}

static void print_rule(const struct account *a)
{
    const struct verdict *v = &a->verdict;
    if (!isnan(a->policy.target)) printf("  to reach   %.5g (--target)\n", a->policy.target);
    else if (!isnan(v->bar)) printf("  to beat    %.5g, which trial %s ended with%s\n", v->bar, v->rival, a->policy.keep > 1 ? "; it is the last of the best that count (--keep)" : "");
    else printf("  to beat    nothing yet: no trial has finished, and there is no --target\n");
    if (!isnan(v->p_good)) printf("  chance     %.3g %% to end up good enough; %s delta, %.3g %%, a trial is hopeless\n", 100 * v->p_good, a->policy.thaw ? "in a race (--thaw) below a multiple of" : "below", 100 * a->policy.delta);
}

static void print_plot(const struct account *a)
{
    struct plot_paper paper = plot_paper_of(STDOUT_FILENO);
    struct curve_plot_layout layout;
    char bar_name[96];
    struct plot plot = account_plot(a, "", &layout, bar_name);
    putchar('\n');
    plot_text(stdout, &plot, &paper);
    putchar('\n');
}

static void print_text(const struct account *a, const char *study)
{
    print_heading(a, study);
    print_rule(a);
    if (a->verdict.has_forecast) print_forecast(a);
    print_plot(a);
    if (*a->difference) printf("Made again from the stored values, the verdict is not the one of then: %s. This may be another version of foregone, or values that are not stored.\n", a->difference);
    else if (a->has_stored) puts("Made again from the stored values: the same verdict as then.");
    else puts("Made from the stored values; no verdict of note was kept at this place.");
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------------- */

static json_t *forecast_json(const struct account *a)
{
    const cf_forecast *f = &a->verdict.forecast;
    json_t *families = json_array();
    if (!a->verdict.has_forecast) return json_decref(families), json_null();
    for (size_t i = 0; i < f->n_families; i++) json_array_append_new(families, json_pack("{s:s, s:f}", "name", f->families[i].name, "weight", f->families[i].weight));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:f, s:o, s:o}", "mean", json_real_or_null(f->mean), "sd", json_real_or_null(f->sd), "q05", json_real_or_null(f->q[4]), "q50", json_real_or_null(f->q[49]),
                     "q95", json_real_or_null(f->q[94]), "p_diverged", f->p_diverged, "disagreement", json_real_or_null(f->disagreement), "families", families);
}

static json_t *stored_json(const struct account *a)
{
    if (!a->has_stored) return json_null();
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "verdict", a->stored.stop ? "stop" : "continue", "reason", a->stored.reason, "dry_run", a->stored.dry_run, "p_good",
                     json_real_or_null(a->stored.p_good), "bar", json_real_or_null(a->stored.bar), "q05", json_real_or_null(a->stored.q05), "q50", json_real_or_null(a->stored.q50), "q95",
                     json_real_or_null(a->stored.q95), "difference", *a->difference ? json_string(a->difference) : json_null());
}

static bool print_json(const struct account *a, const char *study)
{
    const struct verdict *v = &a->verdict;
    char sentence[300];
    return json_write_line(stdout, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:o, s:f, s:o, s:s, s:i, s:i, s:o, s:o}", "study", study, "trial", a->trial, "status", a->status, "metric", a->metric,
                                             "goal", metric_goal_text(a->goal), "x", json_real_or_null(a->at), "horizon", json_real_or_null(a->axis.horizon), "unit", a->axis.unit, "verdict", v->stop ? "stop" : "continue",
                                             "reason", verdict_reason_word(v->reason), "sentence", account_sentence(a, sentence, sizeof sentence), "p_good", json_real_or_null(v->p_good), "delta", a->policy.delta, "bar",
                                             json_real_or_null(isnan(a->policy.target) ? v->bar : a->policy.target), "rival", v->rival, "points", (int)a->n, "finished", (int)a->finished, "forecast", forecast_json(a), "stored",
                                             stored_json(a)));
}

/* ---- SVG -------------------------------------------------------------------------------------------------------------------- */

static bool save_svg(const struct account *a, const char *path)
{
    struct curve_plot_layout layout;
    char title[300], bar_name[96], sentence[220];
    snprintf(title, sizeof title, "%s: %s", a->trial, account_sentence(a, sentence, sizeof sentence));
    struct plot plot = account_plot(a, title, &layout, bar_name);
    FILE *out = fopen(path, "w");
    bool ok = out && plot_svg(out, &plot, 720, 380);
    if (out && fclose(out)) ok = false;
    if (!ok) fprintf(stderr, "foregone explain: %s: %s\n", path, strerror(errno));
    return ok;
}

int verb_explain(int argc, char **argv)
{
    struct options options;
    struct account a;
    char error[STORE_ERROR] = "";
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    if (first + 2 != argc) {
        fprintf(stderr, "foregone explain: give a study and a trial of it. See: foregone explain --help\n");
        return EXIT_MISUSE;
    }
    struct store *store = store_open(options.store, argv[first], STORE_EXISTING, error);
    bool ok = store && account_make(&a, store, argv[first + 1], options.at, error), written = true;
    if (!ok) fprintf(stderr, "foregone explain: %s\n", error);
    if (ok && options.json) written = print_json(&a, argv[first]);
    else if (ok) print_text(&a, argv[first]);
    if (ok && options.svg) written = save_svg(&a, options.svg) && written;
    if (store) account_free(&a);
    store_close(store);
    return !ok ? EXIT_MISUSE : written ? 0 : EXIT_SYSTEM;
}
