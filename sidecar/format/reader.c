#include "reader.h"

#include "glance.h"
#include "parts.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPENING_WORDS 3
#define TEXT_SHARE 8
#define LIST_LEAST 4    /* numbers of a list without names that is read */
#define LIST_MAX 32
#define RATE_BELOW 0.01 /* what the last number of such a list is below, if it is the learning rate */
#define BAR_MAX 1024 /* bytes of a bar with a message behind it */

/* ---- records ------------------------------------------------------------------------------------------------------------- */

void part_emit(struct reader *r, double value, const struct series *k, const struct counter *x, uint64_t line)
{
    if (!k) return;
    struct observation o = {k->shown, k->meaning.kind, k->meaning.goal, x ? x->value : NAN, x ? x->unit : NULL, value, line};
    r->values++;
    r->by_format[r->format]++;
    r->fn(r->context, &o);
}

/* Two lines glued together are two records: the counter of the first comes again behind its values. */
static bool begins_again(const struct record *record, size_t i, const struct name_facts *name)
{
    if (!record->values || !name->counter.rank) return false;
    for (size_t k = record->from; k < i; k++)
        if (!record->field[k].value && record->field[k].hash == name->hash) return true;
    return false;
}

static void note_value(struct record *record, const struct name_facts *name)
{
    bool loss = name->meaning.kind == METRIC_TRAIN_LOSS || name->meaning.kind == METRIC_EVAL_LOSS;
    record->values = true;
    record->loss |= name->loss;
    record->sets += name->set;
    record->evaluation |= name->context == CONTEXT_EVAL;
    record->both |= loss && record->seen_loss[name->context != CONTEXT_EVAL];
    if (loss) record->seen_loss[name->context == CONTEXT_EVAL] = true;
}

/* A bar that was not ended by a new line, and behind it a record that counts by itself. */
static bool begins_behind_bar(struct reader *r, const struct record *record, size_t i)
{
    if (!r->fields.field[i].begins || !record->values) return false;
    for (; i < r->fields.n; i++)
        if (name_facts_of(&r->names, r->fields.field[i].name)->counter.rank > RANK_LEAD) return true;
    return false;
}

/* "accuracy: 0.95 (1154 / 1213)" */
static bool is_behind_score(struct reader *r, size_t i)
{
    const struct field *f = &r->fields.field[i];
    return i && !*f->name && f->total > 0 && name_facts_of(&r->names, f[-1].name)->meaning.kind == METRIC_SCORE;
}

/* What that score was counted from: it counts nothing itself. */
static bool makes_score(const struct field *f)
{
    double share = f->value / f->total;
    return fmin(fabs(f[-1].value - share), fabs(f[-1].value / 100 - share)) < 0.01;
}

/* The fields that counters_take claims are counters, the named rest are values. */
static void take_fields(struct reader *r, struct record *record)
{
    enum field_context beside = CONTEXT_NONE, context = r->fields.context;
    bool by_name = false;
    counters_begin(&r->counters);
    for (size_t i = record->from; i < r->fields.n; i++) {
        const struct field *f = &r->fields.field[i];
        bool behind_bar = begins_behind_bar(r, record, i), behind_score = is_behind_score(r, i);
        const struct name_facts *name = name_facts_of(&r->names, f->name);
        size_t mine = SIZE_MAX;
        if (begins_again(record, i, name) || behind_bar) {
            record->to = i;
            return;
        }
        if (f->context != beside) context = beside = f->context, by_name = false;
        bool evaluation = context == CONTEXT_EVAL || name->context == CONTEXT_EVAL;
        bool counter = !(behind_score && makes_score(f)) && counters_take(&r->counters, f, &name->counter, i == record->from, evaluation, &mine);
        if (mine != SIZE_MAX) record->counters |= 1u << mine, record->counter_kinds |= 1u << r->counters.counter[mine].rank;
        if (counter && name->context) context = name->context; /* "eval epoch: 3, loss: 0.5" */
        bool value = !counter && *f->name;
        bool odd = behind_score || name->counter.plan || (name->counter.rank && (evaluation || mine == SIZE_MAX));
        record->field[i] = (struct taken){.hash = name->hash, .value = value, .loss = name->loss, .train_loss = name->meaning.kind == METRIC_TRAIN_LOSS, .says = name->context != CONTEXT_NONE,
                                          .rate = name->meaning.kind == METRIC_RATE, .by_name = by_name, .odd = odd, .context = name->meaning.kind == METRIC_RATE ? CONTEXT_NONE : context, .counter = mine};
        if (value) note_value(record, name);
        record->second |= value && r->section == CONTEXT_EVAL && r->announced && name->loss && series_is_named(&r->series, f->name);
        if (value && name->phrase) context = name->phrase, by_name = true; /* "val loss: 0.5 acc: 0.7" */
    }
    record->to = r->fields.n;
}

