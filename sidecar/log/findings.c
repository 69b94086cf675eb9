#include "findings.h"

#include "plot/plot.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPARK 24
#define LIKELY 3        /* lines shown of a log in which nothing was found */
#define LIKELY_MAX 100  /* bytes of each */

struct seen {
    char name[128];
    struct metric_meaning meaning;
    uint64_t n;
    double first, last, x_first, x_last, *values;
    const char *unit;
};

struct findings { struct seen *seen; size_t n, room; };

struct findings *findings_create(void) { return calloc(1, sizeof(struct findings)); }

void findings_destroy(struct findings *f)
{
    if (!f) return;
    for (size_t i = 0; i < f->n; i++) free(f->seen[i].values);
    free(f->seen);
    free(f);
}

static struct seen *seen_of(struct findings *f, const struct observation *o)
{
    for (size_t i = 0; i < f->n; i++)
        if (!strcmp(f->seen[i].name, o->metric)) return &f->seen[i];
    if (f->n == f->room) {
        size_t room = f->room ? 2 * f->room : 32;
        struct seen *seen = realloc(f->seen, room * sizeof *seen);
        if (!seen) return NULL;
        f->seen = seen, f->room = room;
    }
    struct seen *s = &f->seen[f->n++];
    *s = (struct seen){.meaning = {o->kind, o->goal}, .first = o->value, .x_first = o->x};
    snprintf(s->name, sizeof s->name, "%s", o->metric);
    return s;
}

void findings_add(struct findings *f, const struct observation *o)
{
    struct seen *s = f ? seen_of(f, o) : NULL;
    if (!s) return;
    if ((s->n & (s->n - 1)) == 0) {
        double *values = realloc(s->values, (s->n ? 2 * s->n : 1) * sizeof *values);
        if (!values) return;
        s->values = values;
    }
    s->values[s->n++] = o->value;
    s->last = o->value, s->x_last = o->x, s->unit = o->unit;
}

/* ---- the table ----------------------------------------------------------------------------------------------------------- */

