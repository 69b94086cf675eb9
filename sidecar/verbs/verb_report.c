/* report: a study as one HTML page that needs nothing else: no script, no network */
#include "study/account.h"
#include "study/hindsight.h"
#include "study.h"
#include "study/study_choose.h"
#include "study/totals.h"
#include "study/trial_state.h"
#include "study/trial_text.h"
#include "verbs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHOWN_AT 0.25 /* of the horizon: the forecast that is shown of a trial that ran to its end */

struct row {
    char *name, *command;
    char state[16], reason[32], rival[64], sentence[400], place[64];
    struct account account; /* made: there is something to show */
    bool made, would_stop;
    double value, p_good, bar, q05, q50, q95, seconds_saved;
    double at;              /* place of the forecast that is shown; NaN: the verdict's */
    double *progress;       /* of account.x */
};

struct page {
    FILE *out;
    const struct options *options;
    struct store *store;
    const char *study;
    struct totals totals;
    struct hindsight past;
    char metric[96];
    struct row *rows;
    size_t n, room;
};

/* ---- gathering ------------------------------------------------------------------------------------------------------------- */

static struct row *new_row(struct page *page)
{
    if (page->n == page->room) {
        size_t room = page->room ? 2 * page->room : 32;
        struct row *rows = realloc(page->rows, room * sizeof *rows);
        if (!rows) return NULL;
        page->rows = rows, page->room = room;
    }
    return &page->rows[page->n];
}

static void add_hindsight(const struct page *page, const struct store_trial *t, char *sentence, size_t size)
{
    char due[200];
    size_t used = strlen(sentence);
    if (*hindsight_stop_text(&page->past, t, due, sizeof due)) snprintf(sentence + used, size - used, "; %s", due);
}

static void on_trial(void *context, const struct store_trial *t)
{
    struct page *page = context;
    struct row *r = new_row(page);
    const char *state = trial_state(t);
    totals_add(&page->totals, t);
    if (!r) return;
    *r = (struct row){.name = strdup(t->name), .command = strdup(t->command), .value = t->value, .p_good = t->p_good, .bar = t->bar, .q05 = t->q05, .q50 = t->q50, .q95 = t->q95,
                      .seconds_saved = trial_seconds_saved(t), .would_stop = t->would_stop, .at = NAN};
    if (!strcmp(state, "complete") && !t->would_stop) r->at = SHOWN_AT * t->horizon;
    snprintf(r->reason, sizeof r->reason, "%s", t->reason);
    snprintf(r->rival, sizeof r->rival, "%s", t->rival);
    snprintf(r->state, sizeof r->state, "%s", state);
    trial_sentence(t, state, r->sentence, sizeof r->sentence);
    add_hindsight(page, t, r->sentence, sizeof r->sentence);
    trial_place(t, trial_reached(t), r->place, sizeof r->place);
    if (!r->name || !r->command) free(r->name), free(r->command);
    else page->n++;
}

/* Each trial's verdict is made again; the trials meet on progress. */
static void make_accounts(struct page *page)
{
    for (size_t i = 0; i < page->n; i++) {
        struct row *r = &page->rows[i];
        char error[STORE_ERROR];
        r->made = account_make(&r->account, page->store, r->name, r->at, error);
        size_t n = r->account.n + r->account.later_n;
        double horizon = r->account.axis.horizon > 0 ? r->account.axis.horizon : n && r->account.x ? r->account.x[n - 1] : NAN;
        r->progress = calloc(n + 1, sizeof *r->progress);
        for (size_t k = 0; r->progress && r->account.x && k < n; k++) r->progress[k] = 100 * r->account.x[k] / horizon;
    }
}