/* "epoch: 3, loss is: 0.3", "testing ...", "epoch: 3, loss is: 0.4": the same epoch once more, right below a heading. */
static bool is_told_again(const struct reader *r, const struct record *record, uint64_t line)
{
    return r->section_line + 1 == line && record->x && record->x->value == r->x && record->counters == 1u << (record->x - r->counters.counter);
}

/* What the record is about by the heading above it. One that counts by itself is a step's, whatever was announced before. */
enum field_context part_context_above(const struct reader *r, const struct record *record, uint64_t line)
{
    if (is_told_again(r, record, line)) return r->section;
    bool own = record->x && record->counters & 1u << (record->x - r->counters.counter); /* not only a batch within an epoch that was counted above */
    bool counted = record->counter_kinds & ~(1u << RANK_BAR);
    return record->evaluation || (own && counted) ? CONTEXT_NONE : r->section;
}

/* How many fields before field i of the record have its name and stand in its context: "train: loss 0.5 acc 0.7, loss 0.6 acc 0.6". */
static unsigned times_before(const struct record *record, size_t i)
{
    unsigned n = 0;
    for (size_t k = record->from; k < i; k++)
        n += record->field[k].value && record->field[k].hash == record->field[i].hash && record->field[k].context == record->field[i].context;
    return n;
}

static void mind_format(const struct reader *r, struct series *s, double first)
{
    const struct format *format = r->whole.text ? format_at(format_of(r->whole.text, r->whole.length)) : NULL;
    if (format && format->meaning) format->meaning(s->name, first, &s->meaning);
}

/* Of glued lines only the first begins with a number, and a bar of a record that counts by itself has no length once it is beyond its end. */
static unsigned kinds_that_tell(const struct record *record)
{
    unsigned kinds = record->counter_kinds & ~(1u << RANK_LEAD), finest = kinds & (1u << RANK_STEP | 1u << RANK_TIMESTEP);
    return finest ? kinds & ~(1u << RANK_BAR) : kinds;
}

struct series *part_series_at(struct reader *r, const struct record *record, size_t i, const char *name, char separator, enum field_context above, double value)
{
    const struct taken *t = &record->field[i];
    bool counted = record->counter_kinds & ~(1u << RANK_BAR), new;
    enum field_context mine = t->context;
    if (mine == CONTEXT_EVAL && record->both && !t->by_name) mine = CONTEXT_NONE; /* its names say what is what */
    else if (!mine && !t->rate && (counted || t->train_loss || r->trained) && !t->says) mine = above; /* where only evaluations have a heading, it tells no more than losses apart */
    unsigned again = record->to - record->from < 64 ? times_before(record, i) : 0;
    struct series_place place = {mine, kinds_that_tell(record), separator, again, record->opening, record->loss, record->sets, record->second};
    struct series *s = series_of(&r->series, name, t->hash, &place, &new);
    if (s && new) mind_format(r, s, value);
    return s;
}

