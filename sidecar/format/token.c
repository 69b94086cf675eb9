#include "token.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80; }
static bool name_char(char c) { return letter(c) || digit(c); }

/* What may stand within a word. */
static bool inner(char c)
{
    switch (c) {
    case '/': case '.': case '@': case '-': case '%': case '+': return true;
    default: return false;
    }
}

/* Lines and blocks that bars and boxes are drawn with (U+2500 to U+25BF), three bytes each. */
static bool drawing(const char *s, size_t n)
{
    return n > 2 && (unsigned char)s[0] == 0xe2 && (unsigned char)s[1] >= 0x94 && (unsigned char)s[1] <= 0x96;
}

/* LightGBM: training's l2 */
static bool genitive(const char *s, size_t n) { return n > 1 && s[0] == '\'' && s[1] == 's' && (n == 2 || !name_char(s[2])); }

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static size_t non_finite(const char *s, size_t n, double *value)
{
    static const struct { const char *word; double value; } words[] = {{"nan", NAN}, {"infinity", INFINITY}, {"inf", INFINITY}};
    size_t sign = n && (*s == '-' || *s == '+');
    if (n < sign + 3 || ((s[sign + 2] | 0x20) != 'n' && (s[sign + 2] | 0x20) != 'f')) return 0; /* most words, at once */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t k = strlen(words[i].word);
        if (n < sign + k || strncasecmp(s + sign, words[i].word, k) || (n > sign + k && name_char(s[sign + k]))) continue;
        *value = *s == '-' ? -words[i].value : words[i].value;
        return sign + k;
    }
    return 0;
}

#if LDBL_MANT_DIG == 64
#define TIE_MASK 0x7ffu /* bits of a long double that a double has no room for */
/* Not every machine keeps what the type promises: emulators (valgrind, for one) compute with doubles. */
static bool long_double_is_wide(void)
{
    static signed char wide;
    volatile long double one = 1, little = LDBL_EPSILON;
    if (!wide) wide = one + little > one ? 1 : -1;
    return wide > 0;
}

/* A quotient or product of two numbers that a long double holds exactly is right to 64 bits. Rounded again, to 53, it is right unless it
 * seems to lie halfway between two doubles. */