static void sparkline(const struct seen *s, bool unicode)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, *const plain[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    const char *const *levels = unicode ? bars : plain;
    double low = INFINITY, high = -INFINITY;
    for (uint64_t i = 0; i < s->n; i++)
        if (isfinite(s->values[i])) low = fmin(low, s->values[i]), high = fmax(high, s->values[i]);
    for (int k = 0; k < SPARK && (uint64_t)k < s->n; k++) {
        double value = s->values[s->n <= SPARK ? (uint64_t)k : (s->n - 1) * (uint64_t)k / (SPARK - 1)];
        fputs(!isfinite(value) ? (unicode ? "×" : "x") : high > low ? levels[(int)fmin(7, 8 * (value - low) / (high - low))] : levels[3], stdout);
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

/* As the judge chooses, of those that came more than once: the first of the highest rank. NULL: none will do. */
static const struct seen *primary_of(const struct findings *f)
{
    const struct seen *best = NULL;
    int top = 0;
    for (size_t i = 0; i < f->n; i++) {
        int rank = f->seen[i].n > 1 ? metric_rank(f->seen[i].name, f->seen[i].meaning) : 0;
        if (rank > top) top = rank, best = &f->seen[i];
    }
    return best;
}

static void print_row(const struct seen *s, bool primary, const struct plot_paper *paper)
{
    char range[48], place[48] = "-";
    snprintf(range, sizeof range, "%.5g -> %.5g", s->first, s->last);
    if (isfinite(s->x_last)) snprintf(place, sizeof place, "%s %g..%g", s->unit, s->x_first, s->x_last);
    printf("%s%-28.*s %-10s %-4s %7llu  %-22s %-20s ", primary && paper->colour ? "\033[1m" : "", clipped(s->name, 28), s->name, metric_kind_text(s->meaning.kind),
           metric_goal_text(s->meaning.goal), (unsigned long long)s->n, range, place);
    sparkline(s, paper->unicode);
    puts(primary && paper->colour ? "\033[0m" : "");
}

/* Losses, scores, rates; then the rest, of which what came once is a setting and only counted. */
static void print_rows(const struct findings *f, const struct seen *primary, const struct plot_paper *paper)
{
    size_t once = 0;
    for (int rest = 0; rest < 2; rest++)
        for (size_t i = 0; i < f->n; i++) {
            const struct seen *s = &f->seen[i];
            bool setting = s->n == 1 && (s->meaning.kind == METRIC_OTHER || !isfinite(s->x_last));
            once += setting && rest;
            if (!setting && (s->meaning.kind == METRIC_OTHER) == rest) print_row(s, s == primary, paper);
        }
    if (once) printf("and %zu that came once (settings)\n", once);
}

void findings_print(const struct findings *f, const struct reader_facts *facts, const char *path)
{
    struct plot_paper paper = plot_paper_of(STDOUT_FILENO);
    if (!f) return;
    const struct seen *primary = primary_of(f);
    printf("%s: %s, %llu values on %llu lines", path, facts->format, (unsigned long long)facts->values, (unsigned long long)facts->lines);
    if (isfinite(facts->total)) printf(", planned to %s %g", facts->total_unit, facts->total);
    if (primary) printf("\nto be forecast: %s (%s, %s; another: --metric NAME)", primary->name, metric_kind_text(primary->meaning.kind), metric_goal_text(primary->meaning.goal));
    printf("\n\n%-28s %-10s %-4s %7s  %-22s %-20s\n", "metric", "kind", "goal", "count", "first -> last", "x");
    print_rows(f, primary, &paper);
}

/* ---- nothing ------------------------------------------------------------------------------------------------------------- */

struct likely { int score; char text[LIKELY_MAX + 1]; };

/* How much a line looks like one that tells a value: numbers, those with a point twice. */
static int score_of(const char *s)
{
    int score = 0;
    for (size_t i = 0; s[i]; i++) {
        bool begins = isdigit((unsigned char)s[i]) && (!i || !(isalnum((unsigned char)s[i - 1]) || s[i - 1] == '.'));
        score += begins;
        score += s[i] == '.' && i && isdigit((unsigned char)s[i - 1]) && isdigit((unsigned char)s[i + 1]);
    }
    return score;
}

static void keep_likely(struct likely likely[LIKELY], const char *text)
{
    int score = score_of(text), last = LIKELY - 1;
    if (score <= likely[last].score) return;
    for (; last && likely[last - 1].score < score; last--) likely[last] = likely[last - 1];
    likely[last].score = score;
    size_t n = 0;
    for (; text[n] && n < LIKELY_MAX; n++) likely[last].text[n] = isprint((unsigned char)text[n]) ? text[n] : ' ';
    likely[last].text[n] = 0;
}

static void find_likely(const char *path, struct likely likely[LIKELY])
{
    char line[4096];
    FILE *in = strcmp(path, "-") ? fopen(path, "rb") : NULL;
    if (!in) return;
    while (fgets(line, sizeof line, in)) keep_likely(likely, line);
    fclose(in);
}

void findings_none(const char *path, uint64_t lines)
{
    struct likely likely[LIKELY] = {{0}};
    fprintf(stderr, "foregone read: no metric found in %s (%llu lines). Looked for name=value, name: value, dicts, JSON, CSV, tables and bars.\n", path, (unsigned long long)lines);
    find_likely(path, likely);
    if (likely[0].score) fprintf(stderr, "  The lines that look most like it:\n");
    for (size_t i = 0; i < LIKELY && likely[i].score; i++) fprintf(stderr, "    %s\n", likely[i].text);
    fprintf(stderr, "  If the log has numbers, name them: --metric-regex 'loss is (?<value>[0-9.]+)' --x-regex 'step ([0-9]+)'\n");
}
