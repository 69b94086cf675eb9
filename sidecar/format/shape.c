#include "shape.h"

#include <ctype.h>
#include <string.h>

#define DIGITS_MAX 19 /* that a mantissa has room for, whatever they are */
#define TOKENS_MAX 512

static const uint64_t tens[DIGITS_MAX + 1] = {1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u, 10000000000u, 100000000000u, 1000000000000u, 10000000000000u,
                                              100000000000000u, 1000000000000000u, 10000000000000000u, 100000000000000000u, 1000000000000000000u, 10000000000000000000u};

static bool digit(char c) { return (unsigned char)(c - '0') < 10; }

static size_t digits_at(const char *s, size_t n, size_t from)
{
    size_t i = from;
    while (i < n && digit(s[i])) i++;
    return i - from;
}

/* ---- making: what each digit is -------------------------------------------------------------------------------------------- */

enum role { PART_OF_TEXT, AS_MANY, ANY };

struct plan {
    const char *text;
    size_t length;
    const struct shape_fields *fields;
    uint8_t role[SHAPE_TEXT];                           /* of a digit */
    struct { size_t whole, point, power; } start[SHAPE_NUMBERS]; /* of the digits of a number; SIZE_MAX: none */
};

/* Digits of [from, to) may be others, but as many. */
static void loosen(struct plan *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (digit(p->text[i])) p->role[i] = AS_MANY;
}

/* "2026-03-01T12:00:01": a string that is a time names nothing. */
static bool is_stamp(const struct token *t, const char *end)
{
    for (size_t i = 0; i < t->length; i++)
        if (!digit(t->text[i]) && !strchr("-:T.Z +/,", t->text[i])) return false;
    const char *next = t->text + t->length + 1;
    return next >= end || *next != ':';
}

/* Of a line of named numbers: digits within words are part of their names. */
static bool loosen_tokens(struct plan *p)
{
    static _Thread_local struct token tokens[TOKENS_MAX];
    size_t n = tokenise(p->text, p->length, tokens, TOKENS_MAX);
    for (size_t k = 0; k < n; k++) {
        const struct token *t = &tokens[k];
        bool loose = t->type == TOKEN_NUMBER || t->type == TOKEN_JUNK || (t->type == TOKEN_STRING && is_stamp(t, p->text + p->length));
        if (loose) loosen(p, (size_t)(t->text - p->text), (size_t)(t->text - p->text) + t->length);
    }
    return n < TOKENS_MAX;
}

static bool is_delimiter(char c, char delimiter)
{
    return delimiter == '\v' || delimiter == ' ' ? c == ' ' || c == '\t' : c == delimiter;
}

/* Of a row: digits in a cell with letters may be part of what the row is called. */
static bool loosen_cells(struct plan *p, char delimiter)
{
    for (size_t i = 0, end; i < p->length; i = end + 1) {
        bool word = false;
        for (end = i; end < p->length && !is_delimiter(p->text[end], delimiter); end++) word |= isalpha((unsigned char)p->text[end]) || (unsigned char)p->text[end] >= 0x80;
        if (!word) loosen(p, i, end);
    }
    return !memchr(p->text, '%', p->length) || (delimiter != ' ' && delimiter != '\v'); /* a bar may hang on the last cell */
}

/* ---- making: the numbers of the fields -------------------------------------------------------------------------------------- */

static void free_digits(struct plan *p, size_t from, size_t n, enum role role)
{
    if (n) memset(p->role + from, role, n);
}

/* How may the digits of a number change whose text ends there? Where something hangs on it, what it is may depend on how long they are. */
static bool role_of(const struct plan *p, size_t end, enum role *role)
{
    bool more = end < p->length;
    *role = p->fields->strict ? AS_MANY : ANY;
    if (!p->fields->delimiter) return !(more && p->text[end] == ',' && end + 1 < p->length && digit(p->text[end + 1])); /* 1,234: thousands, or not */
    if (more && !is_delimiter(p->text[end], p->fields->delimiter) && !strchr(" \t\"'", p->text[end])) *role = AS_MANY;
    return true;
}

