/* read: what foregone sees in a log, value by value or as a table */
#include "log/findings.h"
#include "log/log_input.h"
#include "options/options.h"
#include "protocol/json.h"
#include "verbs.h"

#include <math.h>
#include <stdlib.h>

struct view {
    bool json;
    struct findings *findings;
};

/* ---- json ---------------------------------------------------------------------------------------------------------------- */

/* A number of few decimals, as "%.10g" writes it and many times faster. False: it is none. */
static bool print_decimal(double v)
{
    static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    char text[24], *at = text + sizeof text;
    size_t places = 0;
    double scaled = v;
    if (!(fabs(v) < 1e8) || (fabs(v) < 1e-4 && (v != 0 || signbit(v)))) return false;
    while (places < 7 && (fabs(scaled = nearbyint(v * tens[places])) >= 1e9 || scaled / tens[places] != v)) places++;
    if (places == 7) return false;
    long long digits = llabs((long long)scaled);
    *--at = 0;
    for (size_t i = 0; digits || i <= places; i++, digits /= 10) {
        *--at = (char)('0' + digits % 10);
        if (places && i + 1 == places) *--at = '.';
    }
    if (v < 0) *--at = '-';
    fputs(at, stdout);
    return true;
}

static void print_number(double v)
{
    if (!isfinite(v)) fputs("null", stdout);
    else if (!print_decimal(v)) printf("%.10g", v);
}

/* Names are printable: only two signs of theirs mean something in JSON. */
static void print_name(const char *name)
{
    putchar('"');
    for (; *name; name++) {
        if (*name == '"' || *name == '\\') putchar('\\');
        putchar(*name);
    }
    putchar('"');
}

static void print_json(const struct observation *o)
{
    fputs("{\"metric\":", stdout);
    print_name(o->metric);
    fputs(",\"kind\":\"", stdout), fputs(metric_kind_text(o->kind), stdout);
    fputs("\",\"goal\":\"", stdout), fputs(metric_goal_text(o->goal), stdout);
    fputs("\",\"x\":", stdout), print_number(o->x);
    fputs(",\"unit\":\"", stdout), fputs(o->unit ? o->unit : "step", stdout);
    fputs("\",\"value\":", stdout), print_number(o->value);
    fputs(",\"line\":", stdout), print_number((double)o->line);
    fputs("}\n", stdout);
}

static void print_summary(const struct reader_facts *facts)
{
    json_write_line(stdout, json_pack("{s:{s:s, s:o, s:I, s:I}}", "summary", "format", facts->format, "total", json_real_or_null(facts->total), "values",
                                      (json_int_t)facts->values, "lines", (json_int_t)facts->lines));
}

/* ---- the file ------------------------------------------------------------------------------------------------------------ */

static void observe(void *context, const struct observation *o)
{
    struct view *v = context;
    if (v->json) print_json(o);
    else findings_add(v->findings, o);
}

static void print(const struct view *view, const struct recording_facts *facts, const char *path)
{
    if (view->json) print_summary(&facts->facts);
    else if (facts->facts.values) findings_print(view->findings, &facts->facts, path);
    else findings_none(path, facts->facts.lines);
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
    struct view view = {.json = options.json, .findings = findings_create()};
    struct reader_options how = {options.metric_regex, options.x_regex};
    struct log_input to = {observe, NULL, &view};
    bool ok = log_input_read(argv[first], &how, &to, &facts, error);
    if (ok) print(&view, &facts, argv[first]);
    else fprintf(stderr, "foregone read: %s\n", error);
    findings_destroy(view.findings);
    return !ok ? EXIT_MISUSE : facts.facts.values || options.json ? 0 : 1;
}