static bool from_long_double(unsigned long long mantissa, int exponent, double *value)
{
    static const long double powers_of_ten[] = {1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                                1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    if (exponent < -27 || exponent > 27 || !long_double_is_wide()) return false;
    long double v = exponent < 0 ? (long double)mantissa / powers_of_ten[-exponent] : (long double)mantissa * powers_of_ten[exponent];
    unsigned long long bits;
    memcpy(&bits, &v, sizeof bits);
    *value = (double)v;
    return (bits & TIE_MASK) != (TIE_MASK + 1) / 2;
}
#else
static bool from_long_double(unsigned long long mantissa, int exponent, double *value)
{
    (void)mantissa, (void)exponent, (void)value;
    return false;
}
#endif

/* digits: the n bytes that mantissa and exponent were taken from; of more than fit, the first 19 significant digits count. */
static double by_strtod(const char *digits, size_t n, unsigned long long mantissa, int exponent)
{
    char copy[64], *d;
    if (n < sizeof copy) snprintf(copy, sizeof copy, "%.*s", (int)n, digits);
    else snprintf(copy, sizeof copy, "%llue%d", mantissa, exponent);
    if ((d = strchr(copy, 'D'))) *d = 'e';
    return strtod(copy, NULL);
}

/* A small mantissa and a power of ten that are both exact give the right double in one operation (Clinger 1990). */
double number_scale(const char *digits, size_t n, unsigned long long mantissa, int exponent)
{
    double value;
    if (mantissa < (1ull << 53) && exponent >= -22 && exponent <= 22)
        return exponent < 0 ? (double)mantissa / powers[-exponent] : (double)mantissa * powers[exponent];
    return from_long_double(mantissa, exponent, &value) ? value : by_strtod(digits, n, mantissa, exponent);
}

bool number_has_power(const char *s, size_t n, size_t i)
{
    if (i + 1 >= n) return false;
    return (s[i] | 0x20) == 'e' || (s[i] == 'D' && i + 3 < n && (s[i + 1] == '+' || s[i + 1] == '-') && digit(s[i + 2]) && digit(s[i + 3]));
}

/* "e-05" at s[i]: its end; i: there is none. */
static size_t exponent_end(const char *s, size_t n, size_t i, int *exponent)
{
    if (!number_has_power(s, n, i)) return i;
    size_t j = i + 1 + (s[i + 1] == '-' || s[i + 1] == '+');
    int e = 0;
    if (j >= n || !digit(s[j])) return i;
    for (; j < n && digit(s[j]); j++) e = e < 10000 ? e * 10 + (s[j] - '0') : e;
    *exponent += s[i + 1] == '-' ? -e : e;
    return j;
}

/* Digits, perhaps with a point among them: mantissa * 10^exponent. */
struct decimal { unsigned long long mantissa; int exponent; size_t digits; bool whole; };

#define DIGITS_MAX 19 /* that a mantissa has room for, whatever they are */

/* Of more digits than fit, the first significant ones. */
static void long_decimal(const char *s, size_t n, struct decimal *d)
{
    size_t significant = 0;
    bool point = false;
    d->mantissa = 0, d->exponent = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '.') point = true;
        else if (significant < DIGITS_MAX) d->mantissa = d->mantissa * 10 + (unsigned)(s[i] - '0'), significant += d->mantissa > 0, d->exponent -= point;
        else d->exponent += !point, d->whole = false;
    }
}

/* How many bytes it takes. */
static size_t decimal_at(const char *s, size_t n, struct decimal *d)
{
    size_t i = 0, point;
    *d = (struct decimal){.whole = true};
    for (; i < n && digit(s[i]); i++) d->mantissa = d->mantissa * 10 + (unsigned)(s[i] - '0');
    d->digits = i;
    if (i < n && s[i] == '.') {
        for (point = i++; i < n && digit(s[i]); i++) d->mantissa = d->mantissa * 10 + (unsigned)(s[i] - '0');
        d->digits = i - 1, d->exponent = -(int)(i - 1 - point);
    }
    if (d->digits > DIGITS_MAX) long_decimal(s, i, d);
    return i;
}

size_t number_parse(const char *s, size_t n, double *value)
{
    struct decimal d;
    size_t sign = n && (*s == '-' || *s == '+'), i = sign + decimal_at(s + sign, n - sign, &d);
    if (!d.digits) return non_finite(s, n, value);
    if (s[i - 1] == '.') i--; /* a full stop, not a decimal point */
    i = exponent_end(s, n, i, &d.exponent);
    *value = d.whole ? number_scale(s + sign, i - sign, d.mantissa, d.exponent) : by_strtod(s + sign, i - sign, d.mantissa, d.exponent);
    if (sign && *s == '-') *value = -*value;
    return i;
}

bool number_is(const char *s, size_t n, double *value)
{
    while (n && (isspace((unsigned char)*s) || *s == '"' || *s == '\'')) s++, n--;
    while (n && (isspace((unsigned char)s[n - 1]) || s[n - 1] == '"' || s[n - 1] == '\'' || s[n - 1] == '%')) n--;
    return n && number_parse(s, n, value) == n;
}

/* ---- tokens ------------------------------------------------------------------------------------------------------------- */

static size_t word_length(const char *s, size_t n)
{
    size_t i = 1;
    while (i < n && !drawing(s + i, n - i) && (name_char(s[i]) || (inner(s[i]) && i + 1 < n && name_char(s[i + 1]) && s[i + 1] != '_'))) i++;
    return genitive(s + i, n - i) ? i + 2 : i;
}