/* The number at or behind `at`. */
static bool plan_number(struct plan *p, struct shape_number *number, size_t k, size_t at)
{
    const char *s = p->text;
    size_t n = p->length, i = at;
    enum role role;
    while (i < n && strchr(" \"'", s[i])) i++;
    bool sign = i < n && (s[i] == '-' || s[i] == '+');
    size_t whole = i + sign, n_whole = digits_at(s, n, whole), end = whole + n_whole;
    size_t point = end + 1, n_point = end < n && s[end] == '.' ? digits_at(s, n, point) : 0;
    if (n_point) end = point + n_point;
    bool e = number_has_power(s, n, end), e_sign = e && (s[end + 1] == '-' || s[end + 1] == '+');
    size_t power = end + 1 + e_sign, n_power = e ? digits_at(s, n, power) : 0;
    if (n_power) end = power + n_power;
    if (!n_whole || !role_of(p, end, &role)) return false;
    number->minus = sign && s[i] == '-', number->power_minus = e_sign && s[power - 1] == '-';
    p->start[k].whole = whole, p->start[k].point = n_point ? point : SIZE_MAX, p->start[k].power = n_power ? power : SIZE_MAX;
    free_digits(p, whole, n_whole, role), free_digits(p, point, n_point, role), free_digits(p, power, n_power, role);
    return true;
}

static bool plan_numbers(struct plan *p, struct shape *shape)
{
    size_t k = 0;
    for (size_t i = 0; i < p->fields->n; i++) {
        size_t at[2] = {p->fields->of[i].value, p->fields->of[i].total};
        for (int j = 0; j < 2; j++, k++) {
            p->start[k].whole = p->start[k].point = p->start[k].power = SIZE_MAX;
            if (at[j] != SIZE_MAX && !plan_number(p, &shape->number[k], k, at[j])) return false;
        }
    }
    shape->n_numbers = (uint8_t)k;
    return true;
}

/* ---- making: pieces --------------------------------------------------------------------------------------------------------- */

static bool drawing(const char *s, size_t left) { return left > 2 && (unsigned char)s[0] == 0xe2 && (unsigned char)s[1] >= 0x94 && (unsigned char)s[1] <= 0x96; }

/* Which block it is matters to those who look for the bars of one program: the thick line, or another. */
static uint8_t ink_of(const char *s) { return (unsigned char)s[1] == 0x94 && (unsigned char)s[2] == 0x81; }

/* Blanks and blocks from there on; *ink: of its first block, if there is any. */
static size_t gap_at(const char *s, size_t n, size_t from, bool *bar, uint8_t *ink)
{
    size_t i = from;
    *bar = false;
    for (bool block; i < n && ((block = drawing(s + i, n - i)) || s[i] == ' '); i += block ? 3 : 1)
        if (block && !*bar) *bar = true, *ink = ink_of(s + i);
    return i - from;
}

static void begin_piece(struct shape *s, size_t at) { s->piece[s->n_pieces] = (struct shape_piece){.at = (uint16_t)at}; }

static bool end_piece(struct shape *s, size_t *n, enum shape_hole hole, size_t count)
{
    if (s->n_pieces + 1 == SHAPE_PIECES || count > 255) return false;
    struct shape_piece *p = &s->piece[s->n_pieces++];
    p->length = (uint16_t)(*n - p->at), p->hole = (uint8_t)hole, p->count = (uint8_t)count;
    begin_piece(s, *n);
    return true;
}

/* The digits from i on are a hole of their own: which numbers are made of them? */
static void tie_numbers(const struct plan *p, struct shape *s, size_t i)
{
    uint8_t piece = s->n_pieces;
    for (size_t k = 0; k < s->n_numbers; k++) {
        if (p->start[k].whole == i) s->number[k].whole = piece;
        if (p->start[k].point == i) s->number[k].point = piece;
        if (p->start[k].power == i) s->number[k].power = piece;
    }
}

static bool cut(const struct plan *p, struct shape *s)
{
    size_t n = 0; /* bytes of text that are no holes */
    bool loose = !p->fields->strict, bar, ok = true;
    uint8_t ink = 0;
    s->n_pieces = 0;
    begin_piece(s, 0);
    for (size_t i = 0, taken; i < p->length && ok; i += taken) {
        size_t gap = loose ? gap_at(p->text, p->length, i, &bar, &ink) : 0;
        if (digit(p->text[i]) && p->role[i] != PART_OF_TEXT) {
            taken = digits_at(p->text, p->length, i);
            tie_numbers(p, s, i);
            ok = end_piece(s, &n, p->role[i] == ANY ? SHAPE_DIGITS : SHAPE_AS_MANY, taken) && taken <= DIGITS_MAX;
        } else if (gap && bar && !p->fields->delimiter) {
            taken = gap;
            ok = end_piece(s, &n, SHAPE_BAR, ink);
        } else if (gap > 1 && !bar) {
            taken = gap;
            ok = end_piece(s, &n, SHAPE_BLANKS, 0);
        } else {
            taken = 1;
            s->text[n++] = p->text[i];
        }
    }
    return ok && end_piece(s, &n, SHAPE_END, 0);
}

