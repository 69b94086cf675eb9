#include "glance.h"
#include "parts.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* ---- a line of a known shape ----------------------------------------------------------------------------------------------- */

/* Nothing that was read before waits for this line, and what it is does not hang on where in it a row could begin. */
static bool stands_alone(const struct reader *r, const struct line *line)
{
    bool waits = r->block != BLOCK_NONE || *r->list || r->headed || *r->open || r->fields.n || r->pattern;
    return !waits && table_is_settled(&r->table) && (!r->table.now.delimiter || line->text == r->whole.text);
}

static double total_of(const struct known *k, size_t i, const double *numbers) { return k->shape.number[2 * i + 1].whole == SHAPE_NONE ? k->field[i].total : numbers[2 * i + 1]; }

/* Without a call for most. */
static bool is_whole(double v) { return fabs(v) < 1e15 ? (double)(int64_t)v == v : v == floor(v); }

/* Would as much be made of these numbers? */
static bool holds(const struct reader *r, const struct known *k, const double *numbers)
{
    if (k->headers != r->table.headers) return false;
    for (size_t i = 0; i < k->n; i++) {
        const struct taken *t = &k->taken[i];
        double value = numbers[2 * i], total = total_of(k, i, numbers);
        if (!isfinite(value) || is_whole(value) != t->whole) return false; /* what is made of it may hang on that: "Epoch 3: 0.31" */
        if (t->value) continue;
        if (*k->field[i].name) {
            if (!isnan(total) && total != r->counters.counter[t->counter].total) return false;
            continue;
        }
        struct field f = {.value = value, .total = total, .leads = k->field[i].leads};
        if (!counters_would_take(&r->counters, &f, i == 0, t->counter)) return false;
    }
    return true;
}

static struct known *known_of(struct reader *r, const struct line *line, double numbers[SHAPE_NUMBERS])
{
    size_t likely = r->n_known ? r->known[r->last].next : 0;
    for (size_t k = 0; k < r->n_known; k++) {
        size_t i = k ? k - (k <= likely) : likely;
        if (r->first[i] && r->first[i] != *line->text) continue;
        if (!shape_match(&r->known[i].shape, line->text, line->length, numbers) || !holds(r, &r->known[i], numbers)) continue;
        r->known[r->last].next = i, r->last = i;
        return &r->known[i];
    }
    return NULL;
}

static bool agrees(struct reader *r, struct known *k)
{
    uint64_t bit = 1ull << r->format;
    if (!(k->asked & bit)) k->asked |= bit, k->agreed |= format_at(r->format)->probe(r->whole.text, r->whole.length) ? bit : 0;
    return k->agreed & bit;
}

/* Probes look for words. Those of a prefix are no part of the shape. */
static void find_known_format(struct reader *r, struct known *k, bool prefix)
{
    if (prefix) {
        part_find_format(r);
        return;
    }
    if (part_looks_for_format(r) || !agrees(r, k)) {
        if (k->format == SIZE_MAX) k->format = format_of(r->whole.text, r->whole.length);
        r->format = k->format;
    }
    r->scanned++;
}

/* Does it hold a loss that had been read before an evaluation was announced? Only a new series asks. */
static bool is_second(const struct reader *r, const struct known *k)
{
    bool second = false;
    for (size_t i = 0; i < k->n && r->section == CONTEXT_EVAL && r->announced; i++) second |= k->taken[i].value && k->taken[i].loss && series_is_named(&r->series, k->field[i].name);
    return second;
}

static void emit_known(struct reader *r, struct known *k, struct record *record, const double *numbers, uint64_t line)
{
    enum field_context above = part_context_above(r, record, line);
    record->second = is_second(r, k);
    if (k->trained != r->trained) memset(k->series, 0, sizeof k->series), k->trained = r->trained;
    for (size_t i = 0; i < k->n; i++) {
        if (!k->taken[i].value) continue;
        struct series **s = &k->series[i][above];
        if (!*s) *s = part_series_at(r, record, i, k->field[i].name, k->field[i].separator, above, numbers[2 * i]);
        part_emit(r, numbers[2 * i], *s, record->x, line);
    }
}

static void process_known(struct reader *r, struct known *k, const double *numbers, uint64_t line)
{
    struct record record = k->record;
    counters_begin(&r->counters);
    for (size_t i = 0; i < k->n; i++)
        if (k->taken[i].counter != SIZE_MAX) counters_note(&r->counters, k->taken[i].counter, numbers[2 * i], total_of(k, i, numbers));
    if (!record.values) {
        if (k->ends) r->section = CONTEXT_NONE;
        return;
    }
    r->losses |= record.loss && record.counters;
    record.x = counters_best_of(&r->counters, record.counters ? record.counters : ~0u << COUNTERS_MAX);
    counters_used(&r->counters, record.x);
    emit_known(r, k, &record, numbers, line);
    r->x = record.x ? record.x->value : NAN;
}

bool known_line(struct reader *r, const struct line *line)
{
    double numbers[SHAPE_NUMBERS];
    if (!stands_alone(r, line)) return false;
    struct known *k = known_of(r, line, numbers);
    if (!k) {
        r->missed++;
        return false;
    }
    r->met++;
    if (k->row) r->format = format_of_tables();
    else find_known_format(r, k, line->text != r->whole.text);
    if (!k->row && (k->n ? line->length < HEADING_BESIDE : line->length <= HEADING_MAX)) part_take_heading(r, k->heading);
    process_known(r, k, numbers, line->number);
    return true;
}

/* ---- a line that may be known again ---------------------------------------------------------------------------------------- */

