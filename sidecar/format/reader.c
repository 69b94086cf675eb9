#include "reader.h"

#include "counter.h"
#include "format.h"
#include "glance.h"
#include "name.h"
#include "pattern.h"
#include "prefix.h"
#include "table.h"

#include <ctype.h>
#include <math.h>
#include <strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIES_MAX 1024 /* names in one log; more are not read */

/* A series is a name in one kind of record: "loss" of a step and "loss" of an epoch's summary are two. */
struct known {
    char name[FIELD_NAME_MAX];
    unsigned signature;
    char shown[FIELD_NAME_MAX + 16];
    struct metric_meaning meaning;
};

enum block { BLOCK_NONE, BLOCK_JSON, BLOCK_BOX };

struct reader {
    observation_fn fn;
    void *context;
    struct lines *lines;
    struct pattern *pattern;
    struct table table;
    struct counters counters;
    struct names names;
    struct fields fields;
    enum block block;
    char open[FIELD_NAME_MAX];  /* a name at the end of the line before, without its value */
    enum field_context section; /* set by a heading line ("EVALUATION") */
    struct known known[SERIES_MAX];
    size_t n_known;
    unsigned short slot[4096]; /* hash table: index + 1 into known */
    uint64_t values, by_format[64], line;
    size_t format;
};

/* ---- series -------------------------------------------------------------------------------------------------------------- */

static bool name_taken(const struct reader *r, const char *shown)
{
    for (size_t i = 0; i < r->n_known; i++)
        if (!strcmp(r->known[i].shown, shown)) return true;
    return false;
}

/* What a series is: by its name, and by the company it keeps. */
static struct metric_meaning meaning_in(const char *name, enum field_context context, bool beside_loss)
{
    static const char *const bare[] = {"train", "training", "learn", "val", "valid", "test"};
    struct metric_meaning m = metric_meaning_of(name);
    bool evaluation = metric_is_evaluation(name) || context == CONTEXT_EVAL;
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++) /* "train 3.29": a loss, unless a loss stands beside it */
        if (!strcasecmp(name, bare[i])) m = beside_loss ? (struct metric_meaning){METRIC_SCORE, GOAL_MAX} : (struct metric_meaning){METRIC_TRAIN_LOSS, GOAL_MIN};
    if (m.kind == METRIC_TRAIN_LOSS && evaluation) m.kind = METRIC_EVAL_LOSS;
    if ((m.kind == METRIC_TRAIN_LOSS || m.kind == METRIC_EVAL_LOSS) && beside_loss && metric_is_error(name)) m.kind = METRIC_SCORE;
    return m;
}

/* Printable UTF-8. Anything else is no name but binary garbage, and would only spoil a terminal. */
static bool is_text(const char *name)
{
    for (const unsigned char *c = (const unsigned char *)name; *c;) {
        size_t more = *c < 0x80 ? 0 : *c >= 0xc2 && *c < 0xe0 ? 1 : *c >= 0xe0 && *c < 0xf0 ? 2 : *c >= 0xf0 && *c < 0xf5 ? 3 : 9;
        if (more > 3 || *c < ' ' || *c == 0x7f) return false;
        for (c++; more; more--, c++)
            if ((*c & 0xc0) != 0x80) return false;
    }
    return true;
}

static struct known *add_known(struct reader *r, const char *name, unsigned signature, enum field_context context, bool beside_loss)
{
    if (r->n_known == SERIES_MAX || !is_text(name)) return NULL;
    struct known *k = &r->known[r->n_known];
    snprintf(k->name, sizeof k->name, "%s", name);
    k->signature = signature;
    k->meaning = meaning_in(name, context, beside_loss);
    bool prefix = context == CONTEXT_EVAL && !metric_is_evaluation(name) && !context_of(name, strlen(name));
    snprintf(k->shown, sizeof k->shown, "%s%s", prefix ? "eval " : "", name);
    for (unsigned i = 2; name_taken(r, k->shown) && i < 100; i++) snprintf(k->shown, sizeof k->shown, "%s (%u)", name, i);
    r->n_known++;
    return k;
}

/* hash: of the name alone */
static struct known *known_series(struct reader *r, const char *name, unsigned hash, unsigned signature, enum field_context context, bool beside_loss)
{
    unsigned mask = sizeof r->slot / sizeof *r->slot - 1, at = (hash ^ signature * 2654435761u) >> 16 & mask;
    for (; r->slot[at]; at = (at + 1) & mask) {
        struct known *k = &r->known[r->slot[at] - 1];
        if (k->signature == signature && !strcmp(k->name, name)) return k;
    }
    struct known *k = add_known(r, name, signature, context, beside_loss);
    if (k) r->slot[at] = (unsigned short)r->n_known;
    return k;
}