/* Is what follows a tied count its value? "step_2: 0.91", "epoch1=0.5". */
static bool is_keyed(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] == ' ') i++;
    if (i < n && s[i] == '=') return true;
    if (i == n || s[i++] != ':') return false;
    while (i < n && s[i] == ' ') i++;
    return i < n && (digit(s[i]) || s[i] == '-');
}

/* "No.12", "nr.12", "№12", "n°12": how long the word is in bytes, without a stop; 0: it is none. */
static size_t ordinal_length(const char *s, size_t length)
{
    static const struct { const char *mark; size_t word; } ordinals[] = {{"no.", 2}, {"nr.", 2}, {"№", 3}, {"n°", 3}, {"nº", 3}};
    for (size_t i = 0; i < sizeof ordinals / sizeof *ordinals; i++) {
        size_t n = strlen(ordinals[i].mark), k = n;
        if (length <= n || strncasecmp(s, ordinals[i].mark, n)) continue;
        while (k < length && digit(s[k])) k++;
        if (k == length) return ordinals[i].word;
    }
    return 0;
}

/* "Epoch_3", "epoch3/20": a word that counts, and the count tied to it. How long it is without; length: it is none. */
static size_t without_count(const char *s, size_t length, size_t n)
{
    static const char *const counting[] = {"epoch", "episode", "iter", "iteration", "step", "round", "ep"};
    size_t i = 0, word;
    if (!digit(s[length - 1])) return length;
    if ((word = ordinal_length(s, length))) return word;
    if (!strchr("eEiIsSrR", *s)) return length;
    while (letter(s[i])) i++;
    word = i - (s[i - 1] == '_');
    if (!digit(s[i])) return length;
    while (i < length && (digit(s[i]) || (s[i] == '/' && digit(s[i - 1])))) i++;
    if (i < length || is_keyed(s + length, n - length)) return length;
    for (size_t k = 0; k < sizeof counting / sizeof *counting; k++)
        if (strlen(counting[k]) == word && !strncasecmp(s, counting[k], word) && (word > 2 || s[1] == 'p')) return word; /* EP8: parallel experts */
    return length;
}

/* What stands between the parts of a date, a time or a version. */
static bool ties(char c)
{
    switch (c) {
    case ':': case '-': case '.': case '~': return true;
    default: return false;
    }
}

/* Digits with : - . / between them, without a blank: 12:01:59, 2024-01-02, 5.5.1008~1, 600-620. */
static size_t junk_length(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && (name_char(s[i]) || ((ties(s[i]) || s[i] == ',') && i + 1 < n && digit(s[i + 1])))) i++;
    return i;
}

static bool is_thousands(const char *s, size_t n, size_t taken)
{
    size_t i = taken;
    if (taken > 3 || !taken) return false;
    for (size_t j = 0; j < taken; j++)
        if (!digit(s[j])) return false;
    while (i + 3 < n && s[i] == ',' && digit(s[i + 1]) && digit(s[i + 2]) && digit(s[i + 3]) && (i + 4 >= n || !digit(s[i + 4]))) i += 4;
    return i > taken;
}

/* 1,234,567.5 */
static size_t thousands(const char *s, size_t n, double *value)
{
    char copy[40];
    size_t i = 0, k = 0;
    for (; i < n && k < sizeof copy - 9; i++) {
        if (digit(s[i])) copy[k++] = s[i];
        else if (s[i] != ',' || i + 3 >= n || !digit(s[i + 1])) break;
    }
    if (i + 1 < n && s[i] == '.' && digit(s[i + 1]))
        for (copy[k++] = s[i++]; i < n && digit(s[i]) && k < sizeof copy - 1; i++) copy[k++] = s[i];
    copy[k] = 0;
    *value = strtod(copy, NULL);
    return i;
}