/* "3 epochs", "3 steps", where 1 would be no plan. */
static bool has_amount_of(const struct line *line, const char *thing)
{
    size_t n = strlen(thing);
    for (size_t i = 1; i + n < line->length; i++) {
        if (line->text[i] != ' ' || memcmp(line->text + i + 1, thing, n)) continue;
        size_t from = i;
        while (from && isdigit((unsigned char)line->text[from - 1])) from--;
        if (from < i && (!from || line->text[from - 1] != '.')) return true;
    }
    return false;
}

/* What these words say depends on the numbers beside them: "3 of 10", "for 1 epoch". */
static bool compares(const struct line *line)
{
    static const char *const things[] = {"steps", "iterations", "updates", "kimg", "epoch"};
    for (size_t i = 0; i < sizeof things / sizeof *things; i++)
        if (has_amount_of(line, things[i])) return true;
    return text_has(line->text, line->length, " of ");
}

/* "79 / 85 (0.9294)", where the last is no share if it is another. */
static bool may_be_shared(const struct line *line, size_t total)
{
    const char *text = line->text, *end = text + line->length, *at = text + total;
    while (at < end && (isdigit((unsigned char)*at) || *at == '.')) at++;
    while (at < end && *at == ' ') at++;
    if (at == end || *at++ != '(') return false;
    while (at < end && (isdigit((unsigned char)*at) || strchr(" .e-+", *at))) at++;
    return at < end && *at == ')';
}

static bool has_words(const struct line *line)
{
    for (size_t i = 0; i < line->length; i++)
        if (!strchr(" \t,;+-.eE0123456789[]", line->text[i])) return true;
    return false;
}

/* May what was just made of the line be made again of others? */
static bool may_be_known(const struct reader *r, const struct line *line, bool row)
{
    const struct fields *f = &r->fields;
    if (f->n > KNOWN_FIELDS || r->records != (f->n > 0) || (f->n && r->record.to != f->n) || *f->open) return false;
    if (!row && (compares(line) || !has_words(line) || !glance_has_number(line->text, line->length))) return false;
    for (size_t i = 0; i < f->n; i++)
        if (r->taken[i].odd || !isfinite(f->field[i].value) || (f->field[i].total_at != SIZE_MAX && may_be_shared(line, f->field[i].total_at))) return false;
    return true;
}

static void place_of_numbers(const struct reader *r, bool row, struct shape_fields *at)
{
    const struct fields *f = &r->fields;
    at->n = f->n, at->delimiter = row ? r->table.now.delimiter : 0, at->strict = !row && r->table.now.delimiter;
    for (size_t i = 0; i < f->n; i++) at->of[i].value = f->field[i].at, at->of[i].total = f->field[i].total_at;
}

/* Does the shape give the numbers that were read? */
static bool gives_the_same(const struct fields *f, const struct shape *shape, const struct line *line)
{
    double numbers[SHAPE_NUMBERS];
    if (!shape_match(shape, line->text, line->length, numbers)) return false;
    for (size_t i = 0; i < f->n; i++)
        if (numbers[2 * i] != f->field[i].value || (shape->number[2 * i + 1].whole != SHAPE_NONE && numbers[2 * i + 1] != f->field[i].total)) return false;
    return true;
}

static void fill(const struct reader *r, struct known *k, const struct line *line, bool row)
{
    const struct fields *f = &r->fields;
    memset(k->series, 0, sizeof k->series);
    for (size_t i = 0; i < f->n; i++) {
        memcpy(k->field[i].name, f->field[i].name, FIELD_NAME_MAX);
        k->field[i].separator = f->field[i].separator, k->field[i].leads = f->field[i].leads, k->field[i].total = f->field[i].total;
    }
    memcpy(k->taken, r->taken, f->n * sizeof *k->taken);
    for (size_t i = 0; i < f->n; i++) k->taken[i].whole = is_whole(f->field[i].value);
    k->record = f->n ? r->record : (struct record){0};
    k->record.field = k->taken;
    k->n = f->n, k->row = row, k->headers = r->table.headers, k->trained = r->trained;
    k->heading = memchr(line->text, '=', line->length) ? CONTEXT_NONE : context_of(line->text, line->length);
    k->ends = !row && part_ends_section(&k->record, line->text);
    k->format = SIZE_MAX, k->asked = k->agreed = 0;
}

/* Where hardly any shape comes again, only some are kept. */
static bool is_worth_it(const struct reader *r) { return r->missed < 4 * KNOWN || r->met > r->missed || r->missed % LOOK_EVERY == 0; }

void known_remember(struct reader *r, const struct line *line, bool row)
{
    struct shape_fields at;
    struct shape shape;
    bool waits = r->headed || *r->list || r->block != BLOCK_NONE || !table_is_settled(&r->table) || (r->table.now.delimiter && line->text != r->whole.text);
    if (waits || r->pattern || !is_worth_it(r) || !may_be_known(r, line, row)) return;
    place_of_numbers(r, row, &at);
    if (!shape_make(&shape, line->text, line->length, &at) || !gives_the_same(&r->fields, &shape, line)) return;
    size_t i = r->n_known < KNOWN ? r->n_known++ : r->missed % KNOWN;
    r->known[i].shape = shape;
    r->first[i] = shape.piece[0].length ? *line->text : 0;
    fill(r, &r->known[i], line, row);
    r->known[i].next = i;
    r->known[r->last].next = i, r->last = i;
}

void known_forget(struct reader *r) { r->n_known = r->last = 0, r->met = r->missed = 0; }