static void emit_values(struct reader *r, const struct record *record, uint64_t line)
{
    enum field_context above = part_context_above(r, record, line);
    for (size_t i = record->from; i < record->to; i++) {
        const struct field *f = &r->fields.field[i];
        if (record->field[i].value) part_emit(r, f->value, part_series_at(r, record, i, f->name, f->separator, above, f->value), record->x, line);
    }
}

/* "120/600 [=====>....] - ETA: 10s - loss: 0.5": each refresh of such a bar says the same, whatever stands before the loss. */
static bool is_drawn_bar(const char *text)
{
    while (*text == ' ' || isdigit((unsigned char)*text) || *text == '/') text++;
    return text[0] == '[' && strchr("=>.", text[1]) && text[1] && strchr("=>.", text[2]);
}

/* "35%|", "1520it [00:01": a bar, before and after it is beyond its end. */
static bool ends_opening(const char *at) { return *at == '%' || *at == '{' || !strncmp(at, "it [", 4); }

/* The first words of a line, before its first value is named, tell one kind of record from another: "epoch 3 results: loss 0.5" is no batch's. */
static unsigned opening_of(const struct reader *r, const struct record *record, const char *text)
{
    size_t i = record->from, end, words = 0, start = i ? r->fields.field[i].from : 0;
    unsigned hash = 0;
    if (!i && r->fields.field[i].leads && is_drawn_bar(text)) return 1;
    while (!record->field[i].value) i++;
    end = r->fields.field[i].from;
    for (size_t at = start; at < end && !ends_opening(text + at) && words < OPENING_WORDS;) {
        size_t length = 0;
        while (at + length < end && isalpha((unsigned char)text[at + length])) length++;
        if (!length) {
            at++;
            continue;
        }
        for (size_t k = 0; k < length; k++) hash = hash * 31 + (unsigned char)text[at + k];
        at += length, words++;
    }
    return hash;
}

bool part_ends_section(const struct record *record, const char *text)
{
    return record->counter_kinds & ~(1u << RANK_BAR) && !strstr(text, " ...,") && !context_of(text, strlen(text));
}

static void process(struct reader *r, const char *text, uint64_t line)
{
    struct record record;
    unsigned opening = 0;
    for (size_t from = 0; from < r->fields.n; from = record.to, r->record = record, r->records++) {
        record = (struct record){.from = from, .field = r->taken};
        take_fields(r, &record);
        if (!record.values) {
            if (text && part_ends_section(&record, text)) r->section = CONTEXT_NONE;
            continue;
        }
        record.opening = !text ? 0 : from && !r->fields.field[from].begins ? opening : opening_of(r, &record, text); /* behind a bar a line begins */
        if (r->continues) record.counters = r->record.counters, record.counter_kinds = r->record.counter_kinds, record.opening = r->record.opening;
        opening = record.opening;
        r->losses |= record.loss && record.counters;
        if (record.seen_loss[1] && !record.seen_loss[0] && !(record.counter_kinds >> RANK_EPOCH)) counters_of_evaluation(&r->counters, record.counters);
        record.x = counters_best_of(&r->counters, record.counters ? record.counters : ~0u << COUNTERS_MAX);
        counters_used(&r->counters, record.x);
        emit_values(r, &record, line);
        r->x = record.x ? record.x->value : NAN;
    }
}

/* A line may hold several records: fields_scan ends all but the last. */
static void end_record(void *owner)
{
    struct reader *r = owner;
    enum field_context context = r->fields.context;
    process(r, NULL, r->whole.number);
    r->fields.n = 0, r->fields.context = context;
}

static void flush_block(struct reader *r, uint64_t line)
{
    if (r->fields.n) process(r, NULL, line);
    fields_clear(&r->fields);
}

/* ---- lines --------------------------------------------------------------------------------------------------------------- */

static bool is_rule(const char *s, size_t n)
{
    size_t dashes = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '-') dashes++;
        else if (!strchr("+| ", s[i])) return false;
    }
    return dashes >= 8;
}

void part_take_heading(struct reader *r, enum field_context context)
{
    if (context) r->section = context, r->announced = r->losses;
}

