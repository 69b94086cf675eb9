/* number: a double as text, with ten significant digits. Pure. */
#ifndef PROTOCOL_NUMBER_H
#define PROTOCOL_NUMBER_H

#include <stddef.h>

#define NUMBER_TEXT 24 /* bytes that a number takes at most */

/* What printf's "%.10g" writes, to the last byte and many times faster; not terminated. value: finite. How many bytes. */
size_t number_write(double value, char out[NUMBER_TEXT]);

#endif