/* ---- records ------------------------------------------------------------------------------------------------------------- */

/* One record, from field `from` to field `to`: which of its fields are counters, and what its names say together. */
struct record {
    size_t from, to;
    unsigned counters, counter_kinds; /* bits: of the counters that stand in it, and of their ranks */
    bool values;
    bool evaluation, loss, both;      /* a name says so; it holds losses of both sorts by their names */
    bool seen_loss[2];                /* by name: of training, of an evaluation */
    const struct counter *x;
    unsigned opening;                 /* of the words before the first value */
    struct { unsigned hash; bool value, train_loss, by_name; enum field_context context; } field[FIELDS_MAX];
};

static void emit(struct reader *r, const struct field *f, struct known *k, const struct counter *x, uint64_t line)
{
    if (!k) return;
    struct observation o = {k->shown, k->meaning.kind, k->meaning.goal, x ? x->value : NAN, x ? x->unit : NULL, f->value, line};
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
    record->evaluation |= name->context == CONTEXT_EVAL;
    record->both |= loss && record->seen_loss[name->context != CONTEXT_EVAL];
    if (loss) record->seen_loss[name->context == CONTEXT_EVAL] = true;
}

/* The fields that counters_take claims are counters, the named rest are values. */
static void take_fields(struct reader *r, struct record *record)
{
    enum field_context beside = CONTEXT_NONE, context = r->fields.context;
    bool by_name = false;
    for (size_t i = record->from; i < r->fields.n; i++) {
        const struct field *f = &r->fields.field[i];
        const struct name_facts *name = name_facts_of(&r->names, f->name);
        size_t mine;
        if (begins_again(record, i, name)) {
            record->to = i;
            return;
        }
        if (f->context != beside) context = beside = f->context, by_name = false;
        bool counter = counters_take(&r->counters, f, &name->counter, i == record->from, context == CONTEXT_EVAL || name->context == CONTEXT_EVAL, &mine);
        if (mine != SIZE_MAX) record->counters |= 1u << mine, record->counter_kinds |= 1u << r->counters.counter[mine].rank;
        if (counter && name->context) context = name->context; /* "eval epoch: 3, loss: 0.5" */
        bool value = !counter && *f->name;
        record->field[i].value = value, record->field[i].hash = name->hash, record->field[i].train_loss = name->meaning.kind == METRIC_TRAIN_LOSS;
        record->field[i].context = name->meaning.kind == METRIC_RATE ? CONTEXT_NONE : context, record->field[i].by_name = by_name;
        if (value) note_value(record, name);
        if (value && name->phrase) context = name->phrase, by_name = true; /* "val loss: 0.5 acc: 0.7" */
    }
    record->to = r->fields.n;
}