/* 214.9it/s, 3ms/step: the rest of the unit. */
static size_t rate_end(const char *s, size_t n, size_t end)
{
    size_t i = end + 1;
    if (end >= n || s[end] != '/') return end;
    while (i < n && letter(s[i])) i++;
    return i > end + 1 && (i == n || !name_char(s[i])) ? i : end;
}

/* What follows a number decides whether it is one: a short unit is swallowed, a date or a hash is junk. */
static void number_token(struct token *t, const char *s, size_t n, size_t taken)
{
    size_t end = taken;
    t->type = TOKEN_NUMBER;
    if (is_thousands(s, n, taken)) end = thousands(s, n, &t->value);
    if (end + 1 < n && ties(s[end]) && digit(s[end + 1]) && isfinite(t->value)) {
        t->type = TOKEN_JUNK;
        end = junk_length(s, n);
    } else if (end < n && letter(s[end])) {
        size_t unit = end;
        while (unit < n && letter(s[unit])) unit++;
        if (unit - end > 6 || (unit < n && digit(s[unit]))) t->type = TOKEN_JUNK, end = junk_length(s, n) > unit ? junk_length(s, n) : unit;
        else end = rate_end(s, n, unit);
    } else if (end < n && s[end] == '%') {
        end++;
    }
    t->length = end;
}

static bool opens_string(const char *text, const char *s)
{
    const char *before = s;
    while (before > text && before[-1] == ' ') before--;
    return before == text || strchr("{[(,:=", before[-1]);
}

static bool string_token(struct token *t, const char *text, const char *s, size_t n)
{
    const char *end = n > 1 && opens_string(text, s) ? memchr(s + 1, *s, n - 1) : NULL;
    if (!end) return false;
    t->text = s + 1;
    t->length = (size_t)(end - s) - 1;
    t->type = number_is(t->text, t->length, &t->value) ? TOKEN_NUMBER : TOKEN_STRING;
    return true;
}

static bool starts_number(const char *text, const char *s, size_t n)
{
    if (digit(*s)) return true;
    bool sign = *s == '-' || *s == '+';
    if (sign && s > text && !strchr(" \t([{=:,|'\"", s[-1])) return false;
    if (sign && n > 1) return digit(s[1]) || (s[1] == '.' && n > 2 && digit(s[2])) || !strncasecmp(s + 1, "nan", 3) || !strncasecmp(s + 1, "inf", 3);
    if (*s == '.' && n > 1) return digit(s[1]);
    return *s == 'n' || *s == 'N' || *s == 'i' || *s == 'I';
}

/* One token at s; how many bytes it takes. */
static size_t next_token(struct token *t, const char *text, const char *s, size_t n)
{
    t->text = s;
    if ((*s == '"' || *s == '\'') && string_token(t, text, s, n)) return t->length + 2;
    if (starts_number(text, s, n)) {
        size_t taken = number_parse(s, n, &t->value);
        if (taken) {
            number_token(t, s, n, taken);
            return t->length;
        }
    }
    t->type = letter(*s) ? TOKEN_WORD : TOKEN_PUNCT;
    t->length = t->type == TOKEN_WORD ? word_length(s, n) : 1;
    if (t->type != TOKEN_WORD) return 1;
    size_t length = without_count(s, t->length, n);
    bool tied = length < t->length && strchr("_.", s[length]);
    t->length = length;
    return length + tied;
}

size_t tokenise(const char *text, size_t length, struct token *tokens, size_t max)
{
    size_t k = 0, gap = 0;
    for (size_t i = 0; i < length && k < max;) {
        if (text[i] == ' ' || text[i] == '\t') {
            gap += text[i] == '\t' ? 2 : 1;
            i++;
            continue;
        }
        if (drawing(text + i, length - i)) {
            gap += 2;
            i += 3;
            continue;
        }
        tokens[k].gap = gap;
        i += next_token(&tokens[k++], text, text + i, length - i);
        gap = 0;
    }
    return k;
}