/* A line of words alone may be a heading that says what follows. */
static enum field_context heading_of(const struct line *line)
{
    return line->length > HEADING_MAX || memchr(line->text, '=', line->length) ? CONTEXT_NONE : context_of(line->text, line->length);
}

static char first_char(const struct line *line)
{
    for (size_t i = 0; i < line->length; i++)
        if (!isspace((unsigned char)line->text[i])) return line->text[i];
    return 0;
}

static char last_char(const struct line *line)
{
    for (size_t i = line->length; i--;)
        if (!isspace((unsigned char)line->text[i]) && line->text[i] != ',') return line->text[i];
    return 0;
}

/* One number of several that have the name together. */
static void list_value(struct reader *r, const char *name, unsigned index, double value, uint64_t line)
{
    struct fields held = r->fields;
    r->fields.n = 0;
    fields_add(&r->fields, "(index)", 7, index, NAN, '[', 0);
    fields_add(&r->fields, name, strlen(name), value, NAN, ':', 0);
    process(r, NULL, line);
    r->fields = held;
}

/* "loss": [ and then a number a line, as in a history that was written with indentation. True: the line is dealt with. */
static bool list_line(struct reader *r, const struct line *line)
{
    double value;
    size_t length = line->length;
    if (!*r->list) return false;
    while (length && strchr(" ,", line->text[length - 1])) length--;
    if (!number_is(line->text, length, &value)) {
        *r->list = 0;
        return first_char(line) == ']';
    }
    list_value(r, r->list, ++r->listed, value, line->number);
    return true;
}

/* What the last line without a number says, without marks and blanks around it. False: nothing that a column may be called. */
static bool words_name(const struct reader *r, char name[FIELD_NAME_MAX])
{
    const char *text = r->table.line[r->table.last].text;
    size_t from = 0, end = r->table.line[r->table.last].length;
    while (from < end && strchr("#% \t", text[from])) from++;
    while (end > from && strchr(" \t:", text[end - 1])) end--;
    if (end == from || end - from >= FIELD_NAME_MAX || !isalpha((unsigned char)text[from])) return false;
    snprintf(name, FIELD_NAME_MAX, "%.*s", (int)(end - from), text + from);
    return true;
}

/* A file of one column: a heading and then a number a line, or nothing but numbers. The first is told when the second has come. */
static void column_line(struct reader *r, const struct line *line)
{
    double value;
    char name[FIELD_NAME_MAX];
    if (r->column.line + 1 != line->number) r->column.n = 0;
    if (!number_is(line->text, line->length, &value)) return;
    uint64_t above = line->number - ++r->column.n; /* the line above the first of them */
    bool headed = r->words_line == above && words_name(r, name);
    r->column.line = line->number;
    if (r->column.n == 1) r->column.first = value;
    if (r->column.n == 1 || (!headed && above)) return;
    if (r->column.n == 2) list_value(r, headed ? name : "column 1", 1, r->column.first, line->number - 1);
    list_value(r, headed ? name : "column 1", r->column.n, value, line->number);
}

static void note_list(struct reader *r, const struct line *line)
{
    const char *colon = last_char(line) == '[' ? memrchr(line->text, ':', line->length) : NULL, *end = colon, *name;
    if (!colon) return;
    while (end > line->text && strchr(" \"'", end[-1])) end--;
    for (name = end; name > line->text && !strchr(" \"'{", name[-1]);) name--;
    if (name < end && (size_t)(end - name) < sizeof r->list) snprintf(r->list, sizeof r->list, "%.*s", (int)(end - name), name), r->listed = 0;
}

/* "  loss: 0.5" */
static bool is_indented_key(const struct line *line)
{
    size_t i = 0, start;
    if (*line->text != ' ') return false;
    while (i < line->length && line->text[i] == ' ') i++;
    for (start = i; i < line->length && (isalnum((unsigned char)line->text[i]) || strchr("_-./", line->text[i]));) i++;
    return start > 1 && i > start && i < line->length && line->text[i] == ':' && (i + 1 == line->length || line->text[i + 1] == ' ');
}

