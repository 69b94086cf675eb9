/* token: a line as words, numbers and punctuation. Internal to format. No memory of its own: tokens point into the line. */
#ifndef FORMAT_TOKEN_H
#define FORMAT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum token_type {
    TOKEN_WORD,   /* letters first, then also digits and inner _ / . - @ */
    TOKEN_STRING, /* quoted, without its quotes */
    TOKEN_NUMBER, /* with an optional short unit, which is swallowed */
    TOKEN_JUNK,   /* dates, times, versions, hashes: never a value */
    TOKEN_PUNCT,
};

struct token {
    enum token_type type;
    const char *text;
    size_t length;
    size_t gap;   /* blanks before it; a tab counts for two */
    double value; /* of a number */
};

/* At most max tokens; the rest of the line is left. */
size_t tokenise(const char *text, size_t length, struct token *tokens, size_t max);

/* A number at text: how many bytes it takes (0: none); nan and inf spellings included, units not. */
size_t number_parse(const char *text, size_t length, double *value);
/* May text[at] begin the power of ten of a number that ends there: "e-05", Fortran's "D-05"? */
bool number_has_power(const char *text, size_t length, size_t at);
/* mantissa * 10^exponent, the double nearest to it; digits: the n bytes that say the same. */
double number_scale(const char *digits, size_t n, unsigned long long mantissa, int exponent);
/* The whole of text is a number, quotes, blanks and % aside. */
bool number_is(const char *text, size_t length, double *value);

#endif
