/* read: what foregone sees in a log, value by value or as a table */
#include "log_input.h"
#include "options.h"
#include "protocol/json.h"
#include "verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPARK 24

struct seen {
    char name[128];
    enum metric_kind kind;
    enum metric_goal goal;
    uint64_t n;
    double first, last, x_first, x_last, *values;
    const char *unit;
};

struct view {
    bool json;
    struct seen *seen;
    size_t n, room;
};

/* ---- json ---------------------------------------------------------------------------------------------------------------- */

static void print_number(double v)
{
    if (isfinite(v)) printf("%.10g", v);
    else fputs("null", stdout);
}

static void print_json(const struct observation *o)
{
    json_t *name = json_string(o->metric);
    char *text = name ? json_dumps(name, JSON_ENCODE_ANY) : NULL;
    printf("{\"metric\":%s,\"kind\":\"%s\",\"goal\":\"%s\",\"x\":", text ? text : "\"?\"", metric_kind_text(o->kind), metric_goal_text(o->goal));
    print_number(o->x);
    printf(",\"unit\":\"%s\",\"value\":", o->unit ? o->unit : "step");
    print_number(o->value);
    printf(",\"line\":%llu}\n", (unsigned long long)o->line);
    free(text);
    json_decref(name);
}

static void print_summary(const struct reader_facts *facts)
{
    json_write_line(stdout, json_pack("{s:{s:s, s:o, s:I, s:I}}", "summary", "format", facts->format, "total", json_real_or_null(facts->total), "values",
                                      (json_int_t)facts->values, "lines", (json_int_t)facts->lines));
}

/* ---- table --------------------------------------------------------------------------------------------------------------- */

static struct seen *seen_of(struct view *v, const struct observation *o)
{
    for (size_t i = 0; i < v->n; i++)
        if (!strcmp(v->seen[i].name, o->metric)) return &v->seen[i];
    if (v->n == v->room) {
        size_t room = v->room ? 2 * v->room : 32;
        struct seen *seen = realloc(v->seen, room * sizeof *seen);
        if (!seen) return NULL;
        v->seen = seen, v->room = room;
    }
    struct seen *s = &v->seen[v->n++];
    *s = (struct seen){.kind = o->kind, .goal = o->goal, .first = o->value, .x_first = o->x, .values = NULL};
    snprintf(s->name, sizeof s->name, "%s", o->metric);
    return s;
}

static void remember(struct view *v, const struct observation *o)
{
    struct seen *s = seen_of(v, o);
    if (!s) return;
    if ((s->n & (s->n - 1)) == 0) {
        double *values = realloc(s->values, (s->n ? 2 * s->n : 1) * sizeof *values);
        if (!values) return;
        s->values = values;
    }
    s->values[s->n++] = o->value;
    s->last = o->value, s->x_last = o->x, s->unit = o->unit;
}

static void observe(void *context, const struct observation *o)
{
    struct view *v = context;
    if (v->json) print_json(o);
    else remember(v, o);
}

static void sparkline(const struct seen *s)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double low = INFINITY, high = -INFINITY;
    for (uint64_t i = 0; i < s->n; i++)
        if (isfinite(s->values[i])) low = fmin(low, s->values[i]), high = fmax(high, s->values[i]);
    for (int k = 0; k < SPARK && (uint64_t)k < s->n; k++) {
        double value = s->values[s->n <= SPARK ? (uint64_t)k : (s->n - 1) * (uint64_t)k / (SPARK - 1)];
        fputs(!isfinite(value) ? "×" : high > low ? bars[(int)fmin(7, 8 * (value - low) / (high - low))] : "▄", stdout);
    }
}

/* How many bytes of a name fit into a column; a character is not cut in two. */
static int clipped(const char *name, size_t width)
{
    size_t n = strnlen(name, width + 1);
    if (n <= width) return (int)n;
    for (n = width; n && ((unsigned char)name[n] & 0xc0) == 0x80;) n--;
    return (int)n;
}

static void print_table(const struct view *v, const struct reader_facts *facts, const char *path)
{
    printf("%s: %s, %llu values on %llu lines", path, facts->format, (unsigned long long)facts->values, (unsigned long long)facts->lines);
    if (isfinite(facts->total)) printf(", planned to %s %g", facts->total_unit, facts->total);
    printf("\n\n%-28s %-10s %-4s %7s  %-22s %-20s\n", "metric", "kind", "goal", "count", "first -> last", "x");
    for (size_t i = 0; i < v->n; i++) {
        const struct seen *s = &v->seen[i];
        char range[48], place[48] = "-";
        snprintf(range, sizeof range, "%.5g -> %.5g", s->first, s->last);
        if (isfinite(s->x_last)) snprintf(place, sizeof place, "%s %g..%g", s->unit, s->x_first, s->x_last);
        printf("%-28.*s %-10s %-4s %7llu  %-22s %-20s ", clipped(s->name, 28), s->name, metric_kind_text(s->kind), metric_goal_text(s->goal), (unsigned long long)s->n, range, place);
        sparkline(s);
        putchar('\n');
    }
}

static void nothing_found(const char *path, uint64_t lines)
{
    fprintf(stderr, "foregone read: no metric found in %s (%llu lines). Looked for name=value, name: value, dicts, JSON, CSV, tables and bars.\n"
                    "  If the log has numbers, name them: --metric-regex 'loss is (?<value>[0-9.]+)' --x-regex 'step ([0-9]+)'\n", path, (unsigned long long)lines);
}

/* ---- the file ------------------------------------------------------------------------------------------------------------ */

static void print(const struct view *view, const struct recording_facts *facts, const char *path)
{
    if (view->json) print_summary(&facts->facts);
    else if (facts->facts.values) print_table(view, &facts->facts, path);
    else nothing_found(path, facts->facts.lines);
    if (facts->damaged) fprintf(stderr, "foregone read: %s: %llu damaged records were left out\n", path, (unsigned long long)facts->damaged);
}

int verb_read(int argc, char **argv)
{
    struct options options;
    struct recording_facts facts;
    char error[320];
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    if (first + 1 != argc) {
        fprintf(stderr, "foregone read: give one log file or directory (or - for standard input). See: foregone read --help\n");
        return EXIT_MISUSE;
    }
    struct view view = {.json = options.json};
    struct reader_options how = {options.metric_regex, options.x_regex};
    struct log_input to = {observe, NULL, &view};
    bool ok = log_input_read(argv[first], &how, &to, &facts, error);
    if (ok) print(&view, &facts, argv[first]);
    else fprintf(stderr, "foregone read: %s\n", error);
    for (size_t i = 0; i < view.n; i++) free(view.seen[i].values);
    free(view.seen);
    return !ok ? EXIT_MISUSE : facts.facts.values || options.json ? 0 : 1;
}
