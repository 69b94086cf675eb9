#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <ctype.h>
#include <math.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pattern {
    pcre2_code *metric, *x;
    pcre2_match_data *found;
    int name_group, value_group;
};

static pcre2_code *compile(const char *regex, const char *option, char *error, size_t error_size)
{
    int fault;
    PCRE2_SIZE at;
    PCRE2_UCHAR text[120];
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, 0, &fault, &at, NULL);
    if (code) return code;
    pcre2_get_error_message(fault, text, sizeof text);
    snprintf(error, error_size, "%s: %s at character %zu of '%s'", option, (char *)text, (size_t)at, regex);
    return NULL;
}

static int group(const pcre2_code *code, const char *name, int otherwise)
{
    int n = pcre2_substring_number_from_name(code, (PCRE2_SPTR)name);
    return n > 0 ? n : otherwise;
}

struct pattern *pattern_create(const char *metric_regex, const char *x_regex, char *error, size_t error_size)
{
    struct pattern *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    bool ok = (!metric_regex || (p->metric = compile(metric_regex, "--metric-regex", error, error_size))) &&
              (!x_regex || (p->x = compile(x_regex, "--x-regex", error, error_size)));
    if (ok && (p->found = pcre2_match_data_create(16, NULL))) {
        if (p->metric) p->name_group = group(p->metric, "name", 0), p->value_group = group(p->metric, "value", 1);
        return p;
    }
    pattern_destroy(p);
    return NULL;
}

void pattern_destroy(struct pattern *p)
{
    if (!p) return;
    pcre2_code_free(p->metric);
    pcre2_code_free(p->x);
    pcre2_match_data_free(p->found);
    free(p);
}

bool pattern_only(const struct pattern *p) { return p && p->metric; }

/* The number in group g of the last match. */
static bool group_value(const struct pattern *p, const char *text, int g, double *value)
{
    PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->found);
    if ((uint32_t)g >= pcre2_get_ovector_count(p->found) || at[2 * g] == PCRE2_UNSET) return false;
    return number_is(text + at[2 * g], at[2 * g + 1] - at[2 * g], value);
}

static bool match(const struct pattern *p, const pcre2_code *code, const char *text, size_t from)
{
    return pcre2_match(code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, from, 0, p->found, NULL) > 0;
}

/* The group "name", else the words that were matched before the value: of 'loss is ([0-9.]+)' the loss. */
static const char *name_in(const struct pattern *p, const char *text, const PCRE2_SIZE *at, size_t *length)
{
    bool named = p->name_group && at[2 * p->name_group] != PCRE2_UNSET, valued = at[2 * p->value_group] != PCRE2_UNSET;
    size_t from = named ? at[2 * p->name_group] : at[0], to = named ? at[2 * p->name_group + 1] : valued ? at[2 * p->value_group] : at[0];
    if (!named && to > from + 3 && !memcmp(text + to - 3, "is ", 3)) to -= 3;
    while (!named && to > from && !isalnum((unsigned char)text[to - 1])) to--;
    while (!named && from < to && !isalpha((unsigned char)text[from])) from++;
    *length = to > from ? to - from : 6;
    return to > from ? text + from : "metric";
}

bool pattern_match(const struct pattern *p, const char *text, struct fields *fields)
{
    double value;
    size_t from = 0, before = fields->n;
    if (p->x && match(p, p->x, text, 0) && group_value(p, text, 1, &value)) fields_add(fields, "step", 4, value, NAN, '=', 0);
    while (p->metric && match(p, p->metric, text, from)) {
        PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->found);
        size_t length;
        const char *name = name_in(p, text, at, &length);
        if (group_value(p, text, p->value_group, &value)) fields_add(fields, name, length, value, NAN, '=', at[0]);
        if (at[1] <= from) break;
        from = at[1];
    }
    return fields->n > before;
}
