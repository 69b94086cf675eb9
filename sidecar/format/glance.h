/* glance: may a line hold a number at all? Most lines of most logs do not, and cost little more than the looking. Internal to format. */
#ifndef FORMAT_GLANCE_H
#define FORMAT_GLANCE_H

#include <stddef.h>

enum glance {
    GLANCE_WORDS,   /* no digit, no nan, no inf */
    GLANCE_STAMPED, /* digits in nothing but the date and time that the line begins with */
    GLANCE_NUMBERS,
};

enum glance glance_at(const char *text, size_t length);

#endif
