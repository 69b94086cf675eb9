/* value_lines: what a log holds as `foregone read --json` writes it, a JSON line a value. */
#ifndef VALUE_LINES_H
#define VALUE_LINES_H

#include "format/reader.h"

#include <stdio.h>

struct value_lines;
struct value_lines *value_lines_create(FILE *out); /* NULL: out of memory */
void value_lines_add(struct value_lines *lines, const struct observation *observation);
void value_lines_end(struct value_lines *lines); /* the rest goes to out; frees it. NULL: nothing */

#endif