static void page_free(struct page *page)
{
    for (size_t i = 0; i < page->n; i++) {
        account_free(&page->rows[i].account);
        free(page->rows[i].name), free(page->rows[i].command), free(page->rows[i].progress);
    }
    free(page->rows);
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------ */

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--soft:#8881}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:78rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .3rem;overflow-wrap:anywhere}p{margin:.4rem 0}.wide{overflow-x:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0}th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}"
    "th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}td:first-child{max-width:22rem;overflow:hidden;text-overflow:ellipsis}"
    "code{background:var(--soft);padding:.1rem .3rem;overflow-wrap:anywhere}svg{max-width:100%;height:auto}.quiet{opacity:.7}"
    ".stopped{color:#d07a1e}.complete{color:#2f9e6a}.failed,.lost{color:#d0504c}.running{color:#3f83c6}";

static void cell(struct page *page, double value, const char *format)
{
    fputs("<td>", page->out);
    if (isfinite(value)) fprintf(page->out, format, value);
    fputs("</td>", page->out);
}

static void write_row(struct page *page, size_t i)
{
    const struct row *r = &page->rows[i];
    char span[32];
    fprintf(page->out, "<tr><td><a href=\"#trial-%zu\">", i + 1);
    xml_text(page->out, r->name);
    fprintf(page->out, "</a></td><td class=\"%s\">%s</td><td>", r->state, r->state);
    xml_text(page->out, r->place);
    fputs("</td>", page->out);
    cell(page, r->value, "%.5g");
    cell(page, r->q50, "%.5g");
    fputs("<td>", page->out);
    if (isfinite(r->q05)) fprintf(page->out, "%.4g … %.4g", r->q05, r->q95);
    fputs("</td>", page->out);
    cell(page, 100 * r->p_good, "%.2g %%");
    fputs("<td>", page->out);
    if (*r->rival) xml_text(page->out, r->rival), fprintf(page->out, " (%.5g)", r->bar);
    fprintf(page->out, "</td><td>%s</td><td>", r->seconds_saved >= 1 ? duration_text(r->seconds_saved, span, sizeof span) : "");
    xml_text(page->out, r->reason);
    fputs(r->would_stop ? " (dry run)</td></tr>\n" : "</td></tr>\n", page->out);
}

static void write_table(struct page *page)
{
    fputs("<div class=\"wide\"><table>\n<tr><th>trial</th><th>state</th><th>reached</th><th>value</th><th>forecast</th><th>nine tenths</th><th>chance</th><th>to beat</th><th>saved</th><th>reason</th></tr>\n", page->out);
    for (size_t i = 0; i < page->n; i++) write_row(page, i);
    fputs("</table></div>\n", page->out);
}

static enum plot_tone tone_of(const struct page *page, const struct row *r)
{
    if (!strcmp(r->name, page->totals.best_name)) return TONE_GOOD;
    if (!strcmp(r->state, "running")) return TONE_SEEN;
    return !strcmp(r->state, "stopped") ? TONE_BAR : !strcmp(r->state, "complete") ? TONE_QUIET : TONE_BAD;
}

static const char *tone_name(enum plot_tone tone)
{
    static const char *const names[TONE_COUNT] = {[TONE_GOOD] = "best", [TONE_SEEN] = "running", [TONE_BAR] = "stopped", [TONE_QUIET] = "ran to its end", [TONE_BAD] = "failed or lost"};
    return names[tone];
}

/* All curves on progress; the best lies on top. */
static void write_overview(struct page *page)
{
    struct plot_item *items = calloc(page->n + 1, sizeof *items);
    bool named[TONE_COUNT] = {false};
    size_t n = 0;
    for (int last = 0; items && last < 2; last++)
        for (size_t i = 0; i < page->n; i++) {
            const struct row *r = &page->rows[i];
            enum plot_tone tone = tone_of(page, r);
            size_t values = r->account.n + r->account.later_n;
            if ((tone == TONE_GOOD) != (last == 1) || !values || !r->progress) continue;
            items[n++] = (struct plot_item){PLOT_LINE, tone, named[tone] ? NULL : tone_name(tone), values, r->progress, r->account.y, NULL, NULL};
            named[tone] = true;
        }
    struct plot plot = {"", "share of the horizon, %", page->metric, {0, 100}, {NAN, NAN}, items, n};
    if (n) plot_svg(page->out, &plot, 1000, 420);
    free(items);
}

static void write_sentence(struct page *page, const struct row *r)
{
    char sentence[300], place[64];
    bool verdict = r->made && isnan(r->at);
    fputs("<p>", page->out);
    xml_text(page->out, verdict ? account_sentence(&r->account, sentence, sizeof sentence) : r->sentence);
    if (r->made && !verdict) fputs(". The forecast shown was made at ", page->out), xml_text(page->out, place_text(r->account.at, &r->account.axis, place, sizeof place));
    if (r->made && *r->account.difference) fputs(". <span class=\"quiet\">Made again from the stored values it differs: ", page->out), xml_text(page->out, r->account.difference), fputs("</span>", page->out);
    fputs(".</p>\n", page->out);
}

static void write_trial(struct page *page, size_t i)
{
    const struct row *r = &page->rows[i];
    struct curve_plot_layout layout;
    char bar_name[96];
    fprintf(page->out, "<h2 id=\"trial-%zu\">", i + 1);
    xml_text(page->out, r->name);
    fprintf(page->out, " <span class=\"%s\">%s</span></h2>\n", r->state, r->state);
    write_sentence(page, r);
    if (r->made) {
        struct plot plot = account_plot(&r->account, "", &layout, bar_name);
        plot_svg(page->out, &plot, 760, 320);
    }
    if (*r->command) fputs("<p class=\"quiet\"><code>", page->out), xml_text(page->out, r->command), fputs("</code></p>\n", page->out);
}

static void write_paragraph(struct page *page, const char *text)
{
    if (!*text) return;
    fputs("<p>", page->out);
    xml_text(page->out, text);
    fputs(".</p>\n", page->out);
}

static void write_summary(struct page *page)
{
    char text[600];
    fputs("<p>", page->out);
    if (*page->metric) fputs("Judged by ", page->out), xml_text(page->out, page->metric), fputs(page->totals.maximise ? " (higher is better). " : " (lower is better). ", page->out);
    xml_text(page->out, totals_text(&page->totals, page->options->price, text, sizeof text));
    fputs(".</p>\n", page->out);
    write_paragraph(page, hindsight_dry_run_text(&page->past, page->options->price, text, sizeof text));
    write_paragraph(page, hindsight_reliability_text(&page->past, text, sizeof text));
}

/* Chances as they were called against how often they came true. */
static void write_reliability(struct page *page)
{
    double called[HINDSIGHT_BINS], came[HINDSIGHT_BINS], ideal[] = {0, 100};
    size_t n = 0;
    for (int k = 0; k < HINDSIGHT_BINS; k++) {
        if (!page->past.bin[k].n) continue;
        called[n] = 100 * page->past.bin[k].p;
        came[n++] = 100.0 * page->past.bin[k].came / page->past.bin[k].n;
    }
    if (!n) return;
    struct plot_item items[] = {{PLOT_LINE, TONE_QUIET, "as called", 2, ideal, ideal, NULL, NULL}, {PLOT_POINTS, TONE_FORECAST, "this study", n, called, came, NULL, NULL}};
    struct plot plot = {"", "chance to end up good enough as called, %", "came true, %", {0, 100}, {-3, 103}, items, 2};
    plot_svg(page->out, &plot, 420, 300);
}

static void write_page(struct page *page)
{
    char date[32];
    time_t now = time(NULL);
    struct tm tm;
    strftime(date, sizeof date, "%Y-%m-%d %H:%M", localtime_r(&now, &tm));
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>", page->out);
    xml_text(page->out, page->study);
    fprintf(page->out, " - foregone</title>\n<style>%s</style>\n</head>\n<body>\n<h1>Study ", style);
    xml_text(page->out, page->study);
    fputs("</h1>\n", page->out);
    write_summary(page);
    write_overview(page);
    write_reliability(page);
    write_table(page);
    for (size_t i = 0; i < page->n; i++) write_trial(page, i);
    fprintf(page->out, "<p class=\"quiet\">foregone " FOREGONE_VERSION ", %s</p>\n</body>\n</html>\n", date);
}

/* ---- the verb --------------------------------------------------------------------------------------------------------------------- */

static int write_file(struct page *page, const char *path)
{
    bool to_stdout = !strcmp(path, "-");
    page->out = to_stdout ? stdout : fopen(path, "w");
    bool ok = page->out != NULL;
    if (ok) write_page(page);
    ok = ok && !ferror(page->out);
    if (page->out && (to_stdout ? fflush(page->out) : fclose(page->out))) ok = false;
    if (!ok) fprintf(stderr, "foregone report: %s: %s. Choose another place with -o FILE\n", path, strerror(errno));
    else if (!to_stdout) printf("%s: %zu trials of study %s\n", path, page->n, page->study);
    return ok ? 0 : EXIT_SYSTEM;
}

int verb_report(int argc, char **argv)
{
    struct options options;
    struct study_choice choice;
    char error[STORE_ERROR] = "", path[300];
    int fault = options_only(&options, argc, argv);
    if (fault) return -1 - fault;
    const char *study = study_choose(&options, "report", &choice);
    struct store *store = study ? store_open(options.store, study, STORE_EXISTING, error) : NULL;
    if (!store) {
        if (study) fprintf(stderr, "foregone report: %s\n", error);
        return EXIT_MISUSE;
    }
    struct page page = {.options = &options, .store = store, .study = study};
    page.totals.maximise = !strcmp(store_setting(store, "judged_goal"), "max");
    snprintf(page.metric, sizeof page.metric, "%s", store_setting(store, "judged"));
    hindsight_make(&page.past, store);
    store_each_trial(store, on_trial, &page);
    make_accounts(&page);
    snprintf(path, sizeof path, "foregone-%s.html", study);
    int status = write_file(&page, options.output ? options.output : path);
    page_free(&page);
    hindsight_free(&page.past);
    store_close(store);
    if (!status && options.export) status = study_export(&options, study, options.export);
    return status;
}