/* Indented keys under a line that ends with a colon are one record (YAML). */
static void keys_line(struct reader *r, const struct line *line)
{
    bool key = is_indented_key(line);
    if (r->block == BLOCK_KEYS && !key) flush_block(r, line->number - 1);
    if (r->block == BLOCK_KEYS || (r->block == BLOCK_NONE && r->headed && key)) r->block = key ? BLOCK_KEYS : BLOCK_NONE;
    r->headed = last_char(line) == ':' && first_char(line) == *line->text;
}

/* "-----3------": a rule that counts what stands below it. */
static bool counting_rule(struct reader *r, const struct line *line, char mark)
{
    char number[16];
    const char *at = line->text, *end = at + line->length;
    size_t marks[2] = {0, 0}, digits = 0;
    if (!mark || !strchr("-=*#~", mark)) return false;
    for (size_t side = 0; side < 2; side++) {
        while (at < end && *at == ' ') at++;
        while (at < end && *at == mark) at++, marks[side]++;
        while (at < end && *at == ' ') at++;
        while (!side && at < end && isdigit((unsigned char)*at) && digits + 1 < sizeof number) number[digits++] = *at++;
    }
    number[digits] = 0;
    if (at < end || !digits || marks[0] < RULE_MARKS || marks[1] < RULE_MARKS) return false;
    fields_clear(&r->fields);
    fields_add(&r->fields, "(rule)", 6, atof(number), NAN, ':', 0);
    process(r, line->text, line->number);
    fields_clear(&r->fields);
    return true;
}

/* A JSON object over several lines is one record, and so are a box and a block of keys. True: the line is dealt with. */
static bool block_line(struct reader *r, const struct line *line)
{
    char first = first_char(line), last = last_char(line);
    if (list_line(r, line)) return true;
    note_list(r, line);
    keys_line(r, line);
    if (r->block == BLOCK_JSON && first == '}') {
        flush_block(r, line->number);
        r->block = BLOCK_NONE;
        return true;
    }
    if (first == '{' && last == '{') {
        fields_clear(&r->fields);
        r->block = BLOCK_JSON;
        return true;
    }
    if (r->block == BLOCK_NONE && counting_rule(r, line, first)) return true;
    if (is_rule(line->text, line->length)) {
        if (r->block == BLOCK_BOX) flush_block(r, line->number);
        r->block = BLOCK_NONE;
    }
    return false;
}

static bool is_of_numbers(const struct line *line, const char *more)
{
    for (size_t i = 0; i < line->length; i++)
        if (!isdigit((unsigned char)line->text[i]) && !strchr(" \t,;+-.eE", line->text[i]) && !strchr(more, line->text[i])) return false;
    return true;
}

/* Rows whose fields have no names of their own: the first is told when the next, which shows that it was one, has come. */
static bool take_bare(struct reader *r, const struct line *line, bool next)
{
    struct fields *f = &r->fields, now = *f;
    if (next && r->bare_line) {
        *f = r->bare;
        process(r, NULL, r->bare_line);
        *f = now;
    }
    if (next) process(r, NULL, line->number);
    r->bare = now, r->bare_line = next ? 0 : line->number;
    fields_clear(f);
    return true;
}

/* "12 0.53 0.91": a table without a header, where its first column counts. */
static bool bare_line(struct reader *r, const struct line *line)
{
    struct fields *f = &r->fields;
    if (f->n < 2 || *f->field[0].name || f->field[0].value != floor(f->field[0].value)) return false;
    if (!is_of_numbers(line, "")) return false;
    for (size_t i = 1; i < f->n; i++) snprintf(f->field[i].name, sizeof f->field[i].name, "column %zu", i + 1), f->field[i].separator = '|';
    bool next = r->bare.n == f->n && f->field[0].value > r->bare.field[0].value;
    return take_bare(r, line, next);
}