/* What the record is about by the heading above it. One that counts by itself is a step's, whatever was announced before. */
static enum field_context context_above(const struct reader *r, const struct record *record)
{
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

static void emit_values(struct reader *r, const struct record *record, uint64_t line)
{
    enum field_context above = context_above(r, record);
    bool counted = record->counter_kinds & ~(1u << RANK_BAR);
    for (size_t i = record->from; i < record->to; i++) {
        if (!record->field[i].value) continue;
        const struct field *f = &r->fields.field[i];
        enum field_context mine = record->field[i].context;
        if (mine == CONTEXT_EVAL && record->both && !record->field[i].by_name) mine = CONTEXT_NONE; /* its names say what is what */
        else if (!mine && (counted || record->field[i].train_loss)) mine = above; /* a heading's word only tells losses apart: an accuracy is the same under any */
        unsigned again = record->to - record->from < 64 ? times_before(record, i) : 0;
        unsigned signature = (unsigned)mine | record->counter_kinds << 2 | (unsigned)(unsigned char)f->separator << 12 | again << 20;
        emit(r, f, known_series(r, f->name, record->field[i].hash, signature, mine, record->loss), record->x, line);
    }
}

static void process(struct reader *r, const char *text, uint64_t line)
{
    struct record record;
    for (size_t from = 0; from < r->fields.n; from = record.to) {
        record = (struct record){.from = from};
        take_fields(r, &record);
        if (!record.values) {
            if (record.counters && text && !context_of(text, strlen(text))) r->section = CONTEXT_NONE; /* "Epoch 4/20": what was evaluated is over */
            continue;
        }
        record.x = counters_best(&r->counters, record.counters ? record.counters : ~0u << COUNTERS_MAX);
        emit_values(r, &record, line);
    }
}

/* A line may hold several records: fields_scan ends all but the last. */
static void end_record(void *owner)
{
    struct reader *r = owner;
    enum field_context context = r->fields.context;
    process(r, NULL, r->line);
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

/* A line of words alone may be a heading that says what follows. */
static void note_heading(struct reader *r, const struct line *line)
{
    if (line->length > 80 || memchr(line->text, '=', line->length)) return;
    enum field_context context = context_of(line->text, line->length);
    if (context) r->section = context;
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

/* A JSON object over several lines is one record, and so is a box. True: the line is dealt with. */
static bool block_line(struct reader *r, const struct line *line)
{
    char first = first_char(line), last = last_char(line);
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
    if (is_rule(line->text, line->length)) {
        if (r->block == BLOCK_BOX) flush_block(r, line->number);
        r->block = BLOCK_NONE;
    }
    return false;
}

/* A number alone under a line that ended with a name. */
static void close_open_name(struct reader *r, const struct line *line)
{
    double value;
    struct field *f = r->fields.field;
    if (*r->open && r->fields.n == 1 && !*f->name && number_is(line->text, line->length, &value)) {
        snprintf(f->name, sizeof f->name, "%s", r->open);
        f->separator = ':';
    }
    snprintf(r->open, sizeof r->open, "%s", r->fields.open);
}

static void scan_line(struct reader *r, const struct line *line)
{
    r->format = format_of(line->text, line->length);
    void (*scan)(struct fields *, const char *, size_t) = format_at(r->format)->scan;
    (scan ? scan : fields_scan)(&r->fields, line->text, line->length);
    if (r->block == BLOCK_JSON) return;
    close_open_name(r, line);
    if (!r->fields.n || line->length < 60) note_heading(r, line);
    bool box = r->fields.n && r->fields.field[r->fields.n - 1].separator == '|';
    if (box) {
        r->block = BLOCK_BOX;
        return;
    }
    process(r, line->text, line->number);
    fields_clear(&r->fields);
}

static bool pattern_line(struct reader *r, const struct line *line)
{
    if (!r->pattern || !pattern_match(r->pattern, line->text, &r->fields)) return false;
    process(r, line->text, line->number);
    fields_clear(&r->fields);
    return true;
}

static void message_line(struct reader *r, const struct line *whole, size_t prefix)
{
    struct line line = {whole->text + prefix, whole->length - prefix, whole->number, whole->end};
    if (block_line(r, &line)) return;
    if (!glance_has_number(line.text, line.length)) {
        note_heading(r, &line);
        if (r->block == BLOCK_NONE) table_words(&r->table, line.text, line.length);
        if (last_char(&line) == ':' || last_char(&line) == '=') scan_line(r, &line);
    } else if (r->block == BLOCK_NONE && table_line(&r->table, whole->text, whole->length, prefix, &r->fields)) {
        r->format = reader_format_count() - 1;
        process(r, NULL, line.number);
        fields_clear(&r->fields);
    } else {
        scan_line(r, &line);
    }
}

static void on_line(void *context, const struct line *line)
{
    struct reader *r = context;
    r->line = line->number;
    if (line->length > 9 && !memcmp(line->text, "foregone:", 9)) return; /* our own words, in a log that both wrote to */
    if (r->pattern && pattern_line(r, line)) return;
    if (pattern_only(r->pattern)) return;
    size_t prefix = prefix_length(line->text, line->length);
    if (prefix < line->length) message_line(r, line, prefix);
    else if (table_line(&r->table, line->text, line->length, 0, &r->fields)) end_record(r);
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

void reader_again(struct reader *r)
{
    struct lines *fresh = lines_create(on_line, r);
    if (!fresh) return;
    lines_destroy(r->lines);
    r->lines = fresh;
    counters_clear(&r->counters);
    table_clear(&r->table);
    fields_clear(&r->fields);
    memset(r->slot, 0, sizeof r->slot);
    memset(r->by_format, 0, sizeof r->by_format);
    r->n_known = r->values = 0;
    r->section = CONTEXT_NONE;
    r->block = BLOCK_NONE;
    *r->open = 0;
}

struct reader_facts reader_facts(const struct reader *r)
{
    const struct counter *x = counters_best(&r->counters, 0);
    size_t best = 0;
    for (size_t i = 0; i < reader_format_count(); i++)
        if (r->by_format[i] > r->by_format[best]) best = i;
    const struct counter *bar = counters_bar(&r->counters);
    return (struct reader_facts){.format = r->values ? reader_format(best).name : "none", .total = counters_total(&r->counters, x), .total_unit = x ? x->unit : NULL,
                                 .x = x ? x->value : NAN, .bar_done = bar ? bar->value : NAN, .bar_total = bar ? bar->total : NAN, .values = r->values, .lines = lines_count(r->lines)};
}
