/* prefix: what a logger writes before the message: dates, levels, ranks, hosts, source files. Internal to format. */
#ifndef FORMAT_PREFIX_H
#define FORMAT_PREFIX_H

#include <stddef.h>

/* How many bytes of the line it takes; 0: there is none. No number in it is a value, and no word in it says what is measured. */
size_t prefix_length(const char *text, size_t length);

#endif