/* Fields of "[2.19, 2.46, 100, 0.0002]", with the place of the one whole number among the others, which counts. 0: it is no such list. */
static size_t bracketed(const struct line *line, struct fields *f)
{
    size_t counter = 0, whole = 0, at = 1, taken;
    double value;
    char name[24];
    fields_clear(f);
    for (; at + 1 < line->length; at += taken) {
        bool blank = strchr(" ,", line->text[at]);
        taken = blank ? 1 : number_parse(line->text + at, line->length - 1 - at, &value);
        if (!taken || f->n == LIST_MAX) return 0;
        if (blank) continue;
        bool counts = !memchr(line->text + at, '.', taken) && value >= 0, rate = at + taken + 1 == line->length && fabs(value) < RATE_BELOW;
        int n = snprintf(name, sizeof name, counts ? "step" : rate ? "lr" : "item %zu", f->n + 1);
        fields_add(f, name, (size_t)n, value, NAN, ':', at);
        if (counts) whole++, counter = f->n;
    }
    return whole == 1 && f->n >= LIST_LEAST ? counter : 0;
}

/* Losses without names, and among them the step (VITS). The first line is told when the second has come. True: the line is dealt with. */
static bool unnamed_list(struct reader *r, const struct line *line)
{
    if (line->length < 3 || *line->text != '[' || line->text[line->length - 1] != ']' || !is_of_numbers(line, "[]")) return false;
    struct fields *f = &r->fields, held = *f;
    size_t counter = bracketed(line, f);
    if (!counter) {
        *f = held;
        return false;
    }
    const struct field *before = &r->bare.field[counter - 1];
    bool next = r->bare.n == f->n && !strcmp(before->name, "step") && f->field[counter - 1].value > before->value;
    return take_bare(r, line, next);
}

/* A number alone, or alone in brackets, under a line that ended with a name. True: it has that name now. */
static bool close_open_name(struct reader *r, const struct line *line)
{
    double value;
    struct field *f = r->fields.field;
    bool bracketed = line->length > 2 && *line->text == '[' && line->text[line->length - 1] == ']';
    bool closes = *r->open && r->fields.n == 1 && !*f->name && number_is(line->text + bracketed, line->length - 2 * bracketed, &value);
    if (closes) {
        snprintf(f->name, sizeof f->name, "%s", r->open);
        f->separator = ':';
    }
    memcpy(r->open, r->fields.open, strlen(r->fields.open) + 1);
    return closes;
}

/* ---- the line -------------------------------------------------------------------------------------------------------------- */

bool part_looks_for_format(const struct reader *r) { return r->scanned < LOOKED_AT || r->scanned % LOOK_EVERY == 0; }

void part_find_format(struct reader *r)
{
    if (part_looks_for_format(r) || !format_at(r->format)->probe(r->whole.text, r->whole.length)) r->format = format_of(r->whole.text, r->whole.length);
    r->scanned++;
}

static void scan_line(struct reader *r, const struct line *line)
{
    part_find_format(r);
    fields_scan(&r->fields, line->text, line->length);
    if (r->block == BLOCK_JSON || r->block == BLOCK_KEYS) return;
    bool closes = close_open_name(r, line);
    r->continues = closes && r->wrapped, r->wrapped = false;
    column_line(r, line);
    if (bare_line(r, line) || unnamed_list(r, line)) return;
    if (!r->fields.n || line->length < HEADING_BESIDE) part_take_heading(r, heading_of(line));
    bool box = r->fields.n && r->fields.field[r->fields.n - 1].separator == '|';
    if (box) {
        r->block = BLOCK_BOX;
        return;
    }
    process(r, line->text, line->number);
    r->continues = false, r->wrapped = *r->open && r->records;
    if (!closes && last_char(line) != '[' && last_char(line) != '{') known_remember(r, line, false);
    fields_clear(&r->fields);
}

static bool pattern_line(struct reader *r, const struct line *line)
{
    if (!r->pattern || !pattern_match(r->pattern, line->text, &r->fields)) return false;
    process(r, line->text, line->number);
    fields_clear(&r->fields);
    return true;
}

