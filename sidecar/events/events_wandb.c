/* Weights & Biases run files (run-ID.wandb, as offline runs leave them): a header of 7 bytes, then frames in blocks of 32 KiB as LevelDB's log
 * has them (CRC-32 of type and data, length, type), that hold Record messages. Of these the history counts: what wandb.log was given. */
#include "container.h"
#include "wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define FILE_HEADER 7
#define BLOCK 32768
#define FRAME_HEADER 7

enum part { PART_NONE, PART_FULL, PART_FIRST, PART_MIDDLE, PART_LAST };

static enum container_match probe(const unsigned char *head, size_t n, const char *path)
{
    static const unsigned char magic[] = {':', 'W', '&', 'B', 0xe1, 0xbe};
    (void)path;
    if (memcmp(head, magic, n < sizeof magic ? n : sizeof magic)) return CONTAINER_NO;
    return n < sizeof magic ? CONTAINER_MORE : CONTAINER_YES;
}

/* ---- messages -------------------------------------------------------------------------------------------------------------- */

struct item { char name[CONTAINER_NAME_MAX]; size_t length; double value; bool number; };

static void append(struct item *item, struct wire part)
{
    size_t n = (size_t)(part.end - part.at), room = sizeof item->name - item->length;
    if (item->length && room) item->name[item->length++] = '/', room--;
    if (n > room) n = room;
    if (n) memcpy(item->name + item->length, part.at, n);
    item->length += n;
}

/* A number as JSON has it, and NaN and Infinity as Python has them. */
static bool json_number(struct wire text, double *value)
{
    char copy[64], *end;
    size_t n = (size_t)(text.end - text.at);
    if (!n || n >= sizeof copy || !memchr("-0123456789NI\"", *text.at, 14)) return false;
    memcpy(copy, text.at, n);
    copy[n] = 0;
    bool quoted = *copy == '"'; /* "NaN", "Infinity", "-Infinity" */
    *value = strtod(copy + quoted, &end);
    return end > copy + quoted && (quoted ? !isfinite(*value) && !strcmp(end, "\"") : !*end);
}

/* HistoryItem: 1 = key, 2 = nested_key, 16 = value_json */
static struct item item_of(struct wire message)
{
    struct item item = {.length = 0};
    struct wire_field f;
    bool bad = false;
    while (wire_next(&message, &f, &bad)) {
        if (f.type != WIRE_BYTES) continue;
        if (f.number == 1 || f.number == 2) append(&item, f.bytes);
        else if (f.number == 16) item.number = json_number(f.bytes, &item.value);
    }
    item.number = item.number && !bad && item.length;
    return item;
}

static bool is_named(const struct item *item, const char *name) { return item->length == strlen(name) && !memcmp(item->name, name, item->length); }

/* Trainers that count steps by themselves log them: W&B counts how often something was logged. */
static bool is_global_step(const struct item *item)
{
    static const char name[] = "global_step";
    size_t n = sizeof name - 1;
    return item->length >= n && !memcmp(item->name + item->length - n, name, n) && (item->length == n || item->name[item->length - n - 1] == '/');
}

/* HistoryRecord: 1 = item, 2 = step { 1 = num }. "_step" is the same as an item; the other names that begin with _ are W&B's own. */
static double step_of(struct wire message)
{
    struct wire_field f, num;
    bool bad = false;
    double step = NAN, global = NAN;
    while (wire_next(&message, &f, &bad)) {
        if (f.type != WIRE_BYTES) continue;
        struct item item = f.number == 1 ? item_of(f.bytes) : (struct item){.length = 0};
        if (item.number && is_named(&item, "_step")) step = item.value;
        if (item.number && is_global_step(&item)) global = item.value;
        if (f.number != 2) continue;
        while (wire_next(&f.bytes, &num, &bad))
            if (num.number == 1 && num.type == WIRE_VARINT) step = (double)num.varint;
    }
    return isnan(global) ? step : global;
}

