/* TensorBoard event files: TFRecord frames (length, masked CRC32C of the length, data, masked CRC32C of the data) that hold Event messages.
 * Scalars are read as TensorBoard reads them: simple_value, and tensors of one number (tensorflow/core/framework: event, summary, tensor .proto). */
#include "container.h"
#include "wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 12
#define FOOTER 4
#define LENGTH_MAX (1ull << 40)

/* ---- frames ---------------------------------------------------------------------------------------------------------------- */

static uint32_t crc32c(const unsigned char *bytes, size_t n)
{
    static _Thread_local uint32_t table[256];
    if (!table[1])
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
            table[i] = c;
        }
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
    return ~crc;
}

static uint32_t masked(const unsigned char *bytes, size_t n)
{
    uint32_t crc = crc32c(bytes, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static bool is_header(const unsigned char *b) { return wire_u64(b) < LENGTH_MAX && masked(b, 8) == wire_u32(b + 8); }

static enum container_match probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    if (n > 7 && head[7]) return CONTAINER_NO; /* no record is that long, and text has no zero byte */
    for (size_t i = 5; i < 8 && i < n; i++)
        if (head[i]) return CONTAINER_NO;
    if (n > 1 && head[0] >= ' ' && head[1] >= ' ') return CONTAINER_NO;
    return n < HEADER ? CONTAINER_MORE : is_header(head) ? CONTAINER_YES : CONTAINER_NO;
}

/* ---- messages -------------------------------------------------------------------------------------------------------------- */

enum { FLOAT = 1, DOUBLE = 2, INT32 = 3, INT64 = 9, BFLOAT16 = 14, HALF = 19 };

struct tensor {
    uint64_t type, elements;
    double value; /* of the first element, where a list holds it */
    struct wire content;
    bool string;
};

static float half_to_float(uint32_t h)
{
    uint32_t exponent = h >> 10 & 31, fraction = h & 1023;
    double v = exponent == 31 ? (fraction ? NAN : INFINITY) : exponent ? ldexp(1024 + fraction, (int)exponent - 25) : ldexp(fraction, -24);
    return (float)(h & 0x8000 ? -v : v);
}

/* TensorShapeProto: 2 = dim { 1 = size } */
static uint64_t elements_of(struct wire shape)
{
    struct wire_field dim, size;
    uint64_t n = 1;
    bool bad = false;
    while (wire_next(&shape, &dim, &bad)) {
        if (dim.number == 3 && dim.type == WIRE_VARINT && dim.varint) return 0; /* its rank is not known */
        if (dim.number != 2 || dim.type != WIRE_BYTES) continue;
        uint64_t of = 0;
        while (wire_next(&dim.bytes, &size, &bad))
            if (size.number == 1 && size.type == WIRE_VARINT) of = size.varint;
        n = of > 1u << 20 ? 0 : n * of;
    }
    return bad ? 0 : n;
}

/* The first element of a repeated field, packed or not. */
static double first_element(const struct wire_field *f)
{
    struct wire packed = f->bytes;
    uint64_t v = f->varint;
    size_t n = f->type == WIRE_BYTES ? (size_t)(packed.end - packed.at) : SIZE_MAX;
    switch (f->number) {
    case 5: return n < 4 ? NAN : wire_float(f->type == WIRE_BYTES ? wire_u32(packed.at) : (uint32_t)v);
    case 6: return n < 8 ? NAN : wire_double(f->type == WIRE_BYTES ? wire_u64(packed.at) : v);
    default: return f->type == WIRE_BYTES && !wire_varint(&packed, &v) ? NAN : f->number == 7 ? (double)(int32_t)v : (double)(int64_t)v;
    }
}

static double content_value(const struct tensor *t)
{
    size_t n = (size_t)(t->content.end - t->content.at);
    const unsigned char *b = t->content.at;
    switch (t->type) {
    case FLOAT: return n == 4 ? wire_float(wire_u32(b)) : NAN;
    case DOUBLE: return n == 8 ? wire_double(wire_u64(b)) : NAN;
    case INT32: return n == 4 ? (double)(int32_t)wire_u32(b) : NAN;
    case INT64: return n == 8 ? (double)(int64_t)wire_u64(b) : NAN;
    case BFLOAT16: return n == 2 ? wire_float(((uint32_t)b[0] | (uint32_t)b[1] << 8) << 16) : NAN;
    case HALF: return n == 2 ? half_to_float((uint32_t)b[0] | (uint32_t)b[1] << 8) : NAN;
    default: return NAN;
    }
}

/* half_val (13) holds the bits of both kinds of 16-bit number, as integers. */
static double listed_value(const struct tensor *t)
{
    if (t->type == HALF) return half_to_float((uint32_t)t->value & 0xffff);
    return t->type == BFLOAT16 ? wire_float((uint32_t)t->value << 16) : t->value;
}

/* True: a number. */
static bool tensor_value(struct wire message, double *value)
{
    struct tensor t = {.elements = 1, .value = 0};
    struct wire_field f;
    bool bad = false;
    while (wire_next(&message, &f, &bad)) {
        if (f.number == 1 && f.type == WIRE_VARINT) t.type = f.varint;
        else if (f.number == 2 && f.type == WIRE_BYTES) t.elements = elements_of(f.bytes);
        else if (f.number == 4 && f.type == WIRE_BYTES) t.content = f.bytes;
        else if ((f.number >= 5 && f.number <= 7) || f.number == 10 || f.number == 13) t.value = first_element(&f);
    }
    bool number = t.type == FLOAT || t.type == DOUBLE || t.type == INT32 || t.type == INT64 || t.type == BFLOAT16 || t.type == HALF;
    if (bad || !number || t.elements != 1) return false;
    *value = t.content.at < t.content.end ? content_value(&t) : listed_value(&t);
    return true;
}

/* Text in which settings stand as JSON has them, as the Hugging Face Trainer notes its arguments: "max_steps": 500 */
static void settings_in(struct wire text, struct sink *sink)
{
    const unsigned char *name, *end, *at = text.at;
    while ((name = memchr(at, '"', (size_t)(text.end - at))) && (end = memchr(name + 1, '"', (size_t)(text.end - name - 1)))) {
        char number[32] = "";
        at = end + 1;
        size_t n = (size_t)(text.end - at) < sizeof number - 1 ? (size_t)(text.end - at) : sizeof number - 1;
        memcpy(number, at, n);
        if (*number == ':') sink_setting(sink, (const char *)name + 1, (size_t)(end - name) - 1, strtod(number + 1, NULL));
        else at = end; /* that quote ended another text */
    }
}

/* TensorProto: 8 = string_val */
static void text_tensor(struct wire message, struct sink *sink)
{
    struct wire_field f;
    bool bad = false;
    while (wire_next(&message, &f, &bad))
        if (f.number == 8 && f.type == WIRE_BYTES) settings_in(f.bytes, sink);
}

/* SummaryMetadata: 1 = plugin_data { 1 = plugin_name } */
static bool other_plugin(struct wire metadata)
{
    struct wire_field f, name;
    bool bad = false;
    while (wire_next(&metadata, &f, &bad)) {
        if (f.number != 1 || f.type != WIRE_BYTES) continue;
        while (wire_next(&f.bytes, &name, &bad))
            if (name.number == 1 && name.type == WIRE_BYTES && name.bytes.at < name.bytes.end)
                return (size_t)(name.bytes.end - name.bytes.at) != 7 || memcmp(name.bytes.at, "scalars", 7);
    }
    return false;
}

/* Summary.Value: 1 = tag, 2 = simple_value, 8 = tensor, 9 = metadata */
static bool value_of(struct wire message, double step, struct sink *sink)
{
    struct wire_field f;
    struct wire tag = {NULL, NULL};
    double value = 0;
    bool bad = false, number = false, other = false;
    while (wire_next(&message, &f, &bad)) {
        if (f.number == 1 && f.type == WIRE_BYTES) tag = f.bytes;
        else if (f.number == 2 && f.type == WIRE_FIXED32) value = wire_float((uint32_t)f.varint), number = true;
        else if (f.number == 8 && f.type == WIRE_BYTES) number = tensor_value(f.bytes, &value), text_tensor(f.bytes, sink);
        else if (f.number == 9 && f.type == WIRE_BYTES) other = other_plugin(f.bytes);
    }
    if (!bad && number && !other && tag.at) sink_value(sink, (const char *)tag.at, (size_t)(tag.end - tag.at), step, value);
    return !bad;
}

/* Event: 2 = step, 5 = summary { 1 = value }. Fields may stand in any order, so the step is looked up first. */
static bool event(struct wire message, struct sink *sink)
{
    struct wire_field f, value;
    struct wire whole = message;
    bool bad = false;
    double step = 0;
    while (wire_next(&whole, &f, &bad))
        if (f.number == 2 && f.type == WIRE_VARINT) step = (double)(int64_t)f.varint;
    while (!bad && wire_next(&message, &f, &bad)) {
        if (f.number != 5 || f.type != WIRE_BYTES) continue;
        while (!bad && wire_next(&f.bytes, &value, &bad))
            if (value.number == 1 && value.type == WIRE_BYTES) bad = !value_of(value.bytes, step, sink);
    }
    return !bad;
}

/* ---- the file -------------------------------------------------------------------------------------------------------------- */

/* After a broken length the next place where a header could stand is looked for. */
static uint64_t next_header(const unsigned char *bytes, size_t n)
{
    size_t i = 1;
    while (i + HEADER <= n && !is_header(bytes + i)) i++;
    return i;
}

static uint64_t take(struct container_state *state, struct sink *sink, const unsigned char *bytes, size_t n)
{
    if (n < HEADER) return 0;
    if (!is_header(bytes)) {
        if (!state->in_parts) sink_damaged(sink);
        state->in_parts = true; /* within the damaged part, which counts once */
        return next_header(bytes, n);
    }
    state->in_parts = false;
    uint64_t length = wire_u64(bytes), frame = HEADER + length + FOOTER;
    if (frame > CONTAINER_ROOM) return frame;
    if (n < frame) return 0;
    const unsigned char *data = bytes + HEADER;
    sink_record(sink);
    if (masked(data, length) != wire_u32(data + length) || !event((struct wire){data, data + length}, sink)) sink_damaged(sink);
    return frame;
}

const struct container container_tensorboard = {
    .card = {"tensorboard", "TensorBoard event files: scalars, also as tensors", "events.out.tfevents.1764000000.host.1234.0"},
    .probe = probe,
    .take = take,
};
