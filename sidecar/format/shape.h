/* shape: lines that are the same but for their numbers. Most lines of a log have the shape of one of the last few: what was made of that one holds
 * for them, and only the digits are read again. Internal to format.
 *
 * A shape is a text with holes. A number that a field has taken may have any digits, with or without a point, a sign and an exponent as in the line that
 * the shape was made of. Digits of dates, times and numbers that no field has taken may be others, but as many; those of words are part of the text. So
 * are blanks, but where there are two or more there may be more, and the blocks that a bar is drawn with may be any number.
 */
#ifndef FORMAT_SHAPE_H
#define FORMAT_SHAPE_H

#include "field.h"

#include <stdint.h>

#define SHAPE_TEXT 768   /* bytes of a line that has a shape; longer ones have none */
#define SHAPE_PIECES 128
#define SHAPE_NUMBERS 48

enum shape_hole { SHAPE_END, SHAPE_DIGITS, SHAPE_AS_MANY, SHAPE_BLANKS, SHAPE_BAR };

struct shape {
    uint8_t n_pieces, n_numbers;
    char text[SHAPE_TEXT];
    struct shape_piece { uint16_t at, length; uint8_t hole, count; } piece[SHAPE_PIECES]; /* of text, and what follows it; count: of digits, or the drawing of a bar */
    struct shape_number { uint8_t whole, point, power; bool minus, power_minus; } number[SHAPE_NUMBERS]; /* pieces whose digits it is made of; SHAPE_NONE */
};

#define SHAPE_NONE 0xff

/* What the fields of a line were taken from. A table's row is cut at the table's delimiter; 0: it is no row. strict: lengths must not change. */
struct shape_fields { size_t n; struct { size_t value, total; } of[SHAPE_NUMBERS / 2]; char delimiter; bool strict; }; /* offsets of digits or their sign; SIZE_MAX: none */

/* False: lines like this one have no shape. Numbers are numbered value, total, value ... in the order of the fields. */
bool shape_make(struct shape *shape, const char *text, size_t length, const struct shape_fields *fields);
/* Has the line this shape? Its numbers then. */
bool shape_match(const struct shape *shape, const char *text, size_t length, double numbers[SHAPE_NUMBERS]);

#endif