static bool history(struct wire message, struct sink *sink)
{
    double step = step_of(message);
    struct wire_field f;
    bool bad = false;
    while (wire_next(&message, &f, &bad)) {
        if (f.number != 1 || f.type != WIRE_BYTES) continue;
        struct item item = item_of(f.bytes);
        if (item.number && *item.name != '_') sink_value(sink, item.name, item.length, step, item.value);
    }
    return !bad;
}

/* ConfigRecord: 1 = update, an item. */
static bool config(struct wire message, struct sink *sink)
{
    struct wire_field f;
    bool bad = false;
    while (wire_next(&message, &f, &bad)) {
        if (f.number != 1 || f.type != WIRE_BYTES) continue;
        struct item item = item_of(f.bytes);
        if (item.number) sink_setting(sink, item.name, item.length, item.value);
    }
    return !bad;
}

/* RunRecord: 4 = config */
static bool run(struct wire message, struct sink *sink)
{
    struct wire_field f;
    bool bad = false, ok = true;
    while (wire_next(&message, &f, &bad))
        if (f.number == 4 && f.type == WIRE_BYTES) ok = config(f.bytes, sink) && ok;
    return ok && !bad;
}

/* Record: 2 = history, 5 = config, 17 = run */
static bool part(const struct wire_field *f, struct sink *sink)
{
    if (f->type != WIRE_BYTES) return true;
    return f->number == 2 ? history(f->bytes, sink) : f->number == 5 ? config(f->bytes, sink) : f->number != 17 || run(f->bytes, sink);
}

static void record(const unsigned char *bytes, size_t n, struct sink *sink)
{
    struct wire message = {bytes, bytes + n};
    struct wire_field f;
    bool bad = false, ok = true;
    sink_record(sink);
    while (wire_next(&message, &f, &bad))
        ok = part(&f, sink) && ok;
    if (bad || !ok) sink_damaged(sink);
}

/* ---- the file -------------------------------------------------------------------------------------------------------------- */

static void add_part(struct container_state *s, struct sink *sink, enum part part, const unsigned char *data, size_t n)
{
    if (part == PART_FULL) {
        record(data, n, sink);
        return;
    }
    if (part == PART_FIRST) s->n_whole = 0, s->in_parts = true;
    if (!s->in_parts) return;
    if (s->n_whole + n > CONTAINER_ROOM) s->in_parts = false; /* passed over */
    else memcpy(s->whole + s->n_whole, data, n), s->n_whole += n;
    if (part == PART_LAST && s->in_parts) record(s->whole, s->n_whole, sink);
    if (part == PART_LAST) s->in_parts = false;
}

/* What is wrong within a block says nothing about the next. */
static uint64_t give_up_block(struct container_state *s, struct sink *sink, size_t left)
{
    sink_damaged(sink);
    s->in_parts = false;
    return left;
}

static uint64_t take(struct container_state *s, struct sink *sink, const unsigned char *bytes, size_t n)
{
    if (s->at == 0) return n < FILE_HEADER ? 0 : FILE_HEADER;
    size_t left = BLOCK - s->at % BLOCK;
    if (left < FRAME_HEADER) return left; /* padding */
    if (n < FRAME_HEADER) return 0;
    size_t length = (size_t)bytes[4] | (size_t)bytes[5] << 8;
    enum part part = bytes[6];
    if (part == PART_NONE && !length && !wire_u32(bytes)) return left; /* a block that was set aside */
    if (part < PART_FULL || part > PART_LAST || FRAME_HEADER + length > left) return give_up_block(s, sink, left);
    if (n < FRAME_HEADER + length) return 0;
    if (crc32(crc32(0, NULL, 0), bytes + 6, (unsigned)length + 1) != wire_u32(bytes)) return give_up_block(s, sink, left);
    add_part(s, sink, part, bytes + FRAME_HEADER, length);
    return FRAME_HEADER + length;
}

const struct container container_wandb = {
    .card = {"wandb", "Weights & Biases run files: what wandb.log was given", "wandb/offline-run-20261124_120000-abc/run-abc.wandb"},
    .probe = probe,
    .take = take,
};
