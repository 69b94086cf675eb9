/* glance: may a line hold a number, or a word that says which data it is about? Most lines of most logs do not, and cost little more than the
 * looking. Internal to format. */
#ifndef FORMAT_GLANCE_H
#define FORMAT_GLANCE_H

#include <stdbool.h>
#include <stddef.h>

bool glance_has_number(const char *text, size_t length); /* a digit, nan or inf */
/* The first place at or behind `from` that may begin a word for data ("valid", "Training"): it has the first three letters of one, or the text is
 * short. length: there is none. */
size_t glance_for_data_word(const char *text, size_t length, size_t from);
bool glance_same_but_digits(const char *text, const char *other, size_t length); /* in each place the same byte, or two digits */

#endif
