/* format: a dialect of training logs. Internal to the format room. One file format_NAME.c and one row in formats.c each.
 *
 * The reader's mechanisms (named numbers, tables, boxes, blocks, bars) read most logs without knowing who wrote them; a format adds
 * its name, and what its names mean where they mislead.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "field.h"
#include "reader.h"

struct format {
    struct format_card card;
    bool (*probe)(const char *text, size_t length); /* is this one of its lines? */
    /* What a new series of its is, where its name misleads; first: its first value. False: the name says it. NULL: always does. */
    bool (*meaning)(const char *name, double first, struct metric_meaning *meaning);
};

size_t format_of(const char *text, size_t length); /* index of the first row whose probe says yes */
size_t format_of_tables(void);
const struct format *format_at(size_t i);
bool text_has(const char *text, size_t length, const char *what);

#endif