bool shape_make(struct shape *shape, const char *text, size_t length, const struct shape_fields *fields)
{
    struct plan p = {.text = text, .length = length, .fields = fields};
    if (length > SHAPE_TEXT || fields->n > sizeof fields->of / sizeof *fields->of) return false;
    for (size_t k = 0; k < SHAPE_NUMBERS; k++) shape->number[k] = (struct shape_number){SHAPE_NONE, SHAPE_NONE, SHAPE_NONE, false, false};
    bool ok = fields->delimiter ? loosen_cells(&p, fields->delimiter) : loosen_tokens(&p);
    return ok && plan_numbers(&p, shape) && cut(&p, shape);
}

/* ---- matching --------------------------------------------------------------------------------------------------------------- */

struct run { uint64_t value; const char *at; size_t n; };

/* memcmp for a few bytes, in place. */
static inline bool same(const char *a, const char *b, size_t n)
{
    uint64_t x, y;
    uint32_t v, w;
    for (; n > 8; n -= 8, a += 8, b += 8) {
        memcpy(&x, a, 8), memcpy(&y, b, 8);
        if (x != y) return false;
    }
    if (n >= 4) {
        memcpy(&v, a, 4), memcpy(&w, b, 4);
        if (v != w) return false;
        memcpy(&v, a + n - 4, 4), memcpy(&w, b + n - 4, 4);
        return v == w;
    }
    return !n || (*a == *b && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

/* The text ends with a NUL, which is no digit. */
static inline const char *take_digits(const char *at, struct run *run)
{
    uint64_t v = 0;
    run->at = at;
    for (unsigned d; (d = (unsigned)(unsigned char)*at - '0') < 10; at++) v = v * 10 + d;
    run->value = v, run->n = (size_t)(at - run->at);
    return at;
}

static const char *take_bar(const char *at, const char *end, uint8_t ink)
{
    bool bar;
    uint8_t found = 0;
    size_t n = gap_at(at, (size_t)(end - at), 0, &bar, &found);
    return bar && found == ink ? at + n : NULL;
}

static const char *take_blanks(const char *at, const char *end)
{
    const char *from = at;
    while (at < end && *at == ' ') at++;
    return at > from + 1 && !drawing(at, (size_t)(end - at)) ? at : NULL;
}

/* Where the hole ends; NULL: it is none of its kind. */
static inline const char *take_hole(const struct shape_piece *p, const char *at, const char *end, struct run *run)
{
    if (p->hole == SHAPE_BAR) return take_bar(at, end, p->count);
    if (p->hole == SHAPE_BLANKS) return take_blanks(at, end);
    at = take_digits(at, run);
    return p->hole == SHAPE_DIGITS ? (run->n && run->n <= DIGITS_MAX ? at : NULL) : run->n == p->count ? at : NULL;
}

/* As number_parse reads them. False: more digits than fit. */
static bool put_together(const struct shape_number *number, const struct run *runs, double *value)
{
    const struct run *whole = &runs[number->whole], *last = whole;
    uint64_t mantissa = whole->value;
    int exponent = 0;
    if (number->point != SHAPE_NONE) {
        last = &runs[number->point];
        if (whole->n + last->n > DIGITS_MAX) return false;
        mantissa = mantissa * tens[last->n] + last->value, exponent = -(int)last->n;
    }
    if (number->power != SHAPE_NONE) {
        last = &runs[number->power];
        if (last->n > 4) return false;
        exponent += number->power_minus ? -(int)last->value : (int)last->value;
    }
    *value = number_scale(whole->at, (size_t)(last->at + last->n - whole->at), mantissa, exponent);
    if (number->minus) *value = -*value;
    return true;
}

bool shape_match(const struct shape *s, const char *text, size_t length, double numbers[SHAPE_NUMBERS])
{
    struct run runs[SHAPE_PIECES];
    const char *at = text, *end = text + length;
    for (size_t i = 0; i < s->n_pieces; i++) {
        const struct shape_piece *p = &s->piece[i];
        if ((size_t)(end - at) < p->length || !same(at, s->text + p->at, p->length)) return false;
        at += p->length;
        if (p->hole != SHAPE_END && !(at = take_hole(p, at, end, &runs[i]))) return false;
    }
    if (at != end) return false;
    for (size_t k = 0; k < s->n_numbers; k++)
        if (s->number[k].whole != SHAPE_NONE && !put_together(&s->number[k], runs, &numbers[k])) return false;
    return true;
}
