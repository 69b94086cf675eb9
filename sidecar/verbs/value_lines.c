#include "value_lines.h"

#include "protocol/number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER (1 << 16)
#define HEAD_MAX 384 /* of a line: twice the longest name, and its keys */
#define LINE_MOST (HEAD_MAX + 4 * NUMBER_TEXT + 64)
#define HEADS 256    /* series whose words are kept ready; one that is crowded out is written again */

/* All of a line but its numbers is the same for every value of a series. */
struct head {
    const char *metric, *unit;
    struct metric_meaning meaning;
    char name[136];
    size_t length, middle_length;
    char text[HEAD_MAX], middle[64];
};

/* The values of a line share its number and their x. */
struct last { double value; size_t n; char text[NUMBER_TEXT]; };

struct value_lines {
    FILE *out;
    struct last x, line;
    size_t n;
    char buffer[BUFFER];
    struct head heads[HEADS];
};

struct value_lines *value_lines_create(FILE *out)
{
    struct value_lines *l = calloc(1, sizeof *l);
    if (l) l->out = out;
    return l;
}

static void flush(struct value_lines *l)
{
    fwrite(l->buffer, 1, l->n, l->out);
    l->n = 0;
}

void value_lines_end(struct value_lines *l)
{
    if (l) flush(l);
    free(l);
}

/* Names are printable: only two signs of theirs mean something in JSON. */
static size_t quoted(char *out, const char *name)
{
    size_t n = 0;
    out[n++] = '"';
    for (; *name; name++) {
        if (*name == '"' || *name == '\\') out[n++] = '\\';
        out[n++] = *name;
    }
    out[n++] = '"';
    out[n] = 0;
    return n;
}

static void make_head(struct head *h, const struct observation *o)
{
    char name[2 * sizeof h->name + 3];
    *h = (struct head){.metric = o->metric, .unit = o->unit, .meaning = {o->kind, o->goal}};
    snprintf(h->name, sizeof h->name, "%s", o->metric);
    quoted(name, h->name);
    h->length = (size_t)snprintf(h->text, sizeof h->text, "{\"metric\":%s,\"kind\":\"%s\",\"goal\":\"%s\",\"x\":", name, metric_kind_text(o->kind), metric_goal_text(o->goal));
    h->middle_length = (size_t)snprintf(h->middle, sizeof h->middle, ",\"unit\":\"%s\",\"value\":", o->unit ? o->unit : "step");
}

static const struct head *head_of(struct value_lines *l, const struct observation *o)
{
    struct head *h = &l->heads[((uintptr_t)o->metric >> 4) * 2654435761u >> 8 & (HEADS - 1)];
    if (h->metric != o->metric || h->unit != o->unit || h->meaning.kind != o->kind || h->meaning.goal != o->goal || strcmp(h->name, o->metric)) make_head(h, o);
    return h;
}

static char *put(char *at, const char *text, size_t n)
{
    memcpy(at, text, n);
    return at + n;
}

static char *put_number(char *at, double v) { return isfinite(v) ? at + number_write(v, at) : put(at, "null", 4); }

static char *put_again(char *at, double v, struct last *last)
{
    if (v != last->value || !last->n) last->value = v, last->n = (size_t)(put_number(last->text, v) - last->text);
    return put(at, last->text, last->n);
}

void value_lines_add(struct value_lines *l, const struct observation *o)
{
    const struct head *h = head_of(l, o);
    if (BUFFER - l->n < LINE_MOST) flush(l);
    char *at = put(l->buffer + l->n, h->text, h->length);
    at = put(put_again(at, o->x, &l->x), h->middle, h->middle_length);
    at = put(put_number(at, o->value), ",\"line\":", 8);
    at = put(put_again(at, (double)o->line, &l->line), "}\n", 2);
    l->n = (size_t)(at - l->buffer);
}