static void words_line(struct reader *r, const struct line *line)
{
    enum field_context heading = heading_of(line);
    char last = last_char(line);
    part_take_heading(r, heading);
    if (heading) r->section_line = line->number;
    r->trained |= r->section == CONTEXT_TRAIN && !r->evaluated;
    r->evaluated |= r->section == CONTEXT_EVAL;
    if (r->block == BLOCK_NONE) table_words(&r->table, line->text, line->length);
    if (r->block == BLOCK_NONE && line->length <= TABLE_LINE_MAX) r->words_line = line->number;
    if (last == ':' || last == '=') scan_line(r, line);
}

static void message_line(struct reader *r, const struct line *whole, size_t prefix)
{
    struct line line = {whole->text + prefix, whole->length - prefix, whole->number, whole->end};
    r->records = 0;
    if (known_line(r, &line) || block_line(r, &line)) return;
    if (!glance_has_number(line.text, line.length)) {
        words_line(r, &line);
    } else if (r->block == BLOCK_NONE && table_line(&r->table, whole->text, whole->length, prefix, &r->fields)) {
        r->format = format_of_tables();
        process(r, NULL, line.number);
        if (!prefix) known_remember(r, &line, true);
        fields_clear(&r->fields);
    } else {
        scan_line(r, &line);
    }
}

/* The side of a box, U+2502 U+2503 U+2551. */
static bool is_side(const char *at, const char *end)
{
    const unsigned char *s = (const unsigned char *)at;
    return end - at > 2 && s[0] == 0xe2 && ((s[1] == 0x94 && (s[2] == 0x82 || s[2] == 0x83)) || (s[1] == 0x95 && s[2] == 0x91));
}

/* The sides of boxes as |. */
static struct line with_plain_boxes(struct reader *r, const struct line *line)
{
    struct line plain = *line;
    const char *at = memchr(line->text, 0xe2, line->length), *end = line->text + line->length;
    while (at && !is_side(at, end)) at = memchr(at + 1, 0xe2, (size_t)(end - at) - 1);
    if (!at) return plain;
    plain.length = 0;
    for (size_t i = 0; i < line->length; i++) {
        bool side = is_side(line->text + i, end);
        r->plain[plain.length++] = side ? '|' : line->text[i];
        i += side ? 2 : 0;
    }
    r->plain[plain.length] = 0;
    plain.text = r->plain;
    return plain;
}

/* "35%|███   | 7/20 [00:01<00:02, 5.1it/s]2024-05-01 12:00:00 - INFO - ...": how long the bar is that a logger wrote behind; 0: no such thing. */
static size_t bar_before_message(struct reader *r, const struct line *line)
{
    const char *end = line->text + line->length, *bar = memchr(line->text, '%', line->length);
    if (!bar || bar + 1 == end || bar[1] != '|') return 0;
    const char *close = memchr(bar, ']', (size_t)(end - bar));
    return close && close + 1 < end && prefix_length(&r->prefix, close + 1, (size_t)(end - close - 1)) ? (size_t)(close + 1 - line->text) : 0;
}

static void whole_line(struct reader *r, const struct line *line)
{
    r->whole = *line;
    size_t prefix = prefix_length(&r->prefix, line->text, line->length);
    if (prefix < line->length) message_line(r, line, prefix);
    else if (table_line(&r->table, line->text, line->length, 0, &r->fields)) end_record(r);
}

/* The bar is a line of its own. How long it is; 0: there is none. */
static size_t take_bar_before_message(struct reader *r, const struct line *line)
{
    char text[BAR_MAX + 1];
    size_t length = bar_before_message(r, line);
    if (!length || length > BAR_MAX) return 0;
    memcpy(text, line->text, length);
    text[length] = 0;
    whole_line(r, &(struct line){text, length, line->number, line->end});
    return length;
}

