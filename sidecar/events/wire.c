#include "wire.h"

#include <string.h>

uint64_t wire_u64(const unsigned char *b)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--) v = v << 8 | b[i];
    return v;
}

uint32_t wire_u32(const unsigned char *b) { return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24; }

float wire_float(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

double wire_double(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

bool wire_varint(struct wire *w, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; w->at < w->end && shift < 64; shift += 7) {
        unsigned char b = *w->at++;
        *value |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80)) return true;
    }
    return false;
}

static bool fixed(struct wire *w, size_t n, uint64_t *value)
{
    if ((size_t)(w->end - w->at) < n) return false;
    *value = n == 4 ? wire_u32(w->at) : wire_u64(w->at);
    w->at += n;
    return true;
}

static bool bytes(struct wire *w, struct wire *out)
{
    uint64_t n;
    if (!wire_varint(w, &n) || n > (uint64_t)(w->end - w->at)) return false;
    *out = (struct wire){w->at, w->at + n};
    w->at += n;
    return true;
}

bool wire_next(struct wire *w, struct wire_field *f, bool *bad)
{
    uint64_t key;
    if (w->at == w->end) return false;
    f->varint = 0, f->bytes = (struct wire){NULL, NULL};
    *bad = true;
    if (!wire_varint(w, &key) || key >> 3 == 0 || key >> 3 > 0x1fffffff) return false;
    f->number = (unsigned)(key >> 3);
    f->type = (enum wire_type)(key & 7);
    switch (f->type) {
    case WIRE_VARINT: *bad = !wire_varint(w, &f->varint); break;
    case WIRE_FIXED64: *bad = !fixed(w, 8, &f->varint); break;
    case WIRE_FIXED32: *bad = !fixed(w, 4, &f->varint); break;
    case WIRE_BYTES: *bad = !bytes(w, &f->bytes); break;
    default: break; /* groups: nobody has written them for twenty years */
    }
    return !*bad;
}
