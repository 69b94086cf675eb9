/* wire: protocol buffers as they are encoded, field by field. Internal to events. */
#ifndef EVENTS_WIRE_H
#define EVENTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire { const unsigned char *at, *end; };

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire_field {
    unsigned number;
    enum wire_type type;
    uint64_t varint;   /* or the fixed bits */
    struct wire bytes; /* of WIRE_BYTES; points into the message */
};

/* False: the end, or bytes that are no message (*bad). */
bool wire_next(struct wire *message, struct wire_field *field, bool *bad);
bool wire_varint(struct wire *message, uint64_t *value);

uint32_t wire_u32(const unsigned char *bytes); /* little-endian */
uint64_t wire_u64(const unsigned char *bytes);
float wire_float(uint32_t bits);
double wire_double(uint64_t bits);

#endif
