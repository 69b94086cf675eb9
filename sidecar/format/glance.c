#include "glance.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* Sixteen bytes at a time, with the vectors that GCC and clang have on every machine. */
#define WIDE 16
typedef uint8_t vector __attribute__((vector_size(WIDE)));

static vector load(const char *at)
{
    vector v;
    memcpy(&v, at, sizeof v);
    return v;
}

static vector all(uint8_t byte) { return byte - (vector){0}; }

static bool any(vector v)
{
    uint64_t half[2];
    memcpy(half, &v, sizeof half);
    return half[0] | half[1];
}

static vector digits(const char *at) { return (vector)(load(at) - all('0') < all(10)); }

/* The three letters, large or small, from one of sixteen places on. */
static inline vector letters(const char *at, const char *word)
{
    vector small = all(0x20);
    return (vector)((load(at) | small) == all((uint8_t)word[0])) & (vector)((load(at + 1) | small) == all((uint8_t)word[1])) &
           (vector)((load(at + 2) | small) == all((uint8_t)word[2]));
}

/* Its digits as 0. */
static vector levelled(const char *at)
{
    vector digit = digits(at);
    return (load(at) & ~digit) | (all('0') & digit);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool spells(const char *s, size_t n, const char *word)
{
    size_t i = 0;
    while (i < n && word[i] && (s[i] | 0x20) == word[i]) i++;
    return !word[i] && (i == n || !(isalnum((unsigned char)s[i]) || s[i] == '_'));
}

static bool is_word(const char *s, size_t n) { return spells(s, n, "nan") || spells(s, n, "inf") || spells(s, n, "infinity"); }

static bool by_byte(const char *s, size_t n, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (is_digit(s[i]) || is_word(s + i, n - i)) return true;
    return false;
}

static bool block_has_number(const char *s, size_t n, size_t i)
{
    return any(digits(s + i)) || (any(letters(s + i, "nan") | letters(s + i, "inf")) && by_byte(s, n, i, i + WIDE));
}

/* How the words for data begin: validation, evaluation, test, dev, crossval, heldout, train. */
static vector data_words(const char *at)
{
    return letters(at, "val") | letters(at, "eva") | letters(at, "tes") | letters(at, "dev") | letters(at, "cro") | letters(at, "hel") | letters(at, "tra");
}

size_t glance_for_data_word(const char *s, size_t n, size_t from)
{
    if (n < WIDE + 2) return from < n ? from : n;
    for (; from + 2 < n; from += WIDE) {
        size_t block = from + WIDE + 2 <= n ? from : n - WIDE - 2;
        vector found = data_words(s + block);
        for (size_t k = any(found) ? from - block : WIDE; k < WIDE; k++)
            if (found[k]) return block + k;
    }
    return n;
}

bool glance_same_but_digits(const char *s, const char *other, size_t n)
{
    size_t i = 0;
    for (; i + WIDE <= n; i += WIDE)
        if (any(levelled(s + i) ^ levelled(other + i))) return false;
    for (; i < n; i++)
        if (s[i] != other[i] && !(is_digit(s[i]) && is_digit(other[i]))) return false;
    return true;
}

bool glance_has_number(const char *s, size_t n)
{
    if (n < WIDE + 2) return by_byte(s, n, 0, n);
    for (size_t i = 0; i + WIDE + 2 < n; i += WIDE)
        if (block_has_number(s, n, i)) return true;
    return block_has_number(s, n, n - WIDE - 2) || is_digit(s[n - 2]) || is_digit(s[n - 1]);
}
