/* glance: may a line hold a number at all? Most lines of most logs do not, and cost little more than the looking. Internal to format. */
#ifndef FORMAT_GLANCE_H
#define FORMAT_GLANCE_H

#include <stdbool.h>
#include <stddef.h>

bool glance_has_number(const char *text, size_t length); /* a digit, nan or inf */

#endif