static void on_line(void *context, const struct line *line)
{
    struct reader *r = context;
    if (line->length > 9 && !memcmp(line->text, "foregone:", 9)) return; /* our own words, in a log that both wrote to */
    if (r->pattern && pattern_line(r, line)) return;
    if (pattern_only(r->pattern)) return;
    struct line plain = with_plain_boxes(r, line);
    size_t behind = take_bar_before_message(r, &plain);
    plain.text += behind, plain.length -= behind;
    whole_line(r, &plain);
}

/* ---- life ---------------------------------------------------------------------------------------------------------------- */

struct reader *reader_create(const struct reader_options *options, observation_fn fn, void *context, char *error, size_t error_size)
{
    struct reader *r = calloc(1, sizeof *r);
    bool regex = options && (options->metric_regex || options->x_regex);
    if (r && regex && !(r->pattern = pattern_create(options->metric_regex, options->x_regex, error, error_size))) {
        free(r);
        return NULL;
    }
    if (r) r->lines = lines_create(on_line, r);
    if (!r || !r->lines) {
        snprintf(error, error_size, "out of memory");
        reader_destroy(r);
        return NULL;
    }
    r->fn = fn, r->context = context;
    r->fields.record = end_record, r->fields.owner = r;
    r->format = reader_format_count() - 1, r->x = NAN;
    counters_reset(&r->counters);
    return r;
}

void reader_destroy(struct reader *r)
{
    if (!r) return;
    lines_destroy(r->lines);
    pattern_destroy(r->pattern);
    free(r);
}

void reader_feed(struct reader *r, const char *bytes, size_t length) { lines_feed(r->lines, bytes, length); }

void reader_end(struct reader *r)
{
    lines_end(r->lines);
    flush_block(r, lines_count(r->lines));
}

void reader_setting(struct reader *r, const char *name, double value) { counters_plan(&r->counters, counter_word_of(name).plan, value); }

enum reader_plan reader_plan_of(const char *name)
{
    switch (counter_word_of(name).plan) {
    case PLAN_STEPS: return READER_PLANS_STEPS;
    case PLAN_EPOCHS: return READER_PLANS_EPOCHS;
    default: return READER_NO_PLAN;
    }
}

bool reader_counts_epochs(const char *name)
{
    struct counter_word word = counter_word_of(name);
    return word.rank == RANK_EPOCH && !strcmp(word.unit, "epoch");
}

void reader_forget_shapes(struct reader *r) { known_forget(r); }

void reader_again(struct reader *r)
{
    struct lines *fresh = lines_create(on_line, r);
    if (!fresh) return;
    lines_destroy(r->lines);
    r->lines = fresh;
    counters_clear(&r->counters);
    table_clear(&r->table);
    fields_clear(&r->fields);
    series_clear(&r->series);
    memset(r->by_format, 0, sizeof r->by_format);
    r->values = r->scanned = 0;
    r->section = CONTEXT_NONE, r->section_line = 0, r->x = NAN, r->losses = r->announced = r->trained = r->evaluated = false;
    r->block = BLOCK_NONE;
    r->wrapped = false;
    *r->open = *r->list = 0;
    r->headed = false, r->bare.n = 0, r->bare_line = 0, r->words_line = 0, r->column.n = 0;
    reader_forget_shapes(r);
}

struct reader_facts reader_facts(const struct reader *r)
{
    const struct counter *x = counters_best(&r->counters, 0);
    size_t text = reader_format_count() - 1, best = 0;
    for (size_t i = 0; i < text; i++)
        if (r->by_format[i] > r->by_format[best]) best = i;
    if (r->by_format[best] * TEXT_SHARE < r->values) best = text; /* most logs hold some lines that are anybody's */
    const struct counter *bar = counters_bar(&r->counters);
    return (struct reader_facts){.format = r->values ? reader_format(best).name : "none", .total = counters_total(&r->counters, x), .total_unit = x ? x->unit : NULL,
                                 .x = x ? x->value : NAN, .bar_done = bar ? bar->value : NAN, .bar_total = bar ? bar->total : NAN, .values = r->values, .lines = lines_count(r->lines)};
}
