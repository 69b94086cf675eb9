/* read: what foregone sees in a log, value by value or as a table */
#include "log/findings.h"
#include "log/log_input.h"
#include "options/options.h"
#include "protocol/json.h"
#include "value_lines.h"
#include "verbs.h"

struct view {
    bool json;
    struct findings *findings;
    struct value_lines *lines;
};

static void print_summary(const struct reader_facts *facts)
{
    json_write_line(stdout, json_pack("{s:{s:s, s:o, s:I, s:I}}", "summary", "format", facts->format, "total", json_real_or_null(facts->total), "values",
                                      (json_int_t)facts->values, "lines", (json_int_t)facts->lines));
}

static void observe(void *context, const struct observation *o)
{
    struct view *v = context;
    if (v->json) value_lines_add(v->lines, o);
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
    struct view view = {options.json, findings_create(), value_lines_create(stdout)};
    struct reader_options how = {options.metric_regex, options.x_regex};
    struct log_input to = {observe, NULL, &view};
    bool ok = view.lines ? log_input_read(argv[first], &how, &to, &facts, error) : !snprintf(error, sizeof error, "out of memory");
    value_lines_end(view.lines);
    if (ok) print(&view, &facts, argv[first]);
    else fprintf(stderr, "foregone read: %s\n", error);
    findings_destroy(view.findings);
    return !ok ? EXIT_MISUSE : facts.facts.values || options.json ? 0 : 1;
}
